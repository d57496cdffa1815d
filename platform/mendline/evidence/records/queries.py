"""What the pages of source records read: one bounded statement each."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from mendline.catalogue.record_types import RecordType
from mendline.evidence.records.outcomes import AnswerCount
from mendline.evidence.records.rows import Cursor, NewestOfType, OwnEntry, RecordSlice, StoredRecord

PAGE = 50
YEAR = timedelta(days=365)
MOST_REVISIONS = 100

_COLUMNS = (
    "r.record_id, r.revision, r.record_type, r.type_version, r.happened_at, r.payload, r.source_system,"
    " r.source_reference, r.reason, r.recorded_initials, r.recorded_at, r.withdrawn_at"
)
_STANDS = """r.withdrawn_at is null and not exists (
    select 1 from record n
    where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
      and n.revision > r.revision)"""


def _page_of(place: str, order: str) -> str:
    """A page's statement; the parts are constants of this module, every value is bound."""
    return f"""
select {_COLUMNS}
from record r
where r.provider_id = :provider and r.service_id = :service and r.record_type = :type
  and (cast(:own as uuid) is null or r.recorded_by = :own) {place}
  and {_STANDS}
order by r.happened_at {order}, r.record_id {order}
limit :most"""  # noqa: S608


_FIRST = text(_page_of("", "desc"))
_OLDER = text(_page_of("and (r.happened_at, r.record_id) < (:at, cast(:id as uuid))", "desc"))
_NEWER = text(_page_of("and (r.happened_at, r.record_id) > (:at, cast(:id as uuid))", "asc"))

_REVISIONS = text(f"""
select {_COLUMNS}
from record r
where r.provider_id = :provider and r.service_id = :service and r.record_id = :record and r.record_type = :type
  and (cast(:own as uuid) is null or r.recorded_by = :own)
order by r.revision desc
limit :most""")  # noqa: S608 -- the columns are this module's

# One look into the index per type, however many records there are.
_NEWEST_OF_TYPES = text(f"""
select t.record_type, n.happened_at
from unnest(cast(:types as text[])) as t(record_type)
join lateral (
    select r.happened_at from record r
    where r.provider_id = :provider and r.service_id = :service and r.record_type = t.record_type and {_STANDS}
    order by r.happened_at desc limit 1) n on true
""")  # noqa: S608 -- the condition is this module's

_ANSWERS = text(f"""
select x.answer, count(*) as number, count(*) filter (where x.day > :recent) as recent, min(x.day) as oldest,
       count(*) filter (where coalesce(x.chased, x.day) < :stale) as unchased
from (
    select r.payload ->> :field as answer, cast(r.payload ->> :chased as date) as chased,
           (r.happened_at at time zone 'Europe/London')::date as day
    from record r
    where r.provider_id = :provider and r.service_id = :service and r.record_type = :type and {_STANDS}) x
group by x.answer
""")  # noqa: S608 -- the condition is this module's

_OWN = text(f"""
select r.service_id, s.name as service, r.record_id, r.revision, r.record_type, r.happened_at, r.recorded_at
from record r
join service s on s.provider_id = r.provider_id and s.service_id = r.service_id
where r.provider_id = any (:providers) and r.recorded_by = :person
  and (cast(:service as uuid) is null or r.service_id = :service) and {_STANDS}
order by r.recorded_at desc, r.record_id
limit :most""")  # noqa: S608 -- the condition is this module's


def records_of_type(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    record_type: str,
    *,
    own: uuid.UUID | None,
    cursor: Cursor | None,
    most: int = PAGE,
) -> RecordSlice:
    """A page of the records of one type, each in its newest revision.

    Args:
        session: a transaction in the reader's reach.
        provider_id: the provider.
        service_id: the service.
        record_type: key of the type.
        own: only the records of this person; all where None.
        cursor: where the page begins; the newest where None.
        most: records on a page.
    """
    values = {"provider": provider_id, "service": service_id, "type": record_type, "own": own, "most": most + 1}
    if cursor is None:
        statement = _FIRST
    else:
        statement = _OLDER if cursor.older else _NEWER
        values |= {"at": cursor.happened_at, "id": cursor.record_id}
    found = [_stored(row) for row in session.execute(statement, values).mappings()]
    more = len(found) > most
    shown = found[:most]
    backwards = cursor is not None and not cursor.older
    if backwards:
        shown.reverse()
    return RecordSlice(
        tuple(shown),
        newer=_at(shown[0], older=False) if shown and (more if backwards else cursor is not None) else None,
        older=_at(shown[-1], older=True) if shown and (more or backwards) else None,
    )


def revisions_of(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    record_type: str,
    record_id: uuid.UUID,
    *,
    own: uuid.UUID | None,
) -> tuple[StoredRecord, ...]:
    """A record with what it was before each correction, newest first; nothing where it is not within reach."""
    values = {
        "provider": provider_id, "service": service_id, "type": record_type, "record": record_id, "own": own,
        "most": MOST_REVISIONS,
    }  # fmt: skip
    return tuple(_stored(row) for row in session.execute(_REVISIONS, values).mappings())


def newest_of_types(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, types: Sequence[str]
) -> tuple[NewestOfType, ...]:
    """The types that have records at a service, with when the newest happened."""
    values = {"provider": provider_id, "service": service_id, "types": list(types)}
    return tuple(NewestOfType(**row) for row in session.execute(_NEWEST_OF_TYPES, values).mappings())


def answers_counted(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, kind: RecordType, today: date
) -> tuple[AnswerCount, ...]:
    """How many records of a type stand at each answer to where they stand; nothing for a type that has no outcomes."""
    ends = kind.outcomes
    if ends is None:
        return ()
    values = {
        "provider": provider_id, "service": service_id, "type": kind.key, "field": ends.field, "chased": ends.chased,
        "recent": today - YEAR, "stale": today - timedelta(days=ends.chase_days),
    }  # fmt: skip
    return tuple(AnswerCount(**row) for row in session.execute(_ANSWERS, values).mappings())


def own_entries(
    session: Session,
    provider_ids: Sequence[uuid.UUID],
    person_id: uuid.UUID | None,
    *,
    service_id: uuid.UUID | None = None,
    most: int = 10,
) -> tuple[OwnEntry, ...]:
    """What a person entered, at one service or anywhere, newest first."""
    values = {"providers": list(provider_ids), "person": person_id, "service": service_id, "most": most}
    return tuple(OwnEntry(**row) for row in session.execute(_OWN, values).mappings())


def _stored(row: RowMapping) -> StoredRecord:
    return StoredRecord(**row)


def _at(record: StoredRecord, *, older: bool) -> Cursor:
    return Cursor(record.happened_at, record.record_id, older=older)
