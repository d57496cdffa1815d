import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey, of_indicator, of_service


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


class ActionEvent(ServiceKey, Base):
    """What happened to an action: a new date, closed with evidence, opened again."""

    __tablename__ = "action_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "action_id"],
            ["action.provider_id", "action.service_id", "action.action_id"],
        ),
        CheckConstraint("kind in ('redated', 'closed', 'reopened', 'no_longer_applicable')", name="kind_known"),
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
