"""The pages of objectives: a further one of a plan, its signature, its end, and opening it again."""

import uuid

from flask import flash, request

from mendline.catalogue.plans import template_from
from mendline.indicators.queries import standings
from mendline.places.acting import Answer, acted, at
from mendline.places.head import address, crumbs_to
from mendline.places.queries import find_place
from mendline.recovery.plans import forms_objectives as forms
from mendline.recovery.plans import queries
from mendline.recovery.plans.commands import close_objective, reopen_objective, sign_objective
from mendline.recovery.plans.judging import standing_of, targets_of
from mendline.recovery.plans.objectives import add_objective, find_plan
from mendline.recovery.plans.rows import ObjectiveLine
from mendline.recovery.plans.views import FORM, SECTION, to
from mendline.recovery.plans.views_regulator import plans
from mendline.web.components import Fact, Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from tenants.errors import NotFoundError, RefusedError

__all__ = ["plans"]  # the section with the routes of this module added


@plans.page("/plan/<uuid:plan_id>/objectives/new", access="change_plans")
def new_objective(service_id: uuid.UUID, plan_id: uuid.UUID) -> str:
    """The form of a further objective."""
    return _new_form(service_id, plan_id)


@plans.page("/plan/<uuid:plan_id>/objectives", access="change_plans", methods=("POST",))
def add(service_id: uuid.UUID, plan_id: uuid.UUID) -> Answer:
    """Adds an objective with its targets to a running plan."""
    return acted(
        service_id,
        lambda session, place: add_objective(
            session, reach(), **at(place), plan_id=plan_id, today=on_day(),
            given=forms.read_objective(request.form, request.form.getlist("requirements")),
        ),
        lambda refused: _new_form(service_id, plan_id, refused),
        said="The objective is added. Its targets hold from today.",
        then=lambda _: to("plans.of_service", service_id=service_id),
    )  # fmt: skip


@plans.page("/objectives/<uuid:objective_id>/signature", access="see_indicators")
def sign_form(service_id: uuid.UUID, objective_id: uuid.UUID) -> str:
    """The form that signs an objective, or closes one that held."""
    return _objective_form(service_id, objective_id, "")


@plans.page("/objectives/<uuid:objective_id>/signature", access="see_indicators", methods=("POST",))
def sign(service_id: uuid.UUID, objective_id: uuid.UUID) -> Answer:
    """Signs or closes an objective; the exit test is asked again."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            here = {"provider_id": place.provider_id, "service_id": place.service_id, "objective_id": objective_id}
            objective = _objective(queries.objectives_of(session, place.provider_id, place.service_id), objective_id)
            words = request.form.get("words", "")
            if objective.signature is not None:
                close_objective(session, reach(), **here, words=words, today=on_day())
            else:
                confirmed = request.form.get("confirmed") == "yes"
                sign_objective(session, reach(), **here, words=words, confirmed=confirmed, today=on_day())
    except RefusedError as refused:
        return _objective_form(service_id, objective_id, "", refused), 422
    flash("It is signed, with your name and role.", "success")
    return to("plans.of_service", service_id=service_id)


@plans.page("/objectives/<uuid:objective_id>/reopening", access="change_plans")
def reopen_form(service_id: uuid.UUID, objective_id: uuid.UUID) -> str:
    """The form that opens an objective again."""
    return _objective_form(service_id, objective_id, "reopen")


@plans.page("/objectives/<uuid:objective_id>/reopening", access="change_plans", methods=("POST",))
def reopen(service_id: uuid.UUID, objective_id: uuid.UUID) -> Answer:
    """Opens an objective again; the first signature stays visible."""
    return acted(
        service_id,
        lambda session, place: reopen_objective(
            session, reach(), **at(place), objective_id=objective_id, reason=request.form.get("words", ""),
            today=on_day(),
        ),
        lambda refused: _objective_form(service_id, objective_id, "reopen", refused),
        said="The objective is open again, and its sustain clock starts anew.",
        then=lambda _: to("plans.of_service", service_id=service_id),
    )  # fmt: skip


def _new_form(service_id: uuid.UUID, plan_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("change_plans", *here)
        plan = find_plan(session, *here, plan_id)
        running = standings(session, *here, periods="none")
        requirements = queries.requirements_of(session, *here)
    chosen = request.form.getlist("requirements") if request.method == "POST" else None
    view = forms.new_objective_form(
        place, plan, running, requirements, address=address, given=request.form, chosen=chosen, refused=refused
    )
    up = Link("Recovery plan", address("plans.of_service", service_id=service_id))
    crumbs = crumbs_to(place, up, Link("Add an objective"))
    return page(FORM, title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


def _objective_form(
    service_id: uuid.UUID, objective_id: uuid.UUID, act: str, refused: RefusedError | None = None
) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("change_plans" if act else "see_indicators", *here)
        objective = _objective(queries.objectives_of(session, *here), objective_id)
        targets = targets_of(session, place.provider_id, [place.service_id], on_day())
        plan = find_plan(session, *here, objective.plan_id)
    test = standing_of(objective, targets.get(objective_id, ()))
    template = template_from(plan.content, plan.template_key) if plan.content else None
    view = forms.objective_form(
        place,
        objective,
        act=act or ("close" if objective.signature else "sign"),
        confirmations=template.confirmations if template else (),
        facts=[
            Fact(each.title, "Holds" if each.holds else "Does not hold yet", note=" ".join(each.missing or each.facts))
            for each in test.conditions
        ],
        address=address,
        given=request.form,
        refused=refused,
    )
    up = Link("Recovery plan", address("plans.of_service", service_id=service_id))
    crumbs = crumbs_to(place, up, Link(view.head.heading))
    return page(FORM, title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


def _objective(objectives: tuple[ObjectiveLine, ...], objective_id: uuid.UUID) -> ObjectiveLine:
    for each in objectives:
        if each.objective_id == objective_id:
            return each
    raise NotFoundError("There is no such objective at this service.")
