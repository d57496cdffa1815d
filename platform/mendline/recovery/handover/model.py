"""Table of hand-overs: each thing that passed from one person to another."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey, of_service


class HandOverItem(ServiceKey, Base):
    """One thing that passed from somebody who leaves to somebody who stays; a hand-over is all of its rows."""

    __tablename__ = "hand_over_item"
    __table_args__ = (
        of_service(),
        CheckConstraint(
            "kind in ('indicator', 'action', 'risk', 'escalation', 'work', 'clock', 'review')", name="kind_known"
        ),
        Index("ix_hand_over_item_hand_over", "provider_id", "hand_over_id"),
    )

    item_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    hand_over_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    subject: Mapped[str]  # its reference, or its identifier where it has none
    title: Mapped[str]
    from_label: Mapped[str]
    to_label: Mapped[str]
    to_person: Mapped[uuid.UUID | None]
    days_without: Mapped[int]  # since its owner left
    reason: Mapped[str]
    happened_on: Mapped[date]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]
