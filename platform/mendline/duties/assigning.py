"""Keeps who is asked in step with who holds a role today and who stands in: read once, changed where it differs."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Session

from mendline.duties.holding import Delegation, Holder, asked_of, short_name

_HOLDERS = text("select service_id, role, person_id, display_name from reach.holders(:provider)")

_DELEGATIONS = text("""
select d.service_id, d.delegation_id, d.role, d.work_item_id, d.from_person, d.to_person, d.to_label, d.why, d.from_on,
       least(d.until_on, (
           select min(e.from_on) - 1 from work_delegation e
           where e.provider_id = d.provider_id and e.service_id = d.service_id and e.ends = d.delegation_id)) as until_on
from work_delegation d
where d.provider_id = :provider and d.service_id = any (:services) and d.ends is null
  and (d.until_on is null or d.until_on >= :today)
order by d.recorded_at, d.delegation_id
""")

# One row for each role that is asked at a service, and one for each item that was handed over by itself.
_ASKED_FOR = text("""
select service_id, role, null::uuid as work_item_id from work_item
where provider_id = :provider and service_id = any (:services) and state = 'open'
group by service_id, role
union all
select w.service_id, w.role, w.work_item_id from work_item w
where w.provider_id = :provider and w.service_id = any (:services) and w.state = 'open'
  and exists (select 1 from work_delegation d
              where d.provider_id = w.provider_id and d.service_id = w.service_id and d.work_item_id = w.work_item_id)
""")

_CHANGE = text("""
update work_item w
set asked_role = c.asked_role, assigned_id = c.assigned_id, assigned_label = c.assigned_label,
    stands_in = c.stands_in, is_vacant = c.is_vacant
from unnest(
    cast(:service as uuid[]), cast(:role as text[]), cast(:item as uuid[]), cast(:asked_role as text[]),
    cast(:assigned_id as uuid[]), cast(:assigned_label as text[]), cast(:stands_in as text[]), cast(:is_vacant as bool[])
) as c(service_id, role, work_item_id, asked_role, assigned_id, assigned_label, stands_in, is_vacant)
where w.provider_id = :provider and w.service_id = c.service_id and w.state = 'open'
  and case when c.work_item_id is null
      then w.role = c.role and not w.work_item_id = any (cast(:alone as uuid[]))
      else w.work_item_id = c.work_item_id end
  and (w.asked_role, w.assigned_id, w.assigned_label, w.stands_in, w.is_vacant)
      is distinct from (c.asked_role, c.assigned_id, c.assigned_label, c.stands_in, c.is_vacant)
""")


def holders_at(session: Session, provider_id: uuid.UUID) -> dict[uuid.UUID | None, list[Holder]]:
    """Who holds which role today, by service; under None those who hold it for the whole provider: one statement."""
    found: dict[uuid.UUID | None, list[Holder]] = defaultdict(list)
    for row in session.execute(_HOLDERS, {"provider": provider_id}):
        found[row.service_id].append(Holder(row.role, row.person_id, short_name(row.display_name)))
    return found


def assign(session: Session, provider_id: uuid.UUID, services: Sequence[uuid.UUID], today: date) -> int:
    """Works out who is asked for the open work of these services: four statements; returns how many items changed."""
    values = {"provider": provider_id, "services": list(services), "today": today}
    wanted = session.execute(_ASKED_FOR, values).all()
    if not wanted:
        return 0
    holders = holders_at(session, provider_id)
    handed: dict[uuid.UUID, list[Delegation]] = defaultdict(list)
    for each in session.execute(_DELEGATIONS, values).mappings():
        kept = dict(each)
        handed[kept.pop("service_id")].append(Delegation(**kept))
    columns: dict[str, list[Any]] = defaultdict(list)
    for row in wanted:
        there = [*holders.get(row.service_id, ()), *holders.get(None, ())]
        asked = asked_of(row.role, there, handed.get(row.service_id, ()), today, row.work_item_id)
        for name, value in (
            ("service", row.service_id), ("role", row.role), ("item", row.work_item_id), ("asked_role", asked.role),
            ("assigned_id", asked.person_id), ("assigned_label", asked.label), ("stands_in", asked.stands_in),
            ("is_vacant", asked.is_vacant),
        ):  # fmt: skip
            columns[name].append(value)
    alone = [row.work_item_id for row in wanted if row.work_item_id is not None]
    changed = session.execute(_CHANGE, {"provider": provider_id, "alone": alone, **columns})
    return cast("CursorResult[Any]", changed).rowcount
