"""Further objectives of a running plan: each with its own goal, measurable targets, weeks and signature."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import plan_ends_on
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.plans import Operator
from mendline.indicators.aims import OPERATORS, GivenTarget
from mendline.indicators.closing import refuse_if_closed
from mendline.indicators.model import IndicatorBaseline, IndicatorTarget, ServiceIndicator
from mendline.indicators.running import change_target
from mendline.recovery.plans.closing import one_at_a_time
from mendline.recovery.plans.model import ObjectiveIndicator, PlanObjective
from mendline.recovery.plans.queries import objectives_of, plans_of, requirements_of
from mendline.recovery.plans.rows import PlanLine
from mendline.recovery.plans.scheduling import bring_up_to_date
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_GOAL = 10
MOST_AIMS = 12
LARGEST = 1_000_000.0
PARTS = ("main", "floor", "support")
SIGNERS = ("nominated_individual", "provider_quality_lead", "provider_lead")
AIM_OPERATORS = tuple(one for one in get_args(Operator) if one != "between")


@dataclass(frozen=True, slots=True)
class GivenAim:
    """What one indicator must reach for an objective.

    Attributes:
        part: main, floor or support.
        value: in the indicator's unit; for a fall from the baseline, in percent of it.
    """

    indicator_id: uuid.UUID
    operator: str
    value: float
    part: str = "main"


@dataclass(frozen=True, slots=True)
class GivenObjective:
    """An objective as it is asked for.

    Attributes:
        weeks: of the plan, until it is reached.
        hold_weeks: for how long the targets are kept before it can be signed.
        requirement_ids: breaches and notices that it answers.
    """

    goal: str
    target: str
    weeks: int | None
    hold_weeks: int | None
    sign_off_role: str
    aims: tuple[GivenAim, ...]
    requirement_ids: tuple[uuid.UUID, ...] = ()


def add_objective(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    plan_id: uuid.UUID,
    given: GivenObjective,
    today: date,
) -> uuid.UUID:
    """Adds an objective to a running plan; its targets hold from today, and the plan's work goes on until all are met.

    Raises:
        NotFoundError: there is no such plan at the service.
        RefusedError: the plan has ended, or a part of the objective cannot be; `problems` names it.
    """
    reach.require("change_plans", provider_id, service_id)
    reach.require("change_indicators", provider_id, service_id)
    refuse_if_closed(session, provider_id, service_id, "objective")
    one_at_a_time(session, provider_id, service_id)
    plan = find_plan(session, provider_id, service_id, plan_id)
    keys = _running(session, provider_id, service_id)
    problems = _problems(given, plan, keys)
    known = {each.requirement_id for each in requirements_of(session, provider_id, service_id)}
    if not set(given.requirement_ids) <= known:
        problems["requirements"] = "Choose breaches and notices of this service."
    if problems or given.weeks is None or given.hold_weeks is None:
        raise RefusedError("The objective was not added.", problems)
    standing = [each for each in objectives_of(session, provider_id, service_id) if each.plan_id == plan_id]
    objective_id = new_id()
    here = {"provider_id": provider_id, "service_id": service_id}
    session.add(
        PlanObjective(
            **here,
            plan_id=plan_id,
            objective_id=objective_id,
            number=max((each.number for each in standing), default=0) + 1,
            goal=given.goal.strip(),
            target=given.target.strip(),
            weeks=given.weeks,
            hold_weeks=given.hold_weeks,
            owner_role="registered_manager",
            sign_off_role=given.sign_off_role,
            requirement_ids=list(given.requirement_ids),
            recorded_at=now(),
        )
    )
    session.flush()
    _add_aims(session, reach, {**here, "plan_id": plan_id, "objective_id": objective_id}, plan, given, today)
    session.flush()
    bring_up_to_date(session, provider_id, today, services=[service_id])
    note(
        session,
        reach,
        "objective added",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"objective {objective_id}",
        detail={"plan": str(plan_id), "indicators": [keys[aim.indicator_id] for aim in given.aims]},
    )
    return objective_id


def _add_aims(
    session: Session, reach: Reach, key: dict[str, uuid.UUID], plan: PlanLine, given: GivenObjective, today: date
) -> None:
    """Links each indicator to its objective, and sets its target from today."""
    reach_by = plan_ends_on(plan.starts_on, given.weeks or plan.weeks)
    here = {"provider_id": key["provider_id"], "service_id": key["service_id"]}
    for position, aim in enumerate(given.aims):
        session.add(
            ObjectiveIndicator(
                **key,
                indicator_id=aim.indicator_id,
                part=aim.part,
                operator=aim.operator,
                value=aim.value,
                upper=None,
                by_week=given.weeks,
                position=position,
            )
        )
        baseline = newest_baseline(session, **here, indicator_id=aim.indicator_id)
        aim_at(
            session, reach, **here, indicator_id=aim.indicator_id, operator=aim.operator, value=aim.value,
            baseline=baseline, reach_by=reach_by, plan_title=plan.title, today=today,
        )  # fmt: skip


def find_plan(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, plan_id: uuid.UUID) -> PlanLine:
    """One plan of a service.

    Raises:
        NotFoundError: there is none.
    """
    for plan in plans_of(session, provider_id, service_id):
        if plan.plan_id == plan_id:
            return plan
    raise NotFoundError("There is no such plan at this service.")


def newest_baseline(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID
) -> float | None:
    """The baseline that stands; None where none was frozen."""
    b = IndicatorBaseline
    return session.scalar(
        select(b.value)
        .where(b.provider_id == provider_id, b.service_id == service_id, b.indicator_id == indicator_id)
        .order_by(b.version.desc())
        .limit(1)
    )


def aim_at(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    operator: str,
    value: float | None,
    baseline: float | None,
    reach_by: date,
    plan_title: str,
    today: date,
) -> None:
    """Gives an indicator the plan's target with its date, where that is a plain number or becomes one by the baseline."""
    if operator == "reduce_from_baseline_pct" and baseline is not None and value is not None:
        operator, value = "<=", round(baseline * (1 - value / 100), 4)
    if operator not in OPERATORS or value is None:
        return
    t = IndicatorTarget
    standing = session.execute(
        select(t.operator, t.value, t.reach_by)
        .where(t.provider_id == provider_id, t.service_id == service_id, t.indicator_id == indicator_id)
        .order_by(t.version.desc())
        .limit(1)
    ).one_or_none()
    if standing is not None and tuple(standing) == (operator, value, reach_by):
        return
    change_target(
        session,
        reach,
        provider_id=provider_id,
        service_id=service_id,
        indicator_id=indicator_id,
        target=GivenTarget(operator, value, reach_by, f"Target of the recovery plan “{plan_title.strip()}”"),
        today=today,
    )


