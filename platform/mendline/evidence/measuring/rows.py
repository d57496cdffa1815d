"""What is behind a figure, as the page and the API read it: plain frozen rows."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mendline.catalogue.indicators import Cadence


@dataclass(frozen=True, slots=True)
class FigureRevision:
    """A figure as it stood; the newest is the one that counts."""

    observation_id: uuid.UUID
    revision: int
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    source: str
    reason: str | None
    pointer: dict[str, Any] | None
    recorded_initials: str | None
    recorded_at: datetime
    seen_outside: bool


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """What the records came to, and how many of which kind they were."""

    measurement: int
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    counted: int
    left_out: int
    kinds: dict[str, dict[str, int]]
    outcome: str
    revision: int | None
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class CountedLine:
    """A record as it was counted, with who entered it and when.

    Attributes:
        declined: of a decline, which indicator of the service it was of; None of records, and where it is not known.
    """

    record_id: uuid.UUID
    revision: int
    record_type: str
    happened_on: date
    verdict: str
    numerator: float | None
    denominator: float | None
    why: str | None
    recorded_initials: str | None
    source_system: str | None
    recorded_at: datetime | None
    declined: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class CountsFor:
    """A figure that looked at one record, and what it made of it when it was measured last."""

    indicator_id: uuid.UUID
    definition_key: str
    definition_version: str
    cadence: Cadence
    period_start: date
    verdict: str
    numerator: float | None
    denominator: float | None
    why: str | None


@dataclass(frozen=True, slots=True)
class FigureSources:
    """Everything behind one figure.

    Attributes:
        revisions: newest first.
        measured: of the revision that is looked at, or the newest where its records say something else.
        newest: the newest measurement, which may differ from the figure that stands.
        lines: one page of records; empty for whoever sees no records.
        more: whether another page follows.
        target_value: what is aimed at, so that a figure is written here as beside its target.
    """

    indicator_id: uuid.UUID
    definition_key: str
    definition_version: str
    cadence: Cadence
    period_start: date
    revisions: tuple[FigureRevision, ...]
    measured: MeasurementRow | None
    newest: MeasurementRow | None
    lines: tuple[CountedLine, ...]
    more: bool
    target_value: float | None = None
