"""What stands behind one indicator: a statement for each kind of thing, none in a loop."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from mendline.evidence.queries import evidence_behind
from mendline.places.rows import Place
from mendline.recovery.queries import FOREVER, decisions_of
from mendline.services.indicator_rows import (
    BaselineRow,
    Behind,
    LinkedWork,
    Opposing,
    PastOutlook,
    Revision,
    StoryRow,
    TargetRow,
)

_HERE = "provider_id = :provider and service_id = :service and indicator_id = :indicator and recorded_at <= :as_at"

_TOLD = text(f"""
select (select coalesce(jsonb_agg(jsonb_build_object(
            'happened_on', happened_on, 'what_changed', what_changed, 'why', why,
            'what_followed', what_followed, 'reference', reference) order by happened_on), '[]')
          from chart_event where {_HERE}) as story,
       (select coalesce(jsonb_agg(jsonb_build_object('value', value, 'valid_from', valid_from)
                                  order by valid_from, version), '[]')
          from indicator_target where {_HERE}) as targets,
       (select coalesce(jsonb_agg(to_jsonb(b) order by version desc), '[]')
          from indicator_baseline b where {_HERE}) as baselines,
       (select coalesce(jsonb_agg(jsonb_build_object(
            'for_period', g.for_period, 'low', g.low, 'high', g.high, 'share_meeting', g.share_meeting,
            'target_value', g.target_value, 'outcome', x.value) order by g.for_period, g.after_period), '[]')
          from outlook_given g join observation x using (provider_id, service_id, indicator_id)
         where x.period_start = g.for_period and x.state in ('final', 'revised') and x.recorded_at <= :as_at
           and g.provider_id = :provider and g.service_id = :service and g.indicator_id = :indicator
           and g.recorded_at <= :as_at and g.for_period >= :since
           and not exists (
             select 1 from observation later
              where later.provider_id = x.provider_id and later.service_id = x.service_id
                and later.indicator_id = x.indicator_id and later.period_start = x.period_start
                and later.revision > x.revision and later.recorded_at <= :as_at)) as outlooks,
       (select coalesce(jsonb_agg(m.period_start order by m.period_start desc), '[]')
          from (select distinct on (period_start) period_start, outcome from measurement
                 where provider_id = :provider and service_id = :service and indicator_id = :indicator
                   and measured_at <= :as_at order by period_start, measurement desc) m
         where m.outcome = 'differs' and 'measured' <> (
             select source from observation
              where {_HERE} and period_start = m.period_start order by revision desc limit 1)) as differing
""")  # noqa: S608 -- a constant of ours

_REVISIONS = text(f"""
select observation_id, period_start, revision, numerator, denominator, value, state, source, reason, pointer,
       recorded_initials, recorded_at,
       revision = max(revision) over (partition by period_start) as newest
from observation where {_HERE} and period_start >= :since
order by period_start desc, revision desc
limit :most
""")  # noqa: S608 -- a constant of ours

_LINKED = text("""
select 'action' as what, a.reference, a.title, a.owner, coalesce(d.due_on, a.due_on) as due_on,
       coalesce(m.kind in ('closed', 'no_longer_applicable'), false) as closed,
       null::integer as score, null::integer as first_score
from action a
left join lateral (
    select kind from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.recorded_at <= :as_at
    order by recorded_at desc, event_id desc limit 1) m on true
left join lateral (
    select due_on from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.due_on is not null and x.recorded_at <= :as_at
    order by recorded_at desc, event_id desc limit 1) d on true
where a.provider_id = :provider and a.service_id = :service and a.indicator_id = :indicator
  and a.recorded_at <= :as_at
union all
select 'risk', r.reference, r.title, r.owner, s.look_again_on, false, s.likelihood * s.impact, f.first_score
from risk r
left join lateral (
    select likelihood, impact, look_again_on from risk_score x
    where x.provider_id = r.provider_id and x.service_id = r.service_id and x.risk_id = r.risk_id
      and x.recorded_at <= :as_at
    order by judged_on desc, recorded_at desc limit 1) s on true
