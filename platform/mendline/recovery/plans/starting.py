"""Starting a recovery plan: plan, objective, indicators, baselines, steps and first work, all in one transaction."""

import uuid
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import plan_ends_on, previous_period
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.plans import PlanTarget, PlanTemplate, template_data
from mendline.duties.holding import short_name
from mendline.indicators.aims import OPERATORS, GivenTarget
from mendline.indicators.closing import refuse_if_closed
from mendline.indicators.model import ServiceIndicator
from mendline.indicators.running import freeze_baseline, start_indicator
from mendline.recovery.model import RecoveryPlan
from mendline.recovery.plans.closing import close_items, one_at_a_time
from mendline.recovery.plans.model import ObjectiveIndicator, PlanObjective, PlanStep
from mendline.recovery.plans.objectives import aim_at, newest_baseline
from mendline.recovery.plans.queries import plans_of
from mendline.recovery.plans.scheduling import ask_daily, bring_up_to_date
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

LATEST_START_DAYS = 366


@dataclass(frozen=True, slots=True)
class GivenPlan:
    """A plan as it is asked for; everything but the template has a default on the form.

    Attributes:
        goal: what will be true for people; the template's own where it is empty.
        target: the measurable goal in one sentence; likewise.
        requirement_ids: breaches and notices that it answers.
        inspection_id: the inspection that it follows; its date moves the plan if it was wrong.
        review_owner: who reviews the indicators that begin with the plan, as initial and surname.
    """

    template: PlanTemplate
    version: str
    framework_version: str
    title: str
    starts_on: date | None
    weeks: int | None
    review_owner: str
    goal: str = ""
    target: str = ""
    requirement_ids: tuple[uuid.UUID, ...] = ()
    inspection_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class StartedPlan:
    """What starting a plan made, all of it in one transaction."""

    plan_id: uuid.UUID
    started: tuple[str, ...]
    linked: tuple[str, ...]
    without_baseline: tuple[str, ...]
    work_items: int


@dataclass(slots=True)
class _Made:
    started: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    without_baseline: list[str] = field(default_factory=list)


def start_plan(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, service_id: uuid.UUID, given: GivenPlan, today: date
) -> StartedPlan:
    """Starts a plan from a template: the plan, its objective, indicators, baselines, steps and first work, or nothing.

    An indicator that runs already is linked and takes the plan's target; one that does not is begun. Baselines are frozen
    from the final figures before the plan, where there are any.

    Raises:
        RefusedError: the same template runs here already, or a field cannot be; `problems` names it.
    """
    reach.require("change_plans", provider_id, service_id)
    reach.require("change_indicators", provider_id, service_id)
    refuse_if_closed(session, provider_id, service_id, "plan")
    one_at_a_time(session, provider_id, service_id)
    problems = _start_problems(given, today)
    running = plans_of(session, provider_id, service_id)
    if any(each.template_key == given.template.key and each.ended_on is None for each in running):
        problems["template"] = "A plan from this template runs here already. End it first, or choose another."
    if problems or given.starts_on is None or given.weeks is None:
        raise RefusedError("The plan was not started.", problems)
    plan_id, objective_id = new_id(), new_id()
    here = {"provider_id": provider_id, "service_id": service_id, "plan_id": plan_id}
    _add_plan(session, here, objective_id, given, given.starts_on, given.weeks, short_name(reach.name))
    _add_steps(session, provider_id, service_id, plan_id, given.template)
    session.flush()
    made = _link_indicators(
        session, reach, provider_id=provider_id, service_id=service_id, plan_id=plan_id, objective_id=objective_id,
        given=given, today=today,
    )  # fmt: skip
    session.flush()
    ask_daily(session, provider_id, service_id, today)
    written = bring_up_to_date(session, provider_id, today, services=[service_id]).written
    if not made.without_baseline:
        _baselines_done(session, provider_id, service_id, plan_id, reach, today)
    note(
        session,
        reach,
        "recovery plan started",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"recovery plan {plan_id}",
        detail={"template": given.template.key, "version": given.version, "weeks": given.weeks},
    )
    return StartedPlan(plan_id, tuple(made.started), tuple(made.linked), tuple(made.without_baseline), written)


def _add_plan(
    session: Session,
    here: dict[str, uuid.UUID],
    objective_id: uuid.UUID,
    given: GivenPlan,
    starts_on: date,
    weeks: int,
    label: str,
) -> None:
    """The plan and its first objective."""
    at = now()
    session.add(
        RecoveryPlan(
            **here,
            template_key=given.template.key,
            template_version=given.version,
            framework_version=given.framework_version,
            title=given.title.strip(),
            goal=given.goal.strip() or given.template.goal,
            target=given.target.strip() or given.template.target,
            starts_on=starts_on,
            weeks=weeks,
            inspection_id=given.inspection_id,
            content=template_data(given.template),
            started_label=label,
            recorded_at=at,
        )
    )
    session.flush()
    session.add(
        PlanObjective(
            **here,
            objective_id=objective_id,
            number=1,
            goal=given.goal.strip() or given.template.goal,
            target=given.target.strip() or given.template.target,
            weeks=weeks,
            hold_weeks=given.template.hold_weeks,
            owner_role="registered_manager",
            sign_off_role=given.template.sign_off_role,
            requirement_ids=list(given.requirement_ids),
            recorded_at=at,
        )
    )


