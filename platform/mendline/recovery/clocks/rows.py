"""What the pages of the clocks are drawn from."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock with its event, its date and owner in force, and how it was closed."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    clock_id: uuid.UUID
    event_id: uuid.UUID
    reference: str
    about: str
    summary: str
    started_at: datetime
    requirement_id: uuid.UUID | None
    record_reference: str | None
    kind: str
    turn: int
    counted: str
    due_at: datetime
    owner: str
    closed_kind: str | None
    closed_at: datetime | None
    proof: str | None


@dataclass(frozen=True, slots=True)
class ClockEventLine:
    """Something that happened to a clock."""

    number: int
    kind: str
    happened_at: datetime
    method: str | None
    proof: str | None
    evidence_reference: str | None
    due_at: datetime | None
    owner: str | None
    reason: str | None
    recorded_label: str
    recorded_at: datetime
