"""Keeps the dated work of running plans up to date: what falls due soon is written once, what nobody did is told.

Bounded and repeatable: the same pass twice writes nothing the second time, and the number of statements depends neither
on services nor on steps. Work is dated no further than its rhythm's horizon.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import plan_ends_on
from mendline.duties.assigning import assign
from mendline.duties.dating import HORIZON, Rhythm, occurrences
from mendline.duties.model import WorkItem, WorkPass
from mendline.recovery.plans.forum_work import with_forums
from mendline.recovery.plans.stepping import HeldReview, rhythm_now
from mendline.recovery.reviews.rhythm import ReviewRhythm
from tenants.clock import now
from tenants.ids import new_id

CHUNK = 2_000
# A check of a shift that was not made within a week will not be made: the shift was silent, and that is told.
SILENT_AFTER = timedelta(days=7)
# A plan whose objectives nobody has signed as met goes on with its work for this long after its last week.
LONGEST_OVERRUN = timedelta(weeks=26)

# Steps of plans that have not ended and still have an objective to meet or to hold; reviews since it was met. A step whose
# rhythm changes on a later day stands here twice, each time with the days for which that rhythm asks for work: a change
# takes its place from its day on, and with it that of whatever had been planned for later.
_STEPS = text("""
select p.service_id, p.plan_id, coalesce(v.starts_on, p.starts_on) as starts_on, coalesce(v.weeks, p.weeks) as weeks,
       s.number, s.role, s.action, s.record, s.record_types, c.cadence, c.at_least, c.shifts, c.due_weekday,
       c.changed_on, c.until, m.met_on, m.reviews
from recovery_plan p
join service on service.provider_id = p.provider_id and service.service_id = p.service_id and service.closed_on is null
join plan_step s on s.provider_id = p.provider_id and s.service_id = p.service_id and s.plan_id = p.plan_id
left join lateral (
    select starts_on, weeks, ended_on from plan_revision x
    where x.provider_id = p.provider_id and x.service_id = p.service_id and x.plan_id = p.plan_id
    order by revision desc limit 1) v on true
join lateral (
    select r.cadence, r.at_least, r.shifts, r.due_weekday, r.from_on as changed_on,
           min(r.from_on) over (order by r.revision desc rows between unbounded preceding and 1 preceding) as until
    from (
        select 0 as revision, s.cadence, s.at_least, s.shifts, s.due_weekday, null::date as from_on
        union all
        select x.revision, x.cadence, x.at_least, x.shifts, x.due_weekday, x.from_on from plan_step_revision x
        where x.provider_id = s.provider_id and x.service_id = s.service_id and x.plan_id = s.plan_id
          and x.number = s.number) r) c
  on (c.until is null or c.until > :today and c.until > coalesce(c.changed_on, '-infinity'))
cross join lateral (
    select count(*) as objectives, count(*) filter (where e.kind = 'closed') as closed,
           case when count(*) = count(*) filter (where e.kind = 'met') then max(e.happened_on) end as met_on,
           (select jsonb_agg(jsonb_build_array(r.held_on, r.decision) order by r.held_on)
              from objective_indicator t
              join review r on r.provider_id = t.provider_id and r.service_id = t.service_id
               and r.indicator_id = t.indicator_id
             where t.provider_id = p.provider_id and t.service_id = p.service_id and t.plan_id = p.plan_id
               and t.part = 'main' and r.held_on >= p.starts_on) as reviews
    from plan_objective o
    left join lateral (
        select kind, happened_on from objective_event x
        where x.provider_id = o.provider_id and x.service_id = o.service_id and x.plan_id = o.plan_id
          and x.objective_id = o.objective_id
        order by recorded_at desc, event_id desc limit 1) e on true
    where o.provider_id = p.provider_id and o.service_id = p.service_id and o.plan_id = p.plan_id) m
where p.provider_id = :provider and (cast(:services as uuid[]) is null or p.service_id = any (:services))
  and v.ended_on is null and m.objectives > m.closed
order by p.service_id, p.plan_id, s.number
""")

_MISSED = text("""
with silent as (
    update work_item set state = 'missed', closed_on = :today
    where provider_id = :provider and service_id = any (:services) and state = 'open' and shift_band is not null
      and due_on < :before
    returning provider_id, service_id, work_item_id
)
insert into work_item_event (
    provider_id, service_id, work_item_id, event_id, kind, happened_on, by_label, recorded_at)
select provider_id, service_id, work_item_id, gen_random_uuid(), 'missed', :today, 'Mendline', :at from silent
returning service_id
""")

# Services where work fell due since the pass before and nobody did it.
_LAPSED = text("""
select w.service_id from work_pass w
join service s on s.provider_id = w.provider_id and s.service_id = w.service_id and s.closed_on is null
where w.provider_id = :provider and exists (
    select 1 from work_item i
    where i.provider_id = :provider and i.service_id = w.service_id and i.state = 'open'
      and i.due_on >= w.passed_on and i.due_on < :today)
