"""Which periods of an indicator a record touches, and which records a period has to look at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mendline.catalogue.calendar import period_end, period_start, periods_between
from mendline.catalogue.indicators import Cadence
from mendline.catalogue.measures import Linked, Measure, Quantity
from mendline.catalogue.record_types import record_type

By = Literal["happened", "also"]


@dataclass(frozen=True, slots=True)
class Window:
    """Records of a type between two days, both included; no first day means from the beginning."""

    record_type: str
    by: By
    first: date | None
    last: date


def periods_touched(
    measure: Measure, cadence: Cadence, kind: str, happened_on: date, also_on: date | None, today: date
) -> frozenset[date]:
    """First days of the periods whose figure a record of a kind can change, none after the one that runs today."""
    found: set[date] = set()
    for quantity, links in _parts(measure):
        if quantity.records == kind:
            day = happened_on if _by(quantity) == "happened" else also_on
            if day is not None:
                found.update(_of_quantity(quantity, cadence, day, today))
        for link in links:
            if link.records == kind:
                last = happened_on + timedelta(days=link.within_days + quantity.delay_days)
                found.update(periods_between(cadence, happened_on, last))
    return frozenset(start for start in found if start <= today)


def windows(measure: Measure, cadence: Cadence, start: date) -> Iterator[Window]:
    """What has to be read to measure one period."""
    for quantity, links in _parts(measure):
        first, last = _looked_at(quantity, start, period_end(cadence, start))
        yield Window(quantity.records, _by(quantity), first, last)
        for link in links:
            begins = None if first is None else first - timedelta(days=link.within_days)
            yield Window(link.records, "happened", begins, last)


def merged(wanted: Iterable[Window]) -> list[Window]:
    """Windows that meet or overlap, as one."""
    found: list[Window] = []
    for window in sorted(wanted, key=lambda each: (each.record_type, each.by, each.first or date.min, each.last)):
        before = found[-1] if found else None
        if (
            before is not None
            and (before.record_type, before.by) == (window.record_type, window.by)
            and (window.first is None or window.first <= before.last + timedelta(days=1))
        ):
            found[-1] = Window(before.record_type, before.by, before.first, max(before.last, window.last))
        else:
            found.append(window)
    return found


def _parts(measure: Measure) -> Iterator[tuple[Quantity, tuple[Linked, ...]]]:
    for fraction in (measure.fraction, measure.less):
        if fraction is not None:
            yield fraction.denominator, (*fraction.denominator.linked, *fraction.met_linked)
            if fraction.numerator is not None:
                yield fraction.numerator, fraction.numerator.linked
    if measure.quantity is not None:
        yield measure.quantity, measure.quantity.linked


def _by(quantity: Quantity) -> By:
    return "happened" if quantity.dated_by in {None, record_type(quantity.records).happened_field} else "also"


def _of_quantity(quantity: Quantity, cadence: Cadence, day: date, today: date) -> tuple[date, ...]:
    match quantity.moment:
        case "in_period":
            return (period_start(cadence, day + timedelta(days=quantity.delay_days)),)
        case "rolling":
            last = day + timedelta(days=(quantity.days or 1) - 1)
            starts = periods_between(cadence, day, last)
            return tuple(start for start in starts if period_end(cadence, start) <= last)
        case _:
            return periods_between(cadence, day, today)


def _looked_at(quantity: Quantity, start: date, end: date) -> tuple[date | None, date]:
    match quantity.moment:
        case "in_period":
            delay = timedelta(days=quantity.delay_days)
            return start - delay, end - delay
        case "rolling":
            return end - timedelta(days=(quantity.days or 1) - 1), end
        case _:
            return None, end