def _start_problems(given: GivenPlan, today: date) -> dict[str, str]:
    early = given.starts_on is not None and (today - given.starts_on).days > LATEST_START_DAYS
    late = given.starts_on is not None and (given.starts_on - today).days > LATEST_START_DAYS
    return {
        name: words
        for wrong, name, words in (
            (len(given.title.strip()) < 4, "title", "Give the plan a name."),
            (given.starts_on is None, "starts_on", "Give the day on which it starts."),
            (early or late, "starts_on", "Give a day within a year of today."),
            (given.weeks is None or not 1 <= given.weeks <= 104, "weeks", "A plan has from 1 to 104 weeks."),
            (not given.review_owner.strip(), "review_owner", "Name who reviews it: an initial and a surname."),
        )
        if wrong
    }


def _add_steps(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, plan_id: uuid.UUID, template: PlanTemplate
) -> None:
    at = now()
    session.add_all(
        PlanStep(
            provider_id=provider_id,
            service_id=service_id,
            plan_id=plan_id,
            number=step.number,
            role=step.role,
            action=step.action,
            record=step.record,
            record_types=list(step.record_types),
            cadence=step.cadence,
            rhythm=step.rhythm,
            at_least=step.at_least,
            due_weekday=step.due_weekday,
            shifts=list(step.shifts) if step.cadence == "every_shift" else [],
            recorded_at=at,
        )
        for step in template.steps
    )


def _link_indicators(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    plan_id: uuid.UUID,
    objective_id: uuid.UUID,
    given: GivenPlan,
    today: date,
) -> _Made:
    """Each indicator of the template: begun or linked, with its baseline and the plan's target."""
    here = {"provider_id": provider_id, "service_id": service_id}
    runs = _running(session, provider_id, service_id)
    goals = {target.indicator: target for target in given.template.targets}
    made = _Made()
    starts_on = given.starts_on or today
    for position, key in enumerate(given.template.indicators):
        goal = goals.get(key)
        indicator_id = runs.get(key)
        name = indicator_definition(key).name
        if indicator_id is None:
            indicator_id = start_indicator(
                session, reach, **here, definition_key=key, review_owner=given.review_owner,
                target=_own_target(key), today=today,
            )  # fmt: skip
            made.started.append(name)
        else:
            made.linked.append(name)
        session.flush()
        baseline = _frozen(session, reach, provider_id, service_id, indicator_id, key, starts_on, today)
        if goal is not None and goal.part == "main" and baseline is None:
            made.without_baseline.append(name)
        if goal is not None:
            aim_at(
                session, reach, **here, indicator_id=indicator_id, operator=goal.operator, value=_ends(goal)[0],
                baseline=baseline, reach_by=plan_ends_on(starts_on, goal.by_week), plan_title=given.title, today=today,
            )  # fmt: skip
        at = here | {"plan_id": plan_id, "objective_id": objective_id, "indicator_id": indicator_id}
        session.add(_objective_indicator(at, goal, position))
    return made


def _running(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> dict[str, uuid.UUID]:
    si = ServiceIndicator
    return {
        row.definition_key: row.indicator_id
        for row in session.execute(
            select(si.definition_key, si.indicator_id).where(
                si.provider_id == provider_id, si.service_id == service_id, si.ended_on.is_(None)
            )
        )
    }


def _objective_indicator(at: dict[str, uuid.UUID], goal: PlanTarget | None, position: int) -> ObjectiveIndicator:
    value, upper = _ends(goal)
    return ObjectiveIndicator(
        **at,
        part=goal.part if goal else "watched",
        operator=goal.operator if goal else None,
        value=value,
        upper=upper,
        by_week=goal.by_week if goal else None,
        position=position,
    )


def _own_target(key: str) -> GivenTarget:
    """The catalogue's target where it is a plain number; the plan's own follows."""
    target = indicator_definition(key).target
    if target.operator in OPERATORS and isinstance(target.value, float):
        return GivenTarget(target.operator, target.value)
    return GivenTarget("monitor_only", None)


def _frozen(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    key: str,
    starts_on: date,
    today: date,
) -> float | None:
    """The baseline that stands, or one frozen now from the figures before the plan; None where there are none."""
    standing = newest_baseline(session, provider_id, service_id, indicator_id)
    if standing is not None:
        return standing
    last = previous_period(indicator_definition(key).cadence, starts_on)
    try:
        freeze_baseline(
            session,
            reach,
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=indicator_id,
            last_period=last,
            today=today,
        )
    except RefusedError:
        return None
    session.flush()
    return newest_baseline(session, provider_id, service_id, indicator_id)


def _ends(goal: PlanTarget | None) -> tuple[float | None, float | None]:
    if goal is None:
        return None, None
    if isinstance(goal.value, tuple):
        return goal.value[0], goal.value[1]
    return goal.value, None


def _baselines_done(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    plan_id: uuid.UUID,
    reach: Reach,
    today: date,
) -> None:
    """Starting the plan froze the baselines: the step that asks for them once is done by that."""
    close_items(
        session, reach, provider_id, service_id, plan_id, "done", "The baselines were frozen with the plan.", today,
        "occurrence = 'once' and cardinality(record_types) = 0",
    )  # fmt: skip
