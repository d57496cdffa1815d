"""Entering and correcting a source record. Both come in by one door, where what a record moves will be asked for."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.record_types import RecordType
from mendline.catalogue.validation import ValidRecord, validate
from mendline.evidence.measuring.marking import Placed, also_on, mark_records, placed, placed_before
from mendline.evidence.model import Record
from mendline.evidence.records.permits import require_entry
from mendline.evidence.records.placing import Placing
from mendline.evidence.records.register import refuse_written
from mendline.indicators.touching import touch
from tenants.errors import ConflictError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_REASON = 8
SENT_BEFORE = (
    "This record was sent before, with other answers. Nothing was changed. Open the one that was sent and correct it "
    "there."
)
CHANGED_MEANWHILE = (
    "Somebody corrected this record while you were changing it. Nothing was saved. Look at the newest answers first."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a record that was sent.

    Attributes:
        is_new: it was added now; otherwise the same had arrived before and counts once.
    """

    record_id: uuid.UUID
    revision: int
    is_new: bool


def enter_record(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    kind: RecordType,
    record_id: uuid.UUID,
    raw: Mapping[str, Any],
    at: datetime,
) -> Kept:
    """Adds a record; the same record sent again, with the same answers, is taken quietly and counts once.

    Args:
        session: a transaction in the reach.
        reach: who enters it.
        provider_id: the provider.
        service_id: the service.
        kind: the declaration that the answers are checked against.
        record_id: made by whoever sends, once per record, so that a re-send is known.
        raw: answers as they were typed.
        at: the moment of recording, in UTC.

    Raises:
        RefusedError: an answer is missing or cannot be; `problems` names the fields.
        ConflictError: the identifier was used before with other answers.
    """
    require_entry(reach, provider_id, service_id, kind)
    valid = checked(kind, raw, at)
    _refuse_misplaced(session, provider_id, service_id, kind, valid)
    here = {"provider_id": provider_id, "service_id": service_id, "record_id": record_id}
    added = _append(session, reach, valid, here=here, revision=1, reason=None, at=at)
    if added:
        _noted(session, reach, "record entered", kind, here, 1)
    elif not _is_same(session, here, 1, valid, None):
        raise ConflictError(SENT_BEFORE)
    return Kept(record_id, 1, added)


def correct_record(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    kind: RecordType,
    record_id: uuid.UUID,
    seen_revision: int,
    before: Mapping[str, Any],
    raw: Mapping[str, Any],
    reason: str,
    at: datetime,
) -> Kept:
    """Adds the next revision of a record; what stood before is kept with it.

    Args:
        session: a transaction in the reach.
        reach: who corrects it.
        provider_id: the provider.
        service_id: the service.
        kind: the declaration that the answers are checked against.
        record_id: the record.
        seen_revision: the revision that the person had before them.
        before: the answers of that revision.
        raw: all answers as they should stand.
        reason: why, in words that are shown beside both.
        at: the moment of recording, in UTC.

    Raises:
        RefusedError: an answer cannot be, the reason is missing, nothing differs, or an action speaks for the record.
        ConflictError: somebody else corrected it first.
    """
    require_entry(reach, provider_id, service_id, kind)
    refuse_written(session, provider_id, service_id, record_id)
    words = " ".join(reason.split())
    valid = checked(kind, raw, at, _reason_problems(words))
    if valid.payload == before:
        raise RefusedError("Nothing differs from what is recorded, so nothing was saved.")
    _refuse_misplaced(session, provider_id, service_id, kind, valid)
    here = {"provider_id": provider_id, "service_id": service_id, "record_id": record_id}
    revision = seen_revision + 1
    was = placed_before(service_id, kind, before)
    added = _append(session, reach, valid, here=here, revision=revision, reason=words, at=at, before=was)
    if added:
        _noted(session, reach, "record corrected", kind, here, revision)
    elif not _is_same(session, here, revision, valid, words):
        raise ConflictError(CHANGED_MEANWHILE)
    return Kept(record_id, revision, added)


def note_look(
    session: Session,
    reach: Reach,
    kind: RecordType,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    records: Sequence[uuid.UUID],
) -> None:
    """Notes in the ledger who looked at which records that may lead to a person; other looks are not noted.

    Args:
        session: the transaction of the look itself.
        reach: who looks.
        kind: the records' type.
        provider_id: the provider.
        service_id: the service.
        records: those on the page.
    """
    if not kind.identifies_people or not records:
        return
    note(
        session,
        reach,
        "records read",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"record {records[0]}" if len(records) == 1 else f"records {kind.key}",
        detail={"type": kind.key, "records": [str(each) for each in records]},
    )


def checked(kind: RecordType, raw: Mapping[str, Any], at: datetime, more: dict[str, str] | None = None) -> ValidRecord:
    """The record that answers make.

    Raises:
        RefusedError: an answer is missing or cannot be, or `more` has problems.
    """
    valid = validate(kind, raw, now=at)
    problems = dict(more or {})
    if isinstance(valid, ValidRecord):
        if not problems:
            return valid
    else:
        for problem in reversed(valid):  # the first problem of a field is the one that is told
            problems[problem.field] = problem.message
    raise RefusedError("The record was not saved.", problems)


def _refuse_misplaced(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, kind: RecordType, valid: ValidRecord
) -> None:
    problems = Placing(session, provider_id, service_id).problems(kind, valid)
    if problems:
        raise RefusedError("The record was not saved.", problems)


def _reason_problems(words: str) -> dict[str, str]:
    if len(words) >= SHORTEST_REASON:
        return {}
    return {"correction_reason": "Say why it is corrected, in a few words. It is shown beside both."}


def _append(
    session: Session,
    reach: Reach,
    valid: ValidRecord,
    *,
    here: Mapping[str, uuid.UUID],
    revision: int,
    reason: str | None,
    at: datetime,
    before: Placed | None = None,
) -> bool:
    """The one door for records that people enter; what a record touches is marked here, to be measured.

    Returns:
        Whether it was added; a row that already stands under the same key is left as it is.
    """
    added = session.execute(
        insert(Record)
        .values(
            **here,
            revision=revision,
            record_type=valid.record_type,
            type_version=valid.type_version,
            happened_at=valid.happened_at,
            payload=valid.payload,
            reason=reason,
            recorded_by=reach.person_id,
            recorded_initials=reach.initials,
            recorded_at=at,
            also_on=also_on(valid.record_type, valid.payload),
        )
        .on_conflict_do_nothing()
        .returning(Record.revision)
    )
    is_new = added.first() is not None
    if is_new:
        after = placed(here["service_id"], valid.record_type, valid.happened_at, valid.payload)
        mark_records(session, here["provider_id"], [after] if before is None else [before, after], reach.person_id)
        touch(session, here["provider_id"], here["service_id"], f"record:{valid.record_type}")
    return is_new


def _is_same(
    session: Session, here: Mapping[str, uuid.UUID], revision: int, valid: ValidRecord, reason: str | None
) -> bool:
    """Whether what stands there is what was sent; what the person may not see is never the same."""
    stands = session.execute(
        select(Record.record_type, Record.payload, Record.reason).filter_by(**here, revision=revision)
    ).one_or_none()
    return stands is not None and tuple(stands) == (valid.record_type, valid.payload, reason)


def _noted(
    session: Session, reach: Reach, act: str, kind: RecordType, here: Mapping[str, uuid.UUID], revision: int
) -> None:
    note(
        session,
        reach,
        act,
        provider_id=here["provider_id"],
        service_id=here["service_id"],
        subject=f"record {here['record_id']}",
        detail={"type": kind.key, "revision": revision},
    )
