"""The administrator's pages of webhooks: which addresses are told, what became of each delivery, the secrets."""

import uuid
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import cast

from flask import Response, flash, make_response, redirect, request

from mendline.api.webhooks.commands import OVERLAP, checked, end, make, rotate, send_again
from mendline.api.webhooks.presenting import LISTING, STATES, listing_page, new_page, one_page
from mendline.api.webhooks.queries import WebhookRow, deliveries, find_webhook
from mendline.api.webhooks.queries import webhooks as webhooks_of
from mendline.evidence.files.keeping import keeper_of
from mendline.people.desk import DeskPage
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import ground, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError

webhooks = Section("webhooks", url_prefix="/webhooks")
MOST_PAGES = 1_000


@webhooks.page("", access="see_settings")
def listing() -> str:
    """The addresses that are told of events."""
    with transaction() as session:
        found = webhooks_of(session, reach().providers_with("see_settings"))
    return _drawn("Webhooks", listing_page(reach(), found, address=address))


@webhooks.page("/new", access="change_settings", step_up=True)
def new() -> str:
    """The form that tells an address of events."""
    return _new({}, (), {})


@webhooks.page("", access="change_settings", methods=("POST",), step_up=True)
def create() -> Response:
    """Makes a webhook and shows its secret, this once."""
    chosen = request.form.getlist("events")
    try:
        provider_id = _provider(request.form.get("provider", ""))
        checked(request.form.get("url", "").strip(), chosen, ground().settings.webhook_hosts)
        with transaction() as session:
            made = make(
                session, reach(), keeper_of(ground().settings).keys, provider_id=provider_id,
                url=request.form["url"].strip(), events=chosen, at=now(),
            )  # fmt: skip
    except RefusedError as refused:
        return make_response(_new(request.form, chosen, refused.problems), 422)
    return make_response(_one(made.webhook_id, secret=made.secret), 201)


@webhooks.page("/<uuid:webhook_id>", access="see_settings")
def one(webhook_id: uuid.UUID) -> str:
    """One address, its deliveries and their receipts."""
    return _one(webhook_id)


@webhooks.page("/<uuid:webhook_id>/secret", access="change_settings", methods=("POST",), step_up=True)
def change_secret(webhook_id: uuid.UUID) -> Response:
    """Makes a new secret and shows it, this once."""
    with transaction() as session:
        found = _running(find_webhook(session, reach().providers_with("change_settings"), webhook_id))
        keys = keeper_of(ground().settings).keys
        secret = rotate(session, reach(), keys, provider_id=found.provider_id, webhook_id=webhook_id, at=now())
    return make_response(_one(webhook_id, secret=secret))


@webhooks.page("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>", access="change_settings", methods=("POST",))
def again(webhook_id: uuid.UUID, delivery_id: uuid.UUID) -> Response:
    """Sends a delivery once more."""
    with transaction() as session:
        found = _running(find_webhook(session, reach().providers_with("change_settings"), webhook_id))
        send_again(session, reach(), provider_id=found.provider_id, webhook_id=webhook_id, delivery_id=delivery_id)
    flash("It is sent again, under the same delivery_id.", "success")
    return cast("Response", redirect(address("webhooks.one", webhook_id=webhook_id), 303))


@webhooks.page("/<uuid:webhook_id>/end", access="change_settings", methods=("POST",))
def end_one(webhook_id: uuid.UUID) -> Response:
    """Tells an address no more."""
    with transaction() as session:
        found = _running(find_webhook(session, reach().providers_with("change_settings"), webhook_id))
        end(session, reach(), provider_id=found.provider_id, webhook_id=webhook_id, at=now())
    flash("The webhook is ended. Nothing is sent any more.", "success")
    return cast("Response", redirect(address(LISTING), 303))


def _running(found: WebhookRow) -> WebhookRow:
    if found.ended_at is not None:
        raise NotFoundError("This webhook was ended.")
    return found


def _one(webhook_id: uuid.UUID, *, secret: str = "") -> str:
    given, state = request.args.get("page", "1"), request.args.get("state")
    number = int(given[:5]) if given.isascii() and given.isdecimal() and 1 <= int(given[:5]) <= MOST_PAGES else 1
    state = state if state in STATES else None
    with transaction() as session:
        found = find_webhook(session, reach().providers_with("see_settings"), webhook_id)
        rows, more = deliveries(session, found.provider_id, webhook_id, state=state, page=number - 1)
    view = one_page(
        reach(), found, rows, more=more, page=number - 1, state=state, now=now(), overlap=OVERLAP, address=address,
        secret=secret,
    )  # fmt: skip
    return _drawn("Webhook", view, Link("Deliveries"))


def _new(typed: Mapping[str, str], chosen: Sequence[str], problems: Mapping[str, str]) -> str:
    providers = {str(held.provider_id): held.provider for held in reach().held}
    mine = [(str(one), providers.get(str(one), "")) for one in reach().providers_with("change_settings")]
    view = new_page(
        reach(), mine, typed=typed or MappingProxyType({}), chosen=chosen, problems=problems, address=address
    )
    return _drawn("Tell an address of events", view, Link("New"))


def _drawn(title: str, view: DeskPage, *here: Link) -> str:
    crumbs = (Link("Webhooks", address(LISTING)), *here) if here else (Link("Webhooks"),)
    return page("people/desk.html", title=title, crumbs=crumbs, section="members.listing", view=view)


def _provider(given: str) -> uuid.UUID:
    mine = reach().providers_with("change_settings")
    if not given and len(mine) == 1:
        return mine[0]
    found = next((one for one in mine if str(one) == given), None)
    if found is None:
        raise RefusedError("The webhook was not made.", {"provider_id": "Choose one of your providers."})
    return found
