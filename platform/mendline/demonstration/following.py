"""The demonstration's clocks of the regulator, where notices run, and the look-backs that closed actions booked."""

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.demonstration.model import Demonstration
from mendline.recovery.clocks.commands import GivenEvent, start_clocks
from mendline.recovery.clocks.following import start_following
from mendline.recovery.effects.commands import book
from tenants.clock import LONDON, now
from tenants.reach import Reach

_KNOWN = text("select exists (select 1 from regulator_clock where provider_id = :provider)")
_MANAGERS = text("""
select service_id, display_name from membership
where provider_id = :provider and role = 'registered_manager' and service_id is not null
""")
_CLOSED = text("""
select a.service_id, a.action_id, a.indicator_id, e.happened_on, a.owner from action a
join action_event e on e.provider_id = a.provider_id and e.service_id = a.service_id and e.action_id = a.action_id
  and e.kind = 'closed'
where a.provider_id = :provider and a.indicator_id is not null and e.happened_on > :since
order by e.happened_on desc, a.action_id limit 12
""")
WEEKS_BACK = 16
COMPLAINT = "A family asks why calls in the evening wait so long."


def load_following(session: Session, reach: Reach, planned: Demonstration, provider_id: uuid.UUID) -> None:
    """Starts what still runs of each notice, one complaint's clocks, and books the looks; nothing where they are there."""
    if session.execute(_KNOWN, {"provider": provider_id}).scalar_one():
        return
    owners = {row.service_id: _short(row.display_name) for row in session.execute(_MANAGERS, {"provider": provider_id})}
    for one in planned.requirements:
        if one.provider_id == provider_id:
            start_following(
                session, reach, provider_id=provider_id, service_id=one.service_id, what=one.kind, summary=one.summary,
                on=one.issued_on, owner=owners.get(one.service_id, "H Marsh"), today=planned.today,
                comply_by=one.comply_by, requirement_id=one.requirement_id,
            )  # fmt: skip
    _complaint(session, reach, planned, provider_id, owners)
    for row in session.execute(_CLOSED, {"provider": provider_id, "since": _since(planned.today)}).all():
        book(
            session, reach, provider_id=provider_id, service_id=row.service_id, action_id=row.action_id,
            indicator_id=row.indicator_id, closed_on=row.happened_on, label=row.owner,
            periods=1 if row.happened_on > planned.today - timedelta(weeks=6) else None,
        )  # fmt: skip


def _complaint(
    session: Session, reach: Reach, planned: Demonstration, provider_id: uuid.UUID, owners: dict[uuid.UUID, str]
) -> None:
    """One at the first service with a recovery plan: acknowledged is overdue, the answer still has time."""
    plan = next((plan for plan in planned.plans if plan.provider_id == provider_id), None)
    if plan is None:
        return
    began = min(now(), _morning(planned.today - timedelta(days=8)))
    start_clocks(
        session, reach, provider_id=provider_id, service_id=plan.service_id,
        given=GivenEvent(
            about="complaint", summary=COMPLAINT, started_at=began, kinds=("complaint_acknowledged", "complaint_answered"),
            owner=owners.get(plan.service_id, "H Marsh"),
        ),
    )  # fmt: skip


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=LONDON)


def _since(today: date) -> date:
    return today - timedelta(weeks=WEEKS_BACK)


def _short(name: str) -> str:
    words = name.split()
    return f"{words[0][0]} {words[-1]}" if len(words) > 1 else name
