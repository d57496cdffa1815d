"""Many records of one type at once: all or none, in a number of statements that does not follow theirs."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.record_types import RecordType
from mendline.catalogue.validation import ValidRecord
from mendline.evidence.measuring.marking import also_on, mark_records, placed, placed_before
from mendline.evidence.model import Record
from mendline.evidence.records.appending import Revision
from mendline.evidence.records.commands import CHANGED_MEANWHILE, SENT_BEFORE, Kept, checked, reason_problem
from mendline.evidence.records.permits import require_entry
from mendline.evidence.records.placing import Placing
from mendline.evidence.records.register import REGISTER, Source, written_words
from mendline.evidence.records.rows import WITHDRAWN
from mendline.indicators.touching import touch
from tenants.errors import ConflictError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as it was sent.

    Attributes:
        record_id: made by whoever sends, once per record.
        raw: the answers as they were typed.
        reason: why what stands under this number is corrected; a new record needs none.
    """

    record_id: uuid.UUID
    raw: Mapping[str, Any]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    said: ValidRecord
    revision: Revision


_AllWanted = dict[uuid.UUID, _Wanted]


def enter_records(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    kind: RecordType,
    sent: Sequence[Sent],
    at: datetime,
) -> list[Kept]:
    """Adds records, and corrections where a reason is given; what says what stands already counts once.

    Args:
        session: a transaction in the reach.
        reach: who enters them.
        provider_id: the provider.
        service_id: the service.
        kind: the declaration that the answers are checked against.
        sent: the records.
        at: the moment of recording, in UTC.

    Raises:
        RefusedError: an answer is missing or cannot be; `problems` names record and field, counted from 1.
        ConflictError: an identifier was used before with other answers and there is no reason, or twice here.
    """
    require_entry(reach, provider_id, service_id, kind)
    here = {"provider_id": provider_id, "service_id": service_id}
    wanted = _valid(kind, sent, Placing(session, provider_id, service_id), at)
    first = {key: _Wanted(one.said, Revision()) for key, one in wanted.items()}
    added = _write(session, reach, kind, here, first, "records entered", at)
    left = {key: one for key, one in wanted.items() if key not in added}
    stood = _revisions(session, here, left)
    changed = {
        key: _following(kind, service_id, one, stood[key]) for key, one in left.items() if not _says(stood[key], one)
    }
    corrected = _write(session, reach, kind, here, changed, "records corrected", at)
    if len(corrected) < len(changed):
        raise ConflictError(CHANGED_MEANWHILE)
    numbers = dict.fromkeys(added, 1) | {key: rows[-1].revision for key, rows in stood.items() if rows}
    numbers |= {key: one.revision.number for key, one in changed.items()}
    return [Kept(one.record_id, numbers[one.record_id], one.record_id in added | corrected) for one in sent]


def _valid(kind: RecordType, sent: Sequence[Sent], placing: Placing, at: datetime) -> _AllWanted:
    found: _AllWanted = {}
    problems: dict[str, str] = {}
    for number, each in enumerate(sent, start=1):
        reason = None if each.reason is None else " ".join(each.reason.split())
        wrong = {} if reason is None else reason_problem(reason, "reason")
        try:
            said = checked(kind, each.raw, at, wrong)
            wrong = placing.problems(kind, said)
        except RefusedError as refused:
            wrong = refused.problems
        else:
            if found.setdefault(each.record_id, _Wanted(said, Revision(reason=reason))).said.payload != said.payload:
                raise ConflictError(SENT_BEFORE)
        problems |= {f"{number}.{name}" if len(sent) > 1 else name: words for name, words in wrong.items()}
    if problems:
        raise RefusedError("The record was not saved." if len(sent) == 1 else "No record was saved.", problems)
    return found


def _revisions(session: Session, here: Mapping[str, uuid.UUID], of: _AllWanted) -> Mapping[uuid.UUID, list[Row[Any]]]:
    """What stands under identifiers, oldest first; nothing of what the person may not see."""
    found: defaultdict[uuid.UUID, list[Row[Any]]] = defaultdict(list)
    if of:
        r = Record
        stands = select(
            r.record_id, r.revision, r.record_type, r.payload, r.source_system, r.source_reference, r.withdrawn_at
        )
        for row in session.execute(stands.filter_by(**here).where(r.record_id.in_(of)).order_by(r.revision)):
            found[row.record_id].append(row)
    return found


def _says(stood: Sequence[Row[Any]], wanted: _Wanted) -> bool:
    """Whether what was sent says what stands, or says again what was sent at first."""
    same = [row for row in stood if (row.record_type, row.payload) == (wanted.said.record_type, wanted.said.payload)]
    return bool(same) and (same[-1] is stood[-1] or (same[0] is stood[0] and wanted.revision.reason is None))


def _following(kind: RecordType, service_id: uuid.UUID, wanted: _Wanted, stood: Sequence[Row[Any]]) -> _Wanted:
    """The correction of what stands.

    Raises:
        ConflictError: there is no reason for one, or nothing within reach to correct.
        RefusedError: an action speaks for the record.
    """
    if wanted.revision.reason is None or not stood or stood[-1].record_type != kind.key:
        raise ConflictError(SENT_BEFORE)
    newest = stood[-1]
    if newest.withdrawn_at is not None:
        raise ConflictError(WITHDRAWN)
    if newest.source_system == REGISTER:
        raise RefusedError(written_words(newest.source_reference))
    source = Source(newest.source_system, newest.source_reference) if newest.source_system else None
    before = placed_before(service_id, kind, newest.payload)
    return _Wanted(wanted.said, Revision(newest.revision + 1, wanted.revision.reason, source, before))


def _write(
    session: Session,
    reach: Reach,
    kind: RecordType,
    here: Mapping[str, uuid.UUID],
    wanted: _AllWanted,
    act: str,
    at: datetime,
) -> set[uuid.UUID]:
    """Adds revisions in one statement, marks what they move and notes them; those that stand already are left."""
    if not wanted:
        return set()
    rows = [_row(reach, here, key, one, at) for key, one in wanted.items()]
    statement = insert(Record).values(rows).on_conflict_do_nothing().returning(Record.record_id)
    added = set(session.execute(statement).scalars())
    if added:
        moved = [wanted[key] for key in added]
        provider_id, service_id = here["provider_id"], here["service_id"]
        now = [placed(service_id, kind.key, one.said.happened_at, one.said.payload) for one in moved]
        before = [one.revision.before for one in moved if one.revision.before is not None]
        mark_records(session, provider_id, [*now, *before], reach.person_id)
        touch(session, provider_id, service_id, f"record:{kind.key}")
        told = {"type": kind.key, "records": sorted(str(one) for one in added)}
        note(
            session,
            reach,
            act,
            provider_id=provider_id,
            service_id=service_id,
            subject=f"records {kind.key}",
            detail=told,
        )
    return added


def _row(
    reach: Reach, here: Mapping[str, uuid.UUID], record_id: uuid.UUID, wanted: _Wanted, at: datetime
) -> dict[str, Any]:
    said, revision = wanted.said, wanted.revision
    return {
        **here,
        "record_id": record_id,
        "revision": revision.number,
        "record_type": said.record_type,
        "type_version": said.type_version,
        "happened_at": said.happened_at,
        "payload": said.payload,
        "source_system": revision.source.system if revision.source else None,
        "source_reference": revision.source.reference if revision.source else None,
        "reason": revision.reason,
        "recorded_by": reach.person_id,
        "recorded_initials": reach.initials,
        "recorded_at": at,
        "also_on": also_on(said.record_type, said.payload),
    }
