"""Draws one quantity of a measure from records: which count, with what each contributes, and which do not and why."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from math import fsum
from typing import Any

from mendline.catalogue.calendar import hours_between, period_bounds, period_end
from mendline.catalogue.indicators import Cadence
from mendline.catalogue.measures import GroupRule, Linked, Quantity
from mendline.evidence.measuring.answers import SourceRecord, day_of, holds, moment_of
from mendline.evidence.measuring.reasons import (
    AFTER_CLOSED,
    AFTER_LEAVING,
    BEFORE_OPENED,
    NEWER_STANDS,
    SAME_AS_ANOTHER,
    SAME_GROUP,
    no_answer,
    no_link,
    none_of,
    not_met,
)

Pool = Mapping[str, Sequence[SourceRecord]]


@dataclass(frozen=True, slots=True)
class PeriodOf:
    """The period that is measured, the life of the service around it, and when people left it, by their code."""

    cadence: Cadence
    start: date
    opened_on: date | None = None
    closed_on: date | None = None
    left: Mapping[str, date] = field(default_factory=dict)

    @property
    def end(self) -> date:
        """Its last day."""
        return period_end(self.cadence, self.start)

    def days(self) -> Iterable[date]:
        """Each day of it on which the service ran."""
        first = max(self.start, self.opened_on or self.start)
        last = min(self.end, self.closed_on or self.end)
        return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What became of one record: what it contributes, or why nothing."""

    record: SourceRecord
    value: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """A quantity with every record that was looked at.

    Attributes:
        considered: how many records lay in the moment at all; none means that nobody recorded, which is not zero.
    """

    total: float
    lines: tuple[Drawn, ...]
    considered: int
    values: tuple[float, ...] = field(default=())


def draw(quantity: Quantity, pool: Pool, period: PeriodOf) -> Draw:
    """Draws a quantity for one period from every record that may matter to it."""
    looked_at = [each for each in pool.get(quantity.records, ()) if in_moment(quantity, each, period)]
    left_out: list[Drawn] = []
    kept: list[SourceRecord] = []
    for record in looked_at:
        why = _left_out(quantity, record, pool, period)
        if why is None:
            kept.append(record)
        else:
            left_out.append(Drawn(record, why=why))
    for step in (_without_repeats, _newest):
        kept, dropped = step(quantity, kept, period)
        left_out += dropped
    taken = _TAKES[quantity.take](quantity, kept, period)
    listed = [each for each in left_out if not _is_history(quantity, each, period)]
    counted = tuple(each.value for each in taken if each.value is not None)
    if quantity.take == "every_day":
        counted = (float(len(list(period.days()))),)
    return Draw(fsum(counted), (*taken, *listed), len(looked_at), counted)


def in_moment(quantity: Quantity, record: SourceRecord, period: PeriodOf) -> bool:
    """Whether a record lies where the quantity looks."""
    day = record.day(quantity.dated_by)
    if day is None:
        return False
    match quantity.moment:
        case "in_period":
            return period.start <= day + timedelta(days=quantity.delay_days) <= period.end
        case "rolling":
            return period.end - timedelta(days=quantity.days or 0) < day <= period.end
        case "open_in_period":
            ended = record.day(quantity.ended_by) if quantity.ended_by else None
            return day <= period.end and (ended is None or ended >= period.start)
        case _:
            return day <= period.end


def _is_history(quantity: Quantity, line: Drawn, period: PeriodOf) -> bool:
    """Of what stands at a period's end, only the period's own records are listed where they did not count."""
    if quantity.moment not in {"period_end", "open_in_period"}:
        return False
    day = line.record.day(quantity.dated_by)
    return day is None or day < period.start


def _left_out(quantity: Quantity, record: SourceRecord, pool: Pool, period: PeriodOf) -> str | None:
    """Why a record that lies in the moment does not count, or None."""
    misplaced = _misplaced(record, period)
    if misplaced is not None:
        return misplaced
    failing = next((each for each in quantity.when if not holds(each, record, period.end)), None)
    if failing is not None:
        return not_met(failing, record.kind)
    if quantity.any_of and not any(holds(each, record, period.end) for each in quantity.any_of):
        return none_of(quantity.any_of, record.kind)
    missing = next(
        (each for each in quantity.linked if not is_linked(each, record, pool, period, quantity.dated_by)), None
    )
    if missing is not None:
        return no_link(missing)
    needed = quantity.field if quantity.take != "count" else None
    return no_answer(needed, record.kind) if needed and record.answer(needed) is None else None


