"""The pages that change a running plan: the rhythm of a step, and the milestones."""

import uuid
from typing import Any

from flask import request

from mendline.places.acting import Answer, acted, at
from mendline.places.head import address, crumbs_to
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.recovery.plans import forms_changes as forms
from mendline.recovery.plans.forms_verdict import milestone_form as form_of
from mendline.recovery.plans.forms_verdict import read_verdict
from mendline.recovery.plans.milestone_judging import judge_milestone, place_of, verdicts_of
from mendline.recovery.plans.objectives import find_plan
from mendline.recovery.plans.pages import PlanFormPage
from mendline.recovery.plans.queries import revisions_of
from mendline.recovery.plans.revising import change_milestones, change_rhythm, find_step, milestones_of
from mendline.recovery.plans.rows import PlanLine, changes_of
from mendline.recovery.plans.views import FORM, SECTION, to
from mendline.recovery.plans.views_objectives import plans
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from tenants.errors import RefusedError

__all__ = ["plans"]  # the section with the routes of this module added


@plans.page("/plan/<uuid:plan_id>/steps/<int:number>/rhythm", access="change_plans")
def rhythm_form(service_id: uuid.UUID, plan_id: uuid.UUID, number: int) -> str:
    """The form that changes how often a step is done."""
    return _rhythm_form(service_id, plan_id, number)


@plans.page("/plan/<uuid:plan_id>/steps/<int:number>/rhythm", access="change_plans", methods=("POST",))
def change_rhythm_of(service_id: uuid.UUID, plan_id: uuid.UUID, number: int) -> Answer:
    """Changes how often a step is done; its open work follows."""
    return acted(
        service_id,
        lambda session, place: change_rhythm(
            session, reach(), **at(place), plan_id=plan_id, number=number,
            rhythm=forms.read_rhythm(request.form, request.form.getlist("shifts")),
            reason=request.form.get("reason", ""), today=on_day(), from_on=forms.read_from(request.form),
        ),
        lambda refused: _rhythm_form(service_id, plan_id, number, refused),
        said="The change is recorded. What stood before stays visible.",
        then=lambda _: to("plans.of_service", service_id=service_id),
    )  # fmt: skip


@plans.page("/plan/<uuid:plan_id>/milestones", access="change_plans")
def milestones_form(service_id: uuid.UUID, plan_id: uuid.UUID) -> str:
    """The form that changes the milestones of a plan."""
    return _milestones_form(service_id, plan_id)


@plans.page("/plan/<uuid:plan_id>/milestones", access="change_plans", methods=("POST",))
def change_milestones_of(service_id: uuid.UUID, plan_id: uuid.UUID) -> Answer:
    """Sets the milestones of a plan anew."""
    return acted(
        service_id,
        lambda session, place: change_milestones(
            session, reach(), **at(place), plan_id=plan_id, reason=request.form.get("reason", ""), today=on_day(),
            **_milestones_asked(find_plan(session, **at(place), plan_id=plan_id)),
        ),
        lambda refused: _milestones_form(service_id, plan_id, refused),
        said="The milestones are changed. What stood before stays visible.",
        then=lambda _: to("plans.of_service", service_id=service_id),
    )  # fmt: skip


@plans.page("/plan/<uuid:plan_id>/milestones/<int:week>", access="change_plans")
def milestone_form(service_id: uuid.UUID, plan_id: uuid.UUID, week: int) -> str:
    """The form by which a person judges a milestone."""
    return _milestone_form(service_id, plan_id, week)


@plans.page("/plan/<uuid:plan_id>/milestones/<int:week>", access="change_plans", methods=("POST",))
def judge_milestone_of(service_id: uuid.UUID, plan_id: uuid.UUID, week: int) -> Answer:
    """Records what a person found of a milestone."""
    return acted(
        service_id,
        lambda session, place: judge_milestone(
            session, reach(), **at(place), plan_id=plan_id, week=week, given=read_verdict(request.form), today=on_day()
        ),
        lambda refused: _milestone_form(service_id, plan_id, week, refused),
        said="What was found is recorded.",
        then=lambda _: to("plans.of_service", service_id=service_id),
    )


def _milestones_asked(plan: PlanLine) -> dict[str, Any]:
    seen, stones = forms.read_milestones(request.form, plan)
    return {"seen": seen, "stones": stones}


def _rhythm_form(service_id: uuid.UUID, plan_id: uuid.UUID, number: int, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("change_plans", *here)
        plan = find_plan(session, *here, plan_id)
        step = find_step(session, *here, plan_id, number, on_day())
    shifts = request.form.getlist("shifts") if request.method == "POST" else None
    view = forms.rhythm_form(
        place, plan, step, address=address, given=request.form, shifts=shifts, today=on_day(), refused=refused
    )
    return _under_plan(place, view)


def _milestones_form(service_id: uuid.UUID, plan_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("change_plans", *here)
        plan = find_plan(session, *here, plan_id)
        seen = changes_of(revisions_of(session, *here).get(plan_id, ()), "milestones")
    view = forms.milestones_form(place, plan, seen=seen, address=address, given=request.form, refused=refused)
    return _under_plan(place, view)


def _milestone_form(service_id: uuid.UUID, plan_id: uuid.UUID, week: int, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("change_plans", *here)
        plan = find_plan(session, *here, plan_id)
        kept = next((each for each in verdicts_of(session, *here).get(plan_id, ()) if each.week == week), None)
    stones = milestones_of(plan)
    stone = stones[place_of(stones, week)]
    return _under_plan(place, form_of(place, plan, stone, kept, address=address, given=request.form, refused=refused))


def _under_plan(place: Place, view: PlanFormPage) -> str:
    up = Link("Recovery plan", address("plans.of_service", service_id=place.service_id))
    crumbs = crumbs_to(place, up, Link(view.head.heading))
    return page(FORM, title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)
