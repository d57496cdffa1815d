"""Source records as they are stored: plain frozen rows, never live entities."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tenants.errors import RefusedError

WITHDRAWN = (
    "This record was withdrawn: it is kept and counts nowhere. If it happened after all, enter it as a new record."
)
_NO_SUCH_PART = "That part of the list does not exist. Open the list from its start."


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One revision of a record, with both clocks: when it happened and when it was recorded, in UTC."""

    record_id: uuid.UUID
    revision: int
    record_type: str
    type_version: str
    happened_at: datetime
    payload: dict[str, Any]
    source_system: str | None
    source_reference: str | None
    reason: str | None
    recorded_initials: str | None
    recorded_at: datetime
    withdrawn_at: datetime | None  # of a revision that withdraws the record


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """A record that the person entered themselves, for the list on their first page."""

    service_id: uuid.UUID
    service: str
    record_id: uuid.UUID
    revision: int
    record_type: str
    happened_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class NewestOfType:
    """When the newest record of a type happened."""

    record_type: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list that runs from the newest to the oldest: this record, which is not shown again.

    Attributes:
        older: the page goes on towards the past from here; otherwise back towards the present.
    """

    happened_at: datetime
    record_id: uuid.UUID
    older: bool = True

    def __str__(self) -> str:
        return f"{self.happened_at.isoformat()}~{self.record_id}"


def read_cursor(before: str, after: str) -> Cursor | None:
    """The place that an address names; none for the start of the list.

    Raises:
        RefusedError: it is not one that we wrote.
    """
    written = before or after
    if not written:
        return None
    moment, _, record_id = written.partition("~")
    try:
        found = Cursor(datetime.fromisoformat(moment), uuid.UUID(record_id), older=bool(before))
    except ValueError as error:
        raise RefusedError(_NO_SUCH_PART) from error
    if found.happened_at.tzinfo is None:
        raise RefusedError(_NO_SUCH_PART)
    return found


@dataclass(frozen=True, slots=True)
class RecordSlice:
    """A page of a list of records, newest first."""

    records: tuple[StoredRecord, ...]
    newer: Cursor | None
    older: Cursor | None
