"""Many records of one type at once: all or none, in a number of statements that does not follow theirs."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.record_types import RecordType
from mendline.catalogue.validation import ValidRecord
from mendline.evidence.measuring.marking import also_on, mark_records, placed
from mendline.evidence.model import Record
from mendline.evidence.records.commands import SENT_BEFORE, Kept, checked
from mendline.evidence.records.permits import require_entry
from mendline.evidence.records.placing import Placing
from mendline.indicators.touching import touch
from tenants.errors import ConflictError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach

Sent = Sequence[tuple[uuid.UUID, Mapping[str, Any]]]


def enter_records(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    kind: RecordType,
    sent: Sent,
    at: datetime,
) -> list[Kept]:
    """Adds records; one that was sent before with the same answers is taken quietly and counts once.

    Args:
        session: a transaction in the reach.
        reach: who enters them.
        provider_id: the provider.
        service_id: the service.
        kind: the declaration that the answers are checked against.
        sent: identifiers, made by whoever sends, with the answers as they were typed.
        at: the moment of recording, in UTC.

    Raises:
        RefusedError: an answer is missing or cannot be; `problems` names record and field, counted from 1.
        ConflictError: an identifier was used before with other answers, or twice here.
    """
    require_entry(reach, provider_id, service_id, kind)
    wanted = _valid(kind, sent, Placing(session, provider_id, service_id), at)
    here = {"provider_id": provider_id, "service_id": service_id}
    rows = [
        {
            **here,
            "record_id": record_id,
            "revision": 1,
            "record_type": one.record_type,
            "type_version": one.type_version,
            "happened_at": one.happened_at,
            "payload": one.payload,
            "recorded_by": reach.person_id,
            "recorded_initials": reach.initials,
            "recorded_at": at,
            "also_on": also_on(one.record_type, one.payload),
        }
        for record_id, one in wanted.items()
    ]
    statement = insert(Record).values(rows).on_conflict_do_nothing().returning(Record.record_id)
    added = set(session.execute(statement).scalars())
    _refuse_others(session, here, {key: one for key, one in wanted.items() if key not in added})
    if added:
        marks = [placed(service_id, one.record_type, one.happened_at, one.payload) for one in wanted.values()]
        mark_records(session, provider_id, marks, reach.person_id)
        touch(session, provider_id, service_id, f"record:{kind.key}")
        told = {"type": kind.key, "revision": 1, "records": sorted(str(one) for one in added)}
        note(
            session,
            reach,
            "records entered",
            provider_id=provider_id,
            service_id=service_id,
            subject=f"records {kind.key}",
            detail=told,
        )
    return [Kept(record_id, 1, record_id in added) for record_id, _ in sent]


def _valid(kind: RecordType, sent: Sent, placing: Placing, at: datetime) -> dict[uuid.UUID, ValidRecord]:
    found: dict[uuid.UUID, ValidRecord] = {}
    problems: dict[str, str] = {}
    for number, (record_id, raw) in enumerate(sent, start=1):
        try:
            one = checked(kind, raw, at)
            wrong = placing.problems(kind, one)
        except RefusedError as refused:
            wrong = refused.problems
        else:
            if found.setdefault(record_id, one).payload != one.payload:
                raise ConflictError(SENT_BEFORE)
        problems |= {f"{number}.{name}" if len(sent) > 1 else name: words for name, words in wrong.items()}
    if problems:
        raise RefusedError("The record was not saved." if len(sent) == 1 else "No record was saved.", problems)
    return found


def _refuse_others(session: Session, here: Mapping[str, uuid.UUID], before: Mapping[uuid.UUID, ValidRecord]) -> None:
    """Whether what stands under the same identifiers says the same; what the person may not see never does."""
    if not before:
        return
    stands = session.execute(
        select(Record.record_id, Record.record_type, Record.payload)
        .filter_by(**here, revision=1)
        .where(Record.record_id.in_(before))
    )
    known = {row.record_id: (row.record_type, row.payload) for row in stands}
    if any(known.get(key) != (one.record_type, one.payload) for key, one in before.items()):
        raise ConflictError(SENT_BEFORE)
