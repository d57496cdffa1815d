import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, of_provider


class MinutesDraft(ProviderKey, Base):
    """Who attended and what was noted, while the minutes of a month are not signed."""

    __tablename__ = "minutes_draft"
    __table_args__ = (of_provider(),)

    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    attendance: Mapped[list[Any]]
    notes: Mapped[dict[str, Any]]
    saved_label: Mapped[str]
    saved_at: Mapped[datetime]


class Minutes(ProviderKey, Base):
    """Signed minutes of a month: the decisions as they stood then, attendance and notes; nobody can change them."""

    __tablename__ = "minutes"
    __table_args__ = (of_provider(), UniqueConstraint("provider_id", "month", name="uq_minutes_month"))

    minutes_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    month: Mapped[date]
    content: Mapped[dict[str, Any]]
    signed_by: Mapped[uuid.UUID | None]
    signed_label: Mapped[str]
    signed_role: Mapped[str]
    recorded_at: Mapped[datetime]


class MinutesAddendum(ProviderKey, Base):
    """A correction of signed minutes, which stay as they are."""

    __tablename__ = "minutes_addendum"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "minutes_id"], ["minutes.provider_id", "minutes.minutes_id"]),
    )

    minutes_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    addendum_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    words: Mapped[str]
    added_by: Mapped[uuid.UUID | None]
    added_label: Mapped[str]
    added_role: Mapped[str]
    recorded_at: Mapped[datetime]
