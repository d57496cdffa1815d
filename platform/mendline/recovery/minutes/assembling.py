"""Minutes assembled from the decisions of a month: values in, a document out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mendline.catalogue.calendar import month_start
from mendline.catalogue.wording import counted, long_date

SHORTEST_NOTE = 10
LEAST_ATTENDING = 2
DECISIONS = {
    "assured": "Assured",
    "assured_with_exception": "Weak assurance",
    "further_action": "Further action",
    "escalate": "Escalated",
    "addendum": "Correction added",
}


@dataclass(frozen=True, slots=True)
class MonthLine:
    """Something that was decided in the month, of any service.

    Attributes:
        kind: review, escalation or oversight.
        about: the indicator's name, or empty.
        outcome: the decision, by its key.
    """

    service: str
    kind: str
    happened_on: date
    by: str
    role: str
    about: str
    outcome: str
    words: str


@dataclass(frozen=True, slots=True)
class GivenNotes:
    """What is written beside the decisions: who attended in which role, what was challenged, what was noted."""

    attendance: tuple[tuple[str, str], ...]
    challenge: str
    notes: str


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_of(written: str) -> date | None:
    """`2026-11` as its first day; None where it is no month."""
    year, _, month = written.partition("-")
    if not (
        len(written) == 7 and year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12 and int(year) > 1900
    ):
        return None
    return month_start(date(int(year), int(month), 1))


def attendance_of(typed: str) -> tuple[tuple[str, str], ...]:
    """One person a line, name and role parted by a comma."""
    rows = (line.partition(",") for line in typed.splitlines() if line.strip())
    return tuple((name.strip(), role.strip()) for name, _, role in rows)


def assembled(lines: Sequence[MonthLine], given: GivenNotes) -> dict[str, Any]:
    """The content of minutes: each service with its decisions in order, and the counts that open them."""
    services: dict[str, list[dict[str, str]]] = {}
    for line in sorted(lines, key=lambda each: (each.service, each.happened_on)):
        services.setdefault(line.service, []).append(_entry(line))
    return {
        "summary": summary_of(lines),
        "services": [{"name": name, "entries": entries} for name, entries in services.items()],
        "attendance": [{"name": name, "role": role} for name, role in given.attendance],
        "challenge": given.challenge.strip(),
        "notes": given.notes.strip(),
    }


def summary_of(lines: Iterable[MonthLine]) -> str:
    """What the month came to, in a sentence or two."""
    known = list(lines)
    reviews = [line for line in known if line.kind == "review" and line.outcome != "addendum"]
    if not known:
        return "Nothing was decided in this month."
    weak = sum(line.outcome == "assured_with_exception" for line in reviews)
    escalated = sum(line.outcome == "escalate" for line in reviews)
    ended = sum(line.kind == "escalation" for line in known)
    replies = sum(line.kind == "oversight" for line in known)
    services = len({line.service for line in known})
    told = f"{counted(len(reviews), 'decision')} on indicators at {counted(services, 'service')}: {escalated} escalated"
    told += f", {counted(weak, 'weak assurance')}." if weak else ", no weak assurance."
    return f"{told} {counted(ended, 'escalation')} decided, {counted(replies, 'reply', 'replies')} of the provider."


def note_problems(given: GivenNotes) -> dict[str, str]:
    """What stands between the minutes and a signature, one sentence per field."""
    problems = {}
    if len(given.attendance) < LEAST_ATTENDING or not all(name and role for name, role in given.attendance):
        problems["attendance"] = "Name at least two who attended, one a line: name, role."
    if len(given.challenge.strip()) < SHORTEST_NOTE:
        problems["challenge"] = (
            "Say what was asked hard, and what the answer was. Minutes without challenge assure nobody."
        )
    return problems


def _entry(line: MonthLine) -> dict[str, str]:
    outcome = DECISIONS.get(line.outcome, line.outcome.replace("_", " "))
    heading = {"review": outcome, "escalation": f"Escalation decided: {outcome[:1].lower()}{outcome[1:]}"}.get(
        line.kind, "Reply of the provider"
    )
    return {
        "heading": f"{heading}, {line.about}" if line.about else heading,
        "when": long_date(line.happened_on),
        "by": f"{line.by}, {line.role}" if line.role else line.by,
        "text": line.words,
        "weak": "yes" if line.outcome == "assured_with_exception" else "",
    }


def text_of(attendance: Iterable[Mapping[str, str]]) -> str:
    """Attendance as it is edited: one person a line."""
    return "\n".join(f"{one['name']}, {one['role']}" for one in attendance)
