"""When a clock ends and how it stands: values in, values out.

Days are counted without the day that starts them, in London time; a count of working days knows England's bank
holidays; hours are hours, also across a change of the clocks. A day ends at midnight.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from mendline.catalogue.calendar import LONDON, add_working_days
from mendline.catalogue.clocks import ClockKind, Count, Recurrence

State = Literal["running", "soon", "overdue", "sent", "sent_late", "ended"]
SOON = timedelta(days=3)


def due_at(started_at: datetime, count: Count) -> datetime:
    """The moment at which a clock ends: the end of its last day, or the hour itself.

    Args:
        started_at: with its zone.
        count: how long it runs; below nought it ends before its start.
    """
    if count.unit == "hours":
        return started_at.astimezone(UTC) + timedelta(hours=count.number)
    day = started_at.astimezone(LONDON).date()
    if count.unit == "working_days":
        return end_of(add_working_days(day, count.number))
    if count.unit == "calendar_days":
        return end_of(day + timedelta(days=count.number))
    return end_of(later_month(day, count.number))


def end_of(day: date) -> datetime:
    """The last moment of a day in London, as an instant."""
    tomorrow = day + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=LONDON).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day in London on which a clock ends: midnight belongs to the day that it closes."""
    return (moment.astimezone(LONDON) - timedelta(microseconds=1)).date()


def later_month(day: date, months: int) -> date:
    """The same day that many months later, or the last day of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_due(first: datetime, turn: int, recurs: Recurrence) -> datetime:
    """When the report of a later turn is due; turn 1 is the first. A day that a month lacks is its last one."""
    day = day_of(first)
    return end_of(day + timedelta(weeks=turn - 1) if recurs == "weekly" else later_month(day, turn - 1))


def end_in_force(kind: ClockKind, started_at: datetime, *, count: Count | None, said: date | None) -> datetime | None:
    """When a clock ends: the date that the letter says, else the count; None where neither is known.

    Args:
        kind: the kind of clock.
        started_at: when it began.
        count: the provider's own number, where it set one.
        said: the date in the letter.
    """
    if said is not None and kind.takes_date:
        return end_of(said)
    counted = count or kind.counts
    return due_at(started_at, counted) if counted else None


@dataclass(frozen=True, slots=True)
class ClockState:
    """How a clock stands at a moment.

    Attributes:
        state: running, soon (three days or fewer left), overdue, sent in time, sent late, or ended without sending.
        days: whole days left; below nought, days late.
        words: the same for people.
    """

    state: State
    days: int
    words: str


def clock_state(due: datetime, at: datetime, *, sent_at: datetime | None = None, ended: bool = False) -> ClockState:
    """Judges one clock.

    Args:
        due: when it ends.
        at: the moment of judging.
        sent_at: when what it asks for was sent.
        ended: it was ended without sending, with a reason.
    """
    if sent_at is not None:
        late = sent_at > due
        days = _days(due, sent_at)
        return ClockState(
            "sent_late" if late else "sent", days, f"Sent {_late(days, due, sent_at)}" if late else "Sent in time"
        )
    days = _days(due, at)
    if ended:
        return ClockState("ended", days, "Ended")
    if at > due:
        return ClockState("overdue", days, _late(days, due, at).capitalize())
    words = f"{_hours(due - at)} left" if due - at <= timedelta(days=2) else f"{days} days left"
    return ClockState("soon" if due - at <= SOON else "running", days, words)


def _days(due: datetime, at: datetime) -> int:
    return (day_of(due) - at.astimezone(LONDON).date()).days


def _late(days: int, due: datetime, at: datetime) -> str:
    if days == 0:
        return f"{_hours(at - due)} late"
    return "1 day late" if days == -1 else f"{-days} days late"


def _hours(span: timedelta) -> str:
    hours = max(1, round(span.total_seconds() / 3600))
    return "1 hour" if hours == 1 else f"{hours} hours"


def count_words(count: Count | None) -> str:
    """`10 working days`, `24 hours`, `28 calendar days before`."""
    if count is None:
        return "the date in the letter"
    number = abs(count.number)
    unit = count.unit.replace("_", " ").removesuffix("s")
    return f"{number} {unit}{'' if number == 1 else 's'}{' before' if count.number < 0 else ''}"
