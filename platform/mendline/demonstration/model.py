"""What the demonstration consists of: plain values, shaped as the tables that the loader fills."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """A provider group."""

    provider_id: UUID
    key: str
    name: str
    cqc_provider_id: str


@dataclass(frozen=True, slots=True)
class DemoService:
    """A service of a group; `kind` is residential, nursing or home_care."""

    provider_id: UUID
    service_id: UUID
    key: str
    name: str
    code: str
    kind: str
    cqc_location_id: str
    own_reference: str
    region: str
    beds: int | None
    people_count: int
    registered_manager: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class DemoInspection:
    """A published assessment."""

    provider_id: UUID
    service_id: UUID
    inspection_id: UUID
    inspected_on: date
    published_on: date
    framework_version: str
    overall: str
    key_questions: dict[str, str]
    outcome: str


@dataclass(frozen=True, slots=True)
class DemoRequirement:
    """A breach, requirement notice or warning notice."""

    provider_id: UUID
    service_id: UUID
    requirement_id: UUID
    kind: str
    regulation: str
    summary: str
    issued_on: date
    comply_by: date | None
    met_on: date | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who signs in; `label` is initial and surname, `is_listed` means the sign-in is printed."""

    person_id: UUID
    name: str
    email: str
    initials: str
    label: str
    is_operator: bool
    is_listed: bool


@dataclass(frozen=True, slots=True)
class DemoMembership:
    """A role at a provider, or at one of its services."""

    provider_id: UUID
    service_id: UUID | None
    membership_id: UUID
    person_id: UUID
    role: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class DemoBody:
    """A commissioning body with its officers."""

    body_id: UUID
    name: str
    officers: tuple[UUID, ...]
    valid_from: date


@dataclass(frozen=True, slots=True)
class DemoGrant:
    """What a provider lets a body see of one service."""

    grant_id: UUID
    body_id: UUID
    provider_id: UUID
    service_id: UUID
    classes: tuple[str, ...]
    show_name: bool
    valid_from: date
    valid_until: date
    purpose: str
    lawful_basis: str


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """A recovery plan made from a template of the catalogue."""

    provider_id: UUID
    service_id: UUID
    plan_id: UUID
    template_key: str
    title: str
    goal: str
    starts_on: date
    weeks: int


@dataclass(frozen=True, slots=True)
class DemoBaseline:
    """The position that recovery began from, pooled over its periods."""

    first_period: date
    last_period: date
    periods: int
    numerator: float | None
    denominator: float | None
    value: float
    method: str
    signed_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class DemoTarget:
    """What is aimed at; `value` is none for `monitor_only`."""

    operator: str
    value: float | None
    valid_from: date
    reach_by: date | None


@dataclass(frozen=True, slots=True)
class DemoIndicator:
    """An indicator that a service runs."""

    provider_id: UUID
    service_id: UUID
    indicator_id: UUID
    definition_key: str
    definition_version: str
    cadence: str
    review_owner: str
    review_owner_role: str
    review_every_days: int
    display_order: int
    in_plan: bool
    started_on: date
    baseline: DemoBaseline | None
    target: DemoTarget


@dataclass(frozen=True, slots=True)
class DemoObservation:
    """A figure; revision 2 corrects revision 1 of the same period."""

    provider_id: UUID
    service_id: UUID
    indicator_id: UUID
    observation_id: UUID
    period_start: date
    revision: int
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    reason: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DemoRecord:
    """A source record; `payload` has passed the record type's declaration."""

    provider_id: UUID
    service_id: UUID
    record_id: UUID
    record_type: str
    type_version: str
    happened_at: datetime
    payload: dict[str, Any]
    recorded_initials: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DemoEvidence:
    """A pointer to an original with its fingerprint, and the indicators it stands behind.

    Attributes:
        content: What the fingerprint was taken of: the described export.
        check: `unchanged` or `changed`, as found on `checked_at`.
    """

    provider_id: UUID
    service_id: UUID
    evidence_id: UUID
    reference: str
    letter: str
    title: str
    dated_on: date
    system: str
    where_to_look: str
    sha256: str
    content: bytes
    sample_size: int | None
    seen_at: str | None
    quality_statement: str
    framework_version: str
    recorded_initials: str
    recorded_at: datetime
    check: str
    checked_at: datetime
    indicator_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class DemoEvent:
    """A dated change on a chart with its story."""

    provider_id: UUID
    service_id: UUID
    indicator_id: UUID
    event_id: UUID
    happened_on: date
    what_changed: str
    why: str
    what_followed: str
    reference: str | None
    recorded_initials: str


