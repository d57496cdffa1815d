"""Source records of a file: recognised, weighed against what stands, and saved.

A record is recognised by its source system and reference there, or by everything that it says. One that is not, and yet
looks like a record that is kept, is proposed for merging: a person decides.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.exc import IntegrityError

from mendline.catalogue.calendar import london_date
from mendline.catalogue.record_types import RecordType, record_type
from mendline.catalogue.wording import long_date
from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.model import ImportMerge
from mendline.evidence.imports.plan import RecordRow
from mendline.evidence.imports.target import NEW, SAME, Target
from mendline.evidence.imports.weighing import Stands, Tally, Verdict, alike, weigh
from mendline.evidence.measuring.marking import Placed, also_on, mark_records, placed
from mendline.evidence.measuring.reading import departures
from mendline.evidence.model import Record
from mendline.evidence.records.answers import answer_words, happened_words
from mendline.indicators.touching import touch_many
from tenants.clock import LONDON
from tenants.database import insert_many
from tenants.errors import ConflictError

_MOST_TOLD = 500
_IDS = ARRAY(Uuid())

# The newest revision, and beside it the newest that came out of a file.
_STANDING = text("""
    select distinct on (r.record_id, r.batch_id is not null)
        r.record_id, r.revision, r.payload, r.happened_at, r.batch_id is not null as by_import,
        r.withdrawn_at is not null as withdrawn, r.recorded_initials, r.recorded_at
    from record r
    where r.provider_id = :provider and r.service_id = any (:services) and r.record_id = any (:ids)
    order by r.record_id, r.batch_id is not null, r.revision desc
""").bindparams(bindparam("services", type_=_IDS), bindparam("ids", type_=_IDS))

_MERGED = text("""
    select row_id, record_id from import_merge
    where provider_id = :provider and service_id = any (:services) and row_id = any (:ids)
""").bindparams(bindparam("services", type_=_IDS), bindparam("ids", type_=_IDS))

_ANY = text("""
    select exists (
        select 1 from record r
        where r.provider_id = :provider and r.service_id = any (:services) and r.record_type = :type
          and r.happened_at between :first and :last)
""").bindparams(bindparam("services", type_=_IDS))

_LIKE = text("""
    select r.record_id, r.service_id, r.happened_at, r.payload, r.source_system, r.recorded_initials, r.recorded_at
    from record r
    where r.provider_id = :provider and r.service_id = any (:services) and r.record_type = :type
      and r.happened_at = any (:moments) and r.withdrawn_at is null and r.record_id <> all (:known)
      and (r.batch_id is null or r.batch_id <> :batch)
      and not exists (
        select 1 from record n
        where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
          and n.revision > r.revision)
