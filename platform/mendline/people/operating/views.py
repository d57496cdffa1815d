"""The operators' pages, and a provider's consent to support access."""

import uuid
from typing import cast

from flask import Response, flash, make_response, redirect, request

from mendline.people.alerts.commands import see_on_platform
from mendline.people.alerts.queries import alerts_of_platform
from mendline.people.members.forms import read_words
from mendline.people.operating import commands, queries
from mendline.people.operating.presenting import operations_page, support_page
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import ground, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import identifier_or_none
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError

operating = Section("operating", url_prefix="/operations")
support = Section("support", url_prefix="/support")


@operating.page("", access="see_operations")
def listing() -> str:
    """Providers by name, plan, health and queues."""
    return _operations({})


@operating.page("/support", access="operate", methods=("POST",), step_up=True)
def ask() -> Response:
    """Asks a provider for access."""
    given = {"provider": request.form.get("provider", "")[:40], "reason": read_words(request.form, "reason")}
    try:
        provider_id = _chosen(given["provider"])
        with ground().database.transaction(reach(), role="web") as session:
            commands.ask(session, provider_id, given["reason"])
    except RefusedError as refused:
        return make_response(_operations(given, refused), 422)
    flash("The request stands in the provider's ledger. A second operator stands behind it next.", "success")
    return cast("Response", redirect(address("operating.listing"), 303))


@operating.page("/support/<uuid:request_id>/second", access="operate", methods=("POST",), step_up=True)
def second(request_id: uuid.UUID) -> Response:
    """Stands behind another operator's request."""
    with ground().database.transaction(reach(), role="web") as session:
        commands.second(session, request_id)
    flash("The provider is asked.", "success")
    return cast("Response", redirect(address("operating.listing"), 303))


@operating.page("/support/<uuid:request_id>/end", access="operate", methods=("POST",))
def end(request_id: uuid.UUID) -> Response:
    """Ends one's own support access."""
    with ground().database.transaction(reach(), role="web") as session:
        commands.end(session, request_id)
    flash("Support access has ended.", "success")
    return cast("Response", redirect(address("operating.listing"), 303))


@operating.page("/support/<uuid:request_id>/review", access="operate", methods=("POST",), step_up=True)
def review(request_id: uuid.UUID) -> Response:
    """What another operator found of the looks."""
    with ground().database.transaction(reach(), role="web") as session:
        commands.review(session, request_id, request.form.get("found", "")[:40])
    flash("The review stands in the provider's ledger.", "success")
    return cast("Response", redirect(address("operating.listing"), 303))


@operating.page("/alerts/<uuid:alert_id>/seen", access="operate", methods=("POST",))
def see(alert_id: uuid.UUID) -> Response:
    """Says that the reader saw an alert."""
    with ground().database.transaction(reach(), role="web") as session:
        see_on_platform(session, alert_id)
    flash("Your name stands beside it.", "success")
    return cast("Response", redirect(address("operating.listing"), 303))


@support.page("", access="see_support", methods=("GET",))
def overview() -> str:
    """What support asked of the provider."""
    return _support()


@support.page("/<uuid:request_id>", access="consent_to_support", methods=("POST",), step_up=True)
def agree(request_id: uuid.UUID) -> Response:
    """Lets an operator read for a while."""
    words = request.form.get("minutes", "")
    try:
        with transaction() as session:
            found = _found(queries.requests_to(session, reach().provider_ids), request_id)
            commands.consent(session, reach(), found, int(words) if words.isascii() and words.isdigit() else 0)
    except RefusedError as refused:
        return make_response(_support(refused), 422)
    flash("They may read until the time is over. You can end it sooner.", "success")
    return cast("Response", redirect(address("support.overview"), 303))


@support.page("/<uuid:request_id>/end", access="consent_to_support", methods=("POST",))
def stop(request_id: uuid.UUID) -> Response:
    """Ends or declines support access."""
    with transaction() as session:
        _found(queries.requests_to(session, reach().provider_ids), request_id)
        commands.end(session, request_id)
    flash("Support does not read here.", "success")
    return cast("Response", redirect(address("support.overview"), 303))


def _operations(given: dict[str, str], refused: RefusedError | None = None) -> str:
    with ground().database.transaction(reach(), role="web") as session:
        found, dead = queries.tenants(session), queries.dead_jobs(session)
        asked, turned_away = queries.requests_of_operators(session), queries.refusals(session)
        raised = alerts_of_platform(session)
    view = operations_page(
        reach(), found, dead, asked, turned_away, raised, given=given, at=now(), address=address, refused=refused
    )
    return page("people/desk.html", title="Operations", section="operating.listing", view=view)


def _support(refused: RefusedError | None = None) -> str:
    with transaction() as session:
        asked = queries.requests_to(session, reach().provider_ids)
    view = support_page(reach(), asked, at=now(), address=address, refused=refused)
    crumbs = (Link("Support access"),)
    return page("people/desk.html", title="Support access", crumbs=crumbs, section="members.listing", view=view)


def _chosen(words: str) -> uuid.UUID:
    found = identifier_or_none(words)
    if found is None:
        raise RefusedError("The request was not sent.", {"provider": "Choose the provider."})
    return found


def _found(asked: tuple[queries.Support, ...], request_id: uuid.UUID) -> queries.Support:
    found = next((each for each in asked if each.request_id == request_id), None)
    if found is None:
        raise NotFoundError("There is no such request within your sign-in.")
    return found
