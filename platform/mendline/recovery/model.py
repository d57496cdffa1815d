import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_indicator, of_provider, of_service


class RecoveryPlan(ServiceKey, Base):
    """A time-limited, evidenced programme after a poor inspection, made from a template of the catalogue."""

    __tablename__ = "recovery_plan"
    __table_args__ = (of_service(), CheckConstraint("weeks between 1 and 104", name="weeks_sensible"))

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    template_key: Mapped[str]
    template_version: Mapped[str]
    framework_version: Mapped[str]
    title: Mapped[str]
    goal: Mapped[str]
    starts_on: Mapped[date]
    weeks: Mapped[int]
    target: Mapped[str | None]
    inspection_id: Mapped[uuid.UUID | None]
    content: Mapped[dict[str, Any] | None]  # the template as it was on the day, so that the plan keeps its version
    started_label: Mapped[str | None]
    recorded_at: Mapped[datetime]


class Action(ServiceKey, Base):
    """Something a named person does by a date; what happens to it later are events."""

    __tablename__ = "action"
    __table_args__ = (of_service(), UniqueConstraint("provider_id", "service_id", "reference"))

    action_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    title: Mapped[str]
    owner: Mapped[str]
    indicator_id: Mapped[uuid.UUID | None]
    opened_on: Mapped[date]
    due_on: Mapped[date]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]
    high_risk: Mapped[bool] = mapped_column(default=False)  # closing it takes a second person
    measure: Mapped[str | None]  # what will show that it worked
    source: Mapped[str | None]  # what it came from: an audit, a complaint, an escalation
    marks: Mapped[list[str] | None]  # what its wording lacked when it was written
    escalation_id: Mapped[uuid.UUID | None]
    risk_id: Mapped[uuid.UUID | None]
    recorded_by: Mapped[uuid.UUID | None]


class ActionEvent(ServiceKey, Base):
    """What happened to an action: a new date, other words, closed with evidence, opened again."""

    __tablename__ = "action_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "action_id"],
            ["action.provider_id", "action.service_id", "action.action_id"],
        ),
        CheckConstraint(
            "kind in ('redated', 'edited', 'closure_proposed', 'closure_refused', 'closed', 'reopened',"
            " 'no_longer_applicable')",
            name="kind_known",
        ),
    )

    action_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    due_on: Mapped[date | None]
    note: Mapped[str | None]
    evidence_reference: Mapped[str | None]
    happened_on: Mapped[date]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]
    title: Mapped[str | None]
    owner: Mapped[str | None]
    measure: Mapped[str | None]
    high_risk: Mapped[bool | None]
    marks: Mapped[list[str] | None]
    recorded_by: Mapped[uuid.UUID | None]


class Risk(ServiceKey, Base):
    """An entry of the risk register; its scores are a history."""

    __tablename__ = "risk"
    __table_args__ = (of_service(), UniqueConstraint("provider_id", "service_id", "reference"))

    risk_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    title: Mapped[str]
    owner: Mapped[str]
    controls: Mapped[str | None]
    indicator_id: Mapped[uuid.UUID | None]
    opened_on: Mapped[date]
    recorded_at: Mapped[datetime]
    escalation_id: Mapped[uuid.UUID | None]
    recorded_by: Mapped[uuid.UUID | None]


class RiskEvent(ServiceKey, Base):
    """What happened to a risk besides its scores: other words or controls, reviewed, closed, opened again."""

    __tablename__ = "risk_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "risk_id"],
            ["risk.provider_id", "risk.service_id", "risk.risk_id"],
        ),
    )

    risk_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]  # changed, reviewed, closed, reopened
    title: Mapped[str | None]
    owner: Mapped[str | None]
    controls: Mapped[str | None]
    look_again_on: Mapped[date | None]
    note: Mapped[str | None]
    happened_on: Mapped[date]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str | None]
    recorded_at: Mapped[datetime]


class RiskScore(ServiceKey, Base):
    """Likelihood times impact as judged on a day; the newest is the current one."""

    __tablename__ = "risk_score"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "risk_id"],
            ["risk.provider_id", "risk.service_id", "risk.risk_id"],
        ),
        CheckConstraint("likelihood between 1 and 5 and impact between 1 and 5", name="one_to_five"),
    )

    risk_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    score_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    likelihood: Mapped[int]
    impact: Mapped[int]
    judged_on: Mapped[date]
    look_again_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    reason: Mapped[str | None]
    judged_label: Mapped[str | None]


