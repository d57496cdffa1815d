"""From records to a figure: the numerator and denominator of one period, and what became of each record.

Values in, values out; the same records make the same figure. Missing is never zero: where nobody recorded anything of
the kind, there is no figure, and a denominator that is genuinely zero is not applicable.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.catalogue.measures import Fraction, Measure
from mendline.catalogue.record_types import record_type
from mendline.evidence.measuring.answers import SourceRecord, holds
from mendline.evidence.measuring.drawing import Draw, Drawn, PeriodOf, Pool, draw, is_linked
from mendline.evidence.measuring.reasons import no_link, none_of, not_met
from mendline.indicators.figures import Figure, figure_problems, settled
from mendline.indicators.figures import PeriodOf as FigurePeriod


@dataclass(frozen=True, slots=True)
class Line:
    """One record as the measure saw it.

    Attributes:
        numerator: what it adds above; None where it is no part of the numerator.
        denominator: what it adds below.
        why: why it did not count, or did not meet what was asked.
    """

    record_id: uuid.UUID
    revision: int
    record_type: str
    happened_on: date
    numerator: float | None = None
    denominator: float | None = None
    why: str | None = None

    @property
    def is_counted(self) -> bool:
        """Whether it is part of the figure at all."""
        return self.numerator is not None or self.denominator is not None


@dataclass(frozen=True, slots=True)
class Measured:
    """The figure of one period with its account; the state `missing` says that the records make no figure."""

    figure: Figure
    lines: tuple[Line, ...]

    @property
    def counted(self) -> int:
        """How many records are part of it."""
        return sum(line.is_counted for line in self.lines)

    @property
    def kinds(self) -> dict[str, dict[str, int]]:
        """How many of which kind were counted, and how many were left out for which reason: no record is named."""
        return {
            "counted": dict(Counter(line.record_type for line in self.lines if line.is_counted)),
            "left_out": dict(Counter(line.why or "" for line in self.lines if not line.is_counted)),
        }


def evaluate(
    definition: IndicatorDefinition, pool: Pool, period: PeriodOf, today: date, kept: Collection[str] | None = None
) -> Measured:
    """The figure that records make for one period.

    Args:
        definition: whose measure is carried out; its kind of figure says how parts become a value.
        pool: by record type, every record that may matter, each once in the revision that stands.
        period: the period, with the days on which the service opened and closed.
        today: the date in England; a period that still runs has a provisional figure.
        kept: the record types that the service keeps at all: no fall among its incidents is nought falls, but no
            incident ever recorded says nothing. All of them where None.

    Raises:
        ValueError: the definition has no measure over records.
    """
    measure = definition.measure
    if measure is None or measure.form == "computed":
        raise ValueError(f"'{definition.key}' is not measured from records")
    if measure.fraction is not None:
        raw, lines = _fractions(measure, measure.fraction, pool, period)
        if not _is_complete(measure.fraction, pool, period, today, kept):
            raw = Figure(state="missing")
    else:
        raw, lines = _single(measure, pool, period)
    if raw.state is None and figure_problems(definition, raw) and measure.form != "difference":
        raw = Figure(state="missing")
    life = FigurePeriod(period.cadence, period.start, period.opened_on, period.closed_on)
    return Measured(settled(definition, raw, life, today), _in_order(lines))


def _is_sampled(fraction: Fraction) -> bool:
    """Events that did not happen make a figure not applicable; a sample that nobody took is missing."""
    return record_type(fraction.denominator.records).evidence_letter != "R"


def _is_complete(fraction: Fraction, pool: Pool, period: PeriodOf, today: date, kept: Collection[str] | None) -> bool:
    """Whether both parts are recorded at all, and every day of the exposure that is over."""
    if kept is not None and fraction.numerator is not None and fraction.numerator.records not in kept:
        return False
    if not fraction.denominator.daily:
        return True
    recorded = {each.day(fraction.denominator.dated_by) for each in pool.get(fraction.denominator.records, ())}
    return all(day in recorded for day in period.days() if day < today)


def _single(measure: Measure, pool: Pool, period: PeriodOf) -> tuple[Figure, list[Line]]:
    if measure.quantity is None:
        raise ValueError("this form draws one quantity")
    drawn = draw(measure.quantity, pool, period)
    lines = [_line(each.record, numerator=each.value, why=each.why) for each in drawn.lines]
    if not drawn.considered:
        return Figure(state="missing"), lines
    if measure.form == "count":
        return Figure(numerator=drawn.total), lines
    if not drawn.values:
        return Figure(state="not_applicable"), lines
    return Figure(denominator=float(len(drawn.values)), value=float(median(drawn.values))), lines


def _fractions(measure: Measure, fraction: Fraction, pool: Pool, period: PeriodOf) -> tuple[Figure, list[Line]]:
    figure, lines = _fraction(fraction, pool, period)
    if measure.less is None:
        return figure, lines
    less, others = _fraction(measure.less, pool, period)
    known = {line.record_id for line in lines if line.is_counted}
    merged = [line for line in lines if line.is_counted]
    merged += [line for line in others if line.is_counted and line.record_id not in known]
    seen = {line.record_id for line in merged}
    merged += [line for line in lines if line.record_id not in seen]
    if "missing" in (figure.state, less.state):
        return Figure(state="missing"), merged
    if not figure.denominator or not less.denominator:
        return Figure(state="not_applicable"), merged
    gap = 100 * (_share(figure) - _share(less))
    return Figure(denominator=figure.denominator + less.denominator, value=gap), merged


def _share(figure: Figure) -> float:
    return (figure.numerator or 0.0) / (figure.denominator or 1.0)


def _fraction(fraction: Fraction, pool: Pool, period: PeriodOf) -> tuple[Figure, list[Line]]:
    below = draw(fraction.denominator, pool, period)
    if fraction.numerator is None:
        lines = [_judged(fraction, each, pool, period) for each in below.lines]
        top = sum(line.numerator or 0.0 for line in lines)
    else:
        above = draw(fraction.numerator, pool, period)
        lines = _beside(above, below)
        top = above.total
    nobody = not below.considered or (not below.values and _is_sampled(fraction))
    if nobody or (not below.total and top):
        return Figure(state="missing"), lines
    return Figure(numerator=top, denominator=below.total), lines


def _judged(fraction: Fraction, drawn: Drawn, pool: Pool, period: PeriodOf) -> Line:
    if drawn.value is None:
        return _line(drawn.record, why=drawn.why)
    why = _unmet(fraction, drawn.record, pool, period)
    met = drawn.value if why is None else 0.0
    return _line(drawn.record, numerator=met, denominator=drawn.value, why=drawn.why or why)


def _unmet(fraction: Fraction, record: SourceRecord, pool: Pool, period: PeriodOf) -> str | None:
    for condition in fraction.met_when:
        if not holds(condition, record, period.end):
            return not_met(condition, record.kind)
    if fraction.met_any and not any(holds(each, record, period.end) for each in fraction.met_any):
        return none_of(fraction.met_any, record.kind)
    for link in fraction.met_linked:
        if not is_linked(link, record, pool, period, fraction.denominator.dated_by):
            return no_link(link)
    ways = fraction.met_one_of
    if ways and not any(all(holds(each, record, period.end) for each in way) for way in ways):
        return none_of([way[0] for way in ways], record.kind)
    return None


def _beside(above: Draw, below: Draw) -> list[Line]:
    """Lines of two draws; a record that both looked at stands once."""
    tops = {each.record.record_id: each for each in above.lines}
    lines = []
    for each in below.lines:
        top = tops.pop(each.record.record_id, None)
        counted = each.value is not None or (top is not None and top.value is not None)
        why = None if counted else each.why
        lines.append(_line(each.record, numerator=top.value if top else None, denominator=each.value, why=why))
    return [*lines, *(_line(top.record, numerator=top.value, why=top.why) for top in tops.values())]


def _line(
    record: SourceRecord, *, numerator: float | None = None, denominator: float | None = None, why: str | None = None
) -> Line:
    return Line(record.record_id, record.revision, record.kind.key, record.happened_on, numerator, denominator, why)


def _in_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (not line.is_counted, line.happened_on, str(line.record_id))))
