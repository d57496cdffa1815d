"""Where objectives stand: reads what the exit test asks of figures, signals, evidence and actions, and keeps the answer.

Workers do it whenever a status was derived; an objective that was met and drifts is opened again by the same pass.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import next_period, period_final_on, period_start
from mendline.catalogue.indicators import Cadence, indicator_definition
from mendline.catalogue.rules import rules
from mendline.recovery.plans.exit_test import Condition, ExitTest, PeriodFact, TargetFact, exit_test
from mendline.recovery.plans.model import ObjectiveEvent, ObjectiveStatus
from mendline.recovery.plans.queries import objective_from
from mendline.recovery.plans.rows import ObjectiveLine, TargetLine
from tenants.clock import now
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

MOST_PERIODS = 30

_OBJECTIVES = text("""
select o.service_id, o.plan_id, o.objective_id, o.number, o.goal, o.target, o.weeks, o.hold_weeks, o.owner_role,
       o.sign_off_role, o.requirement_ids,
       (select coalesce(jsonb_agg(jsonb_build_object(
            'kind', e.kind, 'reason', e.reason, 'happened_on', e.happened_on, 'signed_label', e.signed_label,
            'signed_role', e.signed_role) order by e.recorded_at desc, e.event_id desc), '[]')
          from objective_event e
         where e.provider_id = o.provider_id and e.service_id = o.service_id and e.plan_id = o.plan_id
           and e.objective_id = o.objective_id) as events
from plan_objective o
where o.provider_id = :provider and (cast(:services as uuid[]) is null or o.service_id = any (:services))
""")

# Each figure of the newest periods in its newest revision; one range of the primary key for each indicator.
_TARGETS = text("""
select t.service_id, t.plan_id, t.objective_id, t.indicator_id, t.part, t.operator, t.value, t.upper, t.by_week,
       i.definition_key, i.definition_version, i.cadence, coalesce(s.status, 'insufficient') as status,
       coalesce(s.evidence_level, 'not_supported') as evidence_level, coalesce(s.is_stale, true) as is_stale,
       s.declined_since, b.value as baseline, o.periods,
       (select coalesce(array_agg(distinct e.rule_key order by e.rule_key), '{}') from trigger_episode e
         where e.provider_id = t.provider_id and e.service_id = t.service_id and t.indicator_id = any (e.indicator_ids)
           and not exists (
             select 1 from trigger_episode_end x
             where x.provider_id = e.provider_id and x.service_id = e.service_id
               and x.episode_id = e.episode_id)) as warnings,
       (select coalesce(array_agg(a.reference order by a.reference), '{}') from action a
          join lateral (
            select kind, recorded_at from action_event x
            where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
              and x.kind <> 'redated'
            order by recorded_at desc, event_id desc limit 1) l on l.kind = 'closed'
         where a.provider_id = t.provider_id and a.service_id = t.service_id and a.indicator_id = t.indicator_id
           -- Its effect was looked at by a decision that was made after it closed and rests on it.
           and not exists (
             select 1 from review r
             where r.provider_id = a.provider_id and r.service_id = a.service_id
               and r.indicator_id = a.indicator_id and r.recorded_at > l.recorded_at
               and a.reference = any (r.relied_on))
           -- Or a look-back was done after it closed, and found an answer: `not_yet` is none.
           and not exists (
             select 1 from effect_check c
             join effect_verdict v on v.provider_id = c.provider_id and v.service_id = c.service_id
               and v.check_id = c.check_id and v.verdict <> 'not_yet' and v.recorded_at > l.recorded_at
             where c.provider_id = a.provider_id and c.service_id = a.service_id
               and c.action_id = a.action_id)) as unchecked
from objective_indicator t
join service_indicator i
  on i.provider_id = t.provider_id and i.service_id = t.service_id and i.indicator_id = t.indicator_id
left join indicator_status s
  on s.provider_id = t.provider_id and s.service_id = t.service_id and s.indicator_id = t.indicator_id
left join lateral (
    select value from indicator_baseline x
    where x.provider_id = t.provider_id and x.service_id = t.service_id and x.indicator_id = t.indicator_id
    order by version desc limit 1) b on true
left join lateral (
    select jsonb_agg(jsonb_build_array(y.period_start, y.value, y.state) order by y.period_start) as periods
    from (select distinct on (period_start) period_start, value, state from observation x
          where x.provider_id = t.provider_id and x.service_id = t.service_id and x.indicator_id = t.indicator_id
            and x.period_start >= :since
          order by period_start desc, revision desc limit :most) y) o on true
