"""Work that is open at a service: one statement."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.places.rows import Place
from mendline.recovery.queries import FOREVER
from mendline.services.rows import OpenAction, OpenEscalation

# The columns of an action, then those of an escalation, in the order of their rows; what it is about stands in both.
_OPEN_WORK = text("""
with changed as (
    select action_id,
           (array_agg(kind order by recorded_at desc, event_id desc))[1] as kind,
           (array_agg(due_on order by recorded_at desc, event_id desc) filter (where due_on is not null))[1] as due_on
    from action_event
    where provider_id = :provider and service_id = :service and recorded_at <= :as_at
    group by action_id
)
select 'action' as what, a.action_id, a.reference, a.title, a.owner, coalesce(c.due_on, a.due_on) as due_on,
       a.due_on as first_due_on, a.indicator_id,
       null as trigger, null as to_role, null as to_label, null as asked, null as opened_on, null as waits_until
from action a
left join changed c on c.action_id = a.action_id
where a.provider_id = :provider and a.service_id = :service and a.recorded_at <= :as_at
  and coalesce(c.kind, 'open') not in ('closed', 'no_longer_applicable')
union all
select 'escalation', null, null, null, null, e.due_on, null, e.indicator_id,
       e.trigger, e.to_role, e.to_label, e.asked, e.opened_on, e.due_on
from escalation e
where e.provider_id = :provider and e.service_id = :service and e.recorded_at <= :as_at
  and not exists (
    select 1 from escalation_decision d
    where d.recorded_at <= :as_at and d.provider_id = e.provider_id and d.service_id = e.service_id
      and d.indicator_id = e.indicator_id and d.escalation_id = e.escalation_id)
order by due_on
""")


def open_work(
    session: Session, place: Place, as_at: datetime = FOREVER
) -> tuple[tuple[OpenAction, ...], tuple[OpenEscalation, ...]]:
    """Actions that are not closed and escalations that wait, soonest first: one statement."""
    rows = session.execute(
        _OPEN_WORK, {"provider": place.provider_id, "service": place.service_id, "as_at": as_at}
    ).all()
    actions = tuple(OpenAction(*row[1:8]) for row in rows if row[0] == "action")
    escalations = tuple(OpenEscalation(*row[7:]) for row in rows if row[0] == "escalation")
    return actions, escalations
