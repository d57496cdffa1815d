"""Says in the transaction of a record's write which figures wait to be measured, and asks for the work."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import london_date
from mendline.catalogue.indicators import indicator_definitions
from mendline.catalogue.record_types import RecordType, record_type
from mendline.evidence.model import RecordMark
from mendline.indicators.marking import ask_for_derivation
from tenants.clock import now
from tenants.database import insert_many
from tenants.ids import new_id


@dataclass(frozen=True, slots=True)
class Placed:
    """A record as far as it is placed in time; a correction is placed twice, before and after."""

    service_id: uuid.UUID
    record_type: str
    happened_on: date
    also_on: date | None


@cache
def measured_types() -> frozenset[str]:
    """The record types that some indicator is measured from."""
    measures = (definition.measure for definition in indicator_definitions().values())
    return frozenset(kind for measure in measures if measure is not None for kind in measure.record_types())


def also_on(kind: str, payload: Mapping[str, Any]) -> date | None:
    """The second day that places a record of a type, from its answers; every row of `record` carries it."""
    name = record_type(kind).also_dated_by
    given = payload.get(name) if name else None
    return date.fromisoformat(str(given)[:10]) if given else None


def placed(service_id: uuid.UUID, kind: str, happened_at: datetime, payload: Mapping[str, Any]) -> Placed:
    """Where a record stands in time."""
    return Placed(service_id, kind, london_date(happened_at), also_on(kind, payload))


def placed_before(service_id: uuid.UUID, kind: RecordType, payload: Mapping[str, Any]) -> Placed | None:
    """Where a record stood in time by its earlier answers; None where they do not say."""
    happened = payload.get(kind.happened_field)
    if happened is None:
        return None
    declared = kind.field(kind.happened_field)
    day = date.fromisoformat(happened) if declared.kind == "date" else london_date(datetime.fromisoformat(happened))
    return Placed(service_id, kind.key, day, also_on(kind.key, payload))


def mark_records(
    session: Session, provider_id: uuid.UUID, written: Iterable[Placed], requested_by: uuid.UUID | None = None
) -> None:
    """Marks what records touched, each service, type and day once, and asks for the work that follows.

    Args:
        session: the transaction of the write.
        provider_id: the provider.
        written: each record as it stands now, and as it stood before where it is corrected.
        requested_by: the person who wrote, where there is one.
    """
    at = now()
    rows = [
        {
            "provider_id": provider_id,
            "mark_id": new_id(),
            "service_id": each.service_id,
            "record_type": each.record_type,
            "happened_on": each.happened_on,
            "also_on": each.also_on,
            "marked_at": at,
        }
        for each in dict.fromkeys(written)
        if each.record_type in measured_types()
    ]
    if rows:
        insert_many(session, cast("Table", RecordMark.__table__), rows)
        ask_for_derivation(session, provider_id, requested_by)
