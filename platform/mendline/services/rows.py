"""What queries of one service hand on: plain frozen rows, never live entities."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mendline.catalogue.indicators import Cadence


@dataclass(frozen=True, slots=True)
class Requirement:
    """A breach, notice or condition that is still open."""

    kind: str
    regulation: str
    summary: str
    comply_by: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The newest recovery plan."""

    title: str
    goal: str
    starts_on: date
    weeks: int
    template_key: str
    framework_version: str


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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one indicator stands: the derived row, with who owns its review."""

    indicator_id: uuid.UUID
    definition_key: str
    cadence: Cadence
    review_owner: str | None
    display_order: int
    in_plan: bool
    status: str
    reason: str
    sentence: str
    since: date | None
    variation: str | None
    assurance: str | None
    is_stale: bool
    usable_points: int
    last_period: date | None
    last_state: str | None
    numerator: float | None
    denominator: float | None
    value: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    target_operator: str | None
    target_value: float | None
    target_by: date | None
    baseline_value: float | None
    evidence_level: str
    evidence_marks: dict[str, str]
    declined_since: date | None
    unescalated_days: int | None
    review_due_on: date | None
    last_decision: str | None
    last_decision_on: date | None
    last_decision_by: str | None
    series: dict[str, Any]
    facts_recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action that is not closed, with the date that holds now."""

    action_id: uuid.UUID
    reference: str
    title: str
    owner: str
    due_on: date
    first_due_on: date
    indicator_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class OpenEscalation:
    """An escalation that waits for its decision."""

    indicator_id: uuid.UUID
    trigger: str
    to_role: str
    to_label: str | None
    asked: str
    opened_on: date
    due_on: date


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