""").bindparams(
    bindparam("services", type_=_IDS),
    bindparam("type", type_=Text()),
    bindparam("moments", type_=ARRAY(TIMESTAMP(timezone=True))),
    bindparam("known", type_=_IDS),
)


class RecordSaver:
    """Saves the records of one file, part after part."""

    def __init__(self, here: Target, rows: Sequence[RecordRow], tally: Tally, findings: Findings) -> None:
        """Finds out once whether anything stands where the file's records would go."""
        self._here, self._tally, self._findings = here, tally, findings
        self._kind = record_type(rows[0].record_type)
        self._fields = {declared.name: declared.kind for declared in self._kind.fields}
        self._services = list(dict.fromkeys(row.service_id for row in rows))
        moments = [row.happened_at for row in rows]
        asked = self._given(type=self._kind.key, first=min(moments), last=max(moments))
        self._any = bool(here.session.execute(_ANY, asked).scalar_one())
        self._seen: set[uuid.UUID] = set()
        people = self._kind.only_in_residence and self._kind.person_field
        self._left = departures(here.session, here.provider_id, self._services, here.at) if people else {}

    def save(self, rows: Sequence[RecordRow]) -> int:
        """Saves what is new or changed among some of the file's rows; how many."""
        rows = [row for row in rows if not self._misplaced(row)]
        ids = [row_id(self._here.provider_id, row) for row in rows]
        merged = self._merged(ids) if self._any else {}
        stands = self._standing([merged.get(one, one) for one in ids])
        like = self._like(rows, ids, merged, stands) if self._any else {}
        added: list[tuple[RecordRow, uuid.UUID, Stands | None]] = []
        merges: list[tuple[RecordRow, uuid.UUID, uuid.UUID]] = []
        for row, own in zip(rows, ids, strict=True):
            record_id = merged.get(own, own)
            verdict = weigh(row.payload, stands.get(record_id))
            if verdict == "new" and own in like:
                decided = self._decision(row, own, like[own])
                if decided is None:
                    self._tally.add("alike", row.line, self._here.shown)
                    continue
                if decided != NEW:
                    record_id = decided
                    stands |= self._standing([record_id]) if record_id not in stands else {}
                    merges.append((row, own, record_id))
                    verdict = "unchanged" if row.payload == stands[record_id].says else "changed"
            self._tally.add(verdict, row.line, self._here.shown)
            if self._is_wanted(verdict, row, stands.get(record_id)):
                added.append((row, record_id, stands.get(record_id)))
        if self._here.writes:
            self._write(added, merges)
        return len(added)

    def _given(self, **more: Any) -> dict[str, Any]:
        return {"provider": self._here.provider_id, "services": self._services, **more}

    def _misplaced(self, row: RecordRow) -> bool:
        """Whether the person had left by then; told as a problem of the row."""
        if not self._left:
            return False
        person = row.payload.get(self._kind.person_field or "")
        left = self._left.get(row.service_id, {}).get(str(person)) if person else None
        if left is None or london_date(row.happened_at) <= left:
            return False
        advice = "Check the code and the date. If the person has come back, record their assessment first."
        self._findings.problem(
            row.line,
            self._kind.person_field or "",
            str(person),
            f"left on {long_date(left)}, by their own records",
            advice,
        )
        return True

    def _merged(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
        rows = self._here.session.execute(_MERGED, self._given(ids=list(ids)))
        return {row.row_id: row.record_id for row in rows}

    def _standing(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Stands]:
        if not self._any:
            return {}
        found: dict[uuid.UUID, Stands] = {}
        for row in self._here.session.execute(_STANDING, self._given(ids=list(ids))):
            one = _stands(row)
            other = found.get(row.record_id)
            found[row.record_id] = one if other is None else _together(one, other)
        return found

    def _like(
        self,
        rows: Sequence[RecordRow],
        ids: Sequence[uuid.UUID],
        merged: Mapping[uuid.UUID, uuid.UUID],
        stands: Mapping[uuid.UUID, Stands],
    ) -> Mapping[uuid.UUID, list[Any]]:
        """Kept records that each unknown row may be."""
        unknown = {own: row for row, own in zip(rows, ids, strict=True) if merged.get(own, own) not in stands}
        if not unknown:
            return {}
        moments = list({row.happened_at for row in unknown.values()})
        known = [merged.get(own, own) for own in ids]
        asked = self._given(type=self._kind.key, moments=moments, known=known, batch=self._here.batch_id)
        kept: defaultdict[tuple[uuid.UUID, datetime], list[Any]] = defaultdict(list)
        for found in self._here.session.execute(_LIKE, asked):
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

    def _decision(self, row: RecordRow, own: uuid.UUID, like: Sequence[Any]) -> Any:
        decided: Any = self._here.choices.decisions.get(own, self._here.choices.otherwise)
        near = {each.record_id for each in like}
        if decided == SAME:
            decided = like[0].record_id if len(like) == 1 else None
        if decided is not None and decided != NEW and (decided not in near or decided in self._seen):
            decided = None
        if len(self._tally.proposals) < _MOST_TOLD:
            self._tally.proposals.append(_proposal(self._kind, row, own, like, decided))
        if decided is None:
            self._tally.undecided += 1
        elif decided != NEW:
            self._seen.add(decided)
        return decided

    def _is_wanted(self, verdict: Verdict, row: RecordRow, stands: Stands | None) -> bool:
        if verdict == "conflict" and stands is not None:
            if len(self._tally.conflicts) < _MOST_TOLD:
                self._tally.conflicts.append(_conflict(self._kind, row, stands))
            return self._here.choices.on_conflict == "update"
        return verdict in ("new", "changed")

    def _write(
        self,
        added: Sequence[tuple[RecordRow, uuid.UUID, Stands | None]],
        merges: Sequence[tuple[RecordRow, uuid.UUID, uuid.UUID]],
    ) -> None:
        here = self._here
        rows = [self._record(*one) for one in added]
        try:
            insert_many(here.session, cast("Table", Record.__table__), rows)
            insert_many(here.session, cast("Table", ImportMerge.__table__), [self._merge(*one) for one in merges])
        except IntegrityError as clash:
            raise ConflictError("Another import saved one of these records at the same moment. Try again.") from clash
        mark_records(here.session, here.provider_id, _placed(rows, added), here.reach.person_id)
        touched = {row.service_id: {f"record:{self._kind.key}"} for row, _, _ in added}
        touch_many(here.session, here.provider_id, touched)

    def _record(self, row: RecordRow, record_id: uuid.UUID, stands: Stands | None) -> dict[str, Any]:
        here = self._here
        return {
            "provider_id": here.provider_id,
            "service_id": row.service_id,
            "record_id": record_id,
            "revision": stands.revision + 1 if stands else 1,
            "record_type": row.record_type,
            "type_version": row.type_version,
            "happened_at": row.happened_at,
            "payload": row.payload,
            "source_system": row.source_system,
            "source_reference": row.source_reference,
            "reason": here.reason if stands else None,
            "batch_id": here.batch_id,
            "recorded_by": here.sender.person_id,
            "recorded_initials": here.sender.initials,
            "recorded_at": here.at,
            "also_on": also_on(row.record_type, row.payload),
        }

    def _merge(self, row: RecordRow, own: uuid.UUID, record_id: uuid.UUID) -> dict[str, Any]:
        here = self._here
        return {
            "provider_id": here.provider_id,
            "service_id": row.service_id,
            "row_id": own,
            "record_id": record_id,
            "import_id": here.import_id or here.batch_id,
            "recorded_by": here.sender.person_id,
            "recorded_at": here.at,
        }


def row_id(provider_id: uuid.UUID, row: RecordRow) -> uuid.UUID:
    """Always the same for the same record: by its reference at the source, else by everything that it says."""
    if row.source_reference:
        said = f"{row.source_system}:{row.source_reference}" if row.source_system else row.source_reference
    else:
        said = json.dumps([row.happened_at.isoformat(), dict(row.payload)], sort_keys=True)
    return uuid.uuid5(provider_id, f"{row.service_id}:{row.record_type}:{said}")


def _stands(row: Any) -> Stands:
    told = ", ".join(
        part for part in (row.recorded_initials, long_date(row.recorded_at.astimezone(LONDON).date())) if part
    )
    says = None if row.withdrawn else row.payload
    imported = row.payload if row.by_import and not row.withdrawn else None
    return Stands(row.revision, says, row.by_import or row.withdrawn, imported, gone=row.withdrawn, told=told)


def _together(one: Stands, other: Stands) -> Stands:
    newer, older = (one, other) if one.revision > other.revision else (other, one)
    imported = newer.imported if newer.by_import else older.imported
    return Stands(newer.revision, newer.says, newer.by_import, imported, gone=newer.gone, told=newer.told)


def _placed(
    rows: Iterable[Mapping[str, Any]], added: Sequence[tuple[RecordRow, uuid.UUID, Stands | None]]
) -> Iterator[Placed]:
    """Where each record stands now, and where it stood before."""
    for row, (given, _, stands) in zip(rows, added, strict=True):
        yield Placed(row["service_id"], row["record_type"], london_date(row["happened_at"]), row["also_on"])
        if stands is not None and stands.says is not None:
            yield placed(given.service_id, given.record_type, given.happened_at, stands.says)


def _conflict(kind: RecordType, row: RecordRow, stands: Stands) -> dict[str, Any]:
    differs = _differing(kind, row.payload, stands.says)
    return {
        "line": row.line,
        "what": f"{kind.title}, {happened_words(kind, row.happened_at)}",
        "file": "; ".join(f"{label}: {mine or 'not answered'}" for label, mine, _ in differs),
        "stands": "; ".join(f"{label}: {theirs or 'not answered'}" for label, _, theirs in differs),
        "who": stands.told,
    }


def _proposal(
    kind: RecordType, row: RecordRow, own: uuid.UUID, like: Sequence[Any], decided: uuid.UUID | str | None
) -> dict[str, Any]:
    return {
        "line": row.line,
        "row_id": str(own),
        "what": f"{kind.title}, {happened_words(kind, row.happened_at)}",
        "decided": None if decided is None else str(decided),
        "candidates": [
            {
                "record_id": str(each.record_id),
                "service_id": str(each.service_id),
                "who": f"{each.recorded_initials or 'Mendline'}, {long_date(each.recorded_at.astimezone(LONDON).date())}",
                "differs": [list(one) for one in _differing(kind, row.payload, each.payload)[:4]],
            }
            for each in like[:3]
        ],
    }


def _differing(kind: RecordType, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (
            declared.label.rstrip("?"),
            answer_words(declared, mine.get(declared.name)),
            answer_words(declared, theirs.get(declared.name)),
        )
        for declared in kind.fields
        if mine.get(declared.name) != theirs.get(declared.name)
    ]
