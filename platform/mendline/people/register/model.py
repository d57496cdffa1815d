"""The table of services that follow others."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey, of_service


class ServiceSuccession(ServiceKey, Base):
    """That a service follows another of its provider; the newest row of a service holds."""

    __tablename__ = "service_succession"
    __table_args__ = (
        of_service(),
        ForeignKeyConstraint(
            ["provider_id", "follows"],
            ["service.provider_id", "service.service_id"],
            name="fk_service_succession_follows",
        ),
        CheckConstraint("follows <> service_id", name="another"),
        Index("ix_service_succession_follows", "provider_id", "follows"),
    )

    succession_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    follows: Mapped[uuid.UUID | None]  # none: it was said by mistake
    follows_name: Mapped[str | None]  # as it was called then: who works at the newer one alone does not see the other
    from_on: Mapped[date]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]
