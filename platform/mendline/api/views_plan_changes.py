"""Changes of a running recovery plan: the rhythm of a step, the milestones, and what was found of one."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from mendline.api.asking import body_of
from mendline.api.bodies_plans import MILESTONES, RHYTHM, VERDICT
from mendline.api.queries import own_place
from mendline.api.resources_plans import ChangedMilestonesOut, ChangedStepOut, JudgedMilestoneOut
from mendline.api.table import api
from mendline.api.writing import written
from mendline.places.acting import at
from mendline.recovery.plans.changing import ON_A_WEEKDAY, StepRhythm, Stone
from mendline.recovery.plans.milestone_judging import judge_milestone
from mendline.recovery.plans.milestones import GivenVerdict
from mendline.recovery.plans.objectives import find_plan
from mendline.recovery.plans.queries import revisions_of
from mendline.recovery.plans.revising import CHANGED_MEANWHILE, change_milestones, change_rhythm, milestones_of
from mendline.recovery.plans.rows import changes_of
from mendline.web.frame import on_day, reach, transaction
from tenants.errors import ConflictError, RefusedError


@api.operation(
    "PATCH",
    "/services/<uuid:service_id>/plans/<uuid:plan_id>/steps/<int:number>",
    access="change_plans",
    answer=ChangedStepOut,
    body=RHYTHM,
)
def change_step(service_id: uuid.UUID, plan_id: uuid.UUID, number: int) -> Response:
    """Changes how often a step is done, from today or a later day; its open work from that day on follows."""
    given = body_of(RHYTHM)
    cadence = given["cadence"]
    rhythm = StepRhythm(
        cadence,
        given.get("at_least", 1),
        given.get("weekday") if cadence in ON_A_WEEKDAY else None,
        tuple(given.get("shifts", ())) if cadence == "every_shift" else (),
    )
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("change_plans", place.provider_id, place.service_id)

        def change() -> ChangedStepOut:
            revision = change_rhythm(
                session, reach(), **at(place), plan_id=plan_id, number=number, rhythm=rhythm, reason=given["reason"],
                today=on_day(), from_on=given.get("from_on"),
            )  # fmt: skip
            return ChangedStepOut(number, revision, rhythm.words(), given.get("from_on") or on_day())

        return written(session, place.provider_id, 200, change)


@api.operation(
    "PATCH",
    "/services/<uuid:service_id>/plans/<uuid:plan_id>/milestones",
    access="change_plans",
    answer=ChangedMilestonesOut,
    body=MILESTONES,
)
def change_plan_milestones(service_id: uuid.UUID, plan_id: uuid.UUID) -> Response:
    """Sets the milestones of a plan anew; one that is left out is taken away, and what stood before stays visible."""
    given = body_of(MILESTONES)
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("change_plans", place.provider_id, place.service_id)

        def change() -> ChangedMilestonesOut:
            standing = milestones_of(find_plan(session, **at(place), plan_id=plan_id))
            if changes_of(revisions_of(session, **at(place)).get(plan_id, ()), "milestones") != given["seen"]:
                raise ConflictError(CHANGED_MEANWHILE)  # before weeks are looked up that may have moved
            revision = change_milestones(
                session, reach(), **at(place), plan_id=plan_id, seen=given["seen"],
                stones=_stones(given["milestones"], standing), reason=given["reason"], today=on_day(),
            )  # fmt: skip
            return ChangedMilestonesOut(revision)

        return written(session, place.provider_id, 200, change)


@api.operation(
    "POST",
    "/services/<uuid:service_id>/plans/<uuid:plan_id>/milestones/<int:week>/verdicts",
    access="change_plans",
    answer=JudgedMilestoneOut,
    status=201,
    body=VERDICT,
)
def judge_plan_milestone(service_id: uuid.UUID, plan_id: uuid.UUID, week: int) -> Response:
    """Records what a person found of a milestone that names no figures; one that is carried over moves to its new week."""
    given = body_of(VERDICT)
    found = GivenVerdict(given["verdict"], given["reason"], given.get("carried_to"))
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("change_plans", place.provider_id, place.service_id)

        def judge() -> JudgedMilestoneOut:
            number = judge_milestone(
                session, reach(), **at(place), plan_id=plan_id, week=week, given=found, today=on_day()
            )
            return JudgedMilestoneOut(week, number, found.verdict)

        return written(session, place.provider_id, 201, judge)


def _stones(given: Sequence[Mapping[str, Any]], standing: Sequence[Mapping[str, Any]]) -> list[Stone]:
    """The milestones as sent, each with the place of the one that it was.

    Raises:
        RefusedError: one is named by a week in which none stands.
    """
    places = {int(stone["week"]): place for place, stone in enumerate(standing)}
    unknown = [
        str(one["was_week"]) for one in given if one.get("was_week") is not None and one["was_week"] not in places
    ]
    if unknown:
        words = f"No milestone stands in week {', '.join(unknown)}. Leave was_week out for a new one."
        raise RefusedError("The milestones were not changed.", {"milestones": words})
    return [
        Stone(None if one.get("was_week") is None else places[one["was_week"]], one["week"], one["title"])
        for one in given
    ]
