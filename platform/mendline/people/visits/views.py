"""Requests and findings: written by a commissioner, answered by the provider."""

import uuid
from typing import cast

from flask import Response, flash, make_response, redirect, request

from mendline.comparison.commissioned import name_of
from mendline.comparison.granted import grant_at
from mendline.comparison.looking import note_look
from mendline.people.members.forms import read_words
from mendline.people.visits import queries
from mendline.people.visits.commands import LONGEST, PACK, GivenNote, answer_note, write_note
from mendline.people.visits.presenting import note_page, outside_page
from mendline.people.visits.queries import NoteLine
from mendline.places.head import address
from mendline.places.queries import find_granted_place
from mendline.web.components import Link
from mendline.web.frame import ground, on_day, origin, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import day_or_none
from tenants.errors import NotFoundError, RefusedError
from tenants.reach import Granted

visits = Section("visits")

_OUTSIDE = "/portfolio/<uuid:service_id>/notes"
_INSIDE = "/commissioners/notes/<uuid:note_id>"


@visits.page(_OUTSIDE, access="see_visits")
def listing(service_id: uuid.UUID) -> str:
    """A commissioner's own requests and findings at a service."""
    return _listing(service_id, {})


@visits.page(_OUTSIDE, access="write_visits", methods=("POST",))
def write(service_id: uuid.UUID) -> Response:
    """Sends a request or a finding to the provider."""
    grant = _grant(service_id)
    given = {"kind": read_words(request.form, "kind"), "answer_by": read_words(request.form, "answer_by")}
    given["words"] = request.form.get("words", "")[: LONGEST + 1]
    try:
        with ground().database.transaction(reach(), role="web") as session:
            session.info["origin"] = origin()
            write_note(
                session,
                reach(),
                provider_id=grant.provider_id,
                service_id=service_id,
                given=GivenNote(given["kind"], given["words"], day_or_none(given["answer_by"])),
                today=on_day(),
            )
    except RefusedError as refused:
        return make_response(_listing(service_id, given, refused), 422)
    flash("It is sent. The provider answers here.", "success")
    return cast("Response", redirect(address("visits.listing", service_id=service_id), 303))


@visits.page(_INSIDE, access="see_released")
def one(note_id: uuid.UUID) -> str:
    """One request or finding, for the provider."""
    return _one(note_id)


@visits.page(_INSIDE, access="release_figures", methods=("POST",))
def answer(note_id: uuid.UUID) -> Response:
    """Answers it."""
    typed = request.form.get("words", "")[: LONGEST + 1]
    try:
        with transaction() as session:
            line = _found(queries.notes(session, reach().provider_ids), note_id)
            answer_note(session, reach(), line, typed)
    except RefusedError as refused:
        return make_response(_one(note_id, typed, refused), 422)
    flash("The request is declined." if line.kind == PACK else "The answer is sent.", "success")
    return cast("Response", redirect(address("visits.one", note_id=note_id), 303))


def _listing(service_id: uuid.UUID, given: dict[str, str], refused: RefusedError | None = None) -> str:
    held, grant = reach(), _grant(service_id)
    with transaction() as session:
        place = find_granted_place(session, held, service_id)
        found = queries.notes(session, (grant.provider_id,), service_id)
    note_look(ground().database, held, [(grant.provider_id, service_id)], "requests and findings")
    name = name_of(place.name, service_id, {service_id: grant})
    action = address("visits.write", service_id=service_id)
    figures = any("summary" in each.classes for each in held.granted if each.service_id == service_id)
    view = outside_page(
        name, found, action=action, given=given, today=on_day(), address=address, figures=figures, refused=refused
    )
    crumbs = (
        Link("Services you commission", address("commissioner.portfolio")),
        Link(name, address("commissioner.service", service_id=service_id)),
        Link("Requests and findings"),
    )
    return page("people/desk.html", title=view.head.heading, crumbs=crumbs, section="commissioner.portfolio", view=view)


def _one(note_id: uuid.UUID, typed: str = "", refused: RefusedError | None = None) -> str:
    with transaction() as session:
        line = _found(queries.notes(session, reach().provider_ids), note_id)
    view = note_page(reach(), line, today=on_day(), address=address, typed=typed, refused=refused)
    crumbs = (Link("Commissioners", address("grants.listing")), Link(view.head.heading))
    return page("people/desk.html", title=view.head.heading, crumbs=crumbs, section="members.listing", view=view)


def _grant(service_id: uuid.UUID) -> Granted:
    found = grant_at(reach(), service_id)
    if found is None:
        raise NotFoundError("There is no such service within your sign-in.")
    return found


def _found(lines: tuple[NoteLine, ...], note_id: uuid.UUID) -> NoteLine:
    line = next((each for each in lines if each.note_id == note_id), None)
    if line is None or reach().is_external:
        raise NotFoundError("There is no such request or finding within your sign-in.")
    return line
