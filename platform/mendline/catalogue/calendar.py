"""The one calendar: London time, Monday weeks, calendar months, England's working days, weeks of a recovery plan.

Weekly figures use ISO weeks and monthly figures calendar months, and one is never turned into the other. A period
begins and ends at midnight in London, so the week of a clock change has 167 or 169 hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from mendline.catalogue.indicators import Cadence
from mendline.catalogue.reading import DATA, build, read_yaml
from mendline.catalogue.wording import long_date, month_and_year

LONDON = ZoneInfo("Europe/London")

# A period stays provisional for three working days after it closes, so that late records can arrive.
DAYS_UNTIL_FINAL = 3

ShiftBand = Literal["day", "afternoon", "evening", "night"]


class CalendarError(ValueError):
    """A date or time that the calendar cannot answer for; the message says why."""


@dataclass(frozen=True, slots=True)
class BankHoliday:
    """One bank holiday of England."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class _Year:
    year: int
    holidays: tuple[BankHoliday, ...]


@dataclass(frozen=True, slots=True)
class _Years:
    years: tuple[_Year, ...]


@dataclass(frozen=True, slots=True)
class PlanWeek:
    """Where a day lies in a recovery plan: week 0 before it starts, more than ``weeks`` after it ends."""

    number: int
    weeks: int

    @property
    def phase(self) -> Literal["before", "during", "after"]:
        """Whether the plan has not begun, is running, or is in its sustain time."""
        if self.number < 1:
            return "before"
        return "during" if self.number <= self.weeks else "after"

    @property
    def label(self) -> str:
        """As every page of a service shows it."""
        if self.phase == "before":
            return "Not started"
        if self.phase == "during":
            return f"Week {self.number} of {self.weeks}"
        return (
            f"{self.number - self.weeks} weeks after the plan"
            if self.number > self.weeks + 1
            else "1 week after the plan"
        )


# ---------------------------------------------------------------- working days
@cache
def bank_holidays() -> Mapping[date, str]:
    """Every bank holiday that the catalogue knows, by day."""
    return MappingProxyType({holiday.day: holiday.name for year in _years().years for holiday in year.holidays})


@cache
def _years() -> _Years:
    path = DATA / "bank_holidays_england.yaml"
    return build(_Years, read_yaml(path), path.name)


@cache
def _known_years() -> frozenset[int]:
    return frozenset(year.year for year in _years().years)


def is_working_day(day: date) -> bool:
    """Monday to Friday and no bank holiday of England.

    Raises:
        CalendarError: the catalogue does not hold the bank holidays of that year.
    """
    if day.year not in _known_years():
        raise CalendarError(f"The bank holidays of {day.year} are not in bank_holidays_england.yaml. Add them.")
    return day.weekday() < 5 and day not in bank_holidays()


def next_working_day(day: date) -> date:
    """The day itself if it is a working day, else the first one after it: a review that falls on a holiday moves."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The working day that many working days after a day (before it, if negative); the day itself is not counted.

    Zero gives the day itself, working or not.
    """
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """Working days after ``first`` up to and including ``last``; negative when ``last`` is earlier."""
    if last < first:
        return -working_days_between(last, first)
    return sum(is_working_day(first + timedelta(days=ahead)) for ahead in range(1, (last - first).days + 1))


