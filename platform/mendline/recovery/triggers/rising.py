"""Puts undecided escalations one level up when their date has passed, each step on the record."""

import uuid
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import LONDON
from mendline.recovery.model import EscalationStep
from mendline.recovery.triggers.ladder import above, first_held, next_due
from mendline.recovery.triggers.opening import label_of
from mendline.recovery.triggers.queries import holders
from mendline.telling.asking import tell_soon
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

MOST_AT_ONCE = 500

# The level that holds now is that of the newest step. Rows are locked against a decision that is being written.
_LATE = text("""
select e.service_id, e.indicator_id, e.escalation_id, coalesce(s.to_role, e.to_role) as role,
       coalesce(s.due_on, e.due_on) as due_on, coalesce(s.number, 0) as number
from escalation e
join service at on at.provider_id = e.provider_id and at.service_id = e.service_id and at.closed_on is null
left join lateral (
    select to_role, due_on, number from escalation_step x
    where x.provider_id = e.provider_id and x.service_id = e.service_id and x.indicator_id = e.indicator_id
      and x.escalation_id = e.escalation_id
    order by number desc limit 1) s on true
where e.provider_id = :provider
  and (coalesce(s.due_on, e.due_on) < :today or (s.number is null and e.due_at < :now))
  and not exists (
    select 1 from escalation_decision d
    where d.provider_id = e.provider_id and d.service_id = e.service_id and d.indicator_id = e.indicator_id
      and d.escalation_id = e.escalation_id)
order by coalesce(s.due_on, e.due_on), e.escalation_id
limit :most
""")


def raise_late(session: Session, reach: Reach, provider_id: uuid.UUID, *, today: date, now: datetime) -> int:
    """Puts what nobody decided in time before the next level; returns how many steps were written.

    At the top there is no next level: it stays there, late, for everybody to see.
    """
    given = {"provider": provider_id, "today": today, "now": now, "most": MOST_AT_ONCE}
    people: dict[uuid.UUID, dict[str, str]] = {}
    steps = 0
    for row in session.execute(_LATE, given).all():
        upper = above(row.role)
        if upper is None:
            continue
        if row.service_id not in people:
            people[row.service_id] = holders(session, provider_id, row.service_id, today)
        upper = first_held(upper, people[row.service_id].keys())
        session.add(
            EscalationStep(
                provider_id=provider_id,
                service_id=row.service_id,
                indicator_id=row.indicator_id,
                escalation_id=row.escalation_id,
                step_id=new_id(),
                number=row.number + 1,
                from_role=row.role,
                to_role=upper,
                due_on=next_due(now.astimezone(LONDON).date()),
                reason=f"Nobody decided by {row.due_on:%-d %B %Y}.",
                happened_on=today,
                recorded_label=None,
                recorded_at=now,
            )
        )
        session.flush()
        note(
            session,
            reach,
            "escalation went up",
            provider_id=provider_id,
            service_id=row.service_id,
            subject=f"escalation {row.escalation_id}",
            detail={"from": label_of(row.role), "to": label_of(upper)},
        )
        steps += 1
    if steps:
        tell_soon(session, provider_id)
    return steps
