"""One piece of dated work: its page, and what a person does with it; who stands in for whom at a service."""

import uuid
from typing import cast

from flask import Response, flash, redirect, request

from mendline.catalogue.record_types import RecordType, record_types
from mendline.duties.commands import cancel, end_hand_over, finish, hand_over, move
from mendline.duties.queries import colleagues, events_of, one_item
from mendline.duties.rows import WorkLine
from mendline.evidence.records.permits import may_enter
from mendline.places.head import address
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.recovery.plans.queries import steps_of
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.work import queries
from mendline.work.forms import read_day, read_hand_over
from mendline.work.presenting_item import hand_overs_page, item_page, roles_at
from mendline.work.views import SECTION, work
from tenants.errors import NotFoundError, RefusedError

__all__ = ["work"]  # the section with the routes of this module added

Answer = Response | tuple[str, int]
PLACE = "/<uuid:service_id>"
ITEM = f"{PLACE}/items/<uuid:work_item_id>"

# The page of a piece of work and its acts belong to the section of My work.
items = work


@work.page(ITEM, access="see_work")
def item(service_id: uuid.UUID, work_item_id: uuid.UUID) -> str:
    """One piece of work."""
    return _item(service_id, work_item_id)


@work.page(f"{ITEM}/finish", access="do_work", methods=("POST",))
def finish_item(service_id: uuid.UUID, work_item_id: uuid.UUID) -> Answer:
    """Says that work is done whose record is words."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            line = _line(one_item(session, place.provider_id, place.service_id, work_item_id))
            finish(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                work_item_id=work_item_id,
                words=request.form.get("words", ""),
                by_words=not _enterable(place, line),
                today=on_day(),
            )
    except RefusedError as refused:
        return _item(service_id, work_item_id, refused), 422
    flash("The work is done, with your words as its record.", "success")
    return _to("work.item", service_id=service_id, work_item_id=work_item_id)


@work.page(f"{ITEM}/date", access="manage_actions", methods=("POST",))
def move_item(service_id: uuid.UUID, work_item_id: uuid.UUID) -> Answer:
    """Gives work another date."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            move(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                work_item_id=work_item_id,
                due_on=read_day(request.form, "due_on"),
                reason=request.form.get("reason", ""),
                today=on_day(),
            )
    except RefusedError as refused:
        return _item(service_id, work_item_id, refused), 422
    flash("The date is moved. Both dates stay visible.", "success")
    return _to("work.item", service_id=service_id, work_item_id=work_item_id)


@work.page(f"{ITEM}/cancellation", access="manage_actions", methods=("POST",))
def cancel_item(service_id: uuid.UUID, work_item_id: uuid.UUID) -> Answer:
    """Takes work off the list, with a reason."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            cancel(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                work_item_id=work_item_id,
                reason=request.form.get("cancel_reason", ""),
                today=on_day(),
            )
    except RefusedError as refused:
        told = {"cancel_reason" if name == "reason" else name: words for name, words in refused.problems.items()}
        return _item(service_id, work_item_id, RefusedError(str(refused), told)), 422
    flash("The work is cancelled. It stays on the plan's page.", "success")
    return _to("work.item", service_id=service_id, work_item_id=work_item_id)


@work.page(f"{ITEM}/hand-over", access="do_work", methods=("POST",))
def hand_over_item(service_id: uuid.UUID, work_item_id: uuid.UUID) -> Answer:
    """Hands one piece of work to somebody else."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            line = _line(one_item(session, place.provider_id, place.service_id, work_item_id))
            given = read_hand_over(
                request.form,
                role=line.role,
                work_item_id=work_item_id,
                from_person=line.assigned_id,
                today=on_day(),
            )
            hand_over(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                given=given,
                today=on_day(),
            )
    except RefusedError as refused:
        return _item(service_id, work_item_id, refused), 422
    flash("The work is handed over, on the record.", "success")
    return _to("work.item", service_id=service_id, work_item_id=work_item_id)


@work.page(f"{PLACE}/hand-over", access="do_work")
def hand_over_form(service_id: uuid.UUID) -> str:
    """Who stands in for whom, and the form for more."""
    return _hand_overs(service_id)


@work.page(f"{PLACE}/hand-over", access="do_work", methods=("POST",))
def hand_over_role(service_id: uuid.UUID) -> Answer:
    """Hands over all that a role is asked for a time."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            given = read_hand_over(
                request.form,
                role=request.form.get("role", ""),
                work_item_id=None,
                from_person=None,
                today=on_day(),
            )
            people = colleagues(session, place.provider_id, place.service_id)
            steps = [each.role for each in steps_of(session, place.provider_id, place.service_id)]
            if given.role not in roles_at(people, steps):
                raise RefusedError("Nothing was handed over.", {"role": "Choose the role."})  # noqa: TRY301
            hand_over(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                given=given,
                today=on_day(),
            )
    except RefusedError as refused:
        return _hand_overs(service_id, refused), 422
    flash("The work is handed over, on the record.", "success")
    return _to("work.hand_over_form", service_id=service_id)


@work.page(f"{PLACE}/hand-over/<uuid:delegation_id>/end", access="do_work", methods=("POST",))
def end_hand_over_here(service_id: uuid.UUID, delegation_id: uuid.UUID) -> Response:
    """Ends a hand-over today."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        end_hand_over(
            session,
            reach(),
            provider_id=place.provider_id,
            service_id=place.service_id,
            delegation_id=delegation_id,
            today=on_day(),
        )
    flash("The hand-over has ended. The role's own holder is asked again.", "success")
    return _to("work.hand_over_form", service_id=service_id)


def _item(service_id: uuid.UUID, work_item_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_work", *here)
        line = _line(one_item(session, *here, work_item_id))
        events = events_of(session, *here, work_item_id)
        people = colleagues(session, *here)
    view = item_page(
        place,
        reach(),
        line,
        events,
        _enterable(place, line),
        people,
        today=on_day(),
        address=address,
        given=request.form,
        refused=refused,
    )
    return page("work/item.html", title=line.title, crumbs=_crumbs(place, line.title), section=SECTION, view=view)


def _hand_overs(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("do_work", *here)
        standing = queries.standing_in(session, *here, on_day())
        people = colleagues(session, *here)
        steps = [each.role for each in steps_of(session, *here)]
    view = hand_overs_page(
        place,
        standing,
        people,
        roles_at(people, steps),
        today=on_day(),
        address=address,
        given=request.form,
        refused=refused,
    )
    return page(
        "work/hand_overs.html",
        title="Hand over work",
        crumbs=_crumbs(place, "Hand over work"),
        section=SECTION,
        view=view,
    )


def _enterable(place: Place, line: WorkLine) -> tuple[RecordType, ...]:
    """The kinds of record that the work asks for and this person enters."""
    known = (record_types().get(key) for key in line.record_types)
    return tuple(kind for kind in known if kind and may_enter(reach(), place.provider_id, place.service_id, kind))


def _line(found: WorkLine | None) -> WorkLine:
    if found is None:
        raise NotFoundError("There is no such work at this service.")
    return found


def _crumbs(place: Place, here: str) -> tuple[Link, ...]:
    if reach().may("see_indicators", place.provider_id, place.service_id):
        plan = address("plans.of_service", service_id=place.service_id)
        return (Link("My work", address("work.mine")), Link(place.name), Link("Recovery plan", plan), Link(here))
    return (Link("My work", address("work.mine")), Link(place.name), Link(here))


def _to(endpoint: str, **values: uuid.UUID) -> Response:
    return cast("Response", redirect(address(endpoint, **values), 303))
