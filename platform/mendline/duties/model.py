import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey, of_service


class WorkItem(ServiceKey, Base):
    """Something that a role does by a date, mostly a step of a recovery plan; the row says where it stands now.

    What happened to it is told by its events, which never change.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        of_service(),
        ForeignKeyConstraint(
            ["provider_id", "service_id", "plan_id"],
            ["recovery_plan.provider_id", "recovery_plan.service_id", "recovery_plan.plan_id"],
        ),
        UniqueConstraint("provider_id", "service_id", "plan_id", "step_number", "occurrence"),
        CheckConstraint("state in ('open', 'done', 'cancelled', 'missed')", name="state_known"),
        CheckConstraint("needed between 1 and 100 and made >= 0", name="counts_sensible"),
        # What one person is asked, what a role is asked, and what a service has open, each soonest first.
        Index("ix_work_item_assigned", "provider_id", "assigned_id", "due_on", postgresql_where=text("state = 'open'")),
        Index("ix_work_item_asked", "provider_id", "asked_role", "due_on", postgresql_where=text("state = 'open'")),
        Index("ix_work_item_due", "provider_id", "service_id", "due_on"),
    )

    work_item_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[uuid.UUID | None]
    step_number: Mapped[int | None]
    occurrence: Mapped[str]  # 2026-W48, 2026-11, 2026-11-23 night: what of the rhythm it stands for
    title: Mapped[str]
    record: Mapped[str]  # what is left behind when it is done, in the words of the service
    role: Mapped[str]  # who does it by the plan
    asked_role: Mapped[str]  # who is asked now: another where nobody holds the role
    assigned_id: Mapped[uuid.UUID | None]  # the one person who does it; none where several hold the role
    assigned_label: Mapped[str | None]
    stands_in: Mapped[str | None]  # why somebody else is asked: holiday, absence, vacancy, other
    is_vacant: Mapped[bool] = mapped_column(default=False)
    record_types: Mapped[list[str]]
    needed: Mapped[int]
    made: Mapped[int] = mapped_column(default=0)
    opens_on: Mapped[date]
    first_due_on: Mapped[date]
    due_on: Mapped[date]
    shift_band: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open")
    closed_on: Mapped[date | None]
    closed_label: Mapped[str | None]
    recorded_at: Mapped[datetime]


class WorkItemEvent(ServiceKey, Base):
    """What happened to a work item: a record made for it, done, moved, handed over, cancelled, missed."""

    __tablename__ = "work_item_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "work_item_id"],
            ["work_item.provider_id", "work_item.service_id", "work_item.work_item_id"],
        ),
        CheckConstraint(
            "kind in ('recorded', 'done', 'redated', 'handed_over', 'cancelled', 'missed', 'reopened')",
            name="kind_known",
        ),
    )

    work_item_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    due_on: Mapped[date | None]
    note: Mapped[str | None]
    record_type: Mapped[str | None]
    record_id: Mapped[uuid.UUID | None]
    to_label: Mapped[str | None]
    happened_on: Mapped[date]
    by_person: Mapped[uuid.UUID | None]
    by_label: Mapped[str]
    recorded_at: Mapped[datetime]


class WorkDelegation(ServiceKey, Base):
    """Work handed over for a time: one item, or all that a role is asked; ended early by a row that names it."""

    __tablename__ = "work_delegation"
    __table_args__ = (
        of_service(),
        CheckConstraint("why in ('holiday', 'vacancy', 'absence', 'other')", name="why_known"),
        CheckConstraint("until_on is null or until_on >= from_on", name="ends_after_start"),
    )

    delegation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    work_item_id: Mapped[uuid.UUID | None]
    from_person: Mapped[uuid.UUID | None]  # none: the role is vacant, or several hold it
    from_label: Mapped[str | None]
    to_person: Mapped[uuid.UUID]
    to_label: Mapped[str]
    why: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    note: Mapped[str | None]
    ends: Mapped[uuid.UUID | None]  # the delegation that this row ends, from its own `from_on`
    by_person: Mapped[uuid.UUID | None]
    by_label: Mapped[str]
    recorded_at: Mapped[datetime]


class WorkPass(ServiceKey, Base):
    """When the dated work of a service was last brought up to date, so that each day does it once."""

    __tablename__ = "work_pass"
    __table_args__ = (of_service(),)

    passed_on: Mapped[date]
