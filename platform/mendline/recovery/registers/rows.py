"""Escalations, risks and oversight as pages and the API read them: plain frozen rows."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class EscalationLine:
    """An escalation with the level that holds it now and how it ended.

    Attributes:
        role: whose decision it is now; `to_role` is who was asked first.
        due_on: the date that holds now.
        steps: how many levels it went up.
    """

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    indicator_id: uuid.UUID
    definition_key: str
    escalation_id: uuid.UUID
    trigger: str
    origin: str
    kind: str | None
    to_role: str
    to_label: str | None
    role: str
    asked: str
    interim_control: str | None
    opened_on: date
    opened_label: str | None
    first_due_on: date
    due_on: date
    steps: int
    episode_id: uuid.UUID | None
    outcome: str | None
    reason: str | None
    decided_on: date | None
    decided_label: str | None
    decided_role: str | None
    made: list[str] | None
    recorded_at: datetime
    subject_person_id: uuid.UUID | None = None

    @property
    def is_open(self) -> bool:
        """Nobody has decided."""
        return self.outcome is None


@dataclass(frozen=True, slots=True)
class StepLine:
    """One level up."""

    number: int
    from_role: str
    to_role: str
    due_on: date
    reason: str
    happened_on: date


@dataclass(frozen=True, slots=True)
class EpisodeLine:
    """What a rule found."""

    rule_key: str
    rule_version: str
    sentence: str
    facts: list[dict[str, Any]]
    fact_count: int
    thresholds: dict[str, float]
    opened_on: date
    held_back: bool
    ended_on: date | None
    how: str | None
    escalation_id: uuid.UUID | None
    is_contradiction: bool
    family: str


@dataclass(frozen=True, slots=True)
class FiredRecord:
    """A record that fired a rule.

    Attributes:
        withdrawn_at: when it was taken back since; it fired the rule all the same, and counts nowhere from then on.
    """

    record_id: uuid.UUID
    record_type: str
    happened_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class FiredOther:
    """Something else that fired a rule: an action, a decision, a change on a chart or a piece of dated work.

    Attributes:
        key: its reference or identifier, as its page is called.
        words: its title, decision or what changed.
    """

    kind: str
    key: str
    words: str
    day: date
    indicator_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class OneEscalation:
    """An escalation with its steps and what fired it."""

    line: EscalationLine
    steps: tuple[StepLine, ...]
    episode: EpisodeLine | None
    records: tuple[FiredRecord, ...]
    others: tuple[FiredOther, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskHistory:
    """One entry of a risk's history: a score, or what else happened."""

    kind: str
    likelihood: int | None
    impact: int | None
    words: str | None
    controls: str | None
    look_again_on: date | None
    happened_on: date
    label: str | None


@dataclass(frozen=True, slots=True)
class OversightLine:
    """Something before the provider's level, with its reply."""

    service_id: uuid.UUID
    service: str
    oversight_id: uuid.UUID
    reference: str
    asked: str
    to_role: str
    escalation_id: uuid.UUID | None
    indicator_id: uuid.UUID | None
    opened_on: date
    due_on: date
    reply: str | None
    replied_on: date | None
    replied_label: str | None


@dataclass(frozen=True, slots=True)
class ActionHistory:
    """One event of an action, its opening first."""

    kind: str
    due_on: date | None
    note: str | None
    evidence_reference: str | None
    title: str | None
    owner: str | None
    measure: str | None
    happened_on: date
    recorded_initials: str | None
