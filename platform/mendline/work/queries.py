"""What waits within a person's reach: a fixed number of statements, however many services that is."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import to_london
from mendline.catalogue.wording import day_and_date
from mendline.work.rows import Change, LateAction, OpenEscalation, StandIn, Waiting, WaitingFigure, Workplace

SHOWN = 8
SOON = timedelta(days=5)
MOST_WORKPLACES = 100
ONE_VISIT = timedelta(minutes=30)

_WORKPLACES = text("""
select provider_id, service_id, name from service
where provider_id = any (:providers) and service_id = any (:services) and closed_on is null
order by name
limit :most
""")

_FIGURES = text("""
with waiting as (
    select case when st.unescalated_days is not null then 'decline' else 'review' end as what,
           st.provider_id, st.service_id, s.name as service, st.indicator_id, i.definition_key, st.sentence,
           st.unescalated_days, st.declined_since, st.review_due_on, st.last_decision, st.last_decision_on
    from indicator_status st
    join service_indicator i
      on i.provider_id = st.provider_id and i.service_id = st.service_id and i.indicator_id = st.indicator_id
    join service s on s.provider_id = st.provider_id and s.service_id = st.service_id
    where st.provider_id = any (:providers) and i.ended_on is null and s.closed_on is null
      and (st.unescalated_days is not null or st.review_due_on <= :soon)
), ranked as (
    select w.*, count(*) over (partition by what) as total,
           row_number() over (
               partition by what
               order by unescalated_days desc nulls last, review_due_on, service, indicator_id) as place
    from waiting w
)
select what, provider_id, service_id, service, indicator_id, definition_key, sentence, unescalated_days,
       declined_since, review_due_on, last_decision, last_decision_on, total
from ranked where place <= :most
order by what, place
""")

_ACTIONS = text("""
select a.service_id, s.name as service, a.reference, a.title, a.owner, a.due_on as first_due_on,
       coalesce(d.due_on, a.due_on) as due_on, count(*) over () as total
from action a
join service s on s.provider_id = a.provider_id and s.service_id = a.service_id
left join lateral (
    select kind from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
    order by x.recorded_at desc, x.event_id desc limit 1) m on true
left join lateral (
    select due_on from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.due_on is not null
    order by x.recorded_at desc, x.event_id desc limit 1) d on true
where a.provider_id = any (:providers) and s.closed_on is null
  and coalesce(m.kind, 'open') not in ('closed', 'no_longer_applicable')
  and coalesce(d.due_on, a.due_on) < :today
order by 7, a.reference
limit :most
""")

_ESCALATIONS = text("""
select e.provider_id, e.service_id, s.name as service, e.indicator_id, i.definition_key, e.to_role, e.to_label,
       e.asked, e.opened_on, e.due_on, e.origin
from escalation e
join service s on s.provider_id = e.provider_id and s.service_id = e.service_id
join service_indicator i
  on i.provider_id = e.provider_id and i.service_id = e.service_id and i.indicator_id = e.indicator_id
where e.provider_id = any (:providers) and s.closed_on is null
  and not exists (
    select 1 from escalation_decision d
    where d.provider_id = e.provider_id and d.service_id = e.service_id
      and d.indicator_id = e.indicator_id and d.escalation_id = e.escalation_id)
