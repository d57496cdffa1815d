"""What the pages of recovery read: actions, risks and decisions of one service, one statement each."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

MOST_ROWS = 500
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ActionLine:
    """An action with what became of it; `due_on` is the date that holds now."""

    reference: str
    title: str
    owner: str
    indicator_id: uuid.UUID | None
    opened_on: date
    first_due_on: date
    due_on: date
    moved: int
    state: str
    closed_on: date | None
    evidence_reference: str | None
    note: str | None
    high_risk: bool = False
    marks: list[str] | None = None
    closing: bool = False
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class RiskLine:
    """A risk with its newest and its first score; what was changed since it was opened is put in."""

    reference: str
    title: str
    owner: str
    controls: str | None
    indicator_id: uuid.UUID | None
    opened_on: date
    likelihood: int | None
    impact: int | None
    first_score: int | None
    judged_on: date | None
    look_again_on: date | None
    state: str = "open"
    scores: int = 0


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision of any indicator of the service."""

    indicator_id: uuid.UUID
    definition_key: str
    forum: str
    held_on: date
    decision: str
    what_changed: str | None
    why: str | None
    what_follows: str | None
    relied_on: list[str]
    exception_reason: str | None
    decided_label: str
    decided_role: str
    review_id: uuid.UUID


_ACTIONS = text("""
select a.reference, coalesce(ed.title, a.title) as title, coalesce(ed.owner, a.owner) as owner, a.indicator_id,
       a.opened_on, a.due_on as first_due_on,
       coalesce(d.due_on, a.due_on) as due_on, coalesce(n.moved, 0) as moved,
       coalesce(m.kind, 'open') as state,
       case when m.kind = 'closed' then m.happened_on end as closed_on, m.evidence_reference, m.note,
       coalesce(ed.high_risk, a.high_risk) as high_risk, coalesce(ed.marks, a.marks) as marks,
       coalesce(pr.kind, '') = 'closure_proposed' as closing, coalesce(ed.measure, a.measure) as measure
from action a
left join lateral (
    select (array_agg(x.title order by x.recorded_at desc, x.event_id desc) filter (where x.title is not null))[1] as title,
           (array_agg(x.owner order by x.recorded_at desc, x.event_id desc) filter (where x.owner is not null))[1] as owner,
           (array_agg(x.measure order by x.recorded_at desc, x.event_id desc)
               filter (where x.measure is not null))[1] as measure,
           (array_agg(x.high_risk order by x.recorded_at desc, x.event_id desc)
               filter (where x.high_risk is not null))[1] as high_risk,
           (select y.marks from action_event y
             where y.provider_id = a.provider_id and y.service_id = a.service_id and y.action_id = a.action_id
               and y.marks is not null and y.recorded_at <= :as_at
             order by y.recorded_at desc, y.event_id desc limit 1) as marks
    from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.kind = 'edited' and x.recorded_at <= :as_at) ed on true
left join lateral (
    select kind from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.kind in ('closure_proposed', 'closure_refused', 'closed', 'reopened') and x.recorded_at <= :as_at
    order by recorded_at desc, event_id desc limit 1) pr on true
left join lateral (
    select kind, happened_on, evidence_reference, note from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.kind in ('closed', 'reopened', 'no_longer_applicable') and x.recorded_at <= :as_at
    order by recorded_at desc, event_id desc limit 1) m on true
left join lateral (
    select due_on from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.due_on is not null and x.recorded_at <= :as_at
    order by recorded_at desc, event_id desc limit 1) d on true
left join lateral (
    select count(*) as moved from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.kind = 'redated' and x.recorded_at <= :as_at) n on true
where a.provider_id = :provider and a.service_id = :service and a.recorded_at <= :as_at
order by m.kind in ('closed', 'no_longer_applicable') nulls first, coalesce(d.due_on, a.due_on), a.reference
limit :most
""")

