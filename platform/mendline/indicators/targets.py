"""Which target is in force on a day, and whether a figure misses it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TargetFact:
    """One version of an indicator's target; `value` is in the indicator's unit."""

    operator: str  # >=, <=, ==, monitor_only
    value: float | None
    valid_from: date
    reach_by: date | None = None
    version: int = 1


def target_on(targets: Sequence[TargetFact], day: date) -> TargetFact | None:
    """The target in force on a day: of those that began, the latest, and of two that begin together the newer one."""
    begun = [target for target in targets if target.valid_from <= day]
    return max(begun, key=lambda target: (target.valid_from, target.version), default=None)


def misses_target(value: float, target: TargetFact | None) -> bool:
    """Whether a figure is short of its target; a target of 0 is a target, none or 'monitor only' is never missed."""
    if target is None or target.value is None:
        return False
    if target.operator == ">=":
        return value < target.value
    if target.operator == "<=":
        return value > target.value
    return target.operator == "==" and not math.isclose(value, target.value, rel_tol=1e-9, abs_tol=1e-9)
