"""What the pages of custody are made from: one frozen row for each thing that stands in a list."""

import uuid
from dataclasses import dataclass
from datetime import datetime

EXPORT, ERASURE, RETENTION = "person_export", "person_erasure", "retention"


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold, and how it ended where it did."""

    hold_id: uuid.UUID
    service: str | None
    person_reference: str | None
    reason: str
    recorded_by: uuid.UUID | None
    recorded_initials: str | None
    recorded_at: datetime
    released_reason: str | None
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class Request:
    """A request about a person's data or what is due by the schedule, with what became of it.

    Attributes:
        state: asked, approved, refused, stopped or done.
        counts: how much was found or erased, in words that are ready to read.
    """

    request_id: uuid.UUID
    kind: str
    service_id: uuid.UUID | None
    service: str | None
    person_reference: str | None
    reason: str
    recorded_by: uuid.UUID | None
    recorded_initials: str | None
    recorded_at: datetime
    state: str
    state_reason: str | None
    state_at: datetime | None
    counts: dict[str, int]
    due: dict[str, int]
    object_key: str | None
    sha256: str | None
    size: int | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for a second person."""
        return self.state == "asked" and self.kind != EXPORT


@dataclass(frozen=True, slots=True)
class Transfer:
    """One side's view of a service that goes from one provider to another."""

    transfer_id: uuid.UUID
    side: str
    service_id: uuid.UUID
    service_name: str
    other_provider: str | None
    classes: tuple[str, ...]
    reason: str
    recorded_by: uuid.UUID | None
    recorded_initials: str | None
    recorded_at: datetime
    own_steps: frozenset[str]
    tables: int
    rows: int


@dataclass(frozen=True, slots=True)
class ServiceName:
    """A service to choose from."""

    service_id: uuid.UUID
    name: str
    is_frozen: bool


@dataclass(frozen=True, slots=True)
class Keeper:
    """The provider whose custody a page is about."""

    provider_id: uuid.UUID
    name: str
    is_leaving: bool
