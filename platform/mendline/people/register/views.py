"""The register of services: what closed, what follows what, and in which area each lies."""

import uuid
from typing import cast

from flask import Response, flash, make_response, redirect, request

from mendline.people.members.forms import read_words
from mendline.people.register import commands
from mendline.people.register.presenting import register_page
from mendline.people.register.queries import Registered, registered
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import day_or_none, identifier_or_none
from tenants.clock import today
from tenants.errors import NotFoundError, RefusedError

service_register = Section("register", url_prefix="/register")
MISTAKE = "It was closed by mistake."


@service_register.page("", access="see_service")
def listing() -> str:
    """Every service within reach, open and closed."""
    return _listing({})


@service_register.page("/closings", access="manage_services", methods=("POST",))
def close() -> Response:
    """Closes a service."""
    given = {name: read_words(request.form, name) for name in ("service", "day", "reason")} | {"form": "close"}
    try:
        with transaction() as session:
            chosen = _chosen(registered(session, _workplaces()), given["service"], "service")
            commands.close(session, reach(), chosen, day_or_none(given["day"]), given["reason"], today())
    except RefusedError as refused:
        return make_response(_listing(given, refused), 422)
    flash(f"{chosen.name} is closed. Its pages stay to be read.", "success")
    return cast("Response", redirect(address("register.listing"), 303))


@service_register.page("/areas", access="manage_services", methods=("POST",))
def set_area() -> Response:
    """Says which local authority area a service lies in."""
    given = {name: read_words(request.form, name) for name in ("located", "area_code")} | {"form": "area"}
    try:
        with transaction() as session:
            chosen = _chosen(registered(session, _workplaces()), given["located"], "located")
            area = commands.set_area(session, reach(), chosen, given["area_code"])
    except RefusedError as refused:
        return make_response(_listing(given, refused), 422)
    flash(f"{chosen.name} lies in the area {area}." if area else f"{chosen.name} has no area.", "success")
    return cast("Response", redirect(address("register.listing"), 303))


@service_register.page("/<uuid:service_id>/opening", access="manage_services", methods=("POST",))
def open_again(service_id: uuid.UUID) -> Response:
    """Takes a closing back."""
    with transaction() as session:
        found = next((each for each in registered(session, _workplaces()) if each.service_id == service_id), None)
        if found is None:
            raise NotFoundError("There is no such service within your sign-in.")
        commands.open_again(session, reach(), found, MISTAKE)
    flash(f"{found.name} is open again.", "success")
    return cast("Response", redirect(address("register.listing"), 303))


@service_register.page("/successions", access="manage_services", methods=("POST",))
def follow() -> Response:
    """Says which service follows which."""
    names = ("newer", "before", "from_on", "because")
    given = {name: read_words(request.form, name) for name in names} | {"form": "follow"}
    try:
        with transaction() as session:
            services = registered(session, _workplaces())
            chosen = _chosen(services, given["newer"], "newer")
            before = None if given["before"] == "none" else _chosen(services, given["before"], "before")
            by_id = {each.service_id: each for each in services if each.provider_id == chosen.provider_id}
            commands.follow(session, reach(), chosen, before, day_or_none(given["from_on"]), given["because"], by_id)
    except RefusedError as refused:
        return make_response(_listing(given, refused), 422)
    flash(f"Saved what {chosen.name} follows.", "success")
    return cast("Response", redirect(address("register.listing"), 303))


def _workplaces() -> tuple[uuid.UUID, ...]:
    """The providers for which somebody works; a commissioner sees services on pages of their own."""
    return tuple(dict.fromkeys(each.provider_id for each in reach().held))


def _chosen(services: tuple[Registered, ...], words: str, field: str) -> Registered:
    wanted = identifier_or_none(words)
    found = next((each for each in services if each.service_id == wanted), None)
    if found is None:
        raise RefusedError("Nothing was saved.", {field: "Choose a service."})
    return found


def _listing(given: dict[str, str], refused: RefusedError | None = None) -> str:
    with transaction() as session:
        services = registered(session, _workplaces())
    view = register_page(reach(), services, address, given, refused)
    return page(
        "people/desk.html",
        title="Service register",
        crumbs=(Link("Service register"),),
        section="members.listing",
        view=view,
    )
