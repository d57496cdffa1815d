"""Tables of the regulator's clocks. Rows are only added: what happens to a clock is an event of its own."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_provider, of_service


class RegulatorEvent(ServiceKey, Base):
    """A letter, incident, complaint or change that somebody outside must hear of; it can start several clocks."""

    __tablename__ = "regulator_event"
    __table_args__ = (of_service(), UniqueConstraint("provider_id", "service_id", "reference"))

    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]  # N-004
    about: Mapped[str]
    summary: Mapped[str]
    started_at: Mapped[datetime]
    requirement_id: Mapped[uuid.UUID | None]
    record_reference: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class RegulatorClock(ServiceKey, Base):
    """One duty that follows from an event, with the numbers that it was counted by."""

    __tablename__ = "regulator_clock"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "event_id"],
            ["regulator_event.provider_id", "regulator_event.service_id", "regulator_event.event_id"],
        ),
        UniqueConstraint("provider_id", "service_id", "event_id", "kind", "turn", name="uq_regulator_clock_turn"),
        CheckConstraint("turn >= 1", name="turn_counted"),
    )

    clock_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    kinds_version: Mapped[str]
    turn: Mapped[int]  # of a report that comes again
    due_at: Mapped[datetime]
    counted: Mapped[str]  # "10 working days"
    owner: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class RegulatorClockEvent(ServiceKey, Base):
    """What happened to a clock."""

    __tablename__ = "regulator_clock_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "clock_id"],
            ["regulator_clock.provider_id", "regulator_clock.service_id", "regulator_clock.clock_id"],
        ),
        CheckConstraint("kind in ('sent', 'redated', 'reassigned', 'ended', 'undone')", name="kind_known"),
    )

    clock_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    happened_at: Mapped[datetime]
    method: Mapped[str | None]
    proof: Mapped[str | None]  # the recipient's reference
    evidence_reference: Mapped[str | None]
    due_at: Mapped[datetime | None]
    owner: Mapped[str | None]
    reason: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class ClockSetting(ProviderKey, Base):
    """A provider's own number for a kind of clock; the newest holds."""

    __tablename__ = "clock_setting"
    __table_args__ = (
        of_provider(),
        CheckConstraint("unit in ('hours', 'working_days', 'calendar_days', 'months')", name="unit_known"),
    )

    setting_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    unit: Mapped[str]
    number: Mapped[int]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]
