"""Targets: was one met, and will the process meet it? A target of zero is a target."""

import math
from dataclasses import dataclass
from typing import Literal

from mendline.statistics.arithmetic import LINE_TOLERANCE

TargetOperator = Literal[">=", "<=", "==", "between", "reduce_from_baseline_pct", "monitor_only"]
Assurance = Literal["pass", "inconsistent", "fail"]


@dataclass(frozen=True, slots=True)
class Target:
    """A target in the unit of the figures. `upper` belongs to `between`, `baseline` to `reduce_from_baseline_pct`."""

    operator: TargetOperator
    value: float | None = None
    upper: float | None = None
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class TargetRange:
    """The values that meet a target, ends included; an open end is infinite."""

    low: float
    high: float


def target_range(target: Target | None, direction: int) -> TargetRange | None:
    """The values that meet the target; None where there is nothing to meet.

    An exact target is met at its value, and beyond it on the better side.

    Raises:
        ValueError: the target lacks a number, or its range is upside down.
    """
    if target is None or target.operator == "monitor_only":
        return None
    value = _number(target.value)
    match target.operator:
        case ">=":
            return TargetRange(value, math.inf)
        case "<=":
            return TargetRange(-math.inf, value)
        case "==":
            return TargetRange(value if direction >= 0 else -math.inf, value if direction <= 0 else math.inf)
        case "between":
            upper = _number(target.upper)
            if upper < value:
                raise ValueError("a target range ends before it begins")
            return TargetRange(value, upper)
        case "reduce_from_baseline_pct":
            return TargetRange(-math.inf, _number(target.baseline) * (1 - value / 100))


def _number(value: float | None) -> float:
    if value is None or not math.isfinite(value):
        raise ValueError("the target lacks a number")
    return float(value)


def meets(value: float | None, wanted: TargetRange | None) -> bool | None:
    """Whether a figure meets the target, a hair's breadth of rounding allowed; None without figure or target."""
    if value is None or wanted is None:
        return None
    edges = [abs(edge) for edge in (wanted.low, wanted.high) if math.isfinite(edge)]
    slack = LINE_TOLERANCE * max([abs(value), *edges])
    return wanted.low - slack <= value <= wanted.high + slack


def assurance(wanted: TargetRange | None, lower: float | None, upper: float | None) -> Assurance | None:
    """Whether the process will always, sometimes or never meet the target; a limit on the target is 'sometimes'."""
    if wanted is None or lower is None or upper is None:
        return None
    if upper < wanted.low or lower > wanted.high:
        return "fail"
    return "pass" if lower > wanted.low and upper < wanted.high else "inconsistent"
