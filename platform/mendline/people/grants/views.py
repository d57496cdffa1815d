"""Grants to commissioners: made, renewed, withdrawn; releases; and every look."""

import uuid
from dataclasses import replace
from typing import cast

from flask import Response, flash, make_response, redirect, request

from mendline.comparison.releasing import last_releases
from mendline.comparison.releasing import release as release_figures
from mendline.people.grants import queries
from mendline.people.grants.commands import GivenGrant, make_grant, withdraw
from mendline.people.grants.presenting import grant_form, grant_page, grants_page
from mendline.people.grants.queries import GrantLine
from mendline.people.members.forms import read_words
from mendline.people.members.queries import services_of
from mendline.people.members.rows import Reachable
from mendline.people.visits.presenting import notes_table
from mendline.people.visits.queries import notes
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import day_or_none, identifier_or_none
from tenants.errors import NotFoundError, RefusedError

grants = Section("grants", url_prefix="/commissioners")
FIELDS = ("service", "body", "live", "show_name", "valid_from", "valid_until", "purpose", "lawful_basis", "renews")


@grants.page("", access="see_grants")
def listing() -> str:
    """What commissioners may see, what was released, and what they looked at."""
    providers = reach().provider_ids
    with transaction() as session:
        found = queries.grants(session, providers)
        services = [
            each
            for each in services_of(session, providers)
            if reach().may("see_grants", each.provider_id, each.service_id)
        ]
        released = last_releases(session, providers)
        looks = queries.looks(session, providers)
        written = notes(session, providers)
    view = grants_page(reach(), found, services, released, looks, today=on_day(), address=address)
    if written:
        view = replace(view, tables=(notes_table(written, today=on_day(), address=address), *view.tables))
    crumbs = (Link("Commissioners"),)
    return page("people/desk.html", title="Commissioners", crumbs=crumbs, section="members.listing", view=view)


@grants.page("/new", access="change_grants", step_up=True)
def new() -> str:
    """The form that grants a view, or renews one."""
    renewed = identifier_or_none(request.args.get("renews", ""))
    given: dict[str, str] = {}
    classes: tuple[str, ...] = ("summary", "actions", "evidence_index")
    if renewed is not None:
        with transaction() as session:
            before = _found(queries.find_grant(session, reach().provider_ids, renewed))
        given = {
            "service": str(before.service_id), "body": str(before.body_id), "purpose": before.purpose,
            "live": "live" if before.live else "released", "show_name": "name" if before.show_name else "code",
            "lawful_basis": before.lawful_basis, "renews": str(before.grant_id),
        }  # fmt: skip
        classes = tuple(before.classes)
    return _form(given, classes)


@grants.page("", access="change_grants", methods=("POST",), step_up=True)
def create() -> Response:
    """Makes a grant."""
    given = {name: read_words(request.form, name) for name in FIELDS}
    classes = tuple(dict.fromkeys(request.form.getlist("classes")))[:10]
    try:
        with transaction() as session:
            service = _service(services_of(session, reach().provider_ids), given["service"])
            known = dict(queries.bodies(session))
            body_id = identifier_or_none(given["body"])
            renews = identifier_or_none(given["renews"])
            if renews is not None:
                _found(queries.find_grant(session, (service.provider_id,), renews))
            asked = GivenGrant(
                provider_id=service.provider_id,
                service_id=uuid.UUID(str(service.service_id)),
                body_id=body_id if body_id in known else None,
                classes=classes,
                live=given["live"] == "live",
                show_name=given["show_name"] == "name",
                valid_from=day_or_none(given["valid_from"]) or on_day(),
                valid_until=day_or_none(given["valid_until"]),
                purpose=given["purpose"],
                lawful_basis=given["lawful_basis"],
            )
            body = known.get(body_id, "") if body_id else ""
            grant_id = make_grant(session, reach(), asked, body=body, today=on_day(), renews=renews)
    except RefusedError as refused:
        return make_response(_form(given, classes, refused), 422)
    flash("The grant stands. Each look will be on this page.", "success")
    return cast("Response", redirect(address("grants.one", grant_id=grant_id), 303))


@grants.page("/grants/<uuid:grant_id>", access="see_grants")
def one(grant_id: uuid.UUID) -> str:
    """One grant with every look."""
    return _one(grant_id)


@grants.page("/grants/<uuid:grant_id>", access="change_grants", methods=("POST",))
def end(grant_id: uuid.UUID) -> Response:
    """Withdraws a grant at once; this needs no fresh factor, since it only ever makes things safer."""
    try:
        with transaction() as session:
            grant = _found(queries.find_grant(session, reach().provider_ids, grant_id))
            withdraw(session, reach(), grant, read_words(request.form, "reason"))
    except RefusedError as refused:
        return make_response(_one(grant_id, refused), 422)
    flash("The grant is withdrawn. Their next press sees nothing.", "success")
    return cast("Response", redirect(address("grants.one", grant_id=grant_id), 303))


@grants.page("/services/<uuid:service_id>/releases", access="release_figures", methods=("POST",))
def release(service_id: uuid.UUID) -> Response:
    """Releases a service's figures as they stand now."""
    with transaction() as session:
        release_figures(session, reach(), service_id, read_words(request.form, "note"))
    flash("The figures are released as they stand now. Nothing newer is seen until the next release.", "success")
    return cast("Response", redirect(address("grants.listing"), 303))


def _form(given: dict[str, str], classes: tuple[str, ...], refused: RefusedError | None = None) -> str:
    with transaction() as session:
        services = [
            each
            for each in services_of(session, reach().provider_ids)
            if reach().may("change_grants", each.provider_id)
        ]
        bodies = queries.bodies(session)
    view = grant_form(reach(), services, bodies, given, classes, today=on_day(), address=address, refused=refused)
    crumbs = (Link("Commissioners", address("grants.listing")), Link("Grant a view"))
    return page("people/desk.html", title="Grant a view", crumbs=crumbs, section="members.listing", view=view)


def _one(grant_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        grant = _found(queries.find_grant(session, reach().provider_ids, grant_id))
        looks = queries.looks(session, (grant.provider_id,), service_id=grant.service_id, body=grant.body)
    view = grant_page(reach(), grant, looks, today=on_day(), address=address, refused=refused)
    crumbs = (Link("Commissioners", address("grants.listing")), Link(grant.body or "A commissioner"))
    return page("people/desk.html", title=view.head.heading, crumbs=crumbs, section="members.listing", view=view)


def _service(services: tuple[Reachable, ...], words: str) -> Reachable:
    found = next((each for each in services if str(each.service_id) == words), None)
    if found is None:
        raise RefusedError("The grant was not made.", {"service": "Choose the service."})
    return found


def _found(grant: GrantLine | None) -> GrantLine:
    if grant is None:
        raise NotFoundError("There is no such grant within your sign-in.")
    return grant
