"""What the API answers with, resource by resource. These names are a promise: they change only with a new version."""

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
class PlanOut:
    """The newest recovery plan."""

    title: str
    goal: str
    starts_on: date
    weeks: int
    framework_version: str


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
    plan: PlanOut | None


@dataclass(frozen=True, slots=True)
class TargetOut:
    """What is aimed at now."""

    operator: str
    value: float | None
    reach_by: date | None


@dataclass(frozen=True, slots=True)
class CurrentOut:
    """The newest figure; numerator and denominator wherever the measure has them."""

    period_start: date
    state: str | None
    numerator: float | None
    denominator: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class PartOut:
    """One part of a status: direction, target, data, currency, evidence or governance, with its code and its facts."""

    part: str
    code: str | None
    says: str


@dataclass(frozen=True, slots=True)
class TodoOut:
    """What would make a figure better supported; it goes by itself when that is done."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class GoingOut:
    """What will be out of date by the next review: the figure, or a letter of evidence, with its last day."""

    what: str
    until: date


@dataclass(frozen=True, slots=True)
class IndicatorOut:
    """An indicator of a service: baseline, current position, target, owner, status and its reasons.

    `reading` is one of the fixed words Improving, Stable, Deteriorating, Not supported; `target_reading` one of Meets
    target, Hit and miss, Misses target, Not judged. Where `is_supported` is false, nothing current stands behind the
    figure and it is to be drawn hollow. `parts` say why, by the rules of `rules_version`.
    """

    indicator_id: uuid.UUID
    service_id: uuid.UUID
    definition: str
    name: str
    unit: str
    measure_type: str
    cadence: str
    baseline: float | None
    current: CurrentOut | None
    target: TargetOut | None
    review_owner: str | None
    review_due_on: date | None
    last_decision: str | None
    last_decision_on: date | None
    reading: str
    target_reading: str
    status: str
    reason: str
    sentence: str
    since: date | None
    evidence_level: str
    evidence_marks: dict[str, Any]
    is_stale: bool
    is_supported: bool
    days_without_decision: int | None
    facts_recorded_at: datetime | None
    composite: str
    rules_version: str
    current_until: date | None
    parts: tuple[PartOut, ...]
    todos: tuple[TodoOut, ...]
    going_out_of_date: tuple[GoingOut, ...]


@dataclass(frozen=True, slots=True)
class ObservationOut:
    """A figure of one period, at its newest revision; nothing is overwritten."""

    observation_id: uuid.UUID
    period_start: date
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


@dataclass(frozen=True, slots=True)
class SavedObservationOut:
    """A figure as it stands after a save; `changed` is false where it said the same already."""

    observation_id: uuid.UUID
    revision: int
    state: str
    value: float | None
    changed: bool


@dataclass(frozen=True, slots=True)
class SavedObservationsOut:
    """What a save did, in the order of what was sent."""

    saved: int
    unchanged: int
    observations: tuple[SavedObservationOut, ...]


@dataclass(frozen=True, slots=True)
class EvidenceOut:
    """A pointer to an original with its fingerprint and the newest look at it."""

    evidence_id: uuid.UUID
    reference: str
    letter: str
    title: str
    dated_on: date
    system: str
    where_to_look: str
    sha256: str | None
    sample_size: int | None
    recorded_initials: str | None
    result: str | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountedRecordOut:
    """A record behind a figure: what it adds above and below, or why it does not count."""

    record_id: uuid.UUID
    revision: int
    record_type: str
    happened_on: date
    verdict: str
    numerator: float | None
    denominator: float | None
    why: str | None
    recorded_initials: str | None
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourcesOut:
    """What is behind a figure: its records, where others are kept, the file it came in, its indicator's evidence.

    Counts are there for every figure that was measured; the records for whoever may see records, a page at a time.
    """

    observation: ObservationOut
    indicator_id: uuid.UUID
    service_id: uuid.UUID
    pointer: dict[str, Any] | None
    import_batch_id: uuid.UUID | None
    counted: int | None
    left_out: int | None
    kinds: dict[str, Any] | None
    records: tuple[CountedRecordOut, ...]
    more_records: bool
    evidence: tuple[EvidenceOut, ...]


@dataclass(frozen=True, slots=True)
class RecordTypeOut:
    """A declared kind of source record, with the JSON Schema of its answers."""

    record_type: str
    version: str
    title: str
    description: str
    entered_by: tuple[str, ...]
    evidence_letter: str
    template: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordOut:
    """A source record at its newest revision, with both clocks."""

    record_id: uuid.UUID
    revision: int
    record_type: str
    type_version: str
    happened_at: datetime
    answers: dict[str, Any]
    source_system: str | None
    source_reference: str | None
    reason: str | None
    recorded_initials: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class KeptRecordOut:
    """What became of a record that was sent; the same one sent again counts once."""

    record_id: uuid.UUID
    revision: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class AddedEvidenceOut:
    """Evidence that was added."""

    evidence_id: uuid.UUID
    reference: str


@dataclass(frozen=True, slots=True)
class ActionOut:
    """An action with what became of it; `due_on` is the date that holds now."""

    reference: str
    title: str
    owner: str
    indicator_id: uuid.UUID | None
    opened_on: date
    first_due_on: date
    due_on: date
    moved: int
    state: str
    closed_on: date | None
    evidence_reference: str | None
    note: str | None
    high_risk: bool
    marks: list[str] | None
    measure: str | None


@dataclass(frozen=True, slots=True)
class MadeEscalationOut:
    """An escalation that was opened or decided, with the references of what its decision made."""

    escalation_id: uuid.UUID
    made: list[str]


@dataclass(frozen=True, slots=True)
class ReferenceOut:
    """The reference of what was made or changed."""

    reference: str


@dataclass(frozen=True, slots=True)
class EscalationOut:
    """A decline put before somebody, with its outcome where there is one."""

    escalation_id: uuid.UUID
    indicator_id: uuid.UUID
    trigger: str
    to_role: str
    to_label: str | None
    asked: str
    opened_on: date
    due_on: date
    outcome: str | None
    decided_on: date | None
    decided_label: str | None
    origin: str
    kind: str | None
    role: str
    first_due_on: date
    steps: int
    reason: str | None
    made: list[str] | None


@dataclass(frozen=True, slots=True)
class RiskOut:
    """A risk with its newest and its first score."""

    reference: str
    title: str
    owner: str
    controls: str | None
    indicator_id: uuid.UUID | None
    opened_on: date
    likelihood: int | None
    impact: int | None
    first_score: int | None
    judged_on: date | None
    look_again_on: date | None


@dataclass(frozen=True, slots=True)
class ReviewOut:
    """A review of one indicator that ended in a decision."""

    review_id: uuid.UUID
    indicator_id: uuid.UUID
    definition_key: str
    forum: str
    held_on: date
    decision: str
    what_changed: str | None
    why: str | None
    what_follows: str | None
    relied_on: list[str]
    exception_reason: str | None
    decided_label: str
    decided_role: str


@dataclass(frozen=True, slots=True)
class MadeReviewOut:
    """A review that was recorded."""

    review_id: uuid.UUID


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
