"""Makes and ends webhooks, and writes down how a delivery went."""

import base64
import io
import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from mendline.api.webhooks.model import Webhook, WebhookDelivery, WebhookEnd, WebhookSecret
from mendline.api.webhooks.sending import address_of
from mendline.evidence.files.sealing import Keys, opened, sealed
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.events import EVENTS
from tenants.ids import new_id
from tenants.jobs import enqueue
from tenants.ledger import note
from tenants.reach import Reach

KIND = "deliver_webhook"
MOST = 20  # of one provider at a time
KEPT = timedelta(days=30)  # for which a delivery is shown, and can be sent again
OVERLAP = timedelta(hours=24)  # for which the secret before the newest signs as well


def checked(url: str, events: Sequence[str], private: Collection[str]) -> None:
    """Refuses an address that is not told, and events that there are not.

    Raises:
        RefusedError: with what is wrong by its name.
    """
    address_of(url, private)
    if not events or not set(events) <= set(EVENTS):
        raise RefusedError("The webhook was not made.", {"events": f"Choose from {', '.join(EVENTS)}."})


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
    made = MadeWebhook(new_id(), _fresh())
    session.add(
        Webhook(
            provider_id=provider_id,
            webhook_id=made.webhook_id,
            url=url,
            events=sorted(set(events)),
            sealed_secret=_sealed(made.secret, keys, provider_id, made.webhook_id, 1),
            recorded_by=reach.person_id,
            recorded_at=at,
        )
    )
    note(session, reach, "webhook made", provider_id=provider_id, subject=f"webhook {made.webhook_id}")
    session.flush()
    return made


def rotate(
    session: Session, reach: Reach, keys: Keys, *, provider_id: uuid.UUID, webhook_id: uuid.UUID, at: datetime
) -> str:
    """Makes a new secret, which signs from now on; the one before signs beside it for `OVERLAP`.

    Returns:
        The secret, which is told this once.

    Raises:
        ConflictError: the last change is not over yet, so that a third secret would leave a receiver without any.
    """
    reach.require("change_settings", provider_id)
    s = WebhookSecret
    newest = session.execute(
        select(s.version, s.recorded_at)
        .where(s.provider_id == provider_id, s.webhook_id == webhook_id)
        .order_by(s.version.desc())
        .limit(1)
    ).one_or_none()
    if newest and at - newest.recorded_at < OVERLAP:
        raise ConflictError("The secret was changed less than a day ago. Both sign until then; change it again after.")
    secret, version = _fresh(), newest.version + 1 if newest else 2
    session.add(
        WebhookSecret(
            provider_id=provider_id,
            webhook_id=webhook_id,
            version=version,
            sealed_secret=_sealed(secret, keys, provider_id, webhook_id, version),
            recorded_by=reach.person_id,
            recorded_at=at,
        )
    )
    note(session, reach, "webhook secret changed", provider_id=provider_id, subject=f"webhook {webhook_id}")
    session.flush()
    return secret


def end(session: Session, reach: Reach, *, provider_id: uuid.UUID, webhook_id: uuid.UUID, at: datetime) -> None:
    """Tells an address no more; what waits is not sent."""
    reach.require("change_settings", provider_id)
    session.add(WebhookEnd(provider_id=provider_id, webhook_id=webhook_id, recorded_by=reach.person_id, recorded_at=at))
    note(session, reach, "webhook ended", provider_id=provider_id, subject=f"webhook {webhook_id}")
    session.flush()


