"""What a condition is asked over: the facts of one service at one moment, as plain values."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mendline.catalogue.calendar import LONDON


@dataclass(frozen=True, slots=True)
class FigurePeriod:
    """One period of an indicator; `value` is None where it has no figure."""

    start: date
    end: date
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """Where an indicator stands, with its periods in order.

    Attributes:
        baseline_end: how many of the periods lie up to the end of the baseline; 0 where there is none.
        decline: as the derived row tells it: visible_on, answer_due_on, answered_on, causes.
        pooled: whether a figure below `minimum_n` may be pooled from its parts; `factor` turns a quotient into a value.
    """

    indicator_id: uuid.UUID
    key: str
    name: str
    higher_is_better: bool | None
    periods: tuple[FigurePeriod, ...]
    minimum_n: float = 0
    factor: float | None = None
    baseline: float | None = None
    baseline_end: int = 0
    decline: Mapping[str, Any] | None = None
    review_due_on: date | None = None
    evidence_level: str = "sufficient"
    in_plan: bool = True
    order: int = 0

    @property
    def final(self) -> tuple[FigurePeriod, ...]:
        """The periods that are over and have a figure."""
        return tuple(one for one in self.periods if one.state in ("final", "revised") and one.value is not None)


@dataclass(frozen=True, slots=True)
class RecordFact:
    """The newest revision of a source record.

    Attributes:
        entered_at: when its first revision was entered by hand; None where it came in a file or from another system.
    """

    record_id: uuid.UUID
    record_type: str
    happened_at: datetime
    payload: Mapping[str, Any]
    entered_at: datetime | None = None

    @property
    def day(self) -> date:
        """The day on the wall in England."""
        return self.happened_at.astimezone(LONDON).date()


@dataclass(frozen=True, slots=True)
class ActionFact:
    """An action as it stands; `moves` counts its new dates."""

    action_id: uuid.UUID
    reference: str
    opened_on: date
    due_on: date
    is_open: bool
    moves: int = 0
    last_moved_on: date | None = None
    marks: frozenset[str] = frozenset()
    high_risk: bool = False


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """A review that ended in a decision."""

    review_id: uuid.UUID
    indicator_key: str
    decision: str
    held_on: date


@dataclass(frozen=True, slots=True)
class ChangeFact:
    """A dated change on an indicator's chart."""

    event_id: uuid.UUID
    indicator_key: str
    happened_on: date


@dataclass(frozen=True, slots=True)
class WorkFact:
    """A piece of dated work that is due or closed; `by` is whoever closed it, as they are named on lists."""

    work_item_id: uuid.UUID
    title: str
    due_on: date
    state: str
    closed_on: date | None = None
    by: str | None = None
    shift_band: str | None = None


@dataclass(frozen=True, slots=True)
class TypedFigure:
    """A figure that somebody typed in, by the last day of its period; one that came in a file or was measured is none."""

    indicator_id: uuid.UUID
    period_start: date
    ended_on: date
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one service.

    Attributes:
        now: the moment, with its zone.
        records: the newest revisions by type, as far back as the widest window of the rules that are asked; a type of
            which the service has never had any is not among them, and a test of it cannot tell.
        warned: warnings whose episode is open, with the day on which it opened.
        verdicts: what warnings came to in this very round; empty before any was asked.
        focus: the indicator that `each` stands for.
    """

    today: date
    now: datetime
    indicators: Mapping[str, IndicatorLine] = field(default_factory=dict)
    records: Mapping[str, Sequence[RecordFact]] = field(default_factory=dict)
    actions: tuple[ActionFact, ...] = ()
    reviews: tuple[ReviewFact, ...] = ()
    changes: tuple[ChangeFact, ...] = ()
    work: tuple[WorkFact, ...] = ()
    typed: tuple[TypedFigure, ...] = ()
    warned: Mapping[str, date] = field(default_factory=dict)
    verdicts: Mapping[str, bool | None] = field(default_factory=dict)
    focus: str | None = None


@dataclass(frozen=True, slots=True)
class FiredBy:
    """One fact that made a rule true: a figure, record, action, review, change, work or warning, by its identifier."""

    kind: str
    id: str
    period: date | None = None
    value: float | None = None

    def told(self) -> dict[str, Any]:
        """As it is stored with the episode."""
        found: dict[str, Any] = {"kind": self.kind, "id": self.id}
        if self.period:
            found["period"] = self.period.isoformat()
        if self.value is not None:
            found["value"] = self.value
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """True, false or cannot tell (None).

    Attributes:
        facts: what made it true; empty otherwise.
        words: what was found, in a sentence without names.
        again_at: the first moment at which time alone may make it true.
        absent: nothing of what it reads is kept at the service, so beside other tests it does not count.
    """

    value: bool | None
    words: str = ""
    facts: tuple[FiredBy, ...] = ()
    again_at: datetime | None = None
    absent: bool = False


CANNOT_TELL = Answer(None)
ABSENT = Answer(None, absent=True)
NO = Answer(value=False)


def said(holds: bool, words: str, facts: Sequence[FiredBy] = (), again_at: datetime | None = None) -> Answer:
    """True with its facts, or false without."""
    return Answer(value=holds, words=words, facts=tuple(facts) if holds else (), again_at=again_at)


def of_records(records: Sequence[RecordFact]) -> tuple[FiredBy, ...]:
    """Records as what fired a rule."""
    return tuple(FiredBy("record", str(one.record_id)) for one in records)


def of_periods(line: IndicatorLine, periods: Sequence[FigurePeriod]) -> tuple[FiredBy, ...]:
    """Figures as what fired a rule."""
    return tuple(FiredBy("figure", str(line.indicator_id), one.start, one.value) for one in periods)
