"""Pages of hand-over: who owns what, the one page that hands over, and what was handed over."""

import uuid
from typing import cast

from flask import Response, flash, redirect, request

from mendline.places.head import address
from mendline.recovery.handover import queries
from mendline.recovery.handover.commands import GivenPassing, pass_on
from mendline.recovery.handover.owning import ownership, same_owner
from mendline.recovery.handover.presenting import owners_page, passed_page, passing_page
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import identifier_or_none
from tenants.errors import NotFoundError, RefusedError

handover = Section("handover", url_prefix="/hand-over")

SECTION = "services.listing"


@handover.page("", access="manage_actions")
def listing() -> str:
    """Who owns what, and what nobody owns since when."""
    with transaction() as session:
        owned = queries.everything_owned(session, _providers())
        everybody = queries.members(session, _providers())
    view = owners_page([ownership(each, everybody, on_day()) for each in owned], address)
    crumbs = (Link("Hand-over"),)
    return page("recovery/escalations.html", title="Hand-over", crumbs=crumbs, section=SECTION, view=view)


@handover.page("/from", access="manage_actions")
def of() -> str:
    """What one person owns, with who takes it."""
    return _of(request.args.get("owner", ""))


@handover.page("/from", access="manage_actions", methods=("POST",))
def pass_all() -> Response | tuple[str, int]:
    """Hands all of it over."""
    owner, form = request.args.get("owner", ""), request.form
    other = {key: found for name in form if (key := identifier_or_none(name.removeprefix("to_")))
             and (found := identifier_or_none(form[name]))}  # fmt: skip
    given = GivenPassing(owner, identifier_or_none(form.get("to_person", "")), other, form.get("reason", ""))
    try:
        with transaction() as session:
            done = pass_on(session, reach(), _providers(), given, on_day())
    except RefusedError as refused:
        return _of(owner, refused), 422
    flash("It is handed over. Whoever took it is told.", "success")
    return cast("Response", redirect(address("handover.done", hand_over_id=done), 303))


@handover.page("/done/<uuid:hand_over_id>", access="see_actions")
def done(hand_over_id: uuid.UUID) -> str:
    """What passed to whom."""
    with transaction() as session:
        lines = queries.passed(session, list(reach().provider_ids), hand_over_id)
    if not lines:
        raise NotFoundError("There is no such hand-over.")
    view = passed_page(lines)
    crumbs = (Link("Hand-over", address("handover.listing")), Link("Handed over"))
    return page("recovery/escalations.html", title="Handed over", crumbs=crumbs, section=SECTION, view=view)


def _of(owner: str, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        owned = [each for each in queries.everything_owned(session, _providers()) if same_owner(owner, each)]
        everybody = queries.members(session, _providers())
    if not owned:
        raise NotFoundError("Nothing of theirs is open any more.")
    working = [
        each for each in everybody if any(each.works(thing.provider_id, thing.service_id, on_day()) for thing in owned)
    ]
    things = [ownership(each, everybody, on_day()) for each in owned]
    view = passing_page(owner, things, working, given=request.form, refused=refused, address=address)
    crumbs = (Link("Hand-over", address("handover.listing")), Link(owner))
    return page("recovery/register_form.html", title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


def _providers() -> list[uuid.UUID]:
    return list(dict.fromkeys(held.provider_id for held in reach().held))
