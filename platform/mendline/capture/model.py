"""Tables of capture: how records arrived from phones, what waits there for an answer, and what came twice."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey, of_service


class Arrival(ServiceKey, Base):
    """How a record came in: by the phone's clock, by ours, and what of it is marked."""

    __tablename__ = "capture_arrival"
    __table_args__ = (
        of_service(),
        Index("ix_capture_arrival_recorded_by", "provider_id", "recorded_by", "received_at"),
    )

    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # made on the phone, so a re-send counts once
    form: Mapped[str]
    record_type: Mapped[str]
    digest: Mapped[str]  # of the answers as they were typed
    finished_at: Mapped[datetime]  # by the phone's clock
    sent_at: Mapped[datetime]  # by the phone's clock
    received_at: Mapped[datetime]  # by ours
    clock_seconds: Mapped[int]  # how far the phone's clock is ahead of ours; below nought, behind
    is_clock_wrong: Mapped[bool]
    is_moved: Mapped[bool]  # a time in it lay ahead of ours by the phone's error, and was set back by it
    is_late: Mapped[bool]
    device: Mapped[str]
    recorded_by: Mapped[uuid.UUID]
    recorded_label: Mapped[str]


class Draft(ServiceKey, Base):
    """Answers with a question left open that has to be answered; only their writer sees them."""

    __tablename__ = "capture_draft"
    __table_args__ = (of_service(),)

    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recorded_by: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    form: Mapped[str]
    answers: Mapped[dict[str, Any]]
    open_questions: Mapped[list[str]]
    saved_at: Mapped[datetime]


class Conflict(ServiceKey, Base):
    """The same draft sent again with other answers: kept beside the first until somebody chooses."""

    __tablename__ = "capture_conflict"
    __table_args__ = (of_service(),)

    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    form: Mapped[str]
    record_type: Mapped[str]
    answers: Mapped[dict[str, Any]]
    finished_at: Mapped[datetime]
    received_at: Mapped[datetime]
    device: Mapped[str]
    recorded_by: Mapped[uuid.UUID]
    recorded_label: Mapped[str]


class Choice(ServiceKey, Base):
    """Which of two versions stands."""

    __tablename__ = "capture_choice"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "record_id", "digest"],
            [
                "capture_conflict.provider_id",
                "capture_conflict.service_id",
                "capture_conflict.record_id",
                "capture_conflict.digest",
            ],
        ),
        CheckConstraint("chosen in ('first', 'second')", name="chosen_known"),
    )

    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    chosen: Mapped[str]
    recorded_by: Mapped[uuid.UUID]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]
