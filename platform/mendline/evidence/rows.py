"""Evidence as its pages read it: plain frozen rows."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from mendline.evidence.behind import EvidenceBehind


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
