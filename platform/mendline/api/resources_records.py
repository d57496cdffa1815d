"""What the API says of source records and evidence, and of what is behind a figure. These names are a promise."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mendline.api.resources_indicators import ObservationOut


@dataclass(frozen=True, slots=True)
class EvidenceOut:
    """A pointer to an original with its fingerprint and the newest look at it."""

    evidence_id: uuid.UUID
    reference: str
    letter: str
    title: str
    dated_on: date
    system: str
    where_to_look: str
    sha256: str | None
    sample_size: int | None
    recorded_initials: str | None
    result: str | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountedRecordOut:
    """A record behind a figure: what it adds above and below, or why it does not count."""

    record_id: uuid.UUID
    revision: int
    record_type: str
    happened_on: date
    verdict: str
    numerator: float | None
    denominator: float | None
    why: str | None
    recorded_initials: str | None
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourcesOut:
    """What is behind a figure: its records, where others are kept, the file it came in, its indicator's evidence.

    Counts are there for every figure that was measured; the records for whoever may see records, a page at a time.
    """

    observation: ObservationOut
    indicator_id: uuid.UUID
    service_id: uuid.UUID
    pointer: dict[str, Any] | None
    import_batch_id: uuid.UUID | None
    counted: int | None
    left_out: int | None
    kinds: dict[str, Any] | None
    records: tuple[CountedRecordOut, ...]
    more_records: bool
    evidence: tuple[EvidenceOut, ...]


@dataclass(frozen=True, slots=True)
class RecordTypeOut:
    """A declared kind of source record, with the JSON Schema of its answers."""

    record_type: str
    version: str
    title: str
    description: str
    entered_by: tuple[str, ...]
    evidence_letter: str
    template: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordOut:
    """A source record at its newest revision, with both clocks."""

    record_id: uuid.UUID
    revision: int
    record_type: str
    type_version: str
    happened_at: datetime
    answers: dict[str, Any]
    source_system: str | None
    source_reference: str | None
    reason: str | None
    recorded_initials: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class KeptRecordOut:
    """What became of a record that was sent; the same one sent again counts once."""

    record_id: uuid.UUID
    revision: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class AddedEvidenceOut:
    """Evidence that was added."""

    evidence_id: uuid.UUID
    reference: str
