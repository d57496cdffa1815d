"""What the pages of spot checks and drills are drawn from."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mendline.evidence.checks.sampling import Finding


@dataclass(frozen=True, slots=True)
class DrawnRecord:
    """One record of a sample and what its comparison found, if it was compared."""

    record_id: uuid.UUID
    record_type: str
    happened_on: date
    verdict: str
    by_reader: bool
    finding: Finding | None
    note: str | None
    compared_label: str | None


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One spot check with its result, if it has one."""

    check_id: uuid.UUID
    reference: str
    indicator_id: uuid.UUID
    definition_key: str
    cadence: str
    period_start: date
    population: int
    size: int
    compared: int
    purpose: str | None
    drawn_label: str
    drawn_on: date
    seed: str
    agree: int | None
    low: float | None
    high: float | None
    verdict: str | None
    evidence_reference: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class DrillLine:
    """One drill with its answers so far."""

    drill_id: uuid.UUID
    reference: str
    seed: str
    claims: tuple[dict[str, Any], ...]
    seconds_allowed: int
    started_label: str
    started_at: datetime
    answers: tuple["DrillAnswerLine", ...]


@dataclass(frozen=True, slots=True)
class DrillAnswerLine:
    """One answered claim."""

    number: int
    result: str
    seconds: int
    evidence_reference: str | None
    note: str | None
    recorded_label: str
    recorded_at: datetime
