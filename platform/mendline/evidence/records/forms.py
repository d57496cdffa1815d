"""The form of a record, from its declaration: one question after another, on a phone, at night, with one thumb."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from mendline.catalogue.calendar import to_london
from mendline.catalogue.record_types import Field as Declared
from mendline.catalogue.record_types import RecordType
from mendline.web.components import Field, Form, Option
from tenants.errors import RefusedError

RECORD_ID = "record_id"
REASON = "correction_reason"
REVISION = "seen_revision"

# More than this many choices are one list to open; up to it, each is a target for a thumb.
MOST_BUTTONS = 8
# From so many questions on, those that may be left open at the end get a heading of their own.
_WORTH_A_HEADING = 3
_UNKNOWN = Option("", "I do not know yet")
_YES_NO = (Option("yes", "Yes"), Option("no", "No"))
_KINDS = {
    "text": "text",
    "long_text": "textarea",
    "integer": "count",
    "number": "number",
    "choice": "choice",
    "multi_choice": "choices",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "person_reference": "text",
    "staff_reference": "text",
    "room": "text",
}


def read_answers(kind: RecordType, given: MultiDict[str, str]) -> dict[str, Any]:
    """The answers of a form that was sent, as they were typed."""
    return {
        declared.name: given.getlist(declared.name) if declared.kind == "multi_choice" else given.get(declared.name, "")
        for declared in kind.fields
    }


def read_record_id(given: str) -> uuid.UUID:
    """The identifier that the form brought along.

    Raises:
        RefusedError: it is missing or spoilt.
    """
    try:
        return uuid.UUID(given)
    except ValueError as error:
        raise RefusedError(
            "This form came without its number, so it could be counted twice. Open a new form and send that."
        ) from error


def prefilled(kind: RecordType, *, at: datetime, initials: str) -> dict[str, Any]:
    """What an empty form already holds; counts start blank, so that nobody's nought is ours."""
    local = to_london(at)
    answers = {"now": f"{local:%Y-%m-%dT%H:%M}", "today": f"{local:%Y-%m-%d}", "own_initials": initials}
    return {declared.name: answers[declared.prefill] for declared in kind.fields if declared.prefill}


def record_form(
    kind: RecordType,
    *,
    action: str,
    record_id: uuid.UUID,
    answers: Mapping[str, Any],
    refused: Exception | None = None,
    correcting: int | None = None,
    reason: str = "",
) -> Form:
    """The questions with what is known, and beside each why it was refused.

    Args:
        kind: the declaration.
        action: where the form is sent.
        record_id: the record's identifier, made once per record.
        answers: by field name, as they were typed.
        refused: what was refused, if anything was.
        correcting: the revision that is corrected; None for a new record.
        reason: the reason of a correction, as it was typed.
    """
    problems = dict(refused.problems) if isinstance(refused, RefusedError) else {}
    fields: list[Field] = []
    # Hidden ones come last, so that the first question opens the form.
    hidden = [Field(RECORD_ID, "", "hidden", str(record_id))]
    if correcting is not None:
        hidden.append(Field(REVISION, "", "hidden", str(correcting)))
        fields.append(
            Field(
                REASON,
                "Why is it corrected?",
                "textarea",
                reason,
                hint="Shown beside what stood before, which is kept.",
                error=problems.get(REASON, ""),
            )
        )
    late = _first_open_question(kind)
    for place, declared in enumerate(kind.fields):
        heading = "If you know it already" if place == late else ""
        fields.append(_question(declared, answers.get(declared.name), problems, heading))
    named = {field.name for field in fields}
    unplaced = tuple(words for name, words in problems.items() if name not in named)
    return Form(
        action=action,
        fields=(*fields, *hidden),
        submit="Save the correction" if correcting is not None else f"Send {inside(kind.title)}",
        trouble=unplaced or ((str(refused),) if refused and not problems else ()),
    )


def withdrawal_form(action: str, seen_revision: int, refused: Exception | None = None, reason: str = "") -> Form:
    """The one question before a record is withdrawn."""
    problems = refused.problems if isinstance(refused, RefusedError) else {}
    asked = Field(
        REASON,
        "Why is it withdrawn?",
        "textarea",
        reason,
        hint="For example: entered twice, or it happened in another home. The record is kept with this beside it, and "
        "counts in no figure from then on.",
        error=problems.get(REASON, ""),
    )
    return Form(
        action=action,
        fields=(asked, Field(REVISION, "", "hidden", str(seen_revision))),
        submit="Withdraw the record",
        trouble=(str(refused),) if refused and not problems else (),
    )


def _first_open_question(kind: RecordType) -> int | None:
    """Where the questions begin that may all be left open; none where there are too few of them."""
    last_needed = max(place for place, declared in enumerate(kind.fields) if declared.required)
    left = len(kind.fields) - last_needed - 1
    return last_needed + 1 if left >= _WORTH_A_HEADING else None


def _question(declared: Declared, answer: Any, problems: Mapping[str, str], heading: str) -> Field:
    kind, options = _control(declared)
    several = tuple(str(one) for one in answer) if isinstance(answer, list | tuple) else ()
    return Field(
        declared.name,
        declared.label,
        kind,
        "" if several or answer is None else str(answer),
        hint=_hint(declared),
        error=problems.get(declared.name, ""),
        required=declared.required,
        options=options,
        values=several,
        unit=declared.unit or "",
        low="" if declared.minimum is None else f"{declared.minimum:g}",
        high="" if declared.maximum is None else f"{declared.maximum:g}",
        heading=heading,
    )


def _control(declared: Declared) -> tuple[str, tuple[Option, ...]]:
    """How a question is asked; whatever may be left open has an honest way to say so."""
    if declared.kind == "boolean":
        return ("yes_no", ()) if declared.required else ("choice", (*_YES_NO, _UNKNOWN))
    options = tuple(Option(code, label) for code, label in declared.choices.items())
    if declared.kind == "choice" and len(options) > MOST_BUTTONS:
        return "select", options
    if declared.kind == "choice" and not declared.required:
        return "choice", (*options, _UNKNOWN)
    return _KINDS[declared.kind], options


def _hint(declared: Declared) -> str:
    unit = f"In {declared.unit}." if declared.unit and declared.kind == "integer" else ""
    own = declared.hint or {
        "person_reference": "Person code, for example P-014. Names stay out.",
        "staff_reference": "Initials only, for example AO.",
    }.get(declared.kind, "")
    return " ".join(part for part in (own, unit) if part)


def inside(title: str) -> str:
    """A title inside a sentence; an abbreviation at its start stays in capitals."""
    first = title.partition(" ")[0]
    return title if len(first) > 1 and first[:2].isupper() else f"{title[0].lower()}{title[1:]}"