def send_again(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, webhook_id: uuid.UUID, delivery_id: uuid.UUID
) -> None:
    """Sends a delivery once more, under its own identifier, so that a receiver who had it does nothing twice.

    Raises:
        NotFoundError: there is none.
        ConflictError: it is still being tried.
    """
    reach.require("change_settings", provider_id)
    d = WebhookDelivery
    state = session.execute(
        select(d.state).where(d.provider_id == provider_id, d.webhook_id == webhook_id, d.delivery_id == delivery_id)
    ).scalar_one_or_none()
    if state is None:
        raise NotFoundError("There is no such delivery.")
    if state == "waiting":
        raise ConflictError("This delivery is still being tried. Send it again once it was given up.")
    enqueue(session, KIND, provider_id=provider_id, arguments={"delivery_id": str(delivery_id)})
    note(session, reach, "webhook sent again", provider_id=provider_id, subject=f"delivery {delivery_id}")


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery with what is needed to send it; `secrets` sign it, newest first."""

    url: str
    secrets: tuple[str, ...]
    event: str
    service_id: uuid.UUID | None
    content: dict[str, Any]
    happened_at: datetime
    attempts: int
    is_ended: bool


_DUE = text("""
select w.webhook_id, w.url, w.sealed_secret, s.found as later, d.event, d.service_id, d.content, d.happened_at, d.attempts,
       e.webhook_id is not null as is_ended
from webhook_delivery d
join webhook w on w.provider_id = d.provider_id and w.webhook_id = d.webhook_id
left join lateral (
    select jsonb_agg(jsonb_build_object('version', x.version, 'sealed', encode(x.sealed_secret, 'base64'),
                                        'at', x.recorded_at) order by x.version desc) as found
    from (select version, sealed_secret, recorded_at from webhook_secret x
          where x.provider_id = w.provider_id and x.webhook_id = w.webhook_id
          order by version desc limit 2) x) s on true
left join webhook_end e on e.provider_id = w.provider_id and e.webhook_id = w.webhook_id
where d.provider_id = :provider and d.delivery_id = :delivery
""")


_FORGET = text("""
delete from webhook_delivery d
where d.provider_id = :provider and d.delivery_id = any (array(
    select o.delivery_id from webhook_delivery o
    where o.provider_id = :provider and o.state <> 'waiting' and o.happened_at < :before and o.tried_at < :before
    limit 500))
""")


def due(session: Session, keys: Keys, provider_id: uuid.UUID, delivery_id: uuid.UUID, at: datetime) -> Due:
    """A delivery, with the secrets opened that sign it at a moment.

    Raises:
        NotFoundError: there is none.
    """
    row = session.execute(_DUE, {"provider": provider_id, "delivery": delivery_id}).one_or_none()
    if row is None:
        raise NotFoundError("There is no such delivery.")
    known = [(1, row.sealed_secret)]
    later = row.later or []
    if later:
        newest, *before = [(each["version"], base64.b64decode(each["sealed"])) for each in later]
        changed_over = at - datetime.fromisoformat(later[0]["at"]) >= OVERLAP
        known = [newest] if changed_over else [newest, *(before or known)]
    secrets_ = tuple(
        b"".join(opened(io.BytesIO(content), keys, provider_id, _name(row.webhook_id, version))).decode()
        for version, content in known
    )
    return Due(row.url, secrets_, row.event, row.service_id, row.content, row.happened_at, row.attempts, row.is_ended)


def tried(
    session: Session,
    *,
    provider_id: uuid.UUID,
    delivery_id: uuid.UUID,
    state: str,
    answer: str,
    at: datetime,
    status: int | None = None,
) -> None:
    """Writes down how a try went; `status` is the code that the address answered, where it answered."""
    d = WebhookDelivery
    session.execute(
        update(d)
        .where(d.provider_id == provider_id, d.delivery_id == delivery_id)
        .values(state=state, answer=answer, status=status, tried_at=at, attempts=d.attempts + 1)
    )


def forget_old(session: Session, provider_id: uuid.UUID, at: datetime) -> None:
    """Takes away deliveries that were settled and have not been tried since `KEPT`; some of them at a time."""
    session.execute(_FORGET, {"provider": provider_id, "before": at - KEPT})


def _fresh() -> str:
    return f"whs_{secrets.token_urlsafe(32)}"


def _sealed(secret: str, keys: Keys, provider_id: uuid.UUID, webhook_id: uuid.UUID, version: int) -> bytes:
    return b"".join(sealed([secret.encode()], keys, provider_id, _name(webhook_id, version)))


def _name(webhook_id: uuid.UUID, version: int) -> str:
    return f"webhook/{webhook_id}" if version == 1 else f"webhook/{webhook_id}/{version}"
