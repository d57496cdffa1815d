"""Requests and findings of commissioners, in words, for both sides."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from mendline.catalogue.wording import counted, long_date
from mendline.people.desk import Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.visits.commands import KINDS, PACK
from mendline.people.visits.queries import NoteLine
from mendline.places.head import Address
from mendline.web.components import Badge, Button, Empty, Field, Form, Head, Link, Note, Option
from mendline.web.page import day_and_time
from tenants.errors import RefusedError
from tenants.reach import Reach


def outside_page(
    name: str,
    found: Sequence[NoteLine],
    *,
    action: str,
    given: Mapping[str, str],
    today: date,
    address: Address,
    figures: bool,
    refused: RefusedError | None = None,
) -> DeskPage:
    """A commissioner's own requests and findings at a service, and the form that sends one.

    Args:
        name: the service, as the commissioner knows it.
        found: what was sent so far, newest first.
        action: where the form goes.
        given: what was typed, where it was refused.
        today: the day.
        address: writes links.
        figures: whether a grant opens figures, so that a pack can be asked for.
        refused: why.
    """
    problems = refused.problems if refused else {}
    waits = any(each.kind == PACK and not each.answers for each in found)
    asks = figures and not waits
    form = Form(
        action,
        (
            Field(
                "kind",
                "What it is",
                "choice",
                given.get("kind") or "request",
                "A pack can be asked for again once your last request for one is answered." if waits else "",
                problems.get("kind", ""),
                options=tuple(Option(key, words) for key, words in KINDS.items() if key != PACK or asks),
            ),
            Field(
                "words",
                "What you ask or found",
                "textarea",
                given.get("words", ""),
                "For a pack: what for. No names of people or staff." if asks else "No names of people or staff.",
                problems.get("words", ""),
            ),
            Field(
                "answer_by",
                "Answer by",
                "date",
                given.get("answer_by", ""),
                error=problems.get("answer_by", ""),
                required=False,
            ),
        ),
        "Send it to the provider",
        trouble=(str(refused),) if refused and not problems else (),
        footnote="The provider reads it and answers here. No other commissioner sees it.",
    )
    head = Head(f"Requests and findings: {name}", "", "What your organisation asked of this service, and found.")
    return DeskPage(
        head,
        tables=(
            _table(
                found,
                today,
                _shared_at(address),
                "Nothing was sent yet",
                "Your requests and findings would stand here.",
            ),
        ),
        cards=(Card("note", "Ask, or tell what a visit found", form),),
    )


def notes_table(found: Sequence[NoteLine], *, today: date, address: Address) -> Table:
    """For the provider: what commissioners asked and found, with the way to each."""
    return _table(
        found,
        today,
        _note_at(address),
        "Nothing yet",
        "What commissioners ask of a service, or found on a visit, stands here.",
    )


def note_page(
    held: Reach,
    line: NoteLine,
    *,
    today: date,
    address: Address,
    typed: str = "",
    refused: RefusedError | None = None,
) -> DeskPage:
    """One request or finding with its answers, and the form that answers."""
    may = held.may("release_figures", line.provider_id, line.service_id)
    asks = line.kind == PACK and not line.answers
    head = desk_head(
        held,
        "grants.listing",
        address,
        f"{KINDS.get(line.kind, line.kind)} from {line.body}",
        f"{line.service}, {day_and_time(line.recorded_at)}. {_state(line, today)[0]}",
    )
    said = [(line.words, line.recorded_label, line.body, line.recorded_at)]
    said += [
        (str(each["words"]), str(each["by"]), "The provider", datetime.fromisoformat(each["at"]))
        for each in line.answers
    ]
    table = Table(
        "said",
        "What was said",
        ("In words", "By", "When"),
        tuple(Row((Cell(words), Cell(who, side), Cell(day_and_time(at)))) for words, who, side, at in said),
        Empty("Nothing", "What was said would stand here."),
        "A commissioner's own: marked as theirs, seen by no other body",
    )
    cards: tuple[Card, ...] = ()
    if may and (asks or line.kind != PACK):
        cards = (_answer_card(line, address, typed, refused),)
    return DeskPage(head, notes=(_make_it(line, address),) if may and asks else (), tables=(table,), cards=cards)


def _answer_card(line: NoteLine, address: Address, typed: str, refused: RefusedError | None) -> Card:
    problems = refused.problems if refused else {}
    declines = line.kind == PACK
    form = Form(
        address("visits.answer", note_id=line.note_id),
        (
            Field(
                "words",
                "Why not" if declines else "Your answer",
                "textarea",
                typed,
                "No names of people or staff.",
                problems.get("words", ""),
            ),
        ),
        "Decline the request" if declines else "Send the answer",
        Link("Back to commissioners", address("grants.listing")),
        trouble=(str(refused),) if refused and not problems else (),
    )
    return Card("answer", "Decline" if declines else "Answer", form)


def _make_it(line: NoteLine, address: Address) -> Note:
    there = address("commissioned_packs.new", service_id=line.service_id, body=str(line.body_id))
    return Note(
        f"{line.body} asks for a pack",
        "Make one of what was last released, look at it, and share it: that answers the request. Or decline it here.",
        button=Button("Make a pack", there, "i-doc", "primary"),
    )


_Leads = Callable[[NoteLine], str]


def _note_at(address: Address) -> _Leads:
    return lambda line: address("visits.one", note_id=line.note_id)


def _shared_at(address: Address) -> _Leads:
    """Where a pack that answers a request is, while it is shared."""
    return lambda line: (
        address("shared_packs.one", service_id=line.service_id, share_id=line.share) if line.share else ""
    )


def _table(found: Sequence[NoteLine], today: date, leads: _Leads, none: str, would: str) -> Table:
    return Table(
        "notes",
        "Requests and findings",
        ("What", "Where", "In words", "State"),
        tuple(_row(each, today, leads(each)) for each in found),
        Empty(none, would),
        "A commissioner's own: marked as theirs, seen by no other body",
    )


def _row(each: NoteLine, today: date, where: str) -> Row:
    words, badge = _state(each, today)
    answer = "; ".join(f"{said['by']}: {said['words']}" for said in each.answers)
    return Row(
        (
            Cell(KINDS.get(each.kind, each.kind), f"{each.body}, {day_and_time(each.recorded_at)}", where),
            Cell(each.service),
            Cell(each.words, f"Answer of {answer}" if answer else ""),
            Cell(words, badge=badge),
        ),
        flagged=each.is_late(today),
    )


def _state(each: NoteLine, today: date) -> tuple[str, Badge | None]:
    if each.kind == PACK and each.answers:
        return _became(each)
    if each.answers:
        return "Answered", Badge("Answered", "i-tick", "ok")
    if each.answer_by is None:
        return "No answer asked for by a day", None
    if each.is_late(today):
        return f"{counted((today - each.answer_by).days, 'day')} late", Badge("Late", "i-warn", "alert")
    return f"Answer by {long_date(each.answer_by)}", Badge("Waits", "i-clock", "pending")


def _became(each: NoteLine) -> tuple[str, Badge]:
    """What became of a request for a pack that was answered."""
    if each.share:
        return "The pack is shared", Badge("Shared", "i-tick", "ok")
    if any(said["share"] for said in each.answers):
        return "The pack was taken back since", Badge("Taken back", kind="hollow")
    return "Declined", Badge("Declined", "i-cross", "alert")