def _misplaced(record: SourceRecord, period: PeriodOf) -> str | None:
    if period.opened_on and record.happened_on < period.opened_on:
        return BEFORE_OPENED
    if period.closed_on and record.happened_on > period.closed_on:
        return AFTER_CLOSED
    if not record.kind.only_in_residence or record.kind.person_field is None:
        return None
    left = period.left.get(record.answer(record.kind.person_field) or "")
    return AFTER_LEAVING if left is not None and record.happened_on > left else None


def is_linked(link: Linked, record: SourceRecord, pool: Pool, period: PeriodOf, dated_by: str | None) -> bool:
    """Whether a record's counterpart exists: same value, at most so many days before, and its own conditions."""
    shared, day = record.answer(link.same), record.day(dated_by)
    if shared is None or day is None:
        return False
    first = day - timedelta(days=link.within_days)
    return any(
        other.answer(link.same) == shared
        and first <= other.happened_on <= day
        and all(holds(condition, other, period.end) for condition in link.when)
        for other in pool.get(link.records, ())
    )


Kept = tuple[list[SourceRecord], list[Drawn]]


def _without_repeats(_quantity: Quantity, kept: list[SourceRecord], _period: PeriodOf) -> Kept:
    """Two records that say the same to the minute are one event entered twice; only the first made counts."""
    seen: set[Hashable] = set()
    stay, dropped = [], []
    for record in sorted(kept, key=lambda each: (each.recorded_at, str(each.record_id))):
        if record.kind.field(record.kind.happened_field).kind != "datetime":
            stay.append(record)
            continue
        said = (record.happened_at, tuple(sorted((name, repr(value)) for name, value in record.payload.items())))
        if said in seen:
            dropped.append(Drawn(record, why=SAME_AS_ANOTHER))
        else:
            seen.add(said)
            stay.append(record)
    return stay, dropped


def _newest(quantity: Quantity, kept: list[SourceRecord], period: PeriodOf) -> Kept:
    if not quantity.latest_per:
        return kept, []
    groups: defaultdict[Hashable, list[SourceRecord]] = defaultdict(list)
    for record in kept:
        groups[tuple(record.answer(name) for name in quantity.latest_per)].append(record)
    stay, dropped = [], []
    for members in groups.values():
        *older, newest = sorted(members, key=lambda each: (each.happened_at, each.recorded_at, str(each.record_id)))
        dropped += [Drawn(each, why=NEWER_STANDS) for each in older]
        failing = next((each for each in quantity.still if not holds(each, newest, period.end)), None)
        if failing is None:
            stay.append(newest)
        else:
            dropped.append(Drawn(newest, why=not_met(failing, newest.kind)))
    return stay, dropped


# ------------------------------------------------------------------------ takes
def _count(_quantity: Quantity, kept: list[SourceRecord], _period: PeriodOf) -> list[Drawn]:
    return [Drawn(record, 1.0) for record in kept]


def _sum(quantity: Quantity, kept: list[SourceRecord], period: PeriodOf) -> list[Drawn]:
    times = len(list(period.days())) if quantity.times_days or quantity.times_weeks else 1
    parts = 7 if quantity.times_weeks else 1
    return [Drawn(record, float(record.answer(quantity.field or "")) * times / parts) for record in kept]


def _hours(quantity: Quantity, kept: list[SourceRecord], period: PeriodOf) -> list[Drawn]:
    """Hours that really passed; one without an end counts to the end of the period."""
    _, over = period_bounds(period.cadence, period.start)
    drawn = []
    for record in kept:
        began, ended = record.answer(quantity.start or ""), record.answer(quantity.end or "")
        if began is None:
            drawn.append(Drawn(record, why=no_answer(quantity.start or "", record.kind)))
        else:
            passed = hours_between(moment_of(began), moment_of(ended) if ended is not None else over)
            drawn.append(Drawn(record, max(0.0, passed)))
    return drawn


def _by_group(quantity: Quantity, kept: list[SourceRecord]) -> dict[Hashable, list[SourceRecord]]:
    groups: defaultdict[Hashable, list[SourceRecord]] = defaultdict(list)
    for record in sorted(kept, key=lambda each: (each.happened_at, str(each.record_id))):
        groups[record.answer(quantity.field or "")].append(record)
    return groups


def _one_for_each(quantity: Quantity, groups: Iterable[list[SourceRecord]]) -> list[Drawn]:
    """The newest record of each group stands for it."""
    drawn = []
    for members in groups:
        label = members[0].kind.field(quantity.field or "").label.rstrip("?").lower()
        *others, newest = members
        drawn += [Drawn(each, 0.0, SAME_GROUP.format(what=label)) for each in others]
        drawn.append(Drawn(newest, 1.0))
    return drawn


