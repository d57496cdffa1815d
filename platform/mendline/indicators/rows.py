"""Figures as they are handed in to be saved, and what became of each."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Source = Literal["entered", "imported", "api"]
FigureKey = tuple[uuid.UUID, uuid.UUID, date]  # service, indicator and first day of the period


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """One figure to be saved.

    Attributes:
        state: None lets the figure decide: final, provisional while its period runs, not applicable for 0 out of 0.
        reason: why an earlier figure is corrected; needed only where one says something else.
        pointer: where the records are kept, when they stay in another system.
        recorded_at: when it was recorded; with the others of its save, except where a demonstration loads its history.
    """

    service_id: uuid.UUID
    indicator_id: uuid.UUID
    period_start: date
    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    state: str | None = None
    reason: str | None = None
    pointer: dict[str, Any] | None = None
    recorded_at: datetime | None = None

    @property
    def key(self) -> FigureKey:
        """What there is one figure of."""
        return self.service_id, self.indicator_id, self.period_start


@dataclass(frozen=True, slots=True)
class SavedObservation:
    """A figure as it stands after a save; `changed` is false where it said the same already."""

    observation_id: uuid.UUID
    revision: int
    state: str
    value: float | None
    changed: bool


@dataclass(frozen=True, slots=True)
class SavedObservations:
    """What a save of many did; the observations are in the order of the rows."""

    saved: int
    unchanged: int
    observations: tuple[SavedObservation, ...]