@dataclass(frozen=True, slots=True)
class DemoActionEvent:
    """What happened to an action later: `redated` or `closed`."""

    event_id: UUID
    kind: str
    happened_on: date
    due_on: date | None
    note: str
    evidence_reference: str | None


@dataclass(frozen=True, slots=True)
class DemoAction:
    """Something a named person does by a date; `due_on` is the first date agreed."""

    provider_id: UUID
    service_id: UUID
    action_id: UUID
    reference: str
    title: str
    owner: str
    indicator_id: UUID | None
    opened_on: date
    due_on: date
    events: tuple[DemoActionEvent, ...]

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed it."""
        return all(event.kind != "closed" for event in self.events)


@dataclass(frozen=True, slots=True)
class DemoRiskScore:
    """Likelihood and impact, 1 to 5 each, as judged on a day."""

    score_id: UUID
    likelihood: int
    impact: int
    judged_on: date
    look_again_on: date | None


@dataclass(frozen=True, slots=True)
class DemoRisk:
    """An entry of the risk register with its history."""

    provider_id: UUID
    service_id: UUID
    risk_id: UUID
    reference: str
    title: str
    owner: str
    controls: str
    indicator_id: UUID | None
    opened_on: date
    scores: tuple[DemoRiskScore, ...]


@dataclass(frozen=True, slots=True)
class DemoReview:
    """A review that ended in a decision."""

    provider_id: UUID
    service_id: UUID
    indicator_id: UUID
    review_id: UUID
    forum: str
    held_on: date
    decision: str
    what_changed: str
    why: str
    what_follows: str
    relied_on: tuple[str, ...]
    exception_reason: str | None
    next_review_on: date
    decided_by: UUID | None
    decided_label: str
    decided_role: str


@dataclass(frozen=True, slots=True)
class DemoEscalation:
    """A decline put before a named role; what the decision says is none while it is open."""

    provider_id: UUID
    service_id: UUID
    indicator_id: UUID
    escalation_id: UUID
    trigger: str
    to_role: str
    to_label: str
    asked: str
    opened_on: date
    due_on: date
    outcome: str | None
    reason: str | None
    decided_on: date | None
    decided_label: str | None
    origin: str = "decision"
    kind: str | None = None
    decided_role: str | None = None
    made: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demonstration:
    """All of it, for one day."""

    today: date
    last_week: date
    attribution: str
    providers: tuple[DemoProvider, ...]
    services: tuple[DemoService, ...]
    inspections: tuple[DemoInspection, ...]
    requirements: tuple[DemoRequirement, ...]
    people: tuple[DemoPerson, ...]
    memberships: tuple[DemoMembership, ...]
    bodies: tuple[DemoBody, ...]
    grants: tuple[DemoGrant, ...]
    plans: tuple[DemoPlan, ...]
    indicators: tuple[DemoIndicator, ...]
    observations: tuple[DemoObservation, ...]
    records: tuple[DemoRecord, ...]
    evidence: tuple[DemoEvidence, ...]
    events: tuple[DemoEvent, ...]
    actions: tuple[DemoAction, ...]
    risks: tuple[DemoRisk, ...]
    reviews: tuple[DemoReview, ...]
    escalations: tuple[DemoEscalation, ...]
