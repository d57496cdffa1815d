import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey, of_indicator, of_service


class StatusChange(ServiceKey, Base):
    """That an indicator came to stand elsewhere; a worker writes it with the status, and it is never worked out again."""

    __tablename__ = "status_change"
    __table_args__ = (of_indicator(), Index("ix_status_change_day", "provider_id", "service_id", "happened_on"))

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    change_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    before: Mapped[str]  # where it stood: the first judgement is no change
    after: Mapped[str]
    sentence: Mapped[str]
    happened_on: Mapped[date]  # the day on which it was judged
    period_start: Mapped[date | None]  # of the newest figure then
    value: Mapped[float | None]
    rules_version: Mapped[str | None]
    recorded_at: Mapped[datetime]


class ServiceChange(ServiceKey, Base):
    """A change of staff, of how work is done or of the place, told with its reason."""

    __tablename__ = "service_change"
    __table_args__ = (of_service(), CheckConstraint("kind in ('staff', 'process', 'place')", name="kind_known"))

    change_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    happened_on: Mapped[date]
    what_changed: Mapped[str]
    why: Mapped[str]
    what_followed: Mapped[str | None]
    indicator_ids: Mapped[list[uuid.UUID]]  # whose charts it is drawn on
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]
