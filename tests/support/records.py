"""Source records written straight to the table, and measured, for tests of what is made of them."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from support.facts import Home

from mendline.catalogue.record_types import record_type
from mendline.catalogue.validation import ValidRecord, validate
from mendline.evidence.measuring.deriving import measure_marked
from mendline.evidence.measuring.marking import also_on, mark_records, placed
from mendline.evidence.model import Record
from tenants.database import Database
from tenants.ids import new_id

AT = datetime(2026, 2, 2, 9, tzinfo=UTC)


def valid(kind: str, /, **answers: Any) -> ValidRecord:
    """Answers that keep to their declaration."""
    made = validate(record_type(kind), answers)
    assert isinstance(made, ValidRecord), made
    return made


def write_record(
    session: Session,
    home: Home,
    kind: str,
    /,
    *,
    record_id: uuid.UUID | None = None,
    revision: int = 1,
    recorded_at: datetime = AT,
    initials: str = "AO",
    **answers: Any,
) -> uuid.UUID:
    """One revision of a record, with its mark."""
    made = valid(kind, **answers)
    record_id = record_id or new_id()
    session.add(
        Record(
            provider_id=home.provider_id,
            service_id=home.service_id,
            record_id=record_id,
            revision=revision,
            record_type=kind,
            type_version=made.type_version,
            happened_at=made.happened_at,
            payload=made.payload,
            recorded_initials=initials,
            recorded_at=recorded_at,
            reason="Counted again" if revision > 1 else None,
            also_on=also_on(kind, made.payload),
        )
    )
    session.flush()
    mark_records(session, home.provider_id, [placed(home.service_id, kind, made.happened_at, made.payload)])
    return record_id


def measure(db: Database, home: Home, today: date = date(2026, 2, 2), at: datetime | None = None) -> int:
    """One pass over what is marked; returns how many figures were written."""
    with db.transaction(db.command_reach(home.provider_id)) as session:
        return measure_marked(session, home.provider_id, today=today, at=at or AT).written


def rows(db: Database, statement: str, **values: Any) -> list[Any]:
    """What stands in the database, read past the walls."""
    with db.administration() as session:
        return list(session.execute(text(statement), values))
