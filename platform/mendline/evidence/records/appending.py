"""The one door through which people write records: the next revision, what it moves, and who did it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.record_types import RecordType
from mendline.catalogue.validation import ValidRecord
from mendline.evidence.measuring.marking import Placed, also_on, mark_records, placed
from mendline.evidence.model import Record
from mendline.evidence.records.register import Source
from mendline.evidence.records.rows import StoredRecord
from mendline.indicators.touching import touch
from tenants.ledger import note
from tenants.reach import Reach

Said = ValidRecord | StoredRecord  # answers that were checked just now, or those that stand already


@dataclass(frozen=True, slots=True)
class Revision:
    """How a record stands from now on.

    Attributes:
        number: 1 for a new record.
        reason: why it is corrected or withdrawn; None for a new record.
        source: the system that it first came from, which every revision keeps.
        before: where it stood in time until now, where it stood.
        is_withdrawn: it counts nowhere from this revision on.
    """

    number: int = 1
    reason: str | None = None
    source: Source | None = None
    before: Placed | None = None
    is_withdrawn: bool = False


def append(
    session: Session, reach: Reach, said: Said, revision: Revision, *, here: Mapping[str, uuid.UUID], at: datetime
) -> bool:
    """Adds a revision and marks what it touches, to be measured.

    Args:
        session: a transaction in the reach.
        reach: who writes it.
        said: what the record says now.
        revision: which revision it is, why, and where the record stood until now.
        here: provider, service and record, by the names of their columns.
        at: the moment of recording, in UTC.

    Returns:
        Whether it was added; a row that already stands under the same key is left as it is.
    """
    added = session.execute(
        insert(Record)
        .values(
            **here,
            revision=revision.number,
            record_type=said.record_type,
            type_version=said.type_version,
            happened_at=said.happened_at,
            payload=said.payload,
            source_system=revision.source.system if revision.source else None,
            source_reference=revision.source.reference if revision.source else None,
            reason=revision.reason,
            recorded_by=reach.person_id,
            recorded_initials=reach.initials,
            recorded_at=at,
            also_on=also_on(said.record_type, said.payload),
            withdrawn_at=at if revision.is_withdrawn else None,
        )
        .on_conflict_do_nothing()
        .returning(Record.revision)
    )
    is_new = added.first() is not None
    if is_new:
        after = placed(here["service_id"], said.record_type, said.happened_at, said.payload)
        moved = [after] if revision.before is None else [revision.before, after]
        mark_records(session, here["provider_id"], moved, reach.person_id)
        touch(session, here["provider_id"], here["service_id"], f"record:{said.record_type}")
    return is_new


def is_same(session: Session, here: Mapping[str, uuid.UUID], revision: Revision, said: Said) -> bool:
    """Whether what stands there is what was sent; what the person may not see is never the same."""
    stands = session.execute(
        select(Record.record_type, Record.payload, Record.reason, Record.withdrawn_at).filter_by(
            **here, revision=revision.number
        )
    ).one_or_none()
    if stands is None:
        return False
    sent = (said.record_type, said.payload, revision.reason, revision.is_withdrawn)
    return (stands.record_type, stands.payload, stands.reason, stands.withdrawn_at is not None) == sent


def noted(
    session: Session, reach: Reach, act: str, kind: RecordType, here: Mapping[str, uuid.UUID], revision: Revision
) -> None:
    """Notes in the ledger who wrote which revision."""
    note(
        session,
        reach,
        act,
        provider_id=here["provider_id"],
        service_id=here["service_id"],
        subject=f"record {here['record_id']}",
        detail={"type": kind.key, "revision": revision.number},
    )