def _distinct(quantity: Quantity, kept: list[SourceRecord], _period: PeriodOf) -> list[Drawn]:
    return _one_for_each(quantity, _by_group(quantity, kept).values())


def _largest_group(quantity: Quantity, kept: list[SourceRecord], _period: PeriodOf) -> list[Drawn]:
    sizes = Counter(record.answer(quantity.field or "") for record in kept)
    if not sizes:
        return []
    largest = min(sizes, key=lambda value: (-sizes[value], str(value)))
    return [Drawn(record, float(record.answer(quantity.field or "") == largest)) for record in kept]


def _groups(quantity: Quantity, kept: list[SourceRecord], _period: PeriodOf) -> list[Drawn]:
    found = _by_group(quantity, kept)
    meeting = [members for members in found.values() if any(_meets(rule, members) for rule in quantity.rules)]
    others = [members for members in found.values() if members not in meeting]
    drawn = _one_for_each(quantity, meeting)
    return [*drawn, *(replace(each, value=0.0, why=None) for each in _one_for_each(quantity, others))]


def _meets(rule: GroupRule, members: Sequence[SourceRecord]) -> bool:
    match rule.over:
        case "total":
            found = fsum(float(each.answer(rule.field or "") or 0) for each in members)
        case "run_of_days":
            found = float(_longest_run(sorted({each.happened_on for each in members})))
        case _:
            found = _shortest_gap(rule, members)
    return found > rule.above if rule.above is not None else found < (rule.below or 0)


def _longest_run(days: Sequence[date]) -> int:
    longest = run = 0
    for place, day in enumerate(days):
        run = run + 1 if place and (day - days[place - 1]).days == 1 else 1
        longest = max(longest, run)
    return longest


def _shortest_gap(rule: GroupRule, members: Sequence[SourceRecord]) -> float:
    spells = sorted(
        (each.answer(rule.start or ""), each.answer(rule.end or ""))
        for each in members
        if each.answer(rule.start or "") and each.answer(rule.end or "")
    )
    gaps = [hours_between(before[1], after[0]) for before, after in pairwise(spells)]
    return min(gaps, default=float("inf"))


def _days(quantity: Quantity, kept: list[SourceRecord], period: PeriodOf) -> list[Drawn]:
    """Each day of the period that some record covers counts once, with the first record that covers it."""
    taken: set[date] = set()
    drawn = []
    for record in sorted(kept, key=lambda each: (each.happened_at, str(each.record_id))):
        covered = {day for day in period.days() if _covers(quantity, record, day, period)} - taken
        taken |= covered
        drawn.append(Drawn(record, float(len(covered))))
    return drawn


def _covers(quantity: Quantity, record: SourceRecord, day: date, period: PeriodOf) -> bool:
    first, last = day_of(record.answer(quantity.start or "")), day_of(record.answer(quantity.end or ""))
    if first is None or day < first or (last is not None and day > last):
        return False
    if quantity.away_from is None:
        return True
    gone = day_of(record.answer(quantity.away_from))
    back = day_of(record.answer(quantity.away_until or "")) or period.end
    long = gone is not None and (back - gone).days + 1 >= (quantity.away_at_least or 0)
    return not (long and gone is not None and gone <= day <= back)


def _headcount(quantity: Quantity, kept: list[SourceRecord], period: PeriodOf) -> list[Drawn]:
    """Of the days looked at, the share on which each value had a record; a day that two records cover counts once."""
    last = min(period.end, period.closed_on or period.end)
    first = max(last - timedelta(days=(quantity.over_days or 1) - 1), period.opened_on or date.min)
    days = (last - first).days + 1
    drawn = []
    for members in _by_group(quantity, kept).values():
        taken: set[date] = set()
        for record in members:
            began = max(day_of(record.answer(quantity.start or "")) or last, first)
            ended = min(day_of(record.answer(quantity.end or "")) or last, last)
            covered = {began + timedelta(days=ahead) for ahead in range((ended - began).days + 1)} - taken
            taken |= covered
            if ended >= first:  # whoever left before that is no part of it, and nothing to be told of
                drawn.append(Drawn(record, len(covered) / days))
    return drawn


def _every_day(_quantity: Quantity, kept: list[SourceRecord], _period: PeriodOf) -> list[Drawn]:
    return [Drawn(record, 0.0) for record in kept]


Take = Callable[[Quantity, list[SourceRecord], PeriodOf], list[Drawn]]
_TAKES: Mapping[Any, Take] = {
    "count": _count,
    "sum": _sum,
    "hours": _hours,
    "distinct": _distinct,
    "largest_group": _largest_group,
    "groups": _groups,
    "days": _days,
    "every_day": _every_day,
    "headcount": _headcount,
}
