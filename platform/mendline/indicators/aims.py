"""What an indicator is measured from and aimed at, as pure rules: which periods make a baseline, what a target may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from statistics import median
from typing import Any

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.catalogue.wording import counted, date_range, figure
from mendline.indicators.figures import is_bounded, value_of

FEWEST_PERIODS = 1
USUAL_PERIODS = 12
OPERATORS = (">=", "<=", "==", "monitor_only")


@dataclass(frozen=True, slots=True)
class BaselinePeriod:
    """A final figure that a baseline may rest on."""

    period_start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    revision: int = 1

    def as_json(self) -> dict[str, Any]:
        """As it is frozen with the baseline: a later revision does not move it."""
        return {
            "period": self.period_start.isoformat(),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": self.value,
            "revision": self.revision,
        }


@dataclass(frozen=True, slots=True)
class GivenTarget:
    """What is to be aimed at, from a day on."""

    operator: str
    value: float | None
    reach_by: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The starting position: pooled, where there is anything to pool."""

    first_period: date
    last_period: date
    periods: int
    numerator: float | None
    denominator: float | None
    value: float
    method: str


def baseline_of(definition: IndicatorDefinition, periods: Sequence[BaselinePeriod]) -> Baseline | None:
    """The position over these periods: numerators over denominators, never a mean of percentages; None without a figure.

    Args:
        definition: says whether there is anything to pool.
        periods: in order, each with its newest final figure.
    """
    known = [period for period in periods if period.value is not None]
    if not known:
        return None
    pooled = [period for period in known if period.numerator is not None and period.denominator]
    if len(pooled) == len(known) and definition.measure_type in ("proportion", "rate"):
        top = fsum(period.numerator or 0 for period in pooled)
        bottom = fsum(period.denominator or 0 for period in pooled)
        value, method = value_of(definition, top, bottom), "Pooled over the periods"
    else:
        top, bottom, value, method = None, None, median(period.value or 0 for period in known), "Median of the periods"
    if value is None:
        return None
    return Baseline(known[0].period_start, known[-1].period_start, len(known), top, bottom, value, method)


def aim_words(target: GivenTarget, definition: IndicatorDefinition) -> str:
    """`98% or more`, `at most 10%` in words for people; zero is a target, and to watch is to have none."""
    if target.value is None or target.operator == "monitor_only":
        return "no target"
    number = figure(target.value, definition).replace(".0%", "%")
    return number + {">=": " or more", "<=": " or less"}.get(target.operator, "")


def span_words(baseline: Baseline, definition: IndicatorDefinition) -> str:
    """`90.0% (12 periods, 13 July to 28 September 2026)`."""
    periods = counted(baseline.periods, "period")
    span = date_range(baseline.first_period, baseline.last_period)
    return f"{figure(baseline.value, definition)} ({periods}, {span})"


def target_problems(definition: IndicatorDefinition, operator: str, value: float | None) -> dict[str, str]:
    """What a target cannot be, one sentence per field. Zero is a target; 'watched' has none."""
    if operator not in OPERATORS:
        return {"target_operator": f"Use one of {', '.join(OPERATORS)}."}
    if operator == "monitor_only":
        return {"target_value": "An indicator that is only watched has no target."} if value is not None else {}
    if value is None:
        return {"target_value": "Give the figure to aim at, or choose to watch it without a target."}
    if value < 0 and definition.unit != "percentage points":
        return {"target_value": "Use a number that is zero or more."}
    if is_bounded(definition) and value > 100:
        return {"target_value": "A percentage of this kind is from 0 to 100."}
    return {}


def usual_target(definition: IndicatorDefinition) -> tuple[str, float | None]:
    """The catalogue's own target where it is a plain number, else watched."""
    goal = definition.target
    if goal.operator in OPERATORS and isinstance(goal.value, int | float):
        return goal.operator, float(goal.value)
    return "monitor_only", None
