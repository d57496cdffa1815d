import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_indicator, of_provider


def of_plan() -> ForeignKeyConstraint:
    """A row under a recovery plan of the same service."""
    return ForeignKeyConstraint(
        ["provider_id", "service_id", "plan_id"],
        ["recovery_plan.provider_id", "recovery_plan.service_id", "recovery_plan.plan_id"],
    )


def of_objective() -> ForeignKeyConstraint:
    """A row under an objective of the same plan."""
    return ForeignKeyConstraint(
        ["provider_id", "service_id", "plan_id", "objective_id"],
        [
            "plan_objective.provider_id",
            "plan_objective.service_id",
            "plan_objective.plan_id",
            "plan_objective.objective_id",
        ],
    )


class ProviderTemplate(ProviderKey, Base):
    """A version of a plan template that a provider wrote; plans that were started from an earlier one keep it."""

    __tablename__ = "plan_template"
    __table_args__ = (of_provider(), CheckConstraint("version >= 1", name="version_counts"))

    template_key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    weeks: Mapped[int]
    content: Mapped[dict[str, Any]]
    written: Mapped[str]  # as it was typed or uploaded
    based_on: Mapped[str | None]
    reason: Mapped[str | None]
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class PlanRevision(ServiceKey, Base):
    """A change of a plan's weeks, or its end, with the reason; the newest says when the plan runs."""

    __tablename__ = "plan_revision"
    __table_args__ = (of_plan(), CheckConstraint("weeks between 1 and 104", name="weeks_sensible"))

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    weeks: Mapped[int]
    ended_on: Mapped[date | None]
    cause: Mapped[str]  # inspection_date, start_date, length, ended
    reason: Mapped[str]
    inspection_id: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class PlanObjective(ServiceKey, Base):
    """What a plan will make true for people, by which week, and who signs that it is so."""

    __tablename__ = "plan_objective"
    __table_args__ = (of_plan(), CheckConstraint("weeks between 1 and 104", name="weeks_sensible"))

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    objective_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    goal: Mapped[str]
    target: Mapped[str]
    weeks: Mapped[int]
    hold_weeks: Mapped[int]
    owner_role: Mapped[str]
    sign_off_role: Mapped[str]
    requirement_ids: Mapped[list[uuid.UUID]]  # breaches and notices that it answers
    recorded_at: Mapped[datetime]


class ObjectiveIndicator(ServiceKey, Base):
    """What an indicator must reach for an objective; a supporting one is watched beside it."""

    __tablename__ = "objective_indicator"
    __table_args__ = (
        of_objective(),
        of_indicator(),
        CheckConstraint("part in ('main', 'floor', 'support', 'watched')", name="part_known"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    objective_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    part: Mapped[str]
    operator: Mapped[str | None]
    value: Mapped[float | None]
    upper: Mapped[float | None]
    by_week: Mapped[int | None]
    position: Mapped[int]


class ObjectiveEvent(ServiceKey, Base):
    """What happened to an objective: signed as met, opened again, closed after it held."""

    __tablename__ = "objective_event"
    __table_args__ = (
        of_objective(),
        CheckConstraint("kind in ('met', 'reopened', 'closed')", name="kind_known"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    objective_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    reason: Mapped[str]
    conditions: Mapped[list[Any]]  # the exit test as it stood
    happened_on: Mapped[date]
    signed_by: Mapped[uuid.UUID | None]
    signed_label: Mapped[str]
    signed_role: Mapped[str]
    recorded_at: Mapped[datetime]


class ObjectiveStatus(ServiceKey, Base):
    """Where an objective stands by its exit test; workers write it when a figure's status changes."""

    __tablename__ = "objective_status"
    __table_args__ = (of_objective(),)

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    objective_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stage: Mapped[str]  # working, holding, ready, met, closed
    conditions: Mapped[list[Any]]
    judged_on: Mapped[date]


class PlanStep(ServiceKey, Base):
    """Who does what in a plan, how often, and what record it leaves."""

    __tablename__ = "plan_step"
    __table_args__ = (
        of_plan(),
        CheckConstraint("cadence in ('once', 'every_shift', 'weekly', 'monthly', 'as_due')", name="cadence_known"),
        CheckConstraint("at_least between 1 and 100", name="at_least_sensible"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str]
    action: Mapped[str]
    record: Mapped[str]
    record_types: Mapped[list[str]]
    cadence: Mapped[str]
    rhythm: Mapped[str]
    at_least: Mapped[int]
    due_weekday: Mapped[int | None]  # 0 is Monday; for weekly steps
    shifts: Mapped[list[str]]  # bands of the day that an every_shift step covers
    recorded_at: Mapped[datetime]


class PlanStepRevision(ServiceKey, Base):
    """A change of a step's rhythm, with the reason; the newest says how often the step is done from that day on."""

    __tablename__ = "plan_step_revision"
    __table_args__ = (
        of_plan(),
        CheckConstraint("cadence in ('every_shift', 'weekly', 'monthly', 'as_due')", name="cadence_known"),
        CheckConstraint("at_least between 1 and 100", name="at_least_sensible"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    cadence: Mapped[str]
    rhythm: Mapped[str]
    at_least: Mapped[int]
    due_weekday: Mapped[int | None]
    shifts: Mapped[list[str]]
    from_on: Mapped[date]
    says: Mapped[str]  # what differs from before, as it was told then
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class PlanMilestoneRevision(ServiceKey, Base):
    """A change of a plan's milestones, with the reason; the newest holds them all, in place of the template's."""

    __tablename__ = "plan_milestone_revision"
    __table_args__ = (of_plan(),)

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    milestones: Mapped[list[Any]]
    from_on: Mapped[date]
    says: Mapped[str]  # what differs from before, as it was told then
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class MilestoneVerdict(ServiceKey, Base):
    """What was found of a milestone: by rule from figures once its week is over, or by a person; the newest holds."""

    __tablename__ = "milestone_verdict"
    __table_args__ = (
        of_plan(),
        CheckConstraint("verdict in ('met', 'not_met', 'not_supported', 'carried_over')", name="verdict_known"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    week: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]  # of the milestone as it then was
    verdict: Mapped[str]
    reason: Mapped[str]
    carried_to: Mapped[int | None]  # the week to which it was carried over
    seen: Mapped[list[Any]]  # the figures that a rule saw
    by_rule: Mapped[bool]
    decided_on: Mapped[date]
    decided_by: Mapped[uuid.UUID | None]
    decided_label: Mapped[str]
    recorded_at: Mapped[datetime]
