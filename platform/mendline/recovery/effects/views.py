"""Pages of the look-back: those of a service, and one with its verdict."""

import uuid
from typing import cast

from flask import Response, flash, redirect, request

from mendline.places.head import address, crumbs_to
from mendline.places.queries import find_place
from mendline.recovery.effects import queries
from mendline.recovery.effects.commands import comparison_of, decide, move
from mendline.recovery.effects.presenting import effect_page, effects_page
from mendline.recovery.registers.action_commands import signature
from mendline.recovery.registers.forms import number_of
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import RefusedError

effects = Section("effects", url_prefix="/services/<uuid:service_id>/look-backs")

SECTION = "services.listing"


@effects.page("", access="see_actions")
def listing(service_id: uuid.UUID) -> str:
    """What is to be looked at, and what was found."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_actions", place.provider_id, place.service_id)
        lines = queries.checks_at(session, place.provider_id, place.service_id)
    view = effects_page(place, lines, today=on_day(), address=address)
    crumbs = crumbs_to(place, Link("Actions", address("recovery.actions", service_id=service_id)), Link("Look-backs"))
    title = f"Look-backs, {place.name}"
    return page("recovery/escalations.html", title=title, crumbs=crumbs, section=SECTION, view=view)


@effects.page("/<uuid:check_id>", access="see_actions")
def one(service_id: uuid.UUID, check_id: uuid.UUID) -> str:
    """Before and after, with the verdict or the form for it."""
    return _one(service_id, check_id)


@effects.page("/<uuid:check_id>", access="manage_actions", methods=("POST",))
def decide_one(service_id: uuid.UUID, check_id: uuid.UUID) -> Response | tuple[str, int]:
    """Records what somebody found."""
    form = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            decide(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, check_id=check_id,
                verdict=form.get("verdict", ""), reason=form.get("reason", ""), periods=number_of(form, "periods"),
                today=on_day(), label=signature(reach()),
            )  # fmt: skip
    except RefusedError as refused:
        return _one(service_id, check_id, refused), 422
    flash("Your verdict is recorded, with the figures that you saw.", "success")
    return cast("Response", redirect(address("effects.one", service_id=service_id, check_id=check_id), 303))


@effects.page("/<uuid:check_id>/date", access="manage_actions", methods=("POST",))
def move_one(service_id: uuid.UUID, check_id: uuid.UUID) -> Response | tuple[str, int]:
    """Books another time for the look."""
    form = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            found = move(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, check_id=check_id,
                periods=number_of(form, "periods"), reason=form.get("move_reason", ""), label=signature(reach()),
            )  # fmt: skip
    except RefusedError as refused:
        return _one(service_id, check_id, refused), 422
    flash("The look-back is booked for then.", "success")
    return cast("Response", redirect(address("effects.one", service_id=service_id, check_id=found), 303))


def _one(service_id: uuid.UUID, check_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_actions", place.provider_id, place.service_id)
        line = queries.check_of(session, place.provider_id, place.service_id, check_id)
        found = comparison_of(session, line, on_day())
    view = effect_page(
        place, line, found, may_decide=reach().may("manage_actions", place.provider_id, place.service_id),
        given=request.form, refused=refused, today=on_day(), address=address,
    )  # fmt: skip
    crumbs = crumbs_to(
        place, Link("Look-backs", address("effects.listing", service_id=service_id)), Link(line.reference)
    )
    title = f"{view.head.heading} {place.name}"
    return page("recovery/register_entry.html", title=title, crumbs=crumbs, section=SECTION, view=view)
