"""What the API says of actions, escalations, risks and reviews. These names are a promise."""

import uuid
from dataclasses import dataclass
from datetime import date


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