where t.provider_id = :provider and t.service_id = any (:services)
order by t.plan_id, t.objective_id, t.position
""")


def targets_of(
    session: Session, provider_id: uuid.UUID, services: Sequence[uuid.UUID], today: date, *, most: int = MOST_PERIODS
) -> dict[uuid.UUID, tuple[TargetLine, ...]]:
    """The indicators of every objective at these services with the facts of the exit test: one statement.

    Args:
        session: a transaction within reach.
        provider_id: the provider.
        services: its services.
        today: the date in England.
        most: how many weeks back figures are read.

    Returns:
        By objective, in the order of the plan.
    """
    values = {
        "provider": provider_id,
        "services": list(services),
        "since": today - timedelta(days=7 * most),
        "most": most,
    }
    found: dict[uuid.UUID, list[TargetLine]] = defaultdict(list)
    for row in session.execute(_TARGETS, values).mappings():
        found[row["objective_id"]].append(_target(row, today))
    return {objective_id: tuple(lines) for objective_id, lines in found.items()}


def standing_of(objective: ObjectiveLine, targets: Iterable[TargetLine]) -> ExitTest:
    """The exit test of an objective as things stand."""
    signature = objective.signature
    return exit_test(
        [target.fact for target in targets],
        hold_weeks=objective.hold_weeks,
        since=objective.reopened_on,
        signed=f"{signature.signed_label}, {signature.signed_role}" if signature else None,
        closed=objective.is_closed,
    )


def judge_objectives(
    session: Session, reach: Reach, provider_id: uuid.UUID, services: Sequence[uuid.UUID] | None, today: date
) -> int:
    """Keeps where each objective of these services (None: of all) stands, and opens again what was met and drifts.

    Returns:
        How many objectives were opened again.
    """
    values = {"provider": provider_id, "services": None if services is None else list(services)}
    rows = [dict(row) for row in session.execute(_OBJECTIVES, values).mappings()]
    if not rows:
        return 0
    targets = targets_of(session, provider_id, list({row["service_id"] for row in rows}), today)
    kept, reopened = [], 0
    for row in rows:
        service_id = row.pop("service_id")
        objective = objective_from(row)
        test = standing_of(objective, targets.get(objective.objective_id, ()))
        if test.drift:
            _reopen(session, reach, provider_id, service_id, objective, test, today)
            reopened += 1
        stage = "working" if test.drift else test.stage
        kept.append(
            {
                "provider_id": provider_id,
                "service_id": service_id,
                "plan_id": objective.plan_id,
                "objective_id": objective.objective_id,
                "stage": stage,
                "conditions": conditions_data(test.conditions),
                "judged_on": today,
            }
        )
    new = insert(ObjectiveStatus)
    changed = {name: new.excluded[name] for name in ("stage", "conditions", "judged_on")}
    keys = ["provider_id", "service_id", "plan_id", "objective_id"]
    session.execute(new.on_conflict_do_update(index_elements=keys, set_=changed), kept)
    return reopened


def conditions_data(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """The conditions as they are kept with a signature and beside an objective."""
    return [
        {
            "key": each.key,
            "title": each.title,
            "holds": each.holds,
            "facts": list(each.facts),
            "missing": list(each.missing),
        }
        for each in conditions
    ]


def _reopen(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    objective: ObjectiveLine,
    test: ExitTest,
    today: date,
) -> None:
    session.add(
        ObjectiveEvent(
            provider_id=provider_id,
            service_id=service_id,
            plan_id=objective.plan_id,
            objective_id=objective.objective_id,
            event_id=new_id(),
            kind="reopened",
            reason=" ".join(test.drift),
            conditions=conditions_data(test.conditions),
            happened_on=today,
            signed_by=None,
            signed_label="Mendline",
            signed_role="by rule",
            recorded_at=now(),
        )
    )
    note(
        session,
        reach,
        "objective opened again",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"objective {objective.objective_id}",
        detail={"why": list(test.drift)},
    )


def _target(row: Mapping[Any, Any], today: date) -> TargetLine:
    definition = indicator_definition(row["definition_key"])
    cadence: Cadence = row["cadence"]
    fact = TargetFact(
        name=definition.name,
        part=row["part"],
        cadence=cadence,
        operator=row["operator"],
        value=row["value"],
        upper=row["upper"],
        baseline=row["baseline"],
        periods=closed_periods(cadence, row["periods"] or (), today),
        is_declining=row["status"] == "deteriorating" or row["declined_since"] is not None,
        evidence_level=row["evidence_level"],
        is_stale=row["is_stale"],
        warnings=tuple(rules()[key].title if key in rules() else key for key in row["warnings"]),
        unchecked=tuple(row["unchecked"]),
    )
    return TargetLine(
        row["plan_id"],
        row["objective_id"],
        row["indicator_id"],
        row["definition_key"],
        row["by_week"],
        row["status"],
        fact,
    )


def closed_periods(cadence: Cadence, found: Sequence[Sequence[Any]], today: date) -> tuple[PeriodFact, ...]:
    """The periods that are closed by today, oldest first, with a missing one wherever nothing was sent.

    Args:
        cadence: weekly or monthly.
        found: start, value and state of each figure, oldest first; starts as JSON writes them.
        today: the date in England.
    """
    known = {date.fromisoformat(start): (value, state) for start, value, state in found}
    if not known:
        return ()
    periods = []
    start = period_start(cadence, min(known))
    while period_final_on(cadence, start) < today:
        value, state = known.get(start, (None, "missing"))
        periods.append(PeriodFact(start, value, "final" if state == "provisional" else state))
        start = next_period(cadence, start)
    return tuple(periods)
