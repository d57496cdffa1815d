"""What was found of milestones: workers judge those that name figures once a week is over, a person judges the others.

Verdicts are only added; the newest of a week holds for the milestone that stood there with that title.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import plan_week_start
from mendline.catalogue.closing import ran_on
from mendline.catalogue.indicators import indicator_definition
from mendline.duties.holding import short_name
from mendline.recovery.plans.changing import Stone
from mendline.recovery.plans.closing import one_at_a_time
from mendline.recovery.plans.exit_test import TargetFact
from mendline.recovery.plans.judging import MOST_PERIODS, targets_of
from mendline.recovery.plans.milestones import (
    Expected,
    GivenVerdict,
    Judged,
    is_news,
    judged_by_figures,
    verdict_problems,
)
from mendline.recovery.plans.model import MilestoneVerdict
from mendline.recovery.plans.objectives import find_plan
from mendline.recovery.plans.queries import revisions_of
from mendline.recovery.plans.revising import ENDED, change_milestones, milestones_of, newest_change
from mendline.recovery.plans.rows import TargetLine, VerdictLine, changes_of
from mendline.recovery.queries import FOREVER
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach

BY_RULE = "Mendline"
LONGEST_PERIOD = 6  # weeks that a month may have begun before the week it is judged by

# Milestones that name figures, of plans that run, with what was last found of each.
_DUE = text("""
select p.service_id, p.plan_id, coalesce(v.starts_on, p.starts_on) as starts_on, x.stone,
       coalesce(k.number, 0) as number, k.title, k.verdict, k.seen, s.closed_on
from recovery_plan p
join service s on s.provider_id = p.provider_id and s.service_id = p.service_id
left join lateral (
    select starts_on, ended_on from plan_revision r
    where r.provider_id = p.provider_id and r.service_id = p.service_id and r.plan_id = p.plan_id
    order by revision desc limit 1) v on true
left join lateral (
    select milestones from plan_milestone_revision m
    where m.provider_id = p.provider_id and m.service_id = p.service_id and m.plan_id = p.plan_id
    order by revision desc limit 1) m on true
cross join lateral jsonb_array_elements(coalesce(m.milestones, p.content -> 'milestones', '[]')) x (stone)
left join lateral (
    select number, title, verdict, seen from milestone_verdict k
    where k.provider_id = p.provider_id and k.service_id = p.service_id and k.plan_id = p.plan_id
      and k.week = (x.stone ->> 'week')::integer
    order by number desc limit 1) k on true
where p.provider_id = :provider and (cast(:services as uuid[]) is null or p.service_id = any (:services))
  and v.ended_on is null and jsonb_array_length(x.stone -> 'expects') > 0
order by p.service_id, p.plan_id, (x.stone ->> 'week')::integer
""")

_VERDICTS = text("""
select distinct on (plan_id, week) plan_id, week, title, verdict, reason, carried_to, by_rule, decided_on,
       decided_label, seen, lag(verdict) over before as earlier, lag(decided_on) over before as earlier_on,
       lag(seen) over before as earlier_seen
