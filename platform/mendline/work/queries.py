"""What waits within a person's reach: a fixed number of statements, however many services that is."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.work.rows import LateAction, OpenEscalation, Waiting, WaitingFigure, Workplace

SHOWN = 8
SOON = timedelta(days=5)
MOST_WORKPLACES = 100

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
       e.asked, e.opened_on, e.due_on
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
