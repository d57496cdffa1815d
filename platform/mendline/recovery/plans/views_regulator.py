"""The pages of inspections, breaches and notices, and of the thread that a breach leads to."""

import uuid
from collections.abc import Sequence

from flask import Response, flash, request

from mendline.indicators.queries import standings
from mendline.places.acting import Answer, acted, at
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.recovery.plans import forms_regulator as forms
from mendline.recovery.plans import queries
from mendline.recovery.plans.inspecting import correct_inspection, record_inspection
from mendline.recovery.plans.judging import standing_of, targets_of
from mendline.recovery.plans.pages import PlanFormPage
from mendline.recovery.plans.presenting_regulator import inspections_page, thread_page
from mendline.recovery.plans.requiring import add_requirement, meet_requirement
from mendline.recovery.plans.rows import InspectionLine, RequirementLine
from mendline.recovery.plans.views import FORM, SECTION, plans, to
from mendline.recovery.plans.weeks import MovedWeeks
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.typed import only_day
from tenants.errors import NotFoundError, RefusedError

__all__ = ["plans"]  # the section with the routes of this module added


@plans.page("/inspections", access="see_indicators")
def inspections(service_id: uuid.UUID) -> str:
    """What the regulator found, and what stands open."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_indicators", *here)
        found = queries.inspections_of(session, *here)
        requirements = queries.requirements_of(session, *here)
        figures = standings(session, *here, periods="none")
    view = inspections_page(
        place, figures, reach(), found, requirements, today=on_day(), offers=offers_at(reach(), place), address=address
    )
    crumbs = crumbs_to(place, Link("Inspections and breaches"))
    title = f"Inspections and breaches, {place.name}"
    return page("recovery/plans/inspections.html", title=title, crumbs=crumbs, section=SECTION, view=view)


@plans.page("/inspections/new", access="change_indicators")
def inspection_form(service_id: uuid.UUID) -> str:
    """The form of an inspection."""
    return _inspection_form(service_id, None)


@plans.page("/inspections", access="change_indicators", methods=("POST",))
def add_inspection(service_id: uuid.UUID) -> Answer:
    """Saves an inspection."""
    return acted(
        service_id,
        lambda session, place: record_inspection(
            session, reach(), **at(place), given=forms.read_inspection(request.form), today=on_day()
        ),
        lambda refused: _inspection_form(service_id, None, refused),
        said="The inspection is saved. Add its breaches and notices, then start the plan that answers them.",
        then=lambda _: to("plans.inspections", service_id=service_id),
    )


@plans.page("/inspections/<uuid:inspection_id>/correction", access="change_indicators")
def correction_form(service_id: uuid.UUID, inspection_id: uuid.UUID) -> str:
    """The form that stands in place of an inspection that was wrong."""
    return _inspection_form(service_id, inspection_id)


@plans.page("/inspections/<uuid:inspection_id>/correction", access="change_indicators", methods=("POST",))
def correct(service_id: uuid.UUID, inspection_id: uuid.UUID) -> Answer:
    """Corrects an inspection; plans that follow it move with it."""
    return acted(
        service_id,
        lambda session, place: correct_inspection(
            session, reach(), **at(place), inspection_id=inspection_id, given=forms.read_inspection(request.form),
            reason=request.form.get("reason", ""), today=on_day(),
        ),
        lambda refused: _inspection_form(service_id, inspection_id, refused),
        said="The inspection is corrected. What stood before stays visible.",
        then=lambda made: _told_moves(service_id, made[1]),
    )  # fmt: skip


@plans.page("/breaches/new", access="change_indicators")
def requirement_form(service_id: uuid.UUID) -> str:
    """The form of a breach or notice."""
    return _requirement_form(service_id)


@plans.page("/breaches", access="change_indicators", methods=("POST",))
def add_requirement_here(service_id: uuid.UUID) -> Answer:
    """Saves a breach, notice or condition."""
    return acted(
        service_id,
        lambda session, place: add_requirement(
            session, reach(), **at(place), given=forms.read_requirement(request.form), today=on_day()
        ),
        lambda refused: _requirement_form(service_id, refused),
        said="It is saved, with its dates.",
        then=lambda added: to("plans.thread", service_id=service_id, requirement_id=added),
    )


@plans.page("/breaches/<uuid:requirement_id>", access="see_actions")
def thread(service_id: uuid.UUID, requirement_id: uuid.UUID) -> str:
    """A breach or notice with its objectives, actions, indicators, evidence and effect."""
    today = on_day()
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_actions", *here)
        line = _requirement(queries.requirements_of(session, *here), requirement_id)
        objectives = queries.objectives_of(session, *here)
        targets = targets_of(session, place.provider_id, [place.service_id], today)
        found = queries.thread_of(session, *here, line)
    stages = {each.objective_id: standing_of(each, targets.get(each.objective_id, ())).stage for each in objectives}
    view = thread_page(place, reach(), line, objectives, targets, stages, found, today=today, address=address)
    up = Link("Inspections and breaches", address("plans.inspections", service_id=service_id))
    crumbs = crumbs_to(place, up, Link(view.head.heading))
    title = f"{view.head.heading}, {place.name}"
    return page("recovery/plans/thread.html", title=title, crumbs=crumbs, section=SECTION, view=view)


@plans.page("/breaches/<uuid:requirement_id>/met", access="change_plans")
def met_form(service_id: uuid.UUID, requirement_id: uuid.UUID) -> str:
    """The form that tells a breach or notice as met."""
    return _met_form(service_id, requirement_id)


@plans.page("/breaches/<uuid:requirement_id>/met", access="change_plans", methods=("POST",))
def meet(service_id: uuid.UUID, requirement_id: uuid.UUID) -> Answer:
    """Tells a breach or notice as met."""
    return acted(
        service_id,
        lambda session, place: meet_requirement(
            session, reach(), **at(place), requirement_id=requirement_id, met_on=only_day(request.form, "met_on"),
            words=request.form.get("words", ""), today=on_day(),
        ),
        lambda refused: _met_form(service_id, requirement_id, refused),
        said="It is told as met, with your words.",
        then=lambda _: to("plans.thread", service_id=service_id, requirement_id=requirement_id),
    )  # fmt: skip


def _told_moves(service_id: uuid.UUID, moved: Sequence[MovedWeeks]) -> Response:
    """Says which plans moved with the inspection that they follow."""
    for move in moved:
        flash(move.sentence, "success")
    return to("plans.inspections", service_id=service_id)


def _inspection_form(
    service_id: uuid.UUID, inspection_id: uuid.UUID | None, refused: RefusedError | None = None
) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("change_indicators", *here)
        found = queries.inspections_of(session, *here)
    correcting = _inspection(found, inspection_id) if inspection_id else None
    view = forms.inspection_form(
        place, correcting=correcting, today=on_day(), address=address, given=request.form, refused=refused
    )
    return _under_inspections(service_id, place.name, view)


def _requirement_form(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("change_indicators", *here)
        found = queries.inspections_of(session, *here)
    view = forms.requirement_form(place, found, address=address, given=request.form, refused=refused)
    return _under_inspections(service_id, place.name, view)


def _met_form(service_id: uuid.UUID, requirement_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("change_plans", *here)
        line = _requirement(queries.requirements_of(session, *here), requirement_id)
    view = forms.met_form(place, line, today=on_day(), address=address, given=request.form, refused=refused)
    return _under_inspections(service_id, place.name, view)


def _under_inspections(service_id: uuid.UUID, name: str, view: PlanFormPage) -> str:
    crumbs = (
        Link("Services", address("services.listing")),
        Link(name, address("services.dashboard", service_id=service_id)),
        Link("Inspections and breaches", address("plans.inspections", service_id=service_id)),
        Link(view.head.heading),
    )
    return page(FORM, title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


def _inspection(found: tuple[InspectionLine, ...], inspection_id: uuid.UUID) -> InspectionLine:
    for each in found:
        if each.inspection_id == inspection_id and not each.is_corrected:
            return each
    raise NotFoundError("There is no such inspection, or it was corrected already.")


def _requirement(found: tuple[RequirementLine, ...], requirement_id: uuid.UUID) -> RequirementLine:
    for each in found:
        if each.requirement_id == requirement_id:
            return each
    raise NotFoundError("There is no such breach or notice at this service.")
