"""Webhooks: programs of a provider that are told of events."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from mendline.api import cursors
from mendline.api.asking import answer_list, answer_slice, body_of, limit
from mendline.api.shapes import Member, Shape
from mendline.api.table import CURSOR, LIMIT, Query, api
from mendline.api.webhooks.commands import checked, end, make, send_again
from mendline.api.webhooks.queries import deliveries_before, find_webhook, webhooks
from mendline.api.wire import picked
from mendline.api.writing import written
from mendline.evidence.files.keeping import keeper_of
from mendline.web.frame import ground, reach, transaction
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.events import EVENTS

STATES = ("waiting", "received", "failed")
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


@dataclass(frozen=True, slots=True)
class DeliveryOut:
    """One event for one address, with the receipt of its newest try. Kept for thirty days; never what was sent or answered."""

    delivery_id: uuid.UUID
    event: str
    service_id: uuid.UUID | None
    state: str
    attempts: int
    status: int | None
    answer: str | None
    happened_at: datetime
    tried_at: datetime | None
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class SentAgainOut:
    """A delivery that is sent once more, under its own identifier."""

    delivery_id: uuid.UUID


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


@api.operation(
    "GET",
    "/webhooks/<uuid:webhook_id>/deliveries",
    access="see_settings",
    answer=DeliveryOut,
    paged=True,
    query=(Query("state", "text", "Only those of one state.", choices=STATES), CURSOR, LIMIT),
)
def webhook_deliveries(webhook_id: uuid.UUID) -> Response:
    """What an address was told of, newest first: each delivery with its newest receipt and its next try."""
    state, most = request.args.get("state"), limit()
    if state is not None and state not in STATES:
        raise RefusedError("There is no such state.", {"state": f"Give one of {', '.join(STATES)}."})
    before = _delivery_after(request.args.get("cursor"))
    with transaction() as session:
        one = find_webhook(session, reach().providers_with("see_settings"), webhook_id)
        rows = deliveries_before(session, one.provider_id, webhook_id, state=state, before=before, most=most + 1)
    last = rows[most - 1] if len(rows) > most else None
    cursor = cursors.written(last.happened_at.isoformat(), str(last.delivery_id)) if last else None
    return answer_list([picked(DeliveryOut, row) for row in rows[:most]], cursor)


@api.operation(
    "POST",
    "/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>",
    access="change_settings",
    answer=SentAgainOut,
    status=202,
)
def send_delivery_again(webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> Response:
    """Sends a settled delivery once more, under its own identifier; 409 while it is still being tried."""
    with transaction() as session:
        one = find_webhook(session, reach().providers_with("change_settings"), webhook_id)
        if one.ended_at is not None:
            raise NotFoundError("There is no such webhook.")

        def again() -> SentAgainOut:
            send_again(session, reach(), provider_id=one.provider_id, webhook_id=webhook_id, delivery_id=delivery_id)
            return SentAgainOut(delivery_id)

        return written(session, one.provider_id, 202, again)


def _delivery_after(cursor: str | None) -> tuple[datetime, uuid.UUID] | None:
    if cursor is None:
        return None
    happened_at, delivery_id = cursors.read(cursor, 2)
    try:
        return datetime.fromisoformat(happened_at), uuid.UUID(delivery_id)
    except ValueError as wrong:
        raise RefusedError(cursors.WRONG, {"cursor": cursors.WRONG}) from wrong


def _provider(given: uuid.UUID | None) -> uuid.UUID:
    mine = reach().providers_with("change_settings")
    if given is not None and given not in mine:
        raise NotFoundError("There is no such provider.")
    if given is None and len(mine) != 1:
        raise RefusedError("The webhook was not made.", {"provider_id": "Say for which of your providers."})
    return given or mine[0]
