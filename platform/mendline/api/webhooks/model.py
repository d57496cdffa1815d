"""Tables of webhooks: programs that are told of events, and each telling. `reach.announce` writes deliveries."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, of_provider

_OF_WEBHOOK = (["provider_id", "webhook_id"], ["webhook.provider_id", "webhook.webhook_id"])


class Webhook(ProviderKey, Base):
    """An address that is told of some events."""

    __tablename__ = "webhook"
    __table_args__ = (of_provider(),)

    webhook_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    url: Mapped[str]
    events: Mapped[list[str]]
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)  # the first one; shown once, when it is made
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]


class WebhookSecret(ProviderKey, Base):
    """A later secret of an address. For a day the one before it signs as well."""

    __tablename__ = "webhook_secret"
    __table_args__ = (ForeignKeyConstraint(*_OF_WEBHOOK), CheckConstraint("version > 1", name="version_later"))

    webhook_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]


class WebhookEnd(ProviderKey, Base):
    """That an address is told no more."""

    __tablename__ = "webhook_end"
    __table_args__ = (ForeignKeyConstraint(*_OF_WEBHOOK),)

    webhook_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]


class WebhookDelivery(ProviderKey, Base):
    """One event for one address. The content names identifiers, never what a record says."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        ForeignKeyConstraint(*_OF_WEBHOOK),
        CheckConstraint("state in ('waiting', 'received', 'failed')", name="state_known"),
        Index("ix_webhook_delivery_newest", "provider_id", "webhook_id", "happened_at"),
    )

    delivery_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # the same at every try, so it has effect once
    webhook_id: Mapped[uuid.UUID]
    event: Mapped[str]
    service_id: Mapped[uuid.UUID | None]
    content: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts: Mapped[int]
    answer: Mapped[str | None]
    happened_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    status: Mapped[int | None]  # the code of the newest answer; none where nobody answered
