"""Everything behind one indicator, as plain rows: its story, evidence, decisions, history and links."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from mendline.evidence.rows import EvidenceBehind
from mendline.recovery.queries import DecisionLine


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A dated change: what changed, why, what action followed."""

    happened_on: date
    what_changed: str
    why: str
    what_followed: str
    reference: str | None
    kind: str = "story"
    recorded_initials: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One figure of one period, at one revision; `newest` marks the one that counts."""

    observation_id: uuid.UUID
    period_start: date
    revision: int
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    source: str
    reason: str | None
    pointer: dict[str, str] | None
    recorded_initials: str | None
    recorded_at: datetime
    newest: bool


@dataclass(frozen=True, slots=True)
class LinkedWork:
    """An action or risk that is for the indicator."""

    what: str
    reference: str
    title: str
    owner: str
    due_on: date | None
    closed: bool
    score: int | None
    first_score: int | None


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target with the days for which it holds."""

    value: float | None
    valid_from: date


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """The frozen starting position."""

    value: float
    first_period: date
    last_period: date
    periods: int
    numerator: float | None
    denominator: float | None
    signed_by: str
    approved_by: str | None
    reason: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Opposing:
    """A source that points the other way than the figure, with its written answer if it has one."""

    contradiction_id: uuid.UUID
    source: str
    says: str
    noticed_on: date
    origin: str
    recorded_initials: str | None
    answer: str | None
    answered_on: date | None
    answered_initials: str | None


@dataclass(frozen=True, slots=True)
class PastOutlook:
    """An outlook whose period is over, with the figure that came; `for_period` is the first day of that period."""

    for_period: str
    low: float | None
    high: float | None
    share_meeting: float | None
    target_value: float | None
    outcome: float | None


@dataclass(frozen=True, slots=True)
class Behind:
    """All of it; `differing` are the periods whose records come to another figure than the one that stands."""

    story: tuple[StoryRow, ...]
    evidence: tuple[EvidenceBehind, ...]
    decisions: tuple[DecisionLine, ...]
    revisions: tuple[Revision, ...]
    linked: tuple[LinkedWork, ...]
    targets: tuple[TargetRow, ...]
    baselines: tuple[BaselineRow, ...]
    opposing: tuple[Opposing, ...] = ()
    outlooks: tuple[PastOutlook, ...] = ()
    differing: tuple[date, ...] = ()