_RISKS = text("""
select r.reference, coalesce(ev.title, r.title) as title, coalesce(ev.owner, r.owner) as owner,
       coalesce(ev.controls, r.controls) as controls, r.indicator_id, r.opened_on,
       s.likelihood, s.impact, f.first_score, s.judged_on, greatest(s.look_again_on, ev.look_again_on) as look_again_on,
       coalesce(ev.state, 'open') as state, coalesce(f.scores, 0) as scores
from risk r
left join lateral (
    select (array_agg(x.title order by x.recorded_at desc, x.event_id desc) filter (where x.title is not null))[1] as title,
           (array_agg(x.owner order by x.recorded_at desc, x.event_id desc) filter (where x.owner is not null))[1] as owner,
           (array_agg(x.controls order by x.recorded_at desc, x.event_id desc)
               filter (where x.controls is not null))[1] as controls,
           max(x.look_again_on) as look_again_on,
           (array_agg(x.kind order by x.recorded_at desc, x.event_id desc)
               filter (where x.kind in ('closed', 'reopened')))[1] as state
    from risk_event x
    where x.provider_id = r.provider_id and x.service_id = r.service_id and x.risk_id = r.risk_id
      and x.recorded_at <= :as_at) ev on true
left join lateral (
    select likelihood, impact, judged_on, look_again_on from risk_score x
    where x.provider_id = r.provider_id and x.service_id = r.service_id and x.risk_id = r.risk_id
      and x.recorded_at <= :as_at
    order by judged_on desc, recorded_at desc limit 1) s on true
left join lateral (
    select (array_agg(likelihood * impact order by judged_on, recorded_at))[1] as first_score, count(*) as scores
    from risk_score x
    where x.provider_id = r.provider_id and x.service_id = r.service_id and x.risk_id = r.risk_id
      and x.recorded_at <= :as_at) f on true
where r.provider_id = :provider and r.service_id = :service and r.recorded_at <= :as_at
order by coalesce(ev.state, 'open') = 'closed', s.likelihood * s.impact desc nulls last, r.reference
limit :most
""")

_DECISIONS = text("""
select r.indicator_id, i.definition_key, r.forum, r.held_on, r.decision, r.what_changed, r.why, r.what_follows,
       r.relied_on, r.exception_reason, r.decided_label, r.decided_role, r.review_id
from review r
join service_indicator i on i.provider_id = r.provider_id and i.service_id = r.service_id
 and i.indicator_id = r.indicator_id
where r.provider_id = :provider and r.service_id = :service and r.recorded_at <= :as_at
  and (cast(:indicator as uuid) is null or r.indicator_id = :indicator)
order by r.held_on desc, r.recorded_at desc
limit :most
""")


def actions_of(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *,
    most: int = MOST_ROWS,
    as_at: datetime = FOREVER,
) -> tuple[ActionLine, ...]:
    """The actions of a service as they were known at a moment, open ones first, soonest first."""
    rows = _rows(session, _ACTIONS, provider_id, service_id, most, as_at=as_at)
    return tuple(ActionLine(**row) for row in rows)


def risks_of(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *,
    most: int = MOST_ROWS,
    as_at: datetime = FOREVER,
) -> tuple[RiskLine, ...]:
    """The risk register of a service as it was known at a moment, highest score first."""
    rows = _rows(session, _RISKS, provider_id, service_id, most, as_at=as_at)
    return tuple(RiskLine(**row) for row in rows)


def decisions_of(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *,
    indicator_id: uuid.UUID | None = None,
    most: int = 50,
    as_at: datetime = FOREVER,
) -> tuple[DecisionLine, ...]:
    """The newest decisions of a service, or of one of its indicators, as they were known at a moment."""
    rows = _rows(session, _DECISIONS, provider_id, service_id, most, indicator=indicator_id, as_at=as_at)
    return tuple(DecisionLine(**row) for row in rows)


def _rows(
    session: Session, statement: TextClause, provider_id: uuid.UUID, service_id: uuid.UUID, most: int, **more: Any
) -> list[dict[str, Any]]:
    values = {"provider": provider_id, "service": service_id, "most": most, **more}
    found = session.execute(statement, values).mappings()
    return [dict(row) for row in found]