from milestone_verdict
where provider_id = :provider and service_id = :service and recorded_at <= :as_at
window before as (partition by plan_id, week, title order by number)
order by plan_id, week, number desc
""")


def verdicts_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, as_at: datetime = FOREVER
) -> dict[uuid.UUID, tuple[VerdictLine, ...]]:
    """What had last been found by a moment in each week of each plan of a service: one statement."""
    found: defaultdict[uuid.UUID, list[VerdictLine]] = defaultdict(list)
    values = {"provider": provider_id, "service": service_id, "as_at": as_at}
    for row in session.execute(_VERDICTS, values).mappings():
        found[row["plan_id"]].append(VerdictLine(**row))
    return {plan_id: tuple(lines) for plan_id, lines in found.items()}


def judge_milestones(
    session: Session, provider_id: uuid.UUID, services: Sequence[uuid.UUID] | None, today: date
) -> int:
    """Writes what the figures say of the milestones of these services (None: of all), where that is news.

    Returns:
        How many verdicts were written.
    """
    values = {"provider": provider_id, "services": None if services is None else list(services)}
    due = [row for row in session.execute(_DUE, values).mappings() if _is_due(_monday(row), row["closed_on"], today)]
    if not due:
        return 0
    weeks = (today - min(_monday(row) for row in due)).days // 7 + LONGEST_PERIOD
    places = list({row["service_id"] for row in due})
    facts = _facts(targets_of(session, provider_id, places, today, most=max(MOST_PERIODS, weeks)))
    written = [row for row in (_verdict(row, facts, provider_id, today) for row in due) if row]
    if written:
        session.execute(insert(MilestoneVerdict), written)
    return len(written)


def judge_milestone(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    plan_id: uuid.UUID,
    week: int,
    given: GivenVerdict,
    today: date,
) -> int:
    """Records what a person found of a milestone that names no figures; returns the number of this verdict in its week.

    One that is carried over moves to its new week in the same act.

    Raises:
        NotFoundError: the plan has no milestone in that week.
        RefusedError: the plan has ended, or something stands against the verdict; `problems` names the field.
    """
    reach.require("change_plans", provider_id, service_id)
    one_at_a_time(session, provider_id, service_id)
    plan = find_plan(session, provider_id, service_id, plan_id)
    stones = milestones_of(plan)
    place = place_of(stones, week)
    problems = verdict_problems(given, stones[place], [int(each["week"]) for each in stones], plan.starts_on, today)
    if plan.ended_on is not None:
        problems["plan"] = ENDED
    if problems:
        raise RefusedError("The milestone was not judged.", problems)
    key = {"provider_id": provider_id, "service_id": service_id, "plan_id": plan_id}
    number = newest_change(session, MilestoneVerdict.number, **key, week=week) + 1
    if given.verdict == "carried_over" and given.carried_to is not None:
        _carry_over(session, reach, key, stones, place, given, today)
    session.add(
        MilestoneVerdict(
            **key,
            week=week,
            number=number,
            title=stones[place]["title"],
            verdict=given.verdict,
            reason=given.reason.strip(),
            carried_to=given.carried_to if given.verdict == "carried_over" else None,
            seen=[],
            by_rule=False,
            decided_on=today,
            decided_by=reach.person_id,
            decided_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    note(
        session, reach, "milestone of a plan judged", provider_id=provider_id, service_id=service_id,
        subject=f"recovery plan {plan_id}", detail={"week": week, "verdict": given.verdict},
    )  # fmt: skip
    session.flush()
    return number


def place_of(stones: Sequence[Mapping[str, Any]], week: int) -> int:
    """Which of a plan's milestones stands in a week.

    Raises:
        NotFoundError: none does.
    """
    for place, stone in enumerate(stones):
        if stone["week"] == week:
            return place
    raise NotFoundError("This plan has no milestone in that week.")


def _carry_over(
    session: Session,
    reach: Reach,
    key: Mapping[str, uuid.UUID],
    stones: Sequence[Mapping[str, Any]],
    carried: int,
    given: GivenVerdict,
    today: date,
) -> None:
    """Moves one milestone to its new week; the others stay."""
    lines = revisions_of(session, key["provider_id"], key["service_id"]).get(key["plan_id"], ())
    seen = changes_of(lines, "milestones")
    wanted = [
        Stone(place, (given.carried_to or 0) if place == carried else int(stone["week"]), stone["title"])
        for place, stone in enumerate(stones)
    ]
    change_milestones(session, reach, **key, seen=seen, stones=wanted, reason=given.reason, today=today)


def _monday(row: Mapping[Any, Any]) -> date:
    return plan_week_start(row["starts_on"], int(row["stone"]["week"]))


def _is_due(monday: date, closed_on: date | None, today: date) -> bool:
    """Whether a week has begun that the service ran in."""
    return monday < today and ran_on(closed_on, monday)


def _facts(targets: Mapping[uuid.UUID, Iterable[TargetLine]]) -> dict[tuple[uuid.UUID, str], TargetFact]:
    """The facts of each figure that a plan's objectives name, by plan and definition."""
    return {(line.plan_id, line.definition_key): line.fact for lines in targets.values() for line in lines}


def _verdict(
    row: Mapping[Any, Any], facts: Mapping[tuple[uuid.UUID, str], TargetFact], provider_id: uuid.UUID, today: date
) -> dict[str, Any] | None:
    """The row that says what the figures of a milestone's week say, where that is news."""
    stone = row["stone"]
    week = int(stone["week"])
    made = judged_by_figures(
        plan_week_start(row["starts_on"], week),
        [_expected(each, facts.get((row["plan_id"], each["indicator"]))) for each in stone["expects"]],
        today,
    )
    same = row["title"] == stone["title"]  # else another milestone stood there, or nothing was found yet
    if made is None or not is_news(row["verdict"] if same else None, row["seen"] if same else (), made):
        return None
    return {
        "provider_id": provider_id,
        "service_id": row["service_id"],
        "plan_id": row["plan_id"],
        "week": week,
        "number": row["number"] + 1,
        "title": stone["title"],
        **_kept(made),
        "by_rule": True,
        "decided_on": today,
        "decided_by": None,
        "decided_label": BY_RULE,
        "recorded_at": now(),
    }


def _kept(made: Judged) -> dict[str, Any]:
    return {"verdict": made.verdict, "reason": made.says, "carried_to": None, "seen": list(made.seen)}


def _expected(stone: Mapping[str, Any], fact: TargetFact | None) -> Expected:
    definition = indicator_definition(stone["indicator"])
    return Expected(
        definition,
        fact.cadence if fact else definition.cadence,
        stone["operator"],
        stone["value"],
        fact.baseline if fact else None,
        fact.periods if fact else (),
        fact.evidence_level if fact else "not_supported",
    )
