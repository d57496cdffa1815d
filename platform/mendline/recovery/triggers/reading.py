"""Reads the facts of one service for the rules that are asked: at most eleven statements, each by the service's keys."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import period_end
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.recovery.triggers.facts import (
    ActionFact,
    ChangeFact,
    Facts,
    FigurePeriod,
    IndicatorLine,
    RecordFact,
    ReviewFact,
    TypedFigure,
    WorkFact,
)
from mendline.recovery.triggers.windows import Needs

MOST_RECORDS = 20_000
MOST_WORK = 2_000
MOST_TYPED = 2_000
RECENT_WORK = 63  # days: twice the widest window over dated work, and a week
RECENT_ACTIONS = 400  # days: actions that were opened or moved before and are closed make no rule true

# What a service follows: each plan's template, and of a template of the provider's own the signs that it names.
_PLANS = text("""
select distinct p.template_key, n.key
from recovery_plan p
left join lateral (
    select jsonb_array_elements(p.content -> 'early_warnings') ->> 'code' as key
    union select jsonb_array_elements_text(p.content -> 'triggers')) n on p.template_key like 'own\\_%'
where p.provider_id = :provider and p.service_id = :service
""")

# Each table is read once and then joined: as an inner loop, its policy would be worked out again for every row, which
# grows with the number of services within reach.
_INDICATORS = text("""
with i as materialized (
    select indicator_id, definition_key, definition_version, cadence, in_plan, display_order from service_indicator
    where provider_id = :provider and service_id = :service and ended_on is null
), st as materialized (
    select indicator_id, series, baseline_value, review_due_on, evidence_level from indicator_status
    where provider_id = :provider and service_id = :service
)
select st.indicator_id, i.definition_key, i.definition_version, i.cadence, i.in_plan, i.display_order, st.series,
       st.baseline_value, st.review_due_on, st.evidence_level
from st join i on i.indicator_id = st.indicator_id
order by i.display_order, i.indicator_id
""")

# When a record was entered is asked of its first revision: a correction is no late entry, and neither is what came in a
# file or from another system.
_RECORDS = text("""
with w as materialized (
    select x.*
    from unnest(cast(:types as text[]), cast(:since as timestamptz[])) as t(record_type, since)
    cross join lateral (
        select r.record_id, r.record_type, r.happened_at, r.payload, r.revision, r.withdrawn_at, r.recorded_at,
               r.batch_id is not null or r.source_system is not null as from_elsewhere
        from record r
        where r.provider_id = :provider and r.service_id = :service and r.record_type = t.record_type
          and r.happened_at >= t.since and r.happened_at <= :now
        order by r.happened_at desc
        limit :most) x
), newest as materialized (
    select record_id, max(revision) as revision from record
    where provider_id = :provider and service_id = :service and record_id = any (array(select record_id from w))
    group by record_id
)
select w.record_id, w.record_type, w.happened_at, w.payload,
       case when w.revision > 1 then (
           select f.recorded_at from record f
           where f.provider_id = :provider and f.service_id = :service and f.record_id = w.record_id and f.revision = 1
             and f.batch_id is null and f.source_system is null)
       when not w.from_elsewhere then w.recorded_at end as entered_at
from w join newest n on n.record_id = w.record_id and n.revision = w.revision
where w.withdrawn_at is null
order by w.happened_at
""")

# A type of which every record was taken back is as absent as one that was never entered: one look into the index each.
_KEPT = text("""
select w.record_type from unnest(cast(:types as text[])) as w(record_type)
cross join lateral (
    select 1 from record x
    where x.provider_id = :provider and x.service_id = :service and x.record_type = w.record_type
      and x.withdrawn_at is null and not exists (
        select 1 from record n
        where n.provider_id = x.provider_id and n.service_id = x.service_id and n.record_id = x.record_id
          and n.revision > x.revision)
    limit 1) k
""")

_ACTIONS = text("""
select a.action_id, a.reference, a.opened_on, coalesce(d.due_on, a.due_on) as due_on, a.high_risk, a.marks,
       coalesce(m.kind, 'open') in ('open', 'reopened') as is_open, coalesce(n.moves, 0) as moves, n.last_moved_on
from action a
left join lateral (
    select kind from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.kind in ('closed', 'reopened', 'no_longer_applicable')
    order by x.recorded_at desc, x.event_id desc limit 1) m on true
left join lateral (
    select due_on from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.due_on is not null
    order by x.recorded_at desc, x.event_id desc limit 1) d on true
left join lateral (
    select count(*) as moves, max(x.happened_on) as last_moved_on from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.kind = 'redated') n on true
where a.provider_id = :provider and a.service_id = :service
  and (a.opened_on >= :since or coalesce(m.kind, 'open') in ('open', 'reopened'))
order by a.opened_on, a.action_id
""")

_REVIEWS = text("""
select r.review_id, i.definition_key, r.decision, r.held_on
from review r
join service_indicator i
  on i.provider_id = r.provider_id and i.service_id = r.service_id and i.indicator_id = r.indicator_id
where r.provider_id = :provider and r.service_id = :service and r.held_on >= :since and i.ended_on is null
""")

_CHANGES = text("""
select e.event_id, i.definition_key, e.happened_on
from chart_event e
join service_indicator i
  on i.provider_id = e.provider_id and i.service_id = e.service_id and i.indicator_id = e.indicator_id
