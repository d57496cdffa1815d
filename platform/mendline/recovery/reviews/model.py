import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey, of_indicator, of_service


class ReviewDraft(ServiceKey, Base):
    """What a reviewer has written and not yet signed; only they see it, and it goes when the decision is recorded."""

    __tablename__ = "review_draft"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class ReviewSitting(ServiceKey, Base):
    """A review of a service at its rhythm, signed once with the decisions that were made; what is wrong is added to."""

    __tablename__ = "review_sitting"
    __table_args__ = (
        of_service(),
        UniqueConstraint("provider_id", "service_id", "forum", "period_from", name="uq_review_sitting_turn"),
        CheckConstraint(
            "forum in ('deputy_sampling', 'weekly_review', 'quality_review', 'provider_review')", name="forum_known"
        ),
    )

    sitting_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    forum: Mapped[str]
    period_from: Mapped[date]  # first day of the week or month that it is the review of
    held_on: Mapped[date]
    decided: Mapped[list[Any]]  # each indicator with the decision that stood at signing
    summary: Mapped[str | None]
    signed_by: Mapped[uuid.UUID | None]
    signed_label: Mapped[str]
    signed_role: Mapped[str]
    recorded_at: Mapped[datetime]
