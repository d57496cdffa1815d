"""Opening a service's records on need, and the list of who did."""

import uuid
from typing import cast

from flask import Response, flash, make_response, redirect, request

from mendline.people.members.forms import read_words
from mendline.people.members.queries import services_of
from mendline.people.members.rows import Reachable
from mendline.people.opening.commands import close_records, open_records
from mendline.people.opening.presenting import openings_page
from mendline.people.opening.queries import openings
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import reach, transaction
from mendline.web.page import clock, page
from mendline.web.section import Section
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError

opening = Section("opening", url_prefix="/opened-records")


@opening.page("", access="see_opened_records")
def listing() -> str:
    """Who opened which records, and the form that opens some."""
    return _listing({}, ())


@opening.page("", access="open_records", methods=("POST",), step_up=True)
def begin() -> Response:
    """Opens a service's records to oneself for a while."""
    given = {name: read_words(request.form, name) for name in ("service", "reason", "minutes")}
    classes = tuple(dict.fromkeys(request.form.getlist("classes")))[:10]
    try:
        with transaction() as session:
            here = _service(services_of(session, reach().provider_ids), given["service"])
            minutes = given["minutes"]
            until = open_records(
                session,
                reach(),
                provider_id=here.provider_id,
                service_id=uuid.UUID(given["service"]),
                classes=classes,
                why=given["reason"],
                minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 5 else 0,
            )
    except RefusedError as refused:
        return make_response(_listing(given, classes, refused), 422)
    flash(f"The records of {here.name} are open to you until {clock(until)}.", "success")
    return cast("Response", redirect(address("records.types", service_id=here.service_id), 303))


@opening.page("/<uuid:service_id>/<uuid:opening_id>/end", access="see_opened_records", methods=("POST",))
def end(service_id: uuid.UUID, opening_id: uuid.UUID) -> Response:
    """Closes opened records before their time; this only ever makes things safer."""
    with transaction() as session:
        found = next(
            (
                each
                for each in openings(session, reach().provider_ids)
                if (each.service_id, each.opening_id) == (service_id, opening_id)
            ),
            None,
        )
        if found is None:
            raise NotFoundError("No such records are open within your sign-in.")
        close_records(session, reach(), found)
    flash("The records are closed.", "success")
    return cast("Response", redirect(address("opening.listing"), 303))


def _service(services: tuple[Reachable, ...], words: str) -> Reachable:
    found = next((each for each in services if str(each.service_id) == words), None)
    if found is None:
        raise RefusedError("The records stay closed.", {"service": "Choose the service."})
    return found


def _listing(given: dict[str, str], classes: tuple[str, ...], refused: RefusedError | None = None) -> str:
    with transaction() as session:
        found = openings(session, reach().provider_ids)
        services = [
            each
            for each in services_of(session, reach().provider_ids)
            if reach().may("open_records", each.provider_id, each.service_id)
        ]
    view = openings_page(
        reach(), found, services, given=given, classes=classes, at=now(), address=address, refused=refused
    )
    crumbs = (Link("Opened records"),)
    return page("people/desk.html", title="Opened records", crumbs=crumbs, section="members.listing", view=view)