left join lateral (
    select likelihood * impact as first_score from risk_score x
    where x.provider_id = r.provider_id and x.service_id = r.service_id and x.risk_id = r.risk_id
    order by judged_on, recorded_at limit 1) f on true
where r.provider_id = :provider and r.service_id = :service and r.indicator_id = :indicator
  and r.recorded_at <= :as_at
order by what desc, reference
""")


_OPPOSING = text("""
select c.contradiction_id, c.source, c.says, c.noticed_on, c.origin, c.recorded_initials, a.answer,
       (a.recorded_at at time zone 'Europe/London')::date as answered_on, a.recorded_initials as answered_initials
from contradiction c
left join lateral (
    select answer, recorded_at, recorded_initials from contradiction_answer x
    where x.provider_id = c.provider_id and x.service_id = c.service_id and x.indicator_id = c.indicator_id
      and x.contradiction_id = c.contradiction_id
      and x.recorded_at <= :as_at
    order by x.recorded_at limit 1) a on true
where c.provider_id = :provider and c.service_id = :service and c.indicator_id = :indicator
  and c.recorded_at <= :as_at
order by a.answer is not null, c.noticed_on desc, c.recorded_at desc
limit 50
""")


def opposing_of(
    session: Session, place: Place, indicator_id: uuid.UUID, as_at: datetime = FOREVER
) -> tuple[Opposing, ...]:
    """What points the other way than a figure, unanswered first."""
    here = {
        "provider": place.provider_id,
        "service": place.service_id,
        "indicator": indicator_id,
        "as_at": as_at,
    }
    return tuple(Opposing(**row) for row in _rows(session, _OPPOSING, here))


def behind(
    session: Session, place: Place, indicator_id: uuid.UUID, *, since: date, most: int = 400, as_at: datetime = FOREVER
) -> Behind:
    """Everything behind one indicator, as it was known at a moment: six statements.

    Args:
        session: a transaction within reach.
        place: the service.
        indicator_id: its indicator.
        since: the first period of the history.
        most: how many revisions at the most.
        as_at: only what had been recorded by this moment.
    """
    here: dict[str, Any] = {
        "provider": place.provider_id,
        "service": place.service_id,
        "indicator": indicator_id,
        "as_at": as_at,
    }
    told = session.execute(_TOLD, {**here, "since": since}).mappings().one()
    return Behind(
        story=tuple(_story(row) for row in told["story"]),
        targets=tuple(TargetRow(row["value"], date.fromisoformat(row["valid_from"])) for row in told["targets"]),
        baselines=tuple(_baseline(row) for row in told["baselines"]),
        evidence=evidence_behind(session, place.provider_id, place.service_id, indicator_id, as_at),
        decisions=decisions_of(session, place.provider_id, place.service_id, indicator_id=indicator_id, as_at=as_at),
        revisions=tuple(Revision(**row) for row in _rows(session, _REVISIONS, {**here, "since": since, "most": most})),
        linked=tuple(LinkedWork(**row) for row in _rows(session, _LINKED, here)),
        opposing=opposing_of(session, place, indicator_id, as_at),
        outlooks=tuple(PastOutlook(**row) for row in told["outlooks"]),
        differing=tuple(date.fromisoformat(day) for day in told["differing"]),
    )


def _rows(session: Session, statement: TextClause, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(statement, values).mappings()]


def _story(row: Mapping[str, Any]) -> StoryRow:
    return StoryRow(
        happened_on=date.fromisoformat(row["happened_on"]),
        what_changed=row["what_changed"],
        why=row["why"],
        what_followed=row["what_followed"],
        reference=row["reference"],
    )


def _baseline(row: Mapping[str, Any]) -> BaselineRow:
    return BaselineRow(
        value=row["value"],
        first_period=date.fromisoformat(row["first_period"]),
        last_period=date.fromisoformat(row["last_period"]),
        periods=row["periods"],
        numerator=row["numerator"],
        denominator=row["denominator"],
        signed_by=row["signed_by"],
        approved_by=row["approved_by"],
        reason=row["reason"],
        version=row["version"],
    )