where e.provider_id = :provider and e.service_id = :service and e.happened_on >= :since and i.ended_on is null
""")


# Figures that somebody typed in, by their first revision. The past that is typed in as an indicator begins is no late
# entry: only periods that ended after it began.
_TYPED = text("""
with i as materialized (
    select indicator_id, cadence, started_on from service_indicator
    where provider_id = :provider and service_id = :service and ended_on is null
), o as materialized (
    select indicator_id, period_start, recorded_at from observation
    where provider_id = :provider and service_id = :service and revision = 1 and source = 'entered'
      and batch_id is null and recorded_at >= :since
    order by recorded_at desc
    limit :most
)
select o.indicator_id, o.period_start, i.cadence, i.started_on, o.recorded_at from o
join i on i.indicator_id = o.indicator_id
order by o.recorded_at, o.indicator_id, o.period_start
""")

_WORK = text("""
select work_item_id, title, due_on, state, closed_on, closed_label, shift_band from work_item
where provider_id = :provider and service_id = :service and due_on >= :since and due_on <= :today
order by due_on desc, work_item_id
limit :most
""")


def plans_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> frozenset[str]:
    """The plan templates that a service follows or has followed, and the rules that templates of its own name."""
    rows = session.execute(_PLANS, {"provider": provider_id, "service": service_id})
    return frozenset(name for row in rows for name in row if name)


def read_facts(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *,
    needs: Needs,
    warned: Mapping[str, date],
    today: date,
    now: datetime,
) -> Facts:
    """The facts that some rules look at.

    Args:
        session: a transaction with the reach of a job or of the command line.
        provider_id: the provider.
        service_id: the service.
        needs: what the rules read.
        warned: warnings with an open episode, and since when.
        today: the date in England.
        now: the moment.
    """
    here = {"provider": provider_id, "service": service_id}
    since = {**here, "since": today - timedelta(days=RECENT_ACTIONS)}
    return Facts(
        today=today,
        now=now,
        indicators={line.key: line for line in map(_line, session.execute(_INDICATORS, here))},
        records=_records(session, here, needs.records, now) if needs.records else {},
        actions=tuple(map(_action, session.execute(_ACTIONS, since))) if needs.actions else (),
        reviews=tuple(ReviewFact(*row) for row in session.execute(_REVIEWS, since)) if needs.reviews else (),
        changes=tuple(ChangeFact(*row) for row in session.execute(_CHANGES, since)) if needs.changes else (),
        work=_work(session, here, today) if needs.work else (),
        typed=_typed(session, here, needs.typed_days, now) if needs.typed_days else (),
        warned=warned,
    )


def _work(session: Session, here: Mapping[str, Any], today: date) -> tuple[WorkFact, ...]:
    since = today - timedelta(days=RECENT_WORK)
    found = session.execute(_WORK, {**here, "since": since, "today": today, "most": MOST_WORK})
    return tuple(WorkFact(*row) for row in found)


def _typed(session: Session, here: Mapping[str, Any], days: int, now: datetime) -> tuple[TypedFigure, ...]:
    found = session.execute(_TYPED, {**here, "since": now - timedelta(days=days), "most": MOST_TYPED})
    typed = (
        (row.started_on, TypedFigure(row.indicator_id, row.period_start, end, row.recorded_at))
        for row in found
        for end in (period_end(row.cadence, row.period_start),)
    )
    return tuple(figure for started_on, figure in typed if figure.ended_on >= started_on)


def _records(
    session: Session, here: Mapping[str, Any], wanted: Mapping[str, int], now: datetime
) -> dict[str, Sequence[RecordFact]]:
    types = list(wanted)
    kept = session.execute(_KEPT, {**here, "types": types}).scalars().all()
    if not kept:
        return {}
    given = {
        **here,
        "types": list(kept),
        "since": [now - timedelta(days=wanted[kind]) for kind in kept],
        "now": now,
        "most": MOST_RECORDS,
    }
    found: dict[str, list[RecordFact]] = defaultdict(list, {kind: [] for kind in kept})
    for row in session.execute(_RECORDS, given):
        found[row.record_type].append(RecordFact(*row))
    return dict(found)


def _line(row: Row[Any]) -> IndicatorLine:
    definition = indicator_definition(row.definition_key, row.definition_version)
    series = row.series
    end = series.get("baseline_end")
    return IndicatorLine(
        indicator_id=row.indicator_id,
        key=row.definition_key,
        name=definition.name,
        higher_is_better={"higher_is_better": True, "lower_is_better": False}.get(definition.direction),
        periods=_periods(series, row.cadence),
        minimum_n=definition.minimum_n,
        factor=_factor(definition),
        baseline=row.baseline_value,
        baseline_end=0 if end is None else end + 1,
        decline=series.get("decline"),
        review_due_on=row.review_due_on,
        evidence_level=row.evidence_level,
        in_plan=row.in_plan,
        order=row.display_order,
    )


def _periods(series: Mapping[str, Any], cadence: Any) -> tuple[FigurePeriod, ...]:
    starts = [date.fromisoformat(one) for one in series.get("periods", ())]
    parts = (series[name] for name in ("numerators", "denominators", "values", "states")) if starts else ()
    return tuple(
        FigurePeriod(start, period_end(cadence, start), *rest) for start, *rest in zip(starts, *parts, strict=True)
    )


def _factor(definition: IndicatorDefinition) -> float | None:
    """What a quotient of the parts is multiplied by; none where a value is no quotient."""
    if definition.measure_type == "proportion":
        return 100.0
    return float(definition.rate_per) if definition.measure_type == "rate" and definition.rate_per else None


def _action(row: Row[Any]) -> ActionFact:
    return ActionFact(
        action_id=row.action_id,
        reference=row.reference,
        opened_on=row.opened_on,
        due_on=row.due_on,
        is_open=row.is_open,
        moves=row.moves,
        last_moved_on=row.last_moved_on,
        marks=frozenset(row.marks or ()),
        high_risk=row.high_risk,
    )
