"""A service as every page of it opens: plain frozen rows, never live entities."""

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Requirement:
    """A breach, notice or condition that is still open."""

    kind: str
    regulation: str
    summary: str
    comply_by: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The newest recovery plan; `as_of` is the date in England on which it was read."""

    title: str
    goal: str
    starts_on: date
    weeks: int
    template_key: str
    framework_version: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """The newest published ratings."""

    overall: str
    key_questions: dict[str, str]
    inspected_on: date
    published_on: date | None
    framework_version: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A service that another follows, or that follows another.

    Attributes:
        from_on: the first day of the newer one.
        is_seen: whether the reader works there too.
    """

    service_id: uuid.UUID
    name: str
    from_on: date
    closed_on: date | None = None
    is_seen: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A service with the regulator's position and its plan: what every page of the service opens with."""

    provider_id: uuid.UUID
    provider: str
    service_id: uuid.UUID
    name: str
    code: str
    kind: str
    cqc_location_id: str | None
    beds: int | None
    people_count: int | None
    registered_manager: str | None
    rating: Rating | None
    requirements: tuple[Requirement, ...]
    plan: Plan | None
    closed_on: date | None = None
    before: Neighbour | None = None  # whose history comes before; shown to whoever works there too
    after: Neighbour | None = None


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service in a list, with how its indicators read."""

    service_id: uuid.UUID
    provider_id: uuid.UUID
    provider: str
    name: str
    kind: str
    people_count: int | None
    rating: str | None
    notices: int
    plan_starts_on: date | None
    plan_weeks: int | None
    improving: int
    stable: int
    deteriorating: int
    insufficient: int
    unescalated: int
    last_decision: str | None
    last_decision_on: date | None
    closed_on: date | None = None
