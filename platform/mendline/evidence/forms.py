"""The forms of evidence: adding a pointer to an original, and recording a look at it."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from werkzeug.datastructures import MultiDict

from mendline.catalogue.frameworks import framework_in_force
from mendline.catalogue.indicators import indicator_definition
from mendline.evidence.files.kinds import TAKEN
from mendline.evidence.rules import SEEN_AT, GivenEvidence, kept_for
from mendline.indicators.standing import Standing
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.web.asking import Asking
from mendline.web.components import Field, Form, Link, Option
from mendline.web.readings import LETTERS
from mendline.web.typed import day_or_none
from tenants.errors import ConflictError, RefusedError

EVIDENCE_ID = "evidence_id"
FILE = "file"

_KINDS = {
    "R": "A record that your own system keeps, counted or looked up.",
    "A": "Somebody independent checked it: an audit, a spot check, a visit.",
    "F": "What people, families or staff said about it.",
    "P": "Somebody saw it done, on the floor.",
}
_RESULTS = (
    Option("unchanged", "Unchanged", "It is where it says, and it is the same."),
    Option("changed", "Changed", "It is there, but not as it was. It stops supporting the figure."),
    Option("not_found", "Not found", "It is not where it says. It stops supporting the figure."),
    Option("withdrawn", "Withdraw it", "It should not have been relied on. It stays in the index, marked."),
)


def read_evidence(given: MultiDict[str, str]) -> GivenEvidence:
    """What was typed.

    Raises:
        RefusedError: naming each field that could not be read; what was read is judged by the rules.
    """
    problems: dict[str, str] = {}
    size = given.get("sample_size", "").strip().replace(",", "")
    if size and not (size.isascii() and size.isdigit() and len(size) < 10):
        problems["sample_size"] = "Give a whole number, such as 40, or leave it out."
    try:
        supports = tuple(dict.fromkeys(uuid.UUID(each) for each in given.getlist("supports")))
    except ValueError:
        supports = ()
        problems["supports"] = "Choose the indicators from the list."
    dated_on = day_or_none(given.get("dated_on", ""))
    if problems:
        raise RefusedError("The evidence was not added.", problems)
    return GivenEvidence(
        letter=given.get("letter", ""),
        title=_line(given.get("title", "")),
        dated_on=dated_on,
        system=_line(given.get("system", "")),
        where_to_look=_line(given.get("where_to_look", "")),
        sha256="".join(given.get("sha256", "").split()).lower() or None,
        sample_size=int(size) if size else None,
        supports=supports,
        seen_at=given.get("seen_at") or None,
        made_by=_line(given.get("made_by", "")) or None,
        category=given.get("category") or None,
        quality_statement=given.get("quality_statement") or None,
        keep_until=day_or_none(given.get("keep_until", "")),
    )


def read_evidence_id(given: str) -> uuid.UUID:
    """The identifier that the form brought along.

    Raises:
        RefusedError: it is missing or spoilt.
    """
    try:
        return uuid.UUID(given)
    except ValueError as error:
        raise RefusedError("This form came without its number. Open a new form and send that.") from error


def evidence_form(
    place: Place,
    standings: Sequence[Standing],
    *,
    evidence_id: uuid.UUID,
    given: Mapping[str, str],
    supports: tuple[str, ...],
    today: date,
    address: Address,
    refused: RefusedError | ConflictError | None = None,
    as_file: bool = False,
) -> Form:
    """The form that adds evidence, empty or with what was typed and why it was refused.

    Args:
        place: the service.
        standings: its indicators.
        evidence_id: made with the form, so that it adds one piece however often it is sent.
        given: what was typed.
        supports: the indicators that were chosen.
        today: the day in England.
        address: writes links.
        refused: why it comes back.
        as_file: whether a file is sent and kept here, rather than a pointer to an original elsewhere.
    """
    asked = Asking(given, refused if isinstance(refused, RefusedError) else None)
    fields = (
        Field(EVIDENCE_ID, "", "hidden", str(evidence_id)),
        *_about_it(asked, today, as_file=as_file),
        *_weight(asked, standings, supports, as_file=as_file),
        *_for_the_regulator(asked, today),
    )
    return Form(
        action=address("evidence_files.create" if as_file else "evidence.create", service_id=place.service_id),
        fields=fields,
        submit="Send the file" if as_file else "Add evidence",
        upload=as_file,
        cancel=Link("Cancel", address("evidence.listing", service_id=place.service_id)),
        trouble=(str(refused),) if refused and not asked.problems else (),
        footnote="It is examined before anybody can open it." if as_file else "The original stays where it is.",
    )


def _about_it(asked: Asking, today: date, *, as_file: bool) -> Iterator[Field]:
    """What the evidence is and where its original lies, or the file itself."""
    if as_file:
        hint = f"{TAKEN}. A photograph loses its place, camera and hidden data here."
        yield asked.field(FILE, "Which file?", "file", hint)
    kinds = tuple(Option(letter, f"{name} ({letter})", _KINDS[letter]) for letter, name in LETTERS.items())
    yield asked.field("letter", "What kind of evidence is it?", "choice", options=kinds)
    yield asked.field("title", "What is it?", hint="In a few words, without names: “Medicines audit, Primrose unit”.")
    yield asked.field("dated_on", "Which date does the original bear?", "date", high=today)
    if not as_file:
        yield asked.field(
            "system", "Which system or place keeps the original?", hint="Such as eMAR, or the governance folder."
        )
        yield asked.field(
            "where_to_look", "Where in it?", hint="A report's name, a folder, a page: somebody else has to find it."
        )


def _weight(
    asked: Asking, standings: Sequence[Standing], supports: tuple[str, ...], *, as_file: bool
) -> Iterator[Field]:
    """How far it carries: when it was seen, by whom it was made, what it rests on, and which figures it supports."""
    yield asked.field(
        "seen_at", "When was it seen, if it is practice?", "select", required=False,
        hint="Practice counts when some of it was seen in an evening, at night or at a weekend.",
        options=tuple(Option(key, words) for key, words in SEEN_AT.items()),
    )  # fmt: skip
    yield asked.field(
        "made_by", "Who made it, if that was not you?", required=False,
        hint="Initial and surname, or the organisation. A check counts when whoever made it did not make the figure.",
    )  # fmt: skip
    yield asked.field("sample_size", "How many records or people does it rest on?", "number", required=False)
    if not as_file:
        yield asked.field(
            "sha256", "Fingerprint of the original, SHA-256", required=False,
            hint="64 digits. With it, anybody can see later whether the original was changed.",
        )  # fmt: skip
    names = tuple(Option(str(each.indicator_id), indicator_definition(each.definition_key).name) for each in standings)
    yield asked.field(
        "supports",
        "Which figures does it support?",
        "choices",
        required=False,
        values=supports,
        options=names,
    )


def _for_the_regulator(asked: Asking, today: date) -> Iterator[Field]:
    """Where it stands in the framework in force, and until when it is kept."""
    known = framework_in_force(today)
    yield asked.field(
        "quality_statement", "Which quality statement does it speak to, beside those of its figures?", "select",
        required=False, options=tuple(Option(code, known.label(code)) for code in known.nodes),
    )  # fmt: skip
    yield asked.field(
        "category", "Which of the regulator's kinds of evidence is it?", "select", required=False,
        hint="Left out, it follows from what you said above.",
        options=tuple(Option(one.code, one.title) for one in known.evidence_categories),
    )  # fmt: skip
    yield Field(
        "keep_until", "Until when is it kept?", "date", asked.given.get("keep_until") or kept_for(today).isoformat(),
        required=False, error=asked.problems.get("keep_until", ""),
    )  # fmt: skip


def check_form(action: str, refused: RefusedError | None = None) -> Form:
    """The form that records a look at an original."""
    problems = dict(refused.problems) if refused else {}
    result = Field(
        "result", "You looked at the original. What did you find?", "choice", options=_RESULTS,
        error=problems.get("result", ""),
    )  # fmt: skip
    reason = Field(
        "reason", "If you withdraw it: why?", required=False, error=problems.get("reason", ""),
        hint="It stays in the index with your reason. Whoever relied on it sees both.",
    )  # fmt: skip
    return Form(action=action, fields=(result, reason), submit="Record the check")


def _line(given: str) -> str:
    return " ".join(given.split(" ")).strip()
