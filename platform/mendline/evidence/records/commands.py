"""Entering, correcting and withdrawing a source record: each is a revision that is added, and none takes one away."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mendline.catalogue.record_types import RecordType
from mendline.catalogue.validation import ValidRecord, validate
from mendline.evidence.measuring.marking import placed_before
from mendline.evidence.records.appending import Revision, Said, append, is_same, noted
from mendline.evidence.records.permits import require_entry
from mendline.evidence.records.placing import Placing
from mendline.evidence.records.register import own_source
from mendline.evidence.records.rows import WITHDRAWN, StoredRecord
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
    first = Revision()
    added = append(session, reach, valid, first, here=here, at=at)
    if added:
        noted(session, reach, "record entered", kind, here, first)
    elif not is_same(session, here, first, valid):
        raise ConflictError(SENT_BEFORE)
    return Kept(record_id, first.number, added)


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
    source = own_source(session, provider_id, service_id, record_id)
    words = " ".join(reason.split())
    valid = checked(kind, raw, at, reason_problem(words))
    if valid.payload == before:
        raise RefusedError("Nothing differs from what is recorded, so nothing was saved.")
    _refuse_misplaced(session, provider_id, service_id, kind, valid)
    here = {"provider_id": provider_id, "service_id": service_id, "record_id": record_id}
    following = Revision(seen_revision + 1, words, source, placed_before(service_id, kind, before))
    return _follow(session, reach, kind, valid, following, act="record corrected", here=here, at=at)


def withdraw_record(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    kind: RecordType,
    seen: StoredRecord,
    reason: str,
    at: datetime,
) -> Kept:
    """Adds a revision that withdraws a record: it is kept with all it said, and counts nowhere from then on.

    Args:
        session: a transaction in the reach.
        reach: who withdraws it.
        provider_id: the provider.
        service_id: the service.
        kind: its declaration.
        seen: the record as the person had it before them.
        reason: why, in words that are shown beside it.
        at: the moment of recording, in UTC.

    Raises:
        RefusedError: the reason is missing, it was withdrawn already, or an action speaks for the record.
        ConflictError: somebody else corrected it first.
    """
    require_entry(reach, provider_id, service_id, kind)
    source = own_source(session, provider_id, service_id, seen.record_id)
    if seen.withdrawn_at is not None:
        raise RefusedError(WITHDRAWN)
    words = " ".join(reason.split())
    problems = reason_problem(words, done="withdrawn")
    if problems:
        raise RefusedError("The record was not withdrawn.", problems)
    here = {"provider_id": provider_id, "service_id": service_id, "record_id": seen.record_id}
    was = placed_before(service_id, kind, seen.payload)
    following = Revision(seen.revision + 1, words, source, was, is_withdrawn=True)
    return _follow(session, reach, kind, seen, following, act="record withdrawn", here=here, at=at)


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


def reason_problem(words: str, field: str = "correction_reason", done: str = "corrected") -> dict[str, str]:
    """What is wrong with a reason, by the field that holds it; nothing where it is long enough to say something."""
    if len(words) >= SHORTEST_REASON:
        return {}
    return {field: f"Say why it is {done}, in a few words. It is shown beside what stood before."}


def _follow(
    session: Session,
    reach: Reach,
    kind: RecordType,
    said: Said,
    revision: Revision,
    *,
    act: str,
    here: Mapping[str, uuid.UUID],
    at: datetime,
) -> Kept:
    """Adds the revision after the one that was seen; the same one sent again counts once."""
    added = append(session, reach, said, revision, here=here, at=at)
    if added:
        noted(session, reach, act, kind, here, revision)
    elif not is_same(session, here, revision, said):
        raise ConflictError(CHANGED_MEANWHILE)
    return Kept(here["record_id"], revision.number, added)
