"""What is kept of a record type where a file's records would go: by number, by what a person said, by likeness."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Session

from mendline.catalogue.record_types import RecordType
from mendline.catalogue.wording import long_date
from mendline.evidence.imports.plan import RecordRow
from mendline.evidence.imports.weighing import Stands, alike
from mendline.evidence.records.register import REGISTER
from tenants.clock import LONDON

_IDS = ARRAY(Uuid())
_OF_ACTION = """
    (select min(w.source_reference) from record w
     where w.provider_id = r.provider_id and w.service_id = r.service_id and w.record_id = r.record_id
       and w.source_system = :register) as action
"""

# The newest revision, and beside it the newest that came out of a file.
_STANDING = text(f"""
    select distinct on (r.record_id, r.batch_id is not null)
        r.record_id, r.revision, r.payload, r.happened_at, r.batch_id is not null as by_import,
        r.withdrawn_at is not null as withdrawn, r.recorded_initials, r.recorded_at, {_OF_ACTION}
    from record r
    where r.provider_id = :provider and r.service_id = any (:services) and r.record_id = any (:ids)
    order by r.record_id, r.batch_id is not null, r.revision desc
""").bindparams(bindparam("services", type_=_IDS), bindparam("ids", type_=_IDS))  # noqa: S608 -- no value stands in it

_MERGED = text("""
    select row_id, record_id from import_merge
    where provider_id = :provider and service_id = any (:services) and row_id = any (:ids)
""").bindparams(bindparam("services", type_=_IDS), bindparam("ids", type_=_IDS))

_ANY = text("""
    select exists (
        select 1 from record r
        where r.provider_id = :provider and r.service_id = any (:services) and r.record_type = :type)
""").bindparams(bindparam("services", type_=_IDS))

_LIKE = text(f"""
    select r.record_id, r.service_id, r.happened_at, r.payload, r.source_system, r.recorded_initials, r.recorded_at,
        {_OF_ACTION}
    from record r
    where r.provider_id = :provider and r.service_id = any (:services) and r.record_type = :type
      and r.happened_at = any (:moments) and r.withdrawn_at is null and r.record_id <> all (:known)
      and (r.batch_id is null or r.batch_id <> :batch)
      and not exists (
        select 1 from record n
        where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
          and n.revision > r.revision)
""").bindparams(  # noqa: S608 -- no value stands in it
    bindparam("services", type_=_IDS),
    bindparam("type", type_=Text()),
    bindparam("moments", type_=ARRAY(TIMESTAMP(timezone=True))),
    bindparam("known", type_=_IDS),
)


class KeptRecords:
    """The records of one type at some services. Where there are none, nothing more is asked."""

    def __init__(
        self, session: Session, provider_id: uuid.UUID, services: Sequence[uuid.UUID], kind: RecordType
    ) -> None:
        """Finds out once whether there are any."""
        self._session, self._kind = session, kind
        self._here = {"provider": provider_id, "services": list(services)}
        self._fields = {declared.name: declared.kind for declared in kind.fields}
        self.any = bool(session.execute(_ANY, {**self._here, "type": kind.key}).scalar_one())

    def merged(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
        """The record that a row is, where a person said so, by the row's own number."""
        rows = self._session.execute(_MERGED, {**self._here, "ids": list(ids)})
        return {row.row_id: row.record_id for row in rows}

    def standing(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Stands]:
        """What stands under these numbers."""
        found: dict[uuid.UUID, Stands] = {}
        for row in self._session.execute(_STANDING, {**self._here, "ids": list(ids), "register": REGISTER}):
            one = _stands(row)
            other = found.get(row.record_id)
            found[row.record_id] = one if other is None else _together(one, other)
        return found

    def like(
        self, unknown: Mapping[uuid.UUID, RecordRow], known: Sequence[uuid.UUID], batch_id: uuid.UUID
    ) -> Mapping[uuid.UUID, list[Any]]:
        """Kept records that each unknown row may be.

        Args:
            unknown: rows that stand under no number, by the number that they would get.
            known: records that other rows of the file are.
            batch_id: the file itself: what it brought is nothing that was kept before.
        """
        if not unknown:
            return {}
        moments = list({row.happened_at for row in unknown.values()})
        asked = {**self._here, "type": self._kind.key, "moments": moments, "known": list(known), "batch": batch_id}
        kept: defaultdict[tuple[uuid.UUID, datetime], list[Any]] = defaultdict(list)
        for found in self._session.execute(_LIKE, {**asked, "register": REGISTER}):
            kept[found.service_id, found.happened_at].append(found)
        return {
            own: near
            for own, row in unknown.items()
            if (near := [each for each in kept[row.service_id, row.happened_at] if self._may_be(row, each)])
        }

    def _may_be(self, row: RecordRow, other: Any) -> bool:
        """Two references of one system are two records, however alike they look."""
        if row.source_reference and other.source_system is not None and other.source_system == row.source_system:
            return False
        return alike(self._fields, row.payload, other.payload)


def _stands(row: Any) -> Stands:
    told = ", ".join(
        part for part in (row.recorded_initials, long_date(row.recorded_at.astimezone(LONDON).date())) if part
    )
    says = None if row.withdrawn else row.payload
    imported = row.payload if row.by_import and not row.withdrawn else None
    return Stands(
        row.revision, says, row.by_import or row.withdrawn, imported, gone=row.withdrawn, told=told,
        by_action=row.action is not None,
    )  # fmt: skip


def _together(one: Stands, other: Stands) -> Stands:
    newer, older = (one, other) if one.revision > other.revision else (other, one)
    return replace(newer, imported=newer.imported if newer.by_import else older.imported)
