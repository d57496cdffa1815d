"""Evidence as its pages read it: plain frozen rows."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class EvidenceBehind:
    """Evidence linked to the indicator, with the newest look at its original."""

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
class EvidenceTotals:
    """How the evidence of a service stands.

    Attributes:
        gone: originals that the newest look found changed or did not find.
        unchecked: originals at which nobody has looked yet.
    """

    total: int
    gone: int
    unchecked: int


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an original."""

    result: str
    checked_at: datetime
    checked_initials: str | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Leaning:
    """An indicator whose figure leans on a piece of evidence."""

    indicator_id: uuid.UUID
    definition_key: str


@dataclass(frozen=True, slots=True)
class EvidenceWhole:
    """A piece of evidence with every look at its original and what leans on it."""

    evidence: EvidenceBehind
    recorded_at: datetime
    looks: tuple[Look, ...]
    leaning: tuple[Leaning, ...]
    quality_statement: str | None = None
    framework_version: str | None = None
    category: str | None = None
    keep_until: date | None = None
