"""Delivers one event to one address: signed, tried again while it does not answer, under the same identifier each time."""

import time
import uuid

from mendline.api.webhooks.commands import due, forget_old, tried
from mendline.api.webhooks.sending import send
from mendline.api.webhooks.signing import SIGNATURE, body_of, signature
from mendline.config import Settings
from mendline.evidence.files.keeping import keeper_of
from tenants.clock import now
from tenants.errors import RefusedError, UnavailableError
from workers.claiming import MOST_TRIES, Work

GONE = 410  # the receiver says that it wants no more


def deliver_webhook(work: Work) -> None:
    """The actor of `deliver_webhook` jobs."""
    settings = Settings.from_environment()
    delivery_id = uuid.UUID(work.arguments["delivery_id"])
    with work.transaction() as session:
        found = due(session, keeper_of(settings).keys, work.provider_id, delivery_id, now())
    if found.is_ended:
        _end(work, delivery_id, "failed", "The webhook was ended before.")
        return
    body = body_of(
        delivery_id=delivery_id,
        event=found.event,
        provider_id=work.provider_id,
        service_id=found.service_id,
        happened_at=found.happened_at,
        content=found.content,
    )
    headers = {SIGNATURE: signature(found.secrets, body, int(time.time())), "Mendline-Delivery": str(delivery_id)}
    try:
        status = send(found.url, body, headers, settings.webhook_hosts)
    except RefusedError as refused:
        _end(work, delivery_id, "failed", str(refused))
        return
    except UnavailableError as away:
        _again(work, delivery_id, str(away))
        return
    if 200 <= status < 300:
        _end(work, delivery_id, "received", f"Answered {status}.", status)
    elif status == GONE:
        _end(work, delivery_id, "failed", "Answered 410: it wants no more.", status)
    else:
        _again(work, delivery_id, f"Answered {status}.", status)


def _end(work: Work, delivery_id: uuid.UUID, state: str, words: str, status: int | None = None) -> None:
    with work.completing() as session:
        tried(
            session, provider_id=work.provider_id, delivery_id=delivery_id, state=state, answer=words, at=now(),
            status=status,
        )  # fmt: skip
        forget_old(session, work.provider_id, now())


def _again(work: Work, delivery_id: uuid.UUID, words: str, status: int | None = None) -> None:
    """Keeps the answer and lets the job be put off; after the last try the delivery is given up."""
    if work.attempt >= MOST_TRIES:
        _end(work, delivery_id, "failed", words, status)
        return
    with work.transaction() as session:
        tried(
            session, provider_id=work.provider_id, delivery_id=delivery_id, state="waiting", answer=words, at=now(),
            status=status,
        )  # fmt: skip
    raise UnavailableError(words)
