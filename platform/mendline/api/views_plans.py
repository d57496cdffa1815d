"""Recovery plans, their objectives and their dated work."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from flask import Response

from mendline.api.asking import answer_slice, body_of, day
from mendline.api.bodies_plans import OBJECTIVE, PLAN
from mendline.api.queries import own_place
from mendline.api.resources_plans import (
    AimOut,
    ExitConditionOut,
    ExpectationOut,
    MadeObjectiveOut,
    MilestoneOut,
    ObjectiveOut,
    PlanOut,
    PlanTemplateOut,
    StartedPlanOut,
    StepOut,
    WorkItemOut,
)
from mendline.api.table import CURSOR, LIMIT, Query, api
from mendline.api.wire import picked
from mendline.api.writing import written
from mendline.catalogue.calendar import plan_week, plan_week_start
from mendline.catalogue.frameworks import framework_in_force
from mendline.duties.queries import work_at
from mendline.recovery.plans import queries
from mendline.recovery.plans.judging import standing_of, targets_of
from mendline.recovery.plans.milestone_judging import verdicts_of
from mendline.recovery.plans.objectives import GivenAim, GivenObjective, add_objective
from mendline.recovery.plans.revising import milestones_of
from mendline.recovery.plans.rows import ObjectiveLine, PlanLine, TargetLine, TemplateLine, VerdictLine, changes_of
from mendline.recovery.plans.starting import GivenPlan, start_plan
from mendline.web.frame import on_day, reach, transaction
from tenants.errors import RefusedError

MOST_WORK = 5_000
AROUND = timedelta(days=30)  # how far back and ahead dated work is listed where nothing else is asked


@api.operation(
    "GET",
    "/services/<uuid:service_id>/plan-templates",
    access="see_indicators",
    answer=PlanTemplateOut,
    paged=True,
    query=(CURSOR, LIMIT),
)
def plan_templates(service_id: uuid.UUID) -> Response:
    """What a plan can be started from: the catalogue's templates and the provider's own."""
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        found = queries.templates_for(session, place.provider_id)
    offered = [each for each in found if not each.is_withdrawn]
    return answer_slice(offered, lambda one: one.key, _template_out)


@api.operation(
    "GET",
    "/services/<uuid:service_id>/plans",
    access="see_indicators",
    answer=PlanOut,
    paged=True,
    query=(CURSOR, LIMIT),
)
def plans(service_id: uuid.UUID) -> Response:
    """The recovery plans of a service with their objectives and where each stands by its exit test."""
    today = on_day()
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_indicators", *here)
        lines = queries.plans_of(session, *here)
        objectives = queries.objectives_of(session, *here)
        targets = targets_of(session, place.provider_id, [place.service_id], today)
        steps = queries.steps_of(session, *here, today)
        verdicts = verdicts_of(session, *here)
        revisions = queries.revisions_of(session, *here)

    def told(line: PlanLine) -> PlanOut:
        own = [one for one in objectives if one.plan_id == line.plan_id]
        return picked(
            PlanOut,
            line,
            week=plan_week(line.starts_on, line.weeks, today).number,
            objectives=[_objective_out(one, targets.get(one.objective_id, ())) for one in own],
            steps=[picked(StepOut, one) for one in steps if one.plan_id == line.plan_id],
            milestones=_milestones_out(line, verdicts.get(line.plan_id, ())),
            milestones_revision=changes_of(revisions.get(line.plan_id, ()), "milestones"),
        )

    return answer_slice(lines, lambda one: one.plan_id, told)


@api.operation(
    "POST",
    "/services/<uuid:service_id>/plans",
    access="change_plans",
    answer=StartedPlanOut,
    status=201,
    body=PLAN,
)
def begin_plan(service_id: uuid.UUID) -> Response:
    """Starts a recovery plan from a template: objective, indicators, baselines, steps and first work, or nothing."""
    given = body_of(PLAN)
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("change_plans", place.provider_id, place.service_id)
        template = _chosen(queries.templates_for(session, place.provider_id), given["template"])

        def begin() -> StartedPlanOut:
            made = start_plan(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, today=on_day(),
                given=GivenPlan(
                    template=template.template,
                    version=template.version,
                    framework_version=framework_in_force(given["starts_on"]).version,
                    title=given["title"],
                    starts_on=given["starts_on"],
                    weeks=given.get("weeks", template.weeks),
                    review_owner=given["review_owner"],
                    goal=given.get("goal", ""),
                    target=given.get("target", ""),
                    requirement_ids=tuple(given.get("requirement_ids", ())),
                    inspection_id=given.get("inspection_id"),
                ),
            )  # fmt: skip
            lists = {name: list(getattr(made, name)) for name in ("started", "linked", "without_baseline")}
            return StartedPlanOut(made.plan_id, **lists, work_items=made.work_items)

        return written(session, place.provider_id, 201, begin)


@api.operation(
    "POST",
    "/services/<uuid:service_id>/plans/<uuid:plan_id>/objectives",
    access="change_plans",
    answer=MadeObjectiveOut,
    status=201,
    body=OBJECTIVE,
)
def add_plan_objective(service_id: uuid.UUID, plan_id: uuid.UUID) -> Response:
    """Adds an objective with its targets to a running plan."""
    given = body_of(OBJECTIVE)
    aims = tuple(GivenAim(**aim) for aim in given.pop("aims"))
    answered = tuple(given.pop("requirement_ids", ()))
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("change_plans", place.provider_id, place.service_id)

        def add() -> MadeObjectiveOut:
            objective_id = add_objective(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, plan_id=plan_id,
                given=GivenObjective(**given, aims=aims, requirement_ids=answered), today=on_day(),
            )  # fmt: skip
            return MadeObjectiveOut(objective_id)

        return written(session, place.provider_id, 201, add)


@api.operation(
    "GET",
    "/services/<uuid:service_id>/work",
    access="see_work",
    answer=WorkItemOut,
    paged=True,
    query=(
        Query("from", "date", "Due on this day or later; 30 days back otherwise."),
        Query("to", "date", "Due on this day or earlier; 30 days ahead otherwise."),
        CURSOR,
        LIMIT,
    ),
)
def work(service_id: uuid.UUID) -> Response:
    """The dated work of a service, soonest first, done and missed work included."""
    first: date = day("from") or on_day() - AROUND
    last: date = day("to") or on_day() + AROUND
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_work", place.provider_id, place.service_id)
        found = work_at(session, place.provider_id, place.service_id, first=first, last=last, most=MOST_WORK)
    return answer_slice(found, lambda one: one.work_item_id, lambda one: picked(WorkItemOut, one))


def _template_out(line: TemplateLine) -> PlanTemplateOut:
    template = line.template
    return picked(
        PlanTemplateOut, line, goal=template.goal, target=template.target, indicators=list(template.indicators)
    )


def _milestones_out(line: PlanLine, verdicts: Sequence[VerdictLine]) -> list[MilestoneOut]:
    found = {(each.week, each.title): each for each in verdicts}
    made = []
    for stone in milestones_of(line):
        week = int(stone["week"])
        kept = found.get((week, stone["title"]))
        made.append(
            MilestoneOut(
                week,
                plan_week_start(line.starts_on, week),
                stone["title"],
                [ExpectationOut(one["indicator"], one["operator"], one["value"]) for one in stone["expects"]],
                *(
                    (kept.verdict, kept.reason, kept.by_rule, kept.decided_on, kept.decided_label)
                    if kept
                    else [None] * 5
                ),
            )
        )
    return made


def _objective_out(line: ObjectiveLine, targets: tuple[TargetLine, ...]) -> ObjectiveOut:
    test = standing_of(line, targets)
    return picked(
        ObjectiveOut,
        line,
        stage=test.stage,
        aims=[
            AimOut(
                each.indicator_id, each.definition_key, each.fact.part, each.fact.operator, each.fact.value,
                each.fact.upper, each.by_week,
            )
            for each in targets
        ],
        conditions=[ExitConditionOut(each.key, each.title, each.holds, list(each.missing)) for each in test.conditions],
    )  # fmt: skip


def _chosen(templates: tuple[TemplateLine, ...], key: str) -> TemplateLine:
    for each in templates:
        if each.key == key and not each.is_withdrawn:
            return each
    raise RefusedError("The plan was not started.", {"template": "There is no such template."})
