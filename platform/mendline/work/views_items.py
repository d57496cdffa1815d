"""One piece of dated work: its page, and what a person does with it; who stands in for whom at a service."""

import uuid
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, cast

from flask import Response, flash, redirect, request

from mendline.catalogue.record_types import RecordType, record_types
from mendline.duties.commands import cancel, finish, move
from mendline.duties.handing_over import GivenHandOver, end_hand_over, hand_over
from mendline.duties.queries import colleagues, events_of, one_item
from mendline.duties.rows import WorkLine
from mendline.evidence.records.permits import may_enter
from mendline.places.acting import Answer, acted, at
from mendline.places.head import address
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.recovery.plans.queries import steps_of
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.typed import only_day
from mendline.work import queries
from mendline.work.forms import read_hand_over
from mendline.work.presenting_item import hand_overs_page, item_page, roles_at
from mendline.work.views import SECTION, work
from tenants.errors import NotFoundError, RefusedError

__all__ = ["work"]  # the section with the routes of this module added

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
    return _acted(
        service_id, work_item_id,
        lambda session, place: finish(
            session, reach(), **at(place), work_item_id=work_item_id, words=request.form.get("words", ""),
            by_words=not _enterable(place, _line(one_item(session, **at(place), work_item_id=work_item_id))),
            today=on_day(),
        ),
        "The work is done, with your words as its record.",
    )  # fmt: skip


@work.page(f"{ITEM}/date", access="manage_actions", methods=("POST",))
def move_item(service_id: uuid.UUID, work_item_id: uuid.UUID) -> Answer:
    """Gives work another date."""
    return _acted(
        service_id, work_item_id,
        lambda session, place: move(
            session, reach(), **at(place), work_item_id=work_item_id, due_on=only_day(request.form, "due_on"),
            reason=request.form.get("reason", ""), today=on_day(),
        ),
        "The date is moved. Both dates stay visible.",
    )  # fmt: skip


@work.page(f"{ITEM}/cancellation", access="manage_actions", methods=("POST",))
def cancel_item(service_id: uuid.UUID, work_item_id: uuid.UUID) -> Answer:
    """Takes work off the list, with a reason."""
    return _acted(
        service_id, work_item_id,
        lambda session, place: cancel(
            session, reach(), **at(place), work_item_id=work_item_id, reason=request.form.get("cancel_reason", ""),
            today=on_day(),
        ),
        "The work is cancelled. It stays on the plan's page.",
        {"reason": "cancel_reason"},
    )  # fmt: skip


@work.page(f"{ITEM}/hand-over", access="do_work", methods=("POST",))
def hand_over_item(service_id: uuid.UUID, work_item_id: uuid.UUID) -> Answer:
    """Hands one piece of work to somebody else."""
    return _acted(
        service_id, work_item_id,
        lambda session, place: hand_over(
            session, reach(), **at(place), today=on_day(),
            given=_asked_of(_line(one_item(session, **at(place), work_item_id=work_item_id))),
        ),
        "The work is handed over, on the record.",
    )  # fmt: skip


@work.page(f"{PLACE}/hand-over", access="do_work")
def hand_over_form(service_id: uuid.UUID) -> str:
    """Who stands in for whom, and the form for more."""
    return _hand_overs(service_id)


@work.page(f"{PLACE}/hand-over", access="do_work", methods=("POST",))
def hand_over_role(service_id: uuid.UUID) -> Answer:
    """Hands over all that a role is asked for a time."""
    return acted(
        service_id,
        lambda session, place: hand_over(
            session, reach(), **at(place), today=on_day(),
            given=_asked_of_role(
                roles_at(colleagues(session, **at(place)), [each.role for each in steps_of(session, **at(place), on=on_day())])
            ),
        ),
        lambda refused: _hand_overs(service_id, refused),
        said="The work is handed over, on the record.",
        then=lambda _: _to("work.hand_over_form", service_id=service_id),
    )  # fmt: skip


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


def _acted(
    service_id: uuid.UUID,
    work_item_id: uuid.UUID,
    act: Callable[[Any, Place], object],
    said: str,
    fields: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """What becomes of a form on the page of a piece of work; `fields` are those that the form names otherwise."""

    def again(refused: RefusedError) -> str:
        told = {fields.get(name, name): words for name, words in refused.problems.items()}
        return _item(service_id, work_item_id, RefusedError(str(refused), told))

    to = {"service_id": service_id, "work_item_id": work_item_id}
    return acted(service_id, act, again, said=said, then=lambda _: _to("work.item", **to))


def _asked_of(line: WorkLine) -> GivenHandOver:
    return read_hand_over(
        request.form, role=line.role, work_item_id=line.work_item_id, from_person=line.assigned_id, today=on_day()
    )


def _asked_of_role(roles: Collection[str]) -> GivenHandOver:
    given = read_hand_over(
        request.form, role=request.form.get("role", ""), work_item_id=None, from_person=None, today=on_day()
    )
    if given.role not in roles:
        raise RefusedError("Nothing was handed over.", {"role": "Choose the role."})
    return given


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
        steps = [each.role for each in steps_of(session, *here, on_day())]
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
