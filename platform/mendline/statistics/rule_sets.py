"""Versioned settings of the status rules. A stored result names its version; a change is a new entry, never an edit."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from mendline.statistics.rules import RunLengths

Cadence = Literal["weekly", "monthly", "quarterly"]
Status = Literal["improving", "stable", "deteriorating", "changed", "insufficient"]
Condition = Literal[
    "too_little_data",
    "out_of_date",
    "neutral_signal",
    "neutral_steady",
    "improvement",
    "concern",
    "common_cause",
]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All settings behind a status. Shares are of 1, lags in working days, the rest in points."""

    version: str
    minimum_points: int = 12
    run_chart_points: int = 7
    firm_points: int = 20
    gap_window: int = 12
    gap_share: float = 0.2
    missing_in_a_row: int = 2
    small_share: float = 1 / 3
    recent_window: int = 6
    sustained_points: int = 7
    target_window: int = 6
    screen_outliers: bool = True
    runs: RunLengths = field(default_factory=RunLengths)
    lag_working_days: MappingProxyType[Cadence, int] = field(
        default_factory=lambda: MappingProxyType({"weekly": 3, "monthly": 10, "quarterly": 10})
    )
    latest_cadences: int = 2
    composite: tuple[tuple[Condition, Status], ...] = (
        ("too_little_data", "insufficient"),
        ("out_of_date", "insufficient"),
        ("neutral_signal", "changed"),
        ("neutral_steady", "stable"),
        ("improvement", "improving"),
        ("concern", "deteriorating"),
        ("common_cause", "stable"),
    )


RULE_SETS: MappingProxyType[str, RuleSet] = MappingProxyType({"2026.1": RuleSet("2026.1")})
CURRENT_RULES = RULE_SETS["2026.1"]
