"""Dated work as pages read it: one statement each, whatever the number of services."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.duties.assigning import holders_at
from mendline.duties.rows import Colleague, WorkEvent, WorkLine

_COLUMNS = """w.provider_id, w.service_id, s.name as service, w.work_item_id, w.plan_id, w.step_number, w.title, w.record,
       w.role, w.asked_role, w.assigned_id, w.assigned_label, w.stands_in, w.is_vacant, w.record_types, w.needed, w.made,
       w.opens_on, w.first_due_on, w.due_on, w.shift_band, w.state, w.closed_on, w.closed_label"""
_FROM = "from work_item w join service s on s.provider_id = w.provider_id and s.service_id = w.service_id"

# What one person is asked by name, and what is asked of a role that they hold where nobody is named. Two index scans.
_MINE = text(f"""
with mine as (
    select {_COLUMNS} {_FROM}
    where w.provider_id = any (:providers) and w.state = 'open' and s.closed_on is null
      and w.assigned_id = :person and w.due_on <= :until and w.opens_on <= :soon
    union all
    select {_COLUMNS} {_FROM}
    join unnest(cast(:role_providers as uuid[]), cast(:role_services as uuid[]), cast(:roles as text[]))
      as h(provider_id, service_id, role)
      on h.provider_id = w.provider_id and h.role = w.asked_role and coalesce(h.service_id, w.service_id) = w.service_id
    where w.provider_id = any (:providers) and w.state = 'open' and s.closed_on is null
      and w.assigned_id is null and w.due_on <= :until and w.opens_on <= :soon
), ranked as (
    select m.*, count(*) over (partition by m.due_on < :today) as total,
           row_number() over (partition by m.due_on < :today order by m.due_on, m.service, m.title, m.work_item_id) as place
    from mine m
)
select * from ranked where place <= :most order by due_on, place
""")  # noqa: S608 -- constants of ours

_OF_SERVICE = text(f"""
select {_COLUMNS}, count(*) over () as total {_FROM}
where w.provider_id = :provider and w.service_id = :service and w.due_on between :first and :last
  and (cast(:plan as uuid) is null or w.plan_id = :plan)
order by w.due_on, w.step_number, w.work_item_id
limit :most
""")

_ONE = text(f"""
select {_COLUMNS}, 1 as total {_FROM}
where w.provider_id = :provider and w.service_id = :service and w.work_item_id = :item
""")

_EVENTS = text("""
select kind, due_on, note, record_type, record_id, to_label, happened_on, by_label from work_item_event
where provider_id = :provider and service_id = :service and work_item_id = :item
order by recorded_at desc, event_id desc limit 100
""")


def work_of(
    session: Session,
    *,
    person_id: uuid.UUID | None,
    roles: Sequence[tuple[uuid.UUID, uuid.UUID | None, str]],
    today: date,
    soon: date,
    most: int,
) -> tuple[WorkLine, ...]:
    """Open work that waits for a person, that of others whom they stand in for included: one statement.

    Args:
        session: a transaction in their reach.
        person_id: who asks.
        roles: provider, service (None for the whole provider) and role, for each role that they hold.
        today: the date in England.
        soon: work that opens after this day is left out.
        most: rows of what is overdue, and as many of what is not.
    """
    if not roles:
        return ()
    values = {
        "providers": list({provider for provider, _, _ in roles}),
        "person": person_id,
        "role_providers": [provider for provider, _, _ in roles],
        "role_services": [service for _, service, _ in roles],
        "roles": [role for _, _, role in roles],
        "today": today,
        "soon": today,
        "until": soon,
        "most": most,
    }
    return tuple(_line(row) for row in session.execute(_MINE, values).mappings())


def work_at(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *,
    first: date,
    last: date,
    plan_id: uuid.UUID | None = None,
    most: int = 1_000,
) -> tuple[WorkLine, ...]:
    """The work of a service that is due between two days, done and cancelled work included: one statement."""
    values = {
        "provider": provider_id,
        "service": service_id,
        "first": first,
        "last": last,
        "plan": plan_id,
        "most": most,
    }
    return tuple(_line(row) for row in session.execute(_OF_SERVICE, values).mappings())


def one_item(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, work_item_id: uuid.UUID
) -> WorkLine | None:
    """One work item; None where there is none."""
    values = {"provider": provider_id, "service": service_id, "item": work_item_id}
    row = session.execute(_ONE, values).mappings().one_or_none()
    return _line(row) if row is not None else None


def events_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, work_item_id: uuid.UUID
) -> tuple[WorkEvent, ...]:
    """What happened to a work item, newest first."""
    values = {"provider": provider_id, "service": service_id, "item": work_item_id}
    return tuple(WorkEvent(**row) for row in session.execute(_EVENTS, values).mappings())


def colleagues(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[Colleague, ...]:
    """Who works at a service or for its provider today, each once under their first role: one statement."""
    found = holders_at(session, provider_id)
    people: dict[uuid.UUID, Colleague] = {}
    for each in (*found.get(service_id, ()), *found.get(None, ())):
        people.setdefault(each.person_id, Colleague(each.person_id, each.label, each.role))
    return tuple(people.values())


def _line(row: Any) -> WorkLine:
    return WorkLine(**{name: value for name, value in row.items() if name != "place"})