order by e.due_on, e.escalation_id
limit :most
""")


def workplaces(
    session: Session, provider_ids: Sequence[uuid.UUID], service_ids: Sequence[uuid.UUID]
) -> tuple[Workplace, ...]:
    """The services where the person holds a role of their own."""
    values = {"providers": list(provider_ids), "services": list(service_ids), "most": MOST_WORKPLACES}
    return tuple(Workplace(**row) for row in session.execute(_WORKPLACES, values).mappings())


def waiting(session: Session, provider_ids: Sequence[uuid.UUID], today: date) -> Waiting:
    """Declines without a decision, reviews due, late actions and open escalations: three statements."""
    here = {"providers": list(provider_ids), "most": SHOWN}
    figures = session.execute(_FIGURES, {**here, "soon": today + SOON}).mappings()
    actions = session.execute(_ACTIONS, {**here, "today": today}).mappings()
    escalations = session.execute(_ESCALATIONS, here).mappings()
    return Waiting(
        tuple(WaitingFigure(**row) for row in figures),
        tuple(LateAction(**row) for row in actions),
        tuple(OpenEscalation(**row) for row in escalations),
    )


_STANDING_IN = text("""
select d.delegation_id, d.role, d.from_label, d.to_label, d.why, d.from_on, d.until_on, d.note, w.title
from work_delegation d
left join work_item w
  on w.provider_id = d.provider_id and w.service_id = d.service_id and w.work_item_id = d.work_item_id
where d.provider_id = :provider and d.service_id = :service and d.ends is null
  and (d.until_on is null or d.until_on >= :today)
  and not exists (
    select 1 from work_delegation e
    where e.provider_id = d.provider_id and e.service_id = d.service_id and e.ends = d.delegation_id)
order by d.from_on desc, d.recorded_at desc
limit 100
""")

# What others did since a moment, by service and sort; each branch is a range of what was recorded since.
_CHANGES = text("""
with happened as (
    select 'decision' as what, provider_id, service_id, recorded_at from review
    where provider_id = any (:providers) and recorded_at > :since and decided_by is distinct from :person
    union all
    select 'action', provider_id, service_id, recorded_at from action
    where provider_id = any (:providers) and recorded_at > :since
    union all
    select 'escalation', provider_id, service_id, recorded_at from escalation
    where provider_id = any (:providers) and recorded_at > :since
    union all
    select 'work', provider_id, service_id, recorded_at from work_item_event
    where provider_id = any (:providers) and recorded_at > :since and kind = 'done'
      and by_person is distinct from :person
    union all
    select 'objective', provider_id, service_id, recorded_at from objective_event
    where provider_id = any (:providers) and recorded_at > :since and signed_by is distinct from :person
)
select h.what, h.service_id, s.name as service, count(*) as count, max(h.recorded_at) as latest
from happened h
join service s on s.provider_id = h.provider_id and s.service_id = h.service_id
group by h.what, h.service_id, s.name
order by max(h.recorded_at) desc
limit :most
""")

# A look within half an hour of the last one is the same visit.
_VISIT = text("""
insert into work_visit (provider_id, person_id, visited_at) values (:provider, :person, :at)
on conflict (provider_id, person_id) do update
set earlier_at = case when work_visit.visited_at < :before then work_visit.visited_at else work_visit.earlier_at end,
    visited_at = case when work_visit.visited_at < :before then :at else work_visit.visited_at end
returning earlier_at
""")


def standing_in(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, today: date) -> tuple[StandIn, ...]:
    """Who stands in for whom at a service now and later."""
    values = {"provider": provider_id, "service": service_id, "today": today}
    return tuple(StandIn(**row) for row in session.execute(_STANDING_IN, values).mappings())


def visit(session: Session, provider_id: uuid.UUID, person_id: uuid.UUID | None, at: datetime) -> datetime | None:
    """Notes that the person looks, and says when they did before this visit; None on the first one."""
    values = {"provider": provider_id, "person": person_id, "at": at, "before": at - ONE_VISIT}
    earlier: datetime | None = session.scalar(_VISIT, values)
    return earlier


def changes_since(
    session: Session, provider_ids: Sequence[uuid.UUID], person_id: uuid.UUID | None, since: datetime
) -> tuple[Change, ...]:
    """What others did within reach since a moment: one statement."""
    values = {"providers": list(provider_ids), "person": person_id, "since": since, "most": SHOWN}
    return tuple(
        Change(
            row["what"], row["service_id"], row["service"], row["count"], day_and_date(to_london(row["latest"]).date())
        )
        for row in session.execute(_CHANGES, values).mappings()
    )
