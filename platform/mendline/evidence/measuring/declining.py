"""From declines to a figure: how many that could first be seen in a month were answered in time, one line for each.

Source: the published decline rule; an answer is in time within 7 days (weekly indicators) or 10 working days (monthly),
and is a decision with a dated action or trigger made after the decline could be seen (see `indicators.decline`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.calendar import next_period, period_start
from mendline.catalogue.indicators import Cadence, IndicatorDefinition, indicator_definition
from mendline.catalogue.wording import long_date
from mendline.evidence.measuring.evaluate import Line, Measured
from mendline.indicators.figures import Figure, PeriodOf, settled

KIND = "decline"
STILL_TIME = "The time for an answer still runs"
OVER_UNSEEN = "It was over before its figures were recorded: nobody could have answered it"


@dataclass(frozen=True, slots=True)
class SeenDecline:
    """A decline of one of the service's other indicators.

    Attributes:
        since_period: its first period, which names it among the declines of its indicator.
        visible_on: the day from which it could be seen.
        answer_due_on: the last day for an answer in time.
        answered_on: the day of its answer; None while there is none.
        waited_days: from when it could be seen to its answer, its end, or today.
    """

    indicator_id: uuid.UUID
    definition_key: str
    since_period: date
    visible_on: date
    answer_due_on: date
    answered_on: date | None
    waited_days: int


def declines_answered(
    declines: Sequence[SeenDecline],
    definition: IndicatorDefinition,
    period: PeriodOf,
    today: date,
) -> Measured:
    """The share of a period's declines that were answered in time, with a line for each of them.

    A decline counts once it is decided: answered, or past the time for an answer. A period that is over and saw none is
    not applicable, but only from the first decline on: before it, nothing says that anybody could have seen one.

    Args:
        declines: every decline that is known at the service, whenever it could be seen.
        definition: the indicator that is worked out.
        period: whose figure is made.
        today: the date in England.
    """
    after = next_period(period.cadence, period.start)
    lines = tuple(
        _line(each, today)
        for each in sorted(declines, key=lambda one: (one.visible_on, one.definition_key))
        if period.start <= each.visible_on < after
    )
    size = sum(line.denominator or 0 for line in lines)
    waits = any(line.why == STILL_TIME for line in lines)
    if size:
        met = sum(line.numerator or 0 for line in lines)
        given = Figure(met, size, state="provisional" if waits else None)
        return Measured(settled(definition, given, period, today), lines)
    known = any(_start(period.cadence, each) <= period.start for each in declines)
    nothing = known and not waits and after <= today
    return Measured(Figure(state="not_applicable" if nothing else "missing"), lines)


def line_id(indicator_id: uuid.UUID, since_period: date) -> uuid.UUID:
    """What a decline is counted under: the same each time, and told from every other by indicator and first period."""
    return uuid.uuid5(indicator_id, since_period.isoformat())


def _start(cadence: Cadence, decline: SeenDecline) -> date:
    return period_start(cadence, decline.visible_on)


def _line(decline: SeenDecline, today: date) -> Line:
    name = indicator_definition(decline.definition_key).name
    number: float | None = None
    if decline.answered_on is not None and decline.answered_on <= decline.answer_due_on:
        number, why = 1.0, f"{name}: answered on {long_date(decline.answered_on)}"
    elif today <= decline.answer_due_on:
        why = STILL_TIME
    elif decline.answered_on is not None:
        due = long_date(decline.answer_due_on)
        number, why = 0.0, f"{name}: answered on {long_date(decline.answered_on)}, due by {due}"
    elif decline.waited_days == 0:
        why = OVER_UNSEEN
    else:
        number, why = 0.0, f"{name}: no answer by {long_date(decline.answer_due_on)}"
    return Line(
        record_id=line_id(decline.indicator_id, decline.since_period),
        revision=1,
        record_type=KIND,
        happened_on=decline.visible_on,
        numerator=number,
        denominator=None if number is None else 1.0,
        why=why,
    )
