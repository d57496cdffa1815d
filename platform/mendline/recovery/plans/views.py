"""The pages of recovery plans: the plan, its start, its changes and its objectives."""

import uuid
from collections import defaultdict
from datetime import timedelta
from typing import Any, cast

from flask import Response, flash, redirect, request

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import figure, listed
from mendline.duties.holding import short_name
from mendline.duties.queries import colleagues, work_at
from mendline.indicators.queries import standings
from mendline.places.acting import Answer, acted, at
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.recovery.plans import forms, queries
from mendline.recovery.plans.commands import revise_plan
from mendline.recovery.plans.judging import targets_of
from mendline.recovery.plans.milestone_judging import verdicts_of
from mendline.recovery.plans.objectives import find_plan
from mendline.recovery.plans.presenting import plan_page
from mendline.recovery.plans.presenting_regulator import start_page
from mendline.recovery.plans.rows import PlanLine, TemplateLine
from mendline.recovery.plans.starting import start_plan
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError, RefusedError

plans = Section("plans", url_prefix="/services/<uuid:service_id>")

SECTION = "services.listing"
FORM = "indicators/observation_form.html"


@plans.page("/plan", access="see_indicators")
def of_service(service_id: uuid.UUID) -> str:
    """The recovery plans of a service: objectives, steps, week by week, what is done and what is overdue."""
    today = on_day()
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_indicators", *here)
        lines = queries.plans_of(session, *here)
        first = min((each.starts_on for each in lines), default=today)
        sees_work = reach().may("see_work", *here)
        view = plan_page(
            place,
            standings(session, *here, periods="none"),
            reach(),
            lines,
            queries.objectives_of(session, *here),
            targets_of(session, place.provider_id, [place.service_id], today),
            queries.steps_of(session, *here, today),
            work_at(session, *here, first=first, last=today + timedelta(days=45), most=5_000) if sees_work else (),
            queries.revisions_of(session, *here),
            queries.requirements_of(session, *here),
            queries.reviews_of(session, *here) if reach().may("see_actions", *here) else (),
            verdicts_of(session, *here),
            today=today,
            offers=offers_at(reach(), place),
            address=address,
        )
    return page(
        "recovery/plans/plan.html",
        title=f"Recovery plan, {place.name}",
        crumbs=crumbs_to(place, Link("Recovery plan")),
        section=SECTION,
        view=view,
    )


@plans.page("/plan/new", access="change_plans")
def start_form(service_id: uuid.UUID) -> str:
    """The one page that starts a plan."""
    return _start_form(service_id)


@plans.page("/plan", access="change_plans", methods=("POST",))
def start(service_id: uuid.UUID) -> Answer:
    """Starts a plan with all that belongs to it, in one transaction."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            template = _template(queries.templates_for(session, place.provider_id), request.form.get("template", ""))
            given = forms.read_start(request.form, request.form.getlist("requirements"), template)
            made = start_plan(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                given=given,
                today=on_day(),
            )
    except RefusedError as refused:
        return _start_form(service_id, refused), 422
    flash(f"The plan is started, with {made.work_items} pieces of work dated for the first weeks.", "success")
    if made.without_baseline:
        flash(
            f"There is no figure before the plan for {listed(made.without_baseline)}: freeze the baseline when there is.",
            "success",
        )
    return to("plans.of_service", service_id=service_id)


@plans.page("/plan/<uuid:plan_id>/change", access="change_plans")
def change_form(service_id: uuid.UUID, plan_id: uuid.UUID) -> str:
    """The form that moves, lengthens or ends a plan."""
    return _change_form(service_id, plan_id)


@plans.page("/plan/<uuid:plan_id>/change", access="change_plans", methods=("POST",))
def change(service_id: uuid.UUID, plan_id: uuid.UUID) -> Answer:
    """Moves, lengthens or ends a plan, on the record."""
    return acted(
        service_id,
        lambda session, place: revise_plan(
            session, reach(), **at(place), plan_id=plan_id, reason=request.form.get("reason", ""), today=on_day(),
            **_change_asked(find_plan(session, **at(place), plan_id=plan_id)),
        ),
        lambda refused: _change_form(service_id, plan_id, refused),
        said="The change is on the record. What stood before stays visible.",
        then=lambda _: to("plans.of_service", service_id=service_id),
    )  # fmt: skip


def _change_asked(plan: PlanLine) -> dict[str, Any]:
    ends, starts_on, weeks = forms.read_change(request.form, plan)
    cause = "ended" if ends else "start_date" if starts_on != plan.starts_on else "length"
    return {"starts_on": starts_on, "weeks": weeks, "cause": cause, "ended_on": on_day() if ends else None}


def _start_form(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    asked = request.values.get("template", "")
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("change_plans", *here)
        templates = queries.templates_for(session, place.provider_id)
        requirements = queries.requirements_of(session, *here)
        found = queries.inspections_of(session, *here)
        people = colleagues(session, *here)
        running = standings(session, *here, periods="none")
    chosen = _template(templates, asked) if asked else None
    holders: dict[str, list[str]] = defaultdict(list)
    for each in people:
        holders[each.role].append(each.label)
    form = None
    if chosen is not None:
        form = forms.start_form(
            place,
            chosen,
            requirements,
            found,
            owner=forms.owner_words(people, short_name(reach().name)),
            today=on_day(),
            address=address,
            given=request.form,
            chosen=request.form.getlist("requirements") if request.method == "POST" else None,
            refused=refused,
        )
    reads = {
        each.definition_key: (
            f"Runs here: {figure(each.value, indicator_definition(each.definition_key))}"
            if each.value is not None
            else "Runs here: no figure yet"
        )
        for each in running
    }
    view = start_page(place, templates, chosen, form, holders, reads, address=address)
    up = Link("Recovery plan", address("plans.of_service", service_id=service_id))
    crumbs = crumbs_to(place, up, Link("Start a plan"))
    return page("recovery/plans/start.html", title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


def _change_form(service_id: uuid.UUID, plan_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("change_plans", place.provider_id, place.service_id)
        plan = find_plan(session, place.provider_id, place.service_id, plan_id)
    view = forms.change_form(place, plan, address=address, given=request.form, refused=refused)
    crumbs = crumbs_to(place, Link("Recovery plan", address("plans.of_service", service_id=service_id)), Link("Change"))
    return page(FORM, title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


def _template(templates: tuple[TemplateLine, ...], key: str) -> TemplateLine:
    for each in templates:
        if each.key == key and not each.is_withdrawn:
            return each
    raise NotFoundError("There is no such template.")


def to(endpoint: str, **values: uuid.UUID) -> Response:
    """Leads on after a form was taken."""
    return cast("Response", redirect(address(endpoint, **values), 303))
