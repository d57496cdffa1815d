"""Evidence files as pages and jobs read them: plain frozen rows."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

READY, REFUSED, HELD_BACK, INFECTED = "ready", "refused", "held_back", "infected"


@dataclass(frozen=True, slots=True)
class FileLine:
    """The file of a piece of evidence.

    Attributes:
        verdict: what its examination found; None while it waits for it.
        words: why it is not given out.
        given_key: the object that is given out.
        step: what the examination is at, in words.
        progress: how far it is, 0 to 100.
    """

    provider_id: uuid.UUID
    service_id: uuid.UUID
    evidence_id: uuid.UUID
    reference: str
    title: str
    file_id: uuid.UUID
    name: str
    sha256: str
    size: int
    recorded_initials: str | None
    recorded_at: datetime
    keep_until: date | None
    is_withdrawn: bool
    verdict: str | None
    words: str | None
    kind: str | None
    given_key: str | None
    given_sha256: str | None
    given_size: int | None
    is_cleaned: bool | None
    pages: int | None
    scan: str | None
    step: str | None
    progress: int | None
    job_state: str | None
    job_error: str | None

    @property
    def is_given(self) -> bool:
        """Whether it may be opened: examined, found harmless and not withdrawn."""
        return self.verdict == READY and self.given_key is not None and not self.is_withdrawn


@dataclass(frozen=True, slots=True)
class Share:
    """Whether commissioners may open a file, and under which words; the newest word counts."""

    is_shared: bool
    shown_as: str
    recorded_label: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file as a commissioner comes by it: under the words that its provider chose, and nothing else of it."""

    file_id: uuid.UUID
    shown_as: str
    shared_at: datetime
    kind: str
    size: int
    object_key: str


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that is to be examined."""

    service_id: uuid.UUID
    evidence_id: uuid.UUID
    name: str
    object_key: str
    sha256: str
    supports: tuple[uuid.UUID, ...]
    is_decided: bool
