"""Files that were sent and mappings that were saved, as pages and jobs read them: plain frozen rows."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LEAVES_OUT = "leaves_out"  # the decision that rows which contradict each other are left out
WORKING = frozenset({"reading", "checking", "saving", "undoing"})  # a worker has the file, or is to have it


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was sent for import.

    Attributes:
        service_id: the only service that it speaks of; none where it may name any of the provider's.
        found: what was found in it so far: columns, counts, first rows, conflicts.
        problems: how many of its problems are kept.
        leaves_out: a person chose to leave out rows that contradict each other.
        job_state: of the work under way, where the reader imports there or asked for it themselves.
    """

    provider_id: uuid.UUID
    provider: str
    import_id: uuid.UUID
    service_id: uuid.UUID | None
    service: str | None
    file_name: str
    object_key: str | None
    sha256: str
    bytes: int
    mapping: str | None
    mapping_id: uuid.UUID | None
    mapping_version: int | None
    on_conflict: str
    state: str
    said: str | None
    found: Mapping[str, Any]
    problems: int
    batch_id: uuid.UUID | None
    recorded_by: uuid.UUID | None
    recorded_initials: str | None
    recorded_at: datetime
    changed_at: datetime
    leaves_out: bool = False
    job_id: uuid.UUID | None = None
    job_state: str | None = None
    progress: int | None = None
    progress_text: str | None = None
    job_error: str | None = None

    @property
    def may_leave_out(self) -> bool:
        """Whether nothing keeps the file out but rows that contradict each other, which a person may leave out."""
        count = int(self.found.get("problem_count") or 0)
        return self.state == "refused" and 0 < count == int(self.found.get("contradictions") or 0)

    @property
    def is_stuck(self) -> bool:
        """Whether a step is asked for whose work was given up."""
        return self.state in WORKING and self.job_state in ("failed", "dead")


@dataclass(frozen=True, slots=True)
class SentLine:
    """A file in the history; `undecided` counts the rows that wait for a decision before it can come in."""

    import_id: uuid.UUID
    service: str | None
    file_name: str
    mapping: str | None
    state: str
    said: str | None
    counts: Mapping[str, int]
    saved: int | None
    problem_count: int | None
    recorded_initials: str | None
    recorded_at: datetime
    undecided: int | None = None


@dataclass(frozen=True, slots=True)
class OwnMapping:
    """The newest version of a provider's own mapping."""

    mapping_id: uuid.UUID
    version: int
    name: str
    service_id: uuid.UUID | None
    declared: str
    recorded_initials: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ImportPlace:
    """Where files are imported: a provider, or one service of it."""

    provider_id: uuid.UUID
    provider: str
    service_id: uuid.UUID | None = None
    service: str | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.service or self.provider
