"""The webhooks of a person's providers, and their newest deliveries."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST = 200


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


_WEBHOOKS = text("""
select w.webhook_id, w.provider_id, w.url, w.events, w.recorded_at,
       count(d.delivery_id) filter (where d.state = 'waiting') as waiting,
       count(d.delivery_id) filter (where d.state = 'failed') as failed
from webhook w left join webhook_delivery d on d.provider_id = w.provider_id and d.webhook_id = w.webhook_id
where w.provider_id = any (:providers)
  and not exists (select 1 from webhook_end e where e.provider_id = w.provider_id and e.webhook_id = w.webhook_id)
group by w.provider_id, w.webhook_id order by w.recorded_at, w.webhook_id limit :most
""")


def webhooks(session: Session, providers: Sequence[uuid.UUID]) -> list[WebhookRow]:
    """The running webhooks of these providers, oldest first."""
    return [WebhookRow(*row) for row in session.execute(_WEBHOOKS, {"providers": list(providers), "most": MOST})]