def _running(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> dict[uuid.UUID, str]:
    i = ServiceIndicator
    rows = session.execute(
        select(i.indicator_id, i.definition_key).where(
            i.provider_id == provider_id, i.service_id == service_id, i.ended_on.is_(None)
        )
    )
    return {row.indicator_id: row.definition_key for row in rows}


def _problems(given: GivenObjective, plan: PlanLine, keys: dict[uuid.UUID, str]) -> dict[str, str]:
    aims = [aim.indicator_id for aim in given.aims]
    checks = (
        (plan.ended_on is not None, "plan", "This plan has ended. Start another one."),
        (len(given.goal.strip()) < SHORTEST_GOAL, "goal", "Say what will be true for people, in a sentence."),
        (len(given.target.strip()) < SHORTEST_GOAL, "target", "Say what is measured, how much and by when."),
        (given.weeks is None or not 1 <= given.weeks <= 104, "weeks", "Give a week of the plan, from 1 to 104."),
        (
            given.hold_weeks is None or not 1 <= given.hold_weeks <= 52,
            "hold_weeks",
            "Give the weeks for which it is held before it is signed, from 1 to 52.",
        ),
        (given.sign_off_role not in SIGNERS, "sign_off_role", "Say who signs that it is met."),
        (not any(aim.part == "main" for aim in given.aims), "aims", "An objective needs a main target."),
        (len(aims) > MOST_AIMS, "aims", f"An objective has at most {MOST_AIMS} targets."),
        (len(set(aims)) != len(aims), "aims", "An indicator is named twice."),
        (not set(aims) <= keys.keys(), "aims", "Choose indicators that run at this service."),
        (any(aim.part not in PARTS for aim in given.aims), "aims", "Say what each target is for."),
        (any(aim.operator not in AIM_OPERATORS for aim in given.aims), "aims", "Say how each target is read."),
        (
            any(not _sensible(aim, keys) for aim in given.aims),
            "aims",
            "Give a value that the indicator can have: a percentage lies between 0 and 100.",
        ),
    )
    found: dict[str, str] = {}
    for wrong, field, words in checks:
        if wrong:
            found.setdefault(field, words)
    return found


def _sensible(aim: GivenAim, keys: dict[uuid.UUID, str]) -> bool:
    key = keys.get(aim.indicator_id)
    if key is None:
        return True
    is_share = aim.operator == "reduce_from_baseline_pct" or indicator_definition(key).measure_type == "proportion"
    return 0 <= aim.value <= (100 if is_share else LARGEST)
