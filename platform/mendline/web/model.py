import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, of_provider


class IdempotencyKey(ProviderKey, Base):
    """An API write that was answered once: the same key gets the same answer again."""

    __tablename__ = "idempotency_key"
    __table_args__ = (of_provider(),)

    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int]
    answer: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
