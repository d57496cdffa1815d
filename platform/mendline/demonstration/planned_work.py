"""The demonstration's recovery plans brought to life: objectives, steps, and work that was done, missed or is overdue."""

import uuid
from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from mendline.catalogue.plans import PlanTemplate, plan_template
from mendline.demonstration.model import Demonstration, DemoPlan
from mendline.demonstration.sources import at, named
from mendline.recovery.plans.model import ObjectiveIndicator, PlanObjective, PlanStep
from mendline.recovery.plans.scheduling import ask_daily, bring_up_to_date
from tenants.database import insert_many

# Of a hundred pieces of work that are due, so many were done; the newest few days are left as they stand.
DONE_OF_HUNDRED = 93

_PAST = text("""
with due as (
    select w.provider_id, w.service_id, w.work_item_id, w.due_on, w.needed,
           case when w.shift_band is null then coalesce(w.assigned_label, 'A Okafor')
                else (array['A Okafor', 'N Farah', 'L Byrne'])[1 + mod(abs(hashtext(w.occurrence)), 3)] end as label
    from work_item w
    where w.provider_id = :provider and w.state in ('open', 'missed') and w.due_on < :today
      and mod(abs(hashtext(w.occurrence || w.step_number || w.plan_id::text)), 100) < :share
), done as (
    update work_item w set state = 'done', made = w.needed, closed_on = d.due_on, closed_label = d.label
    from due d
    where w.provider_id = d.provider_id and w.service_id = d.service_id and w.work_item_id = d.work_item_id
    returning w.provider_id, w.service_id, w.work_item_id, w.closed_on, w.closed_label)
insert into work_item_event (
    provider_id, service_id, work_item_id, event_id, kind, note, happened_on, by_label, recorded_at)
select provider_id, service_id, work_item_id, gen_random_uuid(), 'done', 'Told by the demonstration.', closed_on,
       closed_label, closed_on + time '17:00' at time zone 'Europe/London'
from done
""")


def load_planned_work(session: Session, planned: Demonstration, provider_id: uuid.UUID) -> None:
    """Adds what belongs to the plans of a provider, dates their work from the first day, and does most of it."""
    plans = [plan for plan in planned.plans if plan.provider_id == provider_id]
    for table, rows in _rows(planned, plans):
        insert_many(session, table, rows)
    services = [plan.service_id for plan in plans]
    for service_id in services:
        ask_daily(session, provider_id, service_id, planned.today)
    if services:
        bring_up_to_date(session, provider_id, planned.today, services=services, whole_past=True)
        session.execute(_PAST, {"provider": provider_id, "today": planned.today, "share": DONE_OF_HUNDRED})


def _rows(planned: Demonstration, plans: list[DemoPlan]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    objectives = [_objective(planned, plan, plan_template(plan.template_key)) for plan in plans]
    yield cast("Table", PlanObjective.__table__), objectives
    yield cast("Table", ObjectiveIndicator.__table__), [row for plan in plans for row in _indicators(planned, plan)]
    yield cast("Table", PlanStep.__table__), [row for plan in plans for row in _steps(plan)]


def _here(plan: DemoPlan) -> dict[str, Any]:
    return {"provider_id": plan.provider_id, "service_id": plan.service_id, "plan_id": plan.plan_id}


def _objective(planned: Demonstration, plan: DemoPlan, template: PlanTemplate) -> dict[str, Any]:
    return {
        **_here(plan),
        "objective_id": named("objective", plan.plan_id),
        "number": 1,
        "goal": plan.goal,
        "target": template.target,
        "weeks": plan.weeks,
        "hold_weeks": template.hold_weeks,
        "owner_role": "registered_manager",
        "sign_off_role": template.sign_off_role,
        "requirement_ids": [
            one.requirement_id
            for one in planned.requirements
            if one.service_id == plan.service_id and one.regulation in template.regulations
        ],
        "recorded_at": at(plan.starts_on, 9, 0),
    }


def _indicators(planned: Demonstration, plan: DemoPlan) -> list[dict[str, Any]]:
    template = plan_template(plan.template_key)
    goals = {target.indicator: target for target in template.targets}
    runs = {one.definition_key: one for one in planned.indicators if one.service_id == plan.service_id}
    rows = []
    for position, key in enumerate(key for key in template.indicators if key in runs):
        goal = goals.get(key)
        value = goal.value if goal else None
        rows.append(
            {
                **_here(plan),
                "objective_id": named("objective", plan.plan_id),
                "indicator_id": runs[key].indicator_id,
                "part": goal.part if goal else "watched",
                "operator": goal.operator if goal else None,
                "value": value[0] if isinstance(value, tuple) else value,
                "upper": value[1] if isinstance(value, tuple) else None,
                "by_week": goal.by_week if goal else None,
                "position": position,
            }
        )
    return rows


def _steps(plan: DemoPlan) -> list[dict[str, Any]]:
    return [
        {
            **_here(plan),
            "number": step.number,
            "role": step.role,
            "action": step.action,
            "record": step.record,
            "record_types": list(step.record_types),
            "cadence": step.cadence,
            "rhythm": step.rhythm,
            "at_least": step.at_least,
            "due_weekday": step.due_weekday,
            "shifts": list(step.shifts) if step.cadence == "every_shift" else [],
            "recorded_at": at(plan.starts_on, 9, 0),
        }
        for step in plan_template(plan.template_key).steps
    ]
