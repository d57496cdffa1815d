"""Requests and findings of commissioners, in words, for both sides."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from mendline.catalogue.wording import counted, long_date
from mendline.people.desk import Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.visits.commands import KINDS
from mendline.people.visits.queries import NoteLine
from mendline.places.head import Address
from mendline.web.components import Badge, Empty, Field, Form, Head, Link, Option
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
    refused: RefusedError | None = None,
) -> DeskPage:
    """A commissioner's own requests and findings at a service, and the form that sends one."""
    problems = refused.problems if refused else {}
    form = Form(
        action,
        (
            Field(
                "kind",
                "What it is",
                "choice",
                given.get("kind") or "request",
                error=problems.get("kind", ""),
                options=tuple(Option(key, words) for key, words in KINDS.items()),
            ),
            Field(
                "words",
                "What you ask or found",
                "textarea",
                given.get("words", ""),
                "No names of people or staff.",
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
        tables=(_table(found, today, None, "Nothing was sent yet", "Your requests and findings would stand here."),),
        cards=(Card("note", "Ask, or tell what a visit found", form),),
    )


def notes_table(found: Sequence[NoteLine], *, today: date, address: Address) -> Table:
    """For the provider: what commissioners asked and found, with the way to each."""
    return _table(
        found, today, address, "Nothing yet", "What commissioners ask of a service, or found on a visit, stands here."
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
    problems = refused.problems if refused else {}
    head = desk_head(
        held,
        "grants.listing",
        address,
        f"{KINDS.get(line.kind, line.kind)} of {line.body}",
        f"{line.service}, {day_and_time(line.recorded_at)}. {_state(line, today)[0]}",
    )
    form = Form(
        address("visits.answer", note_id=line.note_id),
        (Field("words", "Your answer", "textarea", typed, "No names of people or staff.", problems.get("words", "")),),
        "Send the answer",
        Link("Back to commissioners", address("grants.listing")),
        trouble=(str(refused),) if refused and not problems else (),
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
    return DeskPage(head, tables=(table,), cards=(Card("answer", "Answer", form),) if may else ())


def _table(found: Sequence[NoteLine], today: date, address: Address | None, none: str, would: str) -> Table:
    return Table(
        "notes",
        "Requests and findings",
        ("What", "Where", "In words", "State"),
        tuple(_row(each, today, address) for each in found),
        Empty(none, would),
        "A commissioner's own: marked as theirs, seen by no other body",
    )


def _row(each: NoteLine, today: date, address: Address | None) -> Row:
    words, badge = _state(each, today)
    answer = "; ".join(f"{said['by']}: {said['words']}" for said in each.answers)
    where = address("visits.one", note_id=each.note_id) if address else ""
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
    if each.answers:
        return "Answered", Badge("Answered", "i-tick", "ok")
    if each.answer_by is None:
        return "No answer asked for by a day", None
    if each.is_late(today):
        return f"{counted((today - each.answer_by).days, 'day')} late", Badge("Late", "i-warn", "alert")
    return f"Answer by {long_date(each.answer_by)}", Badge("Waits", "i-clock", "pending")
