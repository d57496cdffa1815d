"""Webhooks: programs of a provider that are told of events."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import Response

from mendline.api.asking import answer_slice, body_of
from mendline.api.shapes import Member, Shape
from mendline.api.table import CURSOR, LIMIT, api
from mendline.api.webhooks.commands import checked, end, make
from mendline.api.webhooks.queries import find_webhook, webhooks
from mendline.api.wire import picked
from mendline.api.writing import written
from mendline.evidence.files.keeping import keeper_of
from mendline.web.frame import ground, reach, transaction
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.events import EVENTS

WEBHOOK = Shape(
    "NewWebhook",
    (
        Member("url", "text", "Where deliveries go; https:// and reached over the internet.", required=True),
        Member("events", "texts", f"Of what it is told: {', '.join(EVENTS)}.", required=True),
        Member("provider_id", "uuid", "Needed only by whoever administers several providers."),
    ),
)


@dataclass(frozen=True, slots=True)
class WebhookOut:
    """An address that is told of events, with how many deliveries wait or were given up."""

    webhook_id: uuid.UUID
    provider_id: uuid.UUID
    url: str
    events: list[str]
    recorded_at: datetime
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class MadeWebhookOut:
    """A new webhook. `secret` signs every delivery and is told this once: it is null where the request is sent again."""

    webhook_id: uuid.UUID
    secret: str | None


@dataclass(frozen=True, slots=True)
class EndedWebhookOut:
    """A webhook that is told no more."""

    webhook_id: uuid.UUID


@api.operation("GET", "/webhooks", access="see_settings", answer=WebhookOut, paged=True, query=(CURSOR, LIMIT))
def webhooks_listed() -> Response:
    """The addresses that are told of events, oldest first."""
    with transaction() as session:
        found = webhooks(session, reach().providers_with("see_settings"))
    return answer_slice(found, lambda one: one.webhook_id, lambda one: picked(WebhookOut, one))


@api.operation("POST", "/webhooks", access="change_settings", answer=MadeWebhookOut, status=201, body=WEBHOOK)
def add_webhook() -> Response:
    """Tells an address of events from now on, each delivery signed."""
    given = body_of(WEBHOOK)
    checked(given["url"], given["events"], ground().settings.webhook_hosts)
    provider_id = _provider(given.get("provider_id"))
    keys = keeper_of(ground().settings).keys
    with transaction() as session:

        def add() -> MadeWebhookOut:
            made = make(
                session, reach(), keys, provider_id=provider_id, url=given["url"], events=given["events"], at=now()
            )
            return MadeWebhookOut(made.webhook_id, made.secret)

        return written(session, provider_id, 201, add, once_only=("secret",))


@api.operation("DELETE", "/webhooks/<uuid:webhook_id>", access="change_settings", answer=EndedWebhookOut)
def end_webhook(webhook_id: uuid.UUID) -> Response:
    """Tells an address no more; what waits is not sent."""
    with transaction() as session:
        one = find_webhook(session, reach().providers_with("change_settings"), webhook_id)
        if one.ended_at is not None:
            raise NotFoundError("There is no such webhook.")

        def stop() -> EndedWebhookOut:
            end(session, reach(), provider_id=one.provider_id, webhook_id=webhook_id, at=now())
            return EndedWebhookOut(webhook_id)

        return written(session, one.provider_id, 200, stop)


def _provider(given: uuid.UUID | None) -> uuid.UUID:
    mine = reach().providers_with("change_settings")
    if given is not None and given not in mine:
        raise NotFoundError("There is no such provider.")
    if given is None and len(mine) != 1:
        raise RefusedError("The webhook was not made.", {"provider_id": "Say for which of your providers."})
    return given or mine[0]
