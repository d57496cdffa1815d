import uuid
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, of_provider


class WorkVisit(ProviderKey, Base):
    """When a person last looked at their work, and the time before: what changed since is told from it."""

    __tablename__ = "work_visit"
    __table_args__ = (of_provider(),)

    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    visited_at: Mapped[datetime]
    earlier_at: Mapped[datetime | None]
