"""What an indicator was aimed at and measured from, each time it was set, as plain rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class FrozenFigure:
    """A figure of a period, as it was when a baseline was frozen over it or as it stands: in the indicator's unit, None where the period had none."""

    period_start: date
    value: float | None
    revision: int


@dataclass(frozen=True, slots=True)
class Aimed:
    """One time that a target was set or a baseline frozen.

    Attributes:
        in_force: whether it is the one that holds on the day that is asked about.
        value: in the indicator's unit; None where the indicator is only watched.
        from_on: of a target the day from which it holds; of a baseline its first period.
        to_on: of a target the day by which it is to be reached; of a baseline its last period.
        by: who set it, as initials.
        figures: that a baseline was made from, oldest first.
    """

    kind: Literal["target", "baseline"]
    version: int
    in_force: bool
    value: float | None
    operator: str
    from_on: date
    to_on: date | None
    periods: int
    numerator: float | None
    denominator: float | None
    method: str
    reason: str | None
    by: str | None
    approved_by: str | None
    recorded_at: datetime
    figures: tuple[FrozenFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class AimedList:
    """One page of them, newest first.

    Attributes:
        more: whether older ones follow.
        standing: the figure that stands now for each period under a baseline.
    """

    entries: tuple[Aimed, ...]
    more: bool
    standing: Mapping[date, FrozenFigure] = field(default_factory=dict)
