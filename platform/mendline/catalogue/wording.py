"""How dates, times, numbers and counts are written everywhere: on pages, in packs, in mail."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from mendline.catalogue.indicators import IndicatorDefinition

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Words, not the locale of the machine: a server in another language writes the same dates.
TARGET_WORDS = ("Meets target", "Hit and miss", "Misses target", "Not judged")
DECISION_WORDS = {
    "assured": "Assured",
    "assured_with_exception": "Assured with exception",
    "further_action": "Further action",
    "escalate": "Escalate",
    "addendum": "Addendum",
}


# ---------------------------------------------------------------------- dates
def long_date(day: date) -> str:
    """``17 November 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """``17 Nov``."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def day_and_date(day: date) -> str:
    """``Tuesday 17 November``."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def month_and_year(day: date) -> str:
    """``November 2026``."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def short_month(day: date) -> str:
    """``Nov 2026``."""
    return f"{_MONTHS[day.month - 1][:3]} {day.year}"


def date_range(first: date, last: date) -> str:
    """``9 to 15 November 2026``, with no word said twice."""
    if first == last:
        return long_date(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {long_date(last)}"
    if first.year == last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} to {long_date(last)}"
    return f"{long_date(first)} to {long_date(last)}"


def prose_time(clock: time | datetime) -> str:
    """``6:45am``, ``6am``, ``midday``, ``midnight``; give a moment in London time."""
    if (clock.hour, clock.minute) in {(0, 0), (12, 0)}:
        return "midday" if clock.hour else "midnight"
    hour = clock.hour % 12 or 12
    minutes = f":{clock.minute:02}" if clock.minute else ""
    return f"{hour}{minutes}{'am' if clock.hour < 12 else 'pm'}"


def log_time(clock: time | datetime) -> str:
    """``06:41``, as logs show it; give a moment in London time."""
    return f"{clock.hour:02}:{clock.minute:02}"


def moment(local: datetime) -> str:
    """``17 November 2026, 6:45am``; give a moment in London time."""
    return f"{long_date(local.date())}, {prose_time(local)}"


def lateness(due: date, today: date) -> str:
    """``5 days late``, ``due today``, ``due in 3 days``."""
    days = (today - due).days
    if days > 0:
        return f"{counted(days, 'day')} late"
    return "due today" if days == 0 else f"due in {counted(-days, 'day')}"


# --------------------------------------------------------------------- counts
def whole(number: float) -> str:
    """``1,204``; a number that is not whole keeps what it has, up to two decimals."""
    return rounded(number, 0 if float(number).is_integer() else 2)


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 day``, ``5 days``, ``9 people``."""
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def of(numerator: float, denominator: float) -> str:
    """``1 of 2``."""
    return f"{whole(numerator)} of {whole(denominator)}"


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


# -------------------------------------------------------------------- figures
@lru_cache(maxsize=8192)
def rounded(value: float, decimals: int) -> str:
    """Half up, with thousands commas and never a negative nought."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{abs(exact) if exact == 0 else exact:,}"


def figure(value: float, definition: IndicatorDefinition, against: float | None = None) -> str:
    """An indicator's value as it is shown: ``97.1%``, ``6.24``, ``48.0 hours``, ``3``, ``5.0 points``.

    Rounding never lets a figure seem to be what it is not: when it would print as 100%, as nought or as ``against``
    without being it, decimals are added until it does not.

    Args:
        value: percentages from 0 to 100, rates on the indicator's own scale.
        definition: whose unit and decimals.
        against: a number the reader compares it with, as a rule the target.
    """
    return distinct(value, definition.decimals, definition.unit, against) + _suffix(definition)


@lru_cache(maxsize=8192)
def distinct(value: float, least: int, unit: str, against: float | None = None) -> str:
    """A number with as few decimals as keep it off nought, 100% and what it is held against: 98.0014 beside 98, ``98.001``.

    Args:
        value: the number.
        least: decimals that it has at the least.
        unit: ``%`` for percentages.
        against: what the reader compares it with.
    """
    landmarks = {0.0, against} | ({100.0} if unit == "%" else set())
    decimals = least
    while decimals < least + 4 and any(
        mark is not None and mark != value and rounded(value, decimals) == rounded(mark, decimals) for mark in landmarks
    ):
        decimals += 1
    return rounded(value, decimals)


def target_words(definition: IndicatorDefinition) -> str:
    """A target for people: ``98% or more``, ``100%``, ``48 hours or less``, ``97% to 110%``, ``60% below baseline``."""
    target = definition.target
    if isinstance(target.value, tuple):
        low, high = target.value
        return f"{whole(low)}{_suffix(definition)} to {whole(high)}{_suffix(definition)}"
    if target.value is None:
        return "Watched, no target"
    if target.operator == "reduce_from_baseline_pct":
        return f"{whole(target.value)}% below baseline"
    number = whole(target.value) + _suffix(definition)
    if number == "100%":
        return number
    return number + {">=": " or more", "<=": " or less", "==": ""}[target.operator]


def gap(value: float, target: float, definition: IndicatorDefinition) -> str:
    """How far a value is from a number, without its sign: ``0.9 points``, ``12.0 hours``."""
    decimals = max(definition.decimals, 1 if definition.unit == "%" else 0)
    distance = rounded(abs(target - value), decimals)
    return f"{distance} points" if definition.unit == "%" else distance + _suffix(definition)


def _suffix(definition: IndicatorDefinition) -> str:
    return {"%": "%", "hours": " hours", "percentage points": " points"}.get(definition.unit, "")


def within_sentence(name: str) -> str:
    """A name as it stands inside a sentence: `MAR compliance` keeps its capitals, `Care reviews` does not."""
    return name if name[:2].isupper() else name[0].lower() + name[1:]