""")

# Work of a service that has closed rests as it is: it is neither missed nor asked of somebody else.
_SERVICES = text("""
select w.service_id from work_pass w
join service s on s.provider_id = w.provider_id and s.service_id = w.service_id and s.closed_on is null
where w.provider_id = :provider order by w.service_id
""")


@dataclass(frozen=True, slots=True)
class Passed:
    """What one pass did.

    Attributes:
        silent: services where work was missed, so that rules over it are asked.
    """

    written: int
    missed: int
    reassigned: int
    silent: frozenset[uuid.UUID] = frozenset()


def bring_up_to_date(
    session: Session,
    provider_id: uuid.UUID,
    today: date,
    *,
    services: Sequence[uuid.UUID] | None = None,
    whole_past: bool = False,
) -> Passed:
    """Dates the work of running plans up to its horizon, tells what was missed, and asks whoever is there today.

    Args:
        session: a transaction in the reach of a worker, or of whoever starts a plan.
        provider_id: the provider.
        today: the date in England.
        services: these alone; all of the provider's otherwise.
        whole_past: dates work from the first day of each plan, where a plan begins with its past.
    """
    chosen = services if services is not None else list(session.scalars(_SERVICES, {"provider": provider_id}))
    values = {"provider": provider_id, "services": list(chosen), "today": today}
    rows = list(_work_rows(session.execute(_STEPS, values).mappings(), provider_id, today, whole_past=whole_past))
    written = _write(session, rows)
    given = {**values, "before": today - SILENT_AFTER, "at": now()}
    missed = session.execute(_MISSED, given).scalars().all()
    reassigned = assign(session, provider_id, chosen, today)
    return Passed(written, len(missed), reassigned, frozenset(missed))


def lapsed_since_last(session: Session, provider_id: uuid.UUID, today: date) -> frozenset[uuid.UUID]:
    """Services where work has fallen overdue since the last pass; asked before the pass is marked."""
    return frozenset(session.scalars(_LAPSED, {"provider": provider_id, "today": today}))


def mark_passed(session: Session, provider_id: uuid.UUID, today: date) -> None:
    """Says that the work of every service of a provider is up to date; for workers alone."""
    session.execute(
        text("update work_pass set passed_on = :today where provider_id = :provider and passed_on < :today"),
        {"provider": provider_id, "today": today},
    )


def ask_daily(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, today: date) -> None:
    """Puts a service among those whose work is brought up to date each day."""
    row = {"provider_id": provider_id, "service_id": service_id, "passed_on": today}
    session.execute(insert(WorkPass).values(row).on_conflict_do_nothing())


def review_rhythm(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, today: date) -> ReviewRhythm:
    """How often a service is reviewed at present: by the plan that asks for it most often."""
    values = {"provider": provider_id, "services": [service_id], "today": today}
    steps = session.execute(_STEPS, values).mappings().all()
    found = [ReviewRhythm(_every_weeks(step, today), step["starts_on"]) for step in steps]
    return min(found, key=lambda one: (one.every_weeks, one.since or today), default=ReviewRhythm())


def _work_rows(
    steps: Iterable[Any], provider_id: uuid.UUID, today: date, *, whole_past: bool
) -> Iterable[dict[str, Any]]:
    at = now()
    for step in with_forums(steps):
        rhythm = cast("Rhythm", step["cadence"])
        back, ahead = HORIZON[rhythm]
        first = step["starts_on"] if whole_past else today - back
        ends_on = plan_ends_on(step["starts_on"], step["weeks"]) + LONGEST_OVERRUN
        for each in occurrences(
            rhythm,
            starts_on=step["starts_on"],
            ends_on=ends_on,
            first=first,
            last=today + ahead,
            weekday=step["due_weekday"],
            bands=step["shifts"],
            every_weeks=_every_weeks(step, today),
        ):
            if step["changed_on"] and each.due_on < step["changed_on"]:
                continue  # of that time, work was asked for by the rhythm before
            if step["until"] and each.due_on >= step["until"]:
                continue  # and of this one by the rhythm after it
            yield {
                "provider_id": provider_id,
                "service_id": step["service_id"],
                "work_item_id": new_id(),
                "plan_id": step["plan_id"],
                "step_number": step["number"],
                "occurrence": each.key,
                "title": step["action"],
                "record": step["record"],
                "role": step["role"],
                "asked_role": step["role"],
                "record_types": step["record_types"],
                "needed": step["at_least"],
                "made": 0,
                "opens_on": each.opens_on,
                "first_due_on": each.due_on,
                "due_on": each.due_on,
                "shift_band": each.band,
                "state": "open",
                "is_vacant": False,
                "recorded_at": at,
            }


def _every_weeks(step: Any, today: date) -> int:
    """Weekly until the objectives are met, then by the rule of stepping down."""
    if step["met_on"] is None or step["met_on"] > today:
        return 1
    reviews = [HeldReview(date.fromisoformat(held), decision) for held, decision in step["reviews"] or ()]
    return rhythm_now(step["met_on"], reviews).every_weeks


def _write(session: Session, rows: list[dict[str, Any]]) -> int:
    """Adds what is not there yet; the same step, for the same occurrence, is the same work."""
    table = cast("Table", WorkItem.__table__)
    by_size: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for place, row in enumerate(rows):
        by_size[place // CHUNK].append(row)
    written = 0
    for part in by_size.values():
        added = session.execute(
            insert(table)
            .on_conflict_do_nothing(
                index_elements=["provider_id", "service_id", "plan_id", "step_number", "occurrence"]
            )
            .returning(table.c.work_item_id),
            part,
        )
        written += len(added.all())
    return written