class Review(ServiceKey, Base):
    """A review of one indicator that ended in a decision; it cannot be edited, a correction is an addendum."""

    __tablename__ = "review"
    __table_args__ = (
        of_indicator(),
        CheckConstraint(
            "decision in ('assured', 'assured_with_exception', 'further_action', 'escalate', 'addendum')",
            name="decision_known",
        ),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    review_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    forum: Mapped[str]  # weekly_review, provider_oversight, ...
    held_on: Mapped[date]
    decision: Mapped[str]
    what_changed: Mapped[str | None]
    why: Mapped[str | None]
    what_follows: Mapped[str | None]
    relied_on: Mapped[list[str]]  # references of evidence and actions
    exception_reason: Mapped[str | None]
    next_review_on: Mapped[date | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_label: Mapped[str]  # initial and surname
    decided_role: Mapped[str]
    recorded_at: Mapped[datetime]
    reporting_effect: Mapped[bool] = mapped_column(default=False)  # a rise is read as better reporting


class Escalation(ServiceKey, Base):
    """A decline put before a named role with a date; decided once, by a row of its own kind."""

    __tablename__ = "escalation"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    escalation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    trigger: Mapped[str]
    to_role: Mapped[str]
    to_label: Mapped[str | None]
    asked: Mapped[str]
    opened_on: Mapped[date]
    due_on: Mapped[date]
    recorded_at: Mapped[datetime]
    origin: Mapped[str | None]  # rule, person or decision
    kind: Mapped[str | None]  # what is asked for, by the catalogue's kinds of trigger
    episode_id: Mapped[uuid.UUID | None]
    interim_control: Mapped[str | None]
    due_at: Mapped[datetime | None]  # where the time is counted in hours
    opened_label: Mapped[str | None]
    subject_person_id: Mapped[uuid.UUID | None]  # whom it is about: they neither see nor decide it


class EscalationStep(ServiceKey, Base):
    """One level up: nobody decided in time, or somebody handed it on."""

    __tablename__ = "escalation_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "indicator_id", "escalation_id"],
            [
                "escalation.provider_id",
                "escalation.service_id",
                "escalation.indicator_id",
                "escalation.escalation_id",
            ],
        ),
        UniqueConstraint("provider_id", "service_id", "escalation_id", "number"),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    escalation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    step_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    from_role: Mapped[str]
    to_role: Mapped[str]
    due_on: Mapped[date]
    reason: Mapped[str]
    happened_on: Mapped[date]
    recorded_label: Mapped[str | None]
    recorded_at: Mapped[datetime]


class EscalationDecision(ServiceKey, Base):
    """How an escalation ended: 'noted' is not a way."""

    __tablename__ = "escalation_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "indicator_id", "escalation_id"],
            [
                "escalation.provider_id",
                "escalation.service_id",
                "escalation.indicator_id",
                "escalation.escalation_id",
            ],
        ),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    escalation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    reason: Mapped[str]
    decided_on: Mapped[date]
    decided_label: Mapped[str]
    recorded_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None]
    decided_role: Mapped[str | None]
    made: Mapped[list[str] | None]  # references of what it made, O-002
    made_event_id: Mapped[uuid.UUID | None]  # the change on the chart, for a revised control


class Oversight(ServiceKey, Base):
    """Something put before the provider's level, with a date for its reply."""

    __tablename__ = "oversight"
    __table_args__ = (of_service(), UniqueConstraint("provider_id", "service_id", "reference"))

    oversight_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]  # O-002
    asked: Mapped[str]
    to_role: Mapped[str]
    indicator_id: Mapped[uuid.UUID | None]
    escalation_id: Mapped[uuid.UUID | None]
    opened_on: Mapped[date]
    due_on: Mapped[date]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str | None]
    recorded_at: Mapped[datetime]


class OversightReply(ServiceKey, Base):
    """What the provider's level answered."""

    __tablename__ = "oversight_reply"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "oversight_id"],
            ["oversight.provider_id", "oversight.service_id", "oversight.oversight_id"],
        ),
    )

    oversight_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reply: Mapped[str]
    replied_on: Mapped[date]
    replied_by: Mapped[uuid.UUID | None]
    replied_label: Mapped[str]
    replied_role: Mapped[str]
    recorded_at: Mapped[datetime]


class TriggerEpisode(ServiceKey, Base):
    """A rule that became true at a service: which facts made it so, under which version; one at a time per subject."""

    __tablename__ = "trigger_episode"
    __table_args__ = (
        of_service(),
        UniqueConstraint("provider_id", "service_id", "rule_key", "subject", "number", name="uq_trigger_episode_turn"),
        Index("ix_trigger_episode_day", "provider_id", "opened_on", "rule_key"),
    )

    episode_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    rule_key: Mapped[str]
    rule_version: Mapped[str]
    family: Mapped[str]  # warning or trigger
    is_contradiction: Mapped[bool]
    subject: Mapped[str]  # the indicator, for a rule that is asked of each; else empty
    number: Mapped[int]
    indicator_ids: Mapped[list[uuid.UUID]]
    facts: Mapped[list[Any]]
    fact_count: Mapped[int]  # those that made it true, of which `facts` holds the first
    thresholds: Mapped[dict[str, Any]]
    sentence: Mapped[str]
    held_back: Mapped[bool]  # the rule fired too often: no escalation was opened
    opened_on: Mapped[date]
    escalation_id: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]


class TriggerEpisodeEnd(ServiceKey, Base):
    """How an episode ended; while there is none, the rule does not fire again for the same subject."""

    __tablename__ = "trigger_episode_end"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "episode_id"],
            ["trigger_episode.provider_id", "trigger_episode.service_id", "trigger_episode.episode_id"],
        ),
    )

    episode_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    how: Mapped[str]  # no_longer_so, decided, still_so
    ended_on: Mapped[date]
    recorded_at: Mapped[datetime]


class TriggerThreshold(ProviderKey, Base):
    """A provider's own number in a rule, within the limits that the rule sets; the newest holds."""

    __tablename__ = "trigger_threshold"
    __table_args__ = (of_provider(),)

    threshold_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    rule_key: Mapped[str]
    name: Mapped[str]
    value: Mapped[float]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]
