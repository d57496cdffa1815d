"""What the pages of capture read: a fixed number of statements each."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.capture.rows import ArrivalRow, ConflictRow, DraftRow, WhatWas, Workplace
from tenants.reach import Reach

MOST = 50

_ARRIVALS = """
select a.service_id, s.name as service, a.record_id, a.form, a.record_type, a.finished_at, a.received_at,
       a.clock_seconds, a.is_clock_wrong, a.is_moved, a.is_late, a.device, a.recorded_label
from capture_arrival a
join service s on s.provider_id = a.provider_id and s.service_id = a.service_id
"""
_OWN = text(f"""{_ARRIVALS}
where a.provider_id = any (:providers) and a.recorded_by = :person and a.received_at >= :since
order by a.received_at desc limit :most""")
_HERE = text(f"""{_ARRIVALS}
where a.provider_id = :provider and a.service_id = :service
order by a.received_at desc limit :most""")

_DRAFTS = text("""
select d.service_id, s.name as service, d.record_id, d.form, d.answers, d.open_questions, d.saved_at
from capture_draft d
join service s on s.provider_id = d.provider_id and s.service_id = d.service_id
where d.provider_id = any (:providers) and d.recorded_by = :person
order by d.saved_at desc limit :most""")

_CONFLICTS = text("""
select c.service_id, c.record_id, c.digest, c.form, c.record_type, c.answers, c.received_at, c.device,
       c.recorded_label, r.payload as first, coalesce(r.revision, 1) as first_revision,
       coalesce(r.recorded_initials, '') as first_label, r.recorded_at as first_at
from capture_conflict c
left join lateral (
    select payload, revision, recorded_initials, recorded_at from record r
    where r.provider_id = c.provider_id and r.service_id = c.service_id and r.record_id = c.record_id
    order by revision desc limit 1) r on true
where c.provider_id = any (:providers) and (cast(:service as uuid) is null or c.service_id = :service)
  and (cast(:person as uuid) is null or c.recorded_by = :person)
  and not exists (
    select 1 from capture_choice x
    where x.provider_id = c.provider_id and x.service_id = c.service_id and x.record_id = c.record_id
      and x.digest = c.digest)
order by c.received_at limit :most""")

# The newest check that this person may see: what it says of the unit is where the next one begins.
_WHAT_WAS = text("""
select r.payload ->> 'unit' as unit, (r.payload ->> 'people_on_unit')::integer as people from record r
where r.provider_id = :provider and r.service_id = :service and r.record_type = 'end_of_shift_check'
  and r.withdrawn_at is null and not exists (
    select 1 from record n
    where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
      and n.revision > r.revision)
order by r.happened_at desc limit 1""")


def own_arrivals(
    session: Session, provider_ids: Sequence[uuid.UUID], person_id: uuid.UUID | None, *, since: datetime
) -> tuple[ArrivalRow, ...]:
    """What a person sent since a moment, newest first."""
    values = {"providers": list(provider_ids), "person": person_id, "since": since, "most": MOST}
    return tuple(ArrivalRow(**row) for row in session.execute(_OWN, values).mappings())


def arrivals_at(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[ArrivalRow, ...]:
    """How the newest records of a service came in."""
    values = {"provider": provider_id, "service": service_id, "most": MOST}
    return tuple(ArrivalRow(**row) for row in session.execute(_HERE, values).mappings())


def own_drafts(
    session: Session, provider_ids: Sequence[uuid.UUID], person_id: uuid.UUID | None
) -> tuple[DraftRow, ...]:
    """Drafts of a person with a question open, newest first."""
    values = {"providers": list(provider_ids), "person": person_id, "most": MOST}
    return tuple(
        DraftRow(**{**row, "open_questions": tuple(row["open_questions"])})
        for row in session.execute(_DRAFTS, values).mappings()
    )


def conflicts(
    session: Session,
    provider_ids: Sequence[uuid.UUID],
    *,
    service_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
) -> tuple[ConflictRow, ...]:
    """Versions that wait for a choice: of one service, or what one person sent."""
    values = {"providers": list(provider_ids), "service": service_id, "person": person_id, "most": MOST}
    return tuple(ConflictRow(**row) for row in session.execute(_CONFLICTS, values).mappings())


def what_was(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> WhatWas:
    """What the newest medicines check says of the unit; nothing where this person may see none."""
    row = session.execute(_WHAT_WAS, {"provider": provider_id, "service": service_id}).first()
    return WhatWas("", None) if row is None else WhatWas(row.unit or "", row.people)


_WORKPLACES = text("""
select provider_id, service_id, name from service
where provider_id = any (:providers) and service_id = any (:services) and closed_on is null
order by name limit :most""")
_ALL_WORKPLACES = text("""
select provider_id, service_id, name from service
where provider_id = any (:providers) and closed_on is null order by name limit :most""")


def workplaces(session: Session, reach: Reach, *, most: int) -> tuple[Workplace, ...]:
    """The open services where a person holds a role, by name; those of the whole provider for a role that covers it."""
    own = list(dict.fromkeys(each.service_id for each in reach.held if each.service_id is not None))
    values = {"providers": list({each.provider_id for each in reach.held}), "most": most}
    statement = _WORKPLACES if own else _ALL_WORKPLACES
    rows = session.execute(statement, values | ({"services": own} if own else {}))
    return tuple(Workplace(**row) for row in rows.mappings())
