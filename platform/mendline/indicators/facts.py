"""The facts that the status of an indicator rests on, as plain values: whoever reads them fills these in."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.catalogue.status_rules import status_rules
from mendline.indicators.decline import Response
from mendline.indicators.evidence_marks import EvidenceFact
from mendline.indicators.fitting import NOTHING_SETTLED, ChartFacts
from mendline.indicators.targets import TargetFact


@dataclass(frozen=True, slots=True)
class ObservedPeriod:
    """The newest revision of one period.

    Attributes:
        numerator: what was counted; None where the figure is a single value.
        denominator: out of how many, or over what exposure; None likewise, and for plain counts.
        value: in the indicator's unit; None where the period has no figure, which is never zero.
        state: final, provisional, or why there is none.
        recorded_at: when this revision came in, in UTC.
        first_recorded_at: when the first one did: from then on a decline could be seen.
    """

    period_start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    recorded_at: datetime | None = None
    first_recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BaselineFact:
    """The newest version of the baseline: `value` in the indicator's unit, over the periods from the first to the last."""

    value: float
    first_period: date
    last_period: date
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CountedAnew:
    """From a period on something else is counted, or in another way: no trend and no baseline crosses it."""

    from_period: date
    what_changed: str
    definition_version: str = ""


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """A review that ended in a decision; `reporting_effect` where it reads a rise as better reporting."""

    decision: str
    held_on: date
    label: str
    next_review_on: date | None
    recorded_at: datetime
    reporting_effect: bool = False


@dataclass(frozen=True, slots=True)
class IndicatorFacts:
    """Everything about one indicator of one service that its status rests on.

    Attributes:
        review_every_days: the days from one review to the next, 7 for a weekly one.
        closed_on: the last day of the service, where it closed.
        observed: one for each period that has a figure or says why not, oldest first.
        companion: the facts of the harmful part beside which a rise is read, where the definition names one and the
            service keeps it.
    """

    provider_id: uuid.UUID
    service_id: uuid.UUID
    indicator_id: uuid.UUID
    definition: IndicatorDefinition
    cadence: Cadence
    started_on: date
    review_every_days: int
    ended_on: date | None = None
    closed_on: date | None = None
    observed: tuple[ObservedPeriod, ...] = ()
    baseline: BaselineFact | None = None
    targets: tuple[TargetFact, ...] = ()
    evidence: tuple[EvidenceFact, ...] = ()
    decisions: tuple[DecisionFact, ...] = ()
    responses: tuple[Response, ...] = ()
    exempt: frozenset[str] = frozenset()  # kinds of evidence that cannot exist here
    contradictions: int = 0  # sources that point the other way, not answered in writing
    counted_anew: tuple[CountedAnew, ...] = ()
    chart: ChartFacts = NOTHING_SETTLED
    newest_other: datetime | None = None  # newest fact that is no observation
    companion: "IndicatorFacts | None" = None

    @property
    def breaks(self) -> tuple[CountedAnew, ...]:
        """Where counting changed, here or everywhere, in order."""
        known = status_rules().break_of(self.definition.key)
        everywhere = (CountedAnew(known.from_day, known.why),) if known else ()
        return tuple(sorted((*self.counted_anew, *everywhere), key=lambda each: each.from_period))

    def comparable_baseline(self, newest: date | None) -> BaselineFact | None:
        """The baseline, unless counting changed between its periods and the newest one."""
        found = self.baseline
        if found is None or newest is None:
            return found
        crossed = any(found.last_period < each.from_period <= newest for each in self.breaks)
        return None if crossed else found
