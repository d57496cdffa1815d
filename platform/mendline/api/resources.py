"""What the API says of services, comparisons and packs. These names are a promise: they change only with a new version."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Counts:
    """How many indicators of the service read how; indicators without enough evidence count as insufficient."""

    improving: int
    stable: int
    deteriorating: int
    insufficient: int
    declines_without_decision: int


@dataclass(frozen=True, slots=True)
class ServiceLineOut:
    """A service in a list."""

    service_id: uuid.UUID
    provider_id: uuid.UUID
    provider: str
    name: str
    kind: str
    people_count: int | None
    rating: str | None
    indicators: Counts | None


@dataclass(frozen=True, slots=True)
class RatingOut:
    """The newest published ratings."""

    overall: str
    key_questions: dict[str, Any]
    inspected_on: date
    published_on: date | None
    framework_version: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class RequirementOut:
    """A breach, notice or condition that is still open."""

    kind: str
    regulation: str
    summary: str
    comply_by: date | None


@dataclass(frozen=True, slots=True)
class NewestPlanOut:
    """The newest recovery plan."""

    title: str
    goal: str
    starts_on: date
    weeks: int
    framework_version: str


@dataclass(frozen=True, slots=True)
class NeighbourOut:
    """A service that another follows, or that follows another; no baseline is carried over."""

    service_id: uuid.UUID
    name: str
    from_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class ServiceOut:
    """A service with the regulator's position and its plan."""

    service_id: uuid.UUID
    provider_id: uuid.UUID
    provider: str
    name: str
    code: str
    kind: str
    cqc_location_id: str | None
    beds: int | None
    people_count: int | None
    registered_manager: str | None
    rating: RatingOut | None
    requirements: tuple[RequirementOut, ...]
    plan: NewestPlanOut | None
    closed_on: date | None = None
    follows: NeighbourOut | None = None
    followed_by: NeighbourOut | None = None


@dataclass(frozen=True, slots=True)
class ComparedOut:
    """Where one indicator of one service stands beside the others."""

    service_id: uuid.UUID
    indicator_id: uuid.UUID
    definition: str
    reading: str
    target_reading: str
    period_start: date | None
    numerator: float | None
    denominator: float | None
    value: float | None
    target_value: float | None
    is_stale: bool
    is_supported: bool
    days_without_decision: int | None


@dataclass(frozen=True, slots=True)
class PooledOut:
    """The newest figure over all like services: pooled, never averaged."""

    definition: str
    service_kind: str
    period_start: date
    services_expected: int
    services_reporting: int
    numerator: float | None
    denominator: float | None
    value: float | None
    below_target: int


@dataclass(frozen=True, slots=True)
class ComparisonOut:
    """The services of a provider side by side."""

    provider_id: uuid.UUID
    services: tuple[ComparedOut, ...]
    pooled: tuple[PooledOut, ...]


@dataclass(frozen=True, slots=True)
class PackOut:
    """A pack with how far it is; `sha256` and the file come when it is finished."""

    pack_id: uuid.UUID
    service_id: uuid.UUID
    reference: str
    as_at: datetime
    requested_at: datetime
    state: str
    progress: int
    progress_text: str | None
    error: str | None
    sha256: str | None
    bytes: int | None
    pages: int | None
    made_at: datetime | None
    made_for: str | None  # the commissioner it is for; none: the regulator
