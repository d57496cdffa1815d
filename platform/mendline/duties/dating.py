"""When a step's work is due, as pure rules: its rhythm in days of England, with bank holidays and without clocks.

Work is dated in days on the wall in London, so a clock change makes no week longer or shorter. A weekly step keeps its
weekday; where that is a bank holiday it moves to the next working day and is not skipped. Shifts run every day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mendline.catalogue.calendar import (
    iso_week,
    month_start,
    next_period,
    next_working_day,
    period_end,
    week_start,
)

Rhythm = Literal["once", "every_shift", "weekly", "monthly", "as_due"]

FRIDAY = 4
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)

# How far ahead work is dated, and how far back it is made good after workers stood still: rhythm -> (back, ahead).
HORIZON = {
    "once": (timedelta(days=365), timedelta(days=365)),
    "every_shift": (timedelta(days=7), timedelta(days=2)),
    "weekly": (timedelta(days=28), timedelta(days=21)),
    "as_due": (timedelta(days=28), timedelta(days=21)),
    "monthly": (timedelta(days=62), timedelta(days=45)),
}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a step is due.

    Attributes:
        key: which one of the rhythm it is; two of one key are the same work.
        opens_on: from when it can be done.
        due_on: by when.
        band: the shift, for a step of every shift.
    """

    key: str
    opens_on: date
    due_on: date
    band: str | None = None


def occurrences(
    rhythm: Rhythm,
    *,
    starts_on: date,
    ends_on: date | None,
    first: date,
    last: date,
    weekday: int | None = None,
    bands: Sequence[str] = (),
    every_weeks: int = 1,
) -> Iterator[Occurrence]:
    """Each time that a step falls due within a stretch of days.

    Args:
        rhythm: how often.
        starts_on: the first day of the plan.
        ends_on: its last day with work; None while it runs on.
        first: the first day of the stretch.
        last: the last day of the stretch.
        weekday: of a weekly step, 0 for Monday; Friday where none is named.
        bands: the shifts of a step of every shift.
        every_weeks: 2 or 4 once a rhythm is stepped down.
    """
    first = max(first, starts_on)
    last = min(last, ends_on) if ends_on else last
    if rhythm == "once":
        if first <= starts_on <= last:
            yield Occurrence("once", starts_on, next_working_day(starts_on))
    elif rhythm == "every_shift":
        yield from _shifts(first, last, bands)
    elif rhythm == "monthly":
        yield from _months(starts_on, first, last)
    else:
        yield from _weeks(starts_on, first, last, FRIDAY if weekday is None else weekday, every_weeks)


def _shifts(first: date, last: date, bands: Sequence[str]) -> Iterator[Occurrence]:
    """A shift belongs to the day on which it starts; a night's check is due the morning after."""
    day = first
    while day <= last:
        for band in bands:
            yield Occurrence(f"{day.isoformat()} {band}", day, day + DAY if band == "night" else day, band)
        day += DAY


def _weeks(starts_on: date, first: date, last: date, weekday: int, every_weeks: int) -> Iterator[Occurrence]:
    monday = week_start(first)
    while monday <= last:
        number = (monday - week_start(starts_on)).days // 7
        due = next_working_day(monday + weekday * DAY)
        if number % every_weeks == 0 and due >= starts_on:
            year, week = iso_week(monday)
            yield Occurrence(f"{year}-W{week:02}", max(monday, starts_on), due)
        monday += WEEK


def _months(starts_on: date, first: date, last: date) -> Iterator[Occurrence]:
    """A month is looked at when it has ended."""
    start = month_start(first)
    while start <= last:
        yield Occurrence(f"{start:%Y-%m}", max(start, starts_on), next_working_day(period_end("monthly", start)))
        start = next_period("monthly", start)
