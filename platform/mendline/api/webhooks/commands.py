"""Makes and ends webhooks, and writes down how a delivery went."""

import io
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from mendline.api.webhooks.model import Webhook, WebhookDelivery, WebhookEnd
from mendline.evidence.files.sealing import Keys, opened, sealed
from tenants.errors import ConflictError, NotFoundError
from tenants.ids import new_id
from tenants.jobs import enqueue
from tenants.ledger import note
from tenants.reach import Reach

KIND = "deliver_webhook"
MOST = 20  # of one provider at a time


@dataclass(frozen=True, slots=True)
class MadeWebhook:
    """A new webhook; the secret is told this once."""

    webhook_id: uuid.UUID
    secret: str


def make(
    session: Session,
    reach: Reach,
    keys: Keys,
    *,
    provider_id: uuid.UUID,
    url: str,
    events: Sequence[str],
    at: datetime,
) -> MadeWebhook:
    """Tells an address of events from now on.

    Raises:
        ConflictError: the provider has as many as it may.
    """
    reach.require("change_settings", provider_id)
    w, e = Webhook, WebhookEnd
    live = select(func.count()).where(
        w.provider_id == provider_id,
        ~select(e.webhook_id).where(e.provider_id == provider_id, e.webhook_id == w.webhook_id).exists(),
    )
    if session.execute(live).scalar_one() >= MOST:
        raise ConflictError(f"There are {MOST} webhooks already. End one first.")
    made = MadeWebhook(new_id(), f"whs_{secrets.token_urlsafe(32)}")
    session.add(
        Webhook(
            provider_id=provider_id,
            webhook_id=made.webhook_id,
            url=url,
            events=sorted(set(events)),
            sealed_secret=b"".join(sealed([made.secret.encode()], keys, provider_id, _name(made.webhook_id))),
            recorded_by=reach.person_id,
            recorded_at=at,
        )
    )
    note(session, reach, "webhook made", provider_id=provider_id, subject=f"webhook {made.webhook_id}")
    session.flush()
    return made


def end(session: Session, reach: Reach, *, provider_id: uuid.UUID, webhook_id: uuid.UUID, at: datetime) -> None:
    """Tells an address no more; what waits is not sent."""
    reach.require("change_settings", provider_id)
    session.add(WebhookEnd(provider_id=provider_id, webhook_id=webhook_id, recorded_by=reach.person_id, recorded_at=at))
    note(session, reach, "webhook ended", provider_id=provider_id, subject=f"webhook {webhook_id}")
    session.flush()


def send_again(session: Session, reach: Reach, *, provider_id: uuid.UUID, delivery_id: uuid.UUID) -> None:
    """Sends a delivery once more, under its own identifier, so that a receiver who had it does nothing twice.

    Raises:
        NotFoundError: there is none.
    """
    reach.require("change_settings", provider_id)
    d = WebhookDelivery
    if not session.execute(select(d.delivery_id).filter_by(provider_id=provider_id, delivery_id=delivery_id)).first():
        raise NotFoundError("There is no such delivery.")
    enqueue(session, KIND, provider_id=provider_id, arguments={"delivery_id": str(delivery_id)})
    note(session, reach, "webhook sent again", provider_id=provider_id, subject=f"delivery {delivery_id}")


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery with what is needed to send it."""

    url: str
    secret: str
    event: str
    service_id: uuid.UUID | None
    content: dict[str, Any]
    happened_at: datetime
    attempts: int
    is_ended: bool


_DUE = text("""
select w.webhook_id, w.url, w.sealed_secret, d.event, d.service_id, d.content, d.happened_at, d.attempts,
       e.webhook_id is not null as is_ended
from webhook_delivery d
join webhook w on w.provider_id = d.provider_id and w.webhook_id = d.webhook_id
left join webhook_end e on e.provider_id = w.provider_id and e.webhook_id = w.webhook_id
where d.provider_id = :provider and d.delivery_id = :delivery
""")


def due(session: Session, keys: Keys, provider_id: uuid.UUID, delivery_id: uuid.UUID) -> Due:
    """A delivery, with the address's secret opened.

    Raises:
        NotFoundError: there is none.
    """
    row = session.execute(_DUE, {"provider": provider_id, "delivery": delivery_id}).one_or_none()
    if row is None:
        raise NotFoundError("There is no such delivery.")
    secret = b"".join(opened(io.BytesIO(row.sealed_secret), keys, provider_id, _name(row.webhook_id))).decode()
    return Due(row.url, secret, row.event, row.service_id, row.content, row.happened_at, row.attempts, row.is_ended)


def tried(
    session: Session, *, provider_id: uuid.UUID, delivery_id: uuid.UUID, state: str, answer: str, at: datetime
) -> None:
    """Writes down how a try went."""
    d = WebhookDelivery
    session.execute(
        update(d)
        .where(d.provider_id == provider_id, d.delivery_id == delivery_id)
        .values(state=state, answer=answer, tried_at=at, attempts=d.attempts + 1)
    )


def _name(webhook_id: uuid.UUID) -> str:
    return f"webhook/{webhook_id}"