# --------------------------------------------------------------------- periods
def week_start(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def month_start(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def iso_week(day: date) -> tuple[int, int]:
    """ISO year and week number; 29 December can lie in week 1 of the next year, and some years have 53 weeks."""
    return day.isocalendar().year, day.isocalendar().week


def period_start(cadence: Cadence, day: date) -> date:
    """First day of the period that a day lies in."""
    return week_start(day) if cadence == "weekly" else month_start(day)


def next_period(cadence: Cadence, start: date) -> date:
    """First day of the period after the one that ``start`` lies in."""
    if cadence == "weekly":
        return week_start(start) + timedelta(weeks=1)
    return month_start(month_start(start) + timedelta(days=31))


def previous_period(cadence: Cadence, start: date) -> date:
    """First day of the period before the one that ``start`` lies in."""
    return period_start(cadence, period_start(cadence, start) - timedelta(days=1))


def period_end(cadence: Cadence, start: date) -> date:
    """Last day of the period that ``start`` lies in."""
    return next_period(cadence, start) - timedelta(days=1)


def periods_between(cadence: Cadence, first: date, last: date) -> tuple[date, ...]:
    """Starts of all periods from the one of ``first`` to the one of ``last``, both included; none if it is earlier."""
    found = []
    start = period_start(cadence, first)
    while start <= last:
        found.append(start)
        start = next_period(cadence, start)
    return tuple(found)


def period_label(cadence: Cadence, start: date) -> str:
    """A period in words: ``week of 9 November 2026`` or ``November 2026``."""
    first = period_start(cadence, start)
    return f"week of {long_date(first)}" if cadence == "weekly" else month_and_year(first)


def period_final_on(cadence: Cadence, start: date) -> date:
    """The day after which a period's figures are final: three working days after its last day."""
    return add_working_days(period_end(cadence, start), DAYS_UNTIL_FINAL)


# --------------------------------------------------------------- recovery plan
def plan_week(starts_on: date, weeks: int, today: date) -> PlanWeek:
    """Which week of a plan a day lies in; week 1 is the Monday week in which the plan starts.

    Raises:
        CalendarError: the plan has no weeks.
    """
    if weeks < 1:
        raise CalendarError("A recovery plan lasts at least one week.")
    ahead = (week_start(today) - week_start(starts_on)).days // 7
    return PlanWeek(max(0, ahead + 1) if today >= starts_on else 0, weeks)


def plan_week_start(starts_on: date, number: int) -> date:
    """The Monday of week ``number`` of a plan; week 0 is the week before, when baselines are signed."""
    return week_start(starts_on) + timedelta(weeks=number - 1)


def plan_ends_on(starts_on: date, weeks: int) -> date:
    """The Sunday on which a plan's last week ends."""
    return plan_week_start(starts_on, weeks) + timedelta(days=6)


# ----------------------------------------------------------------- London time
def to_london(moment: datetime) -> datetime:
    """An instant as London clocks show it.

    Raises:
        CalendarError: the instant has no time zone.
    """
    if moment.tzinfo is None:
        raise CalendarError("A moment needs its time zone.")
    return moment.astimezone(LONDON)


def london_date(moment: datetime) -> date:
    """The day in London of an instant."""
    return to_london(moment).date()


def from_london(day: date, clock: time, *, second: bool = False) -> datetime:
    """The instant, in UTC, at which London clocks show a time on a day.

    Args:
        day: the day in London.
        clock: the time on the wall.
        second: the later of the two instants in the hour that is lived twice in October.

    Raises:
        CalendarError: clocks never showed that time, in the hour that is skipped in March.
    """
    local = datetime.combine(day, clock, tzinfo=LONDON).replace(fold=int(second))
    moment = local.astimezone(UTC)
    if moment.astimezone(LONDON).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise CalendarError(
            f"Clocks went forward on {long_date(day)}: {clock:%H:%M} did not happen. Give a time before 01:00 or from 02:00."
        )
    return moment


def period_bounds(cadence: Cadence, start: date) -> tuple[datetime, datetime]:
    """First instant of a period and first instant after it, in UTC."""
    first = period_start(cadence, start)
    midnight = time(0)
    return from_london(first, midnight), from_london(next_period(cadence, first), midnight)


def hours_between(start: datetime, end: datetime) -> float:
    """Hours that really passed: a night shift over a clock change has 9 or 11 where the wall shows 10."""
    return (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() / 3600


def shift_band(clock: time) -> ShiftBand:
    """Band of the day: day 08 to 14, afternoon 14 to 18, evening 18 to 22, night 22 to 08."""
    if time(8) <= clock < time(14):
        return "day"
    if time(14) <= clock < time(18):
        return "afternoon"
    return "evening" if time(18) <= clock < time(22) else "night"


def is_weekend(day: date) -> bool:
    """Saturday, Sunday or a bank holiday, when staffing follows the weekend rota."""
    return day.weekday() >= 5 or day in bank_holidays()
