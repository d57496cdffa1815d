"""What an action changed, as far as figures can say: before it was opened against after it was closed.

Values in, values out. The periods in between are left out of both sides: the work was under way. The change comes with
its interval (Newcombe 1998 for proportions, the same way for rates, Student's t for the others), and with what speaks
against reading it as the action's own doing: too few periods, an interval that holds no change, other changes in the
window, and that whoever acts on a bad period may expect a better one anyhow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.catalogue.wording import counted, figure, short_date
from mendline.statistics.intervals import Difference, mean_interval, proportion_change, rate_change

Verdict = Literal["worked", "not_yet", "no"]
VERDICT_WORDS: dict[str, str] = {"worked": "It worked", "not_yet": "Not yet", "no": "It did not work"}
FEWEST = 4  # periods on each side, below which the figures say little
PERIODS: dict[str, int] = {"weekly": 6, "monthly": 3}
MOST_PERIODS = 52
SHORTEST_REASON = 8
_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class SeenPeriod:
    """A final figure of one period."""

    start: date
    value: float
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True, slots=True)
class OtherChange:
    """Something else that happened in the window: an action, or a change at the service."""

    on: date
    words: str


@dataclass(frozen=True, slots=True)
class Side:
    """The periods before or after, with the figure that they make together; None where there are none."""

    periods: int
    value: float | None
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Before and after.

    Attributes:
        change: after minus before with its interval; None where one side is empty or holds too little for an interval.
        better: whether the change goes the way that is wanted; None where it cannot be told from none.
        cautions: what speaks against reading the change as the action's doing, each a sentence.
    """

    before: Side
    after: Side
    change: Difference | None
    better: bool | None
    sentence: str
    cautions: tuple[str, ...]


def due_day(closed_on: date, cadence: Cadence, periods: int) -> date:
    """The first day on which that many whole periods after a closure are over."""
    if cadence == "weekly":
        monday = closed_on - timedelta(days=closed_on.weekday())
        return monday + timedelta(weeks=periods + 1)
    year, month = divmod(closed_on.year * 12 + closed_on.month - 1 + periods + 1, 12)
    return date(year, month + 1, 1)


def compare(
    figures: Sequence[SeenPeriod],
    definition: IndicatorDefinition,
    *,
    opened_on: date,
    closed_on: date,
    periods: int,
    others: Sequence[OtherChange] = (),
) -> Comparison:
    """Compares as many periods before an action was opened as after it was closed.

    Args:
        figures: final figures, oldest first.
        definition: what they measure.
        opened_on: the day from which the action worked on them.
        closed_on: the day on which it was done.
        periods: how many on each side at most.
        others: what else happened from the first period to the last.
    """
    length = timedelta(days=7 if definition.cadence == "weekly" else 28)
    before = [each for each in figures if each.start + length <= opened_on][-periods:]
    after = [each for each in figures if each.start > closed_on][:periods]
    change = _change(before, after, definition)
    better = None
    if change is not None and change.clear:
        better = (change.change > 0) == (definition.direction == "higher_is_better")
    sides = _side(before, definition), _side(after, definition)
    return Comparison(
        *sides, change, better, _sentence(*sides, change, better, definition),
        _cautions(before, after, change, others),
    )  # fmt: skip


def verdict_problems(verdict: str, reason: str, periods: int | None) -> dict[str, str]:
    """Why a verdict cannot be kept; empty where it can."""
    problems = {}
    if verdict not in VERDICT_WORDS:
        problems["verdict"] = "Choose one."
    if len(reason.strip()) < SHORTEST_REASON:
        problems["reason"] = "Say what you saw, in a sentence."
    if verdict == "not_yet" and (periods is None or not 1 <= periods <= MOST_PERIODS):
        problems["periods"] = f"Give a number of periods from 1 to {MOST_PERIODS}."
    return problems


def _pooled(side: Sequence[SeenPeriod]) -> tuple[float, float] | None:
    parts = [(each.numerator, each.denominator) for each in side]
    if any(top is None or not bottom for top, bottom in parts):
        return None
    return math.fsum(top or 0.0 for top, _ in parts), math.fsum(bottom or 0.0 for _, bottom in parts)


def _change(
    before: Sequence[SeenPeriod], after: Sequence[SeenPeriod], definition: IndicatorDefinition
) -> Difference | None:
    if not before or not after:
        return None
    first, second = _pooled(before), _pooled(after)
    if first and second and definition.measure_type == "proportion" and _is_share(first) and _is_share(second):
        return proportion_change(first, second, multiplier=_PERCENT)
    if first and second and definition.measure_type == "rate":
        return rate_change(first, second, multiplier=float(definition.rate_per or 1))
    return _of_means([each.value for each in before], [each.value for each in after])


def _is_share(parts: tuple[float, float]) -> bool:
    return parts[0] <= parts[1]


def _of_means(before: Sequence[float], after: Sequence[float]) -> Difference | None:
    one, two = mean_interval(before), mean_interval(after)
    if one.lower is None or one.upper is None or two.lower is None or two.upper is None:
        return None
    change = two.value - one.value
    down = math.hypot(two.value - two.lower, one.upper - one.value)
    up = math.hypot(two.upper - two.value, one.value - one.lower)
    return Difference(change, change - down, change + up)


def _side(side: Sequence[SeenPeriod], definition: IndicatorDefinition) -> Side:
    if not side:
        return Side(0, None, None, None)
    parts = _pooled(side)
    value = math.fsum(each.value for each in side) / len(side)
    if parts and definition.measure_type == "proportion":
        value = _PERCENT * parts[0] / parts[1]
    elif parts and definition.measure_type == "rate":
        value = float(definition.rate_per or 1) * parts[0] / parts[1]
    return Side(len(side), value, side[0].start, side[-1].start)


def _sentence(
    before: Side, after: Side, change: Difference | None, better: bool | None, definition: IndicatorDefinition
) -> str:
    if after.value is None:
        return "No final figure lies after the closure yet."
    if before.value is None:
        return "No final figure lies before the action was opened, so there is nothing to compare with."
    told = f"From {figure(before.value, definition)} before to {figure(after.value, definition)} after"
    if change is None:
        return f"{told}. One period makes no interval."
    if better is None:
        return f"{told}. This cannot be told from no change."
    return f"{told}, {'better' if better else 'worse'} by more than chance."


def _cautions(
    before: Sequence[SeenPeriod],
    after: Sequence[SeenPeriod],
    change: Difference | None,
    others: Sequence[OtherChange],
) -> tuple[str, ...]:
    said = []
    for side, word in ((before, "before"), (after, "after")):
        if len(side) < FEWEST:
            said.append(f"Only {counted(len(side), 'period')} {word}: too few to rest much on.")
    if change is not None and not change.clear:
        said.append("The interval of the change holds nought: it may be no change at all.")
    if others:
        told = "; ".join(f"{short_date(each.on)}, {each.words}" for each in others[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        said.append(f"Other things changed in the same window: {told}{more}.")
    said.append("An action is mostly begun when a figure is bad, and the next figures are often better by themselves.")
    return tuple(said)
