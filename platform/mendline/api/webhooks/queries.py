"""The webhooks of a person's providers, and their newest deliveries."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.errors import NotFoundError

MOST = 200
PAGE = 50


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A webhook that still runs, with how its deliveries stand."""

    webhook_id: uuid.UUID
    provider_id: uuid.UUID
    url: str
    events: list[str]
    recorded_at: datetime
    waiting: int
    failed: int
    provider: str = ""
    received: int = 0
    last_received_at: datetime | None = None
    secret_changed_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One event for one address, with the receipt of its newest try; `next_try_at` while it is being tried."""

    delivery_id: uuid.UUID
    event: str
    service: str | None
    state: str
    attempts: int
    answer: str | None
    happened_at: datetime
    tried_at: datetime | None
    service_id: uuid.UUID | None = None
    status: int | None = None
    next_try_at: datetime | None = None


_WEBHOOKS = text("""
select w.webhook_id, w.provider_id, w.url, w.events, w.recorded_at,
       count(d.delivery_id) filter (where d.state = 'waiting') as waiting,
       count(d.delivery_id) filter (where d.state = 'failed') as failed, p.name as provider,
       count(d.delivery_id) filter (where d.state = 'received') as received,
       max(d.tried_at) filter (where d.state = 'received') as last_received_at,
       (select max(s.recorded_at) from webhook_secret s
        where s.provider_id = w.provider_id and s.webhook_id = w.webhook_id) as secret_changed_at,
       max(e.recorded_at) as ended_at
from webhook w
join provider p on p.provider_id = w.provider_id
left join webhook_delivery d on d.provider_id = w.provider_id and d.webhook_id = w.webhook_id
left join webhook_end e on e.provider_id = w.provider_id and e.webhook_id = w.webhook_id
where w.provider_id = any (:providers) and (:ended or e.webhook_id is null)
group by w.provider_id, w.webhook_id, p.name order by w.recorded_at, w.webhook_id limit :most
""")

_DELIVERIES = text("""
select d.delivery_id, d.event, s.name as service, d.state, d.attempts, d.answer, d.happened_at, d.tried_at, d.service_id,
       d.status, j.due_at as next_try_at
from webhook_delivery d left join service s on s.provider_id = d.provider_id and s.service_id = d.service_id
left join lateral (
    select min(j.due_at) as due_at from job j
    where j.provider_id = d.provider_id and j.kind = 'deliver_webhook' and j.state in ('queued', 'running')
      and j.arguments ->> 'delivery_id' = d.delivery_id::text) j on true
where d.provider_id = :provider and d.webhook_id = :webhook
  and (cast(:state as text) is null or d.state = :state)
  and (cast(:before as timestamptz) is null or (d.happened_at, d.delivery_id) < (:before, cast(:delivery as uuid)))
order by d.happened_at desc, d.delivery_id desc limit :most offset :skip
""")


def webhooks(session: Session, providers: Sequence[uuid.UUID], *, ended: bool = False) -> list[WebhookRow]:
    """The running webhooks of these providers, oldest first; those that were ended as well where asked for."""
    asked = {"providers": list(providers), "most": MOST, "ended": ended}
    return [WebhookRow(*row) for row in session.execute(_WEBHOOKS, asked)]


def find_webhook(session: Session, providers: Sequence[uuid.UUID], webhook_id: uuid.UUID) -> WebhookRow:
    """One webhook, running or ended.

    Raises:
        NotFoundError: these providers have none of this identifier.
    """
    found = next((one for one in webhooks(session, providers, ended=True) if one.webhook_id == webhook_id), None)
    if found is None:
        raise NotFoundError("There is no such webhook.")
    return found


def deliveries(
    session: Session, provider_id: uuid.UUID, webhook_id: uuid.UUID, *, state: str | None = None, page: int = 0
) -> tuple[list[DeliveryRow], bool]:
    """A page of an address's deliveries, newest first, and whether older ones follow."""
    rows = _deliveries(session, provider_id, webhook_id, state, most=PAGE + 1, skip=page * PAGE)
    return rows[:PAGE], len(rows) > PAGE


def deliveries_before(
    session: Session,
    provider_id: uuid.UUID,
    webhook_id: uuid.UUID,
    *,
    state: str | None,
    before: tuple[datetime, uuid.UUID] | None,
    most: int,
) -> list[DeliveryRow]:
    """Deliveries older than one, newest first: by its moment and identifier."""
    moment, delivery = before or (None, None)
    return _deliveries(session, provider_id, webhook_id, state, most=most, before=moment, delivery=delivery)


def _deliveries(
    session: Session, provider_id: uuid.UUID, webhook_id: uuid.UUID, state: str | None, **asked: Any
) -> list[DeliveryRow]:
    values = {
        "provider": provider_id,
        "webhook": webhook_id,
        "state": state,
        "before": None,
        "delivery": None,
        "skip": 0,
    }
    return [DeliveryRow(*row) for row in session.execute(_DELIVERIES, values | asked)]
