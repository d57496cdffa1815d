"""Tables of the look-back: when to look at what an action changed, and what was found."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey


class EffectCheck(ServiceKey, Base):
    """A look at what an action changed, booked when it is closed; the newest of an action is the one that counts."""

    __tablename__ = "effect_check"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "action_id"],
            ["action.provider_id", "action.service_id", "action.action_id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "service_id", "indicator_id"],
            ["service_indicator.provider_id", "service_indicator.service_id", "service_indicator.indicator_id"],
        ),
        UniqueConstraint("provider_id", "service_id", "action_id", "number", name="uq_effect_check_number"),
        CheckConstraint("periods between 1 and 52", name="periods_sensible"),
        Index("ix_effect_check_due", "provider_id", "due_on"),
    )

    check_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    action_id: Mapped[uuid.UUID]
    indicator_id: Mapped[uuid.UUID]
    number: Mapped[int]
    closed_on: Mapped[date]
    periods: Mapped[int]
    due_on: Mapped[date]
    reason: Mapped[str | None]  # why it is looked at then, where somebody chose
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class EffectVerdict(ServiceKey, Base):
    """What a person found when they looked, with the figures that they saw."""

    __tablename__ = "effect_verdict"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "check_id"],
            ["effect_check.provider_id", "effect_check.service_id", "effect_check.check_id"],
        ),
        CheckConstraint("verdict in ('worked', 'not_yet', 'no')", name="verdict_known"),
    )

    check_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    reason: Mapped[str]
    seen: Mapped[dict[str, Any]]
    decided_on: Mapped[date]
    decided_by: Mapped[uuid.UUID | None]
    decided_label: Mapped[str]
    recorded_at: Mapped[datetime]
