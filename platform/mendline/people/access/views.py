"""Who can see what, and why; and conflicts of interest."""

import uuid
from collections import Counter
from typing import cast

from flask import Response, flash, make_response, redirect, request

from mendline.people.access import queries
from mendline.people.access.commands import NamedConflict, lift_conflict, name_conflict
from mendline.people.access.presenting import access_page, conflicts_page, lifting_page, roles_with
from mendline.people.access.queries import ConflictLine
from mendline.people.members.forms import read_words
from mendline.people.members.queries import services_of
from mendline.people.members.rows import Reachable
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import SIGNED_IN, Section
from mendline.web.typed import identifier_or_none
from tenants.errors import NotFoundError, RefusedError

access = Section("access", url_prefix="/access")


@access.page("", access="see_people")
def listing() -> str:
    """Each person and outsider with what gives them their view; by person, service and class."""
    given = {name: request.args.get(name, "")[:80] for name in ("name", "service", "class")}
    words = request.args.get("page", "1")
    number = min(max(int(words), 1), 1000) if words.isascii() and words.isdigit() else 1
    provider_id = _provider()
    with transaction() as session:
        found, more = queries.sources(
            session,
            provider_id,
            today=on_day(),
            name=given["name"],
            service_id=identifier_or_none(given["service"]),
            class_=given["class"],
            roles=roles_with(given["class"]),
            number=number,
        )
        services = services_of(session, (provider_id,))
        cut = Counter(each.person_id for each in queries.conflicts(session, (provider_id,)))
    there = {name: value for name, value in given.items() if value}
    view = access_page(
        reach(),
        found,
        cut,
        services,
        given=given,
        older=address("access.listing", **there, page=number + 1) if more else "",
        newer=address("access.listing", **there, page=number - 1) if number > 1 else "",
        address=address,
    )
    crumbs = (Link("People", address("members.listing")), Link("Who can see what"))
    return page("people/desk.html", title="Who can see what", crumbs=crumbs, section="members.listing", view=view)


@access.page("/conflicts", access="see_concerns")
def conflicts() -> str:
    """Who is cut from what is about them."""
    return _conflicts({name: request.args.get(name, "")[:80] for name in ("place", "about_kind", "about")})


@access.page("/conflicts", access=SIGNED_IN, methods=("POST",))
def name() -> Response:
    """Cuts somebody from what is about them."""
    given = {name: read_words(request.form, name) for name in ("place", "about_kind", "about", "person", "reason")}
    try:
        with transaction() as session:
            service = _service(services_of(session, reach().provider_ids), given["place"])
            named = NamedConflict(
                service.provider_id,
                uuid.UUID(given["place"]),
                identifier_or_none(given["person"]),
                given["about_kind"],
                given["about"],
                given["reason"],
            )
            name_conflict(session, reach(), named)
    except RefusedError as refused:
        return make_response(_conflicts(given, refused), 422)
    flash("They do not see it any more.", "success")
    there = "access.conflicts" if reach().may_anywhere("see_concerns") else "work.mine"
    return cast("Response", redirect(address(there), 303))


@access.page("/conflicts/<uuid:conflict_id>", access="see_concerns")
def lifting(conflict_id: uuid.UUID) -> str:
    """The form that lifts a conflict."""
    with transaction() as session:
        line = _line(queries.conflicts(session, reach().provider_ids), conflict_id)
    return _lifting(line)


@access.page("/conflicts/<uuid:conflict_id>", access="see_concerns", methods=("POST",))
def lift(conflict_id: uuid.UUID) -> Response:
    """Lifts a conflict, with its reason."""
    try:
        with transaction() as session:
            line = _line(queries.conflicts(session, reach().provider_ids), conflict_id)
            lift_conflict(session, reach(), line, read_words(request.form, "reason"))
    except RefusedError as refused:
        return make_response(_lifting(line, refused), 422)
    flash("The conflict is lifted.", "success")
    return cast("Response", redirect(address("access.conflicts"), 303))


def _conflicts(given: dict[str, str], refused: RefusedError | None = None) -> str:
    with transaction() as session:
        lines = queries.conflicts(session, reach().provider_ids)
        services = services_of(session, reach().provider_ids)
        people = [
            each for provider_id in reach().provider_ids for each in queries.colleagues(session, provider_id, on_day())
        ]
    people = [each for each in people if each[0] != reach().person_id]
    view = conflicts_page(reach(), lines, services, people, given=given, address=address, refused=refused)
    crumbs = (Link("People", address("members.listing")), Link("Conflicts of interest"))
    return page("people/desk.html", title="Conflicts of interest", crumbs=crumbs, section="members.listing", view=view)


def _lifting(line: ConflictLine, refused: RefusedError | None = None) -> str:
    view = lifting_page(reach(), line, address=address, refused=refused)
    crumbs = (Link("Conflicts of interest", address("access.conflicts")), Link("Lift"))
    return page("people/desk.html", title="Lift a conflict", crumbs=crumbs, section="members.listing", view=view)


def _line(lines: tuple[ConflictLine, ...], conflict_id: uuid.UUID) -> ConflictLine:
    found = next((each for each in lines if each.conflict_id == conflict_id), None)
    if found is None:
        raise NotFoundError("There is no such conflict within your sign-in.")
    return found


def _service(services: tuple[Reachable, ...], words: str) -> Reachable:
    found = next((each for each in services if str(each.service_id) == words), None)
    if found is None:
        raise RefusedError("The conflict was not saved.", {"place": "Choose the service."})
    return found


def _provider() -> uuid.UUID:
    """The provider that is asked about, if one sees people there, else the first where one does."""
    seen = [each.provider_id for each in reach().held if reach().may("see_people", each.provider_id, each.service_id)]
    if not seen:
        raise NotFoundError("There is no provider where your sign-in sees people.")
    wanted = request.args.get("provider")
    return next((each for each in seen if str(each) == wanted), seen[0])
