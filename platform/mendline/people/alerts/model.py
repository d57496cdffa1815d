"""Tables of alerts: what a provider's administrators were told of, and who of them saw it."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, of_provider


class SecurityAlert(ProviderKey, Base):
    """Something in the provider's ledger that is unlike an ordinary day; only the watch writes it."""

    __tablename__ = "security_alert"
    __table_args__ = (of_provider(), Index("ix_security_alert_raised_at", "provider_id", "raised_at"))

    alert_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    person_id: Mapped[uuid.UUID | None]  # whose acts they were; none for an inspector, or where it is nobody's
    times: Mapped[int] = mapped_column(BigInteger)
    raised_at: Mapped[datetime]


class SecurityAlertSeen(ProviderKey, Base):
    """That one of them saw it."""

    __tablename__ = "security_alert_seen"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "alert_id"], ["security_alert.provider_id", "security_alert.alert_id"]),
    )

    alert_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    initials: Mapped[str]
    seen_at: Mapped[datetime]
