"""Running totals to weekly counts. A total that falls is a correction of some earlier week: that week is not guessed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.plan import ImportRow

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RunningTotal:
    """A row whose numerator is a total so far, with the day it was read on."""

    row: ImportRow
    day: date
    column: str


def weekly_changes(totals: Iterable[RunningTotal], findings: Findings) -> Iterator[tuple[ImportRow, date]]:
    """Each week's own count, for every series, in order of time.

    The first week of a series has nothing to be compared with and is left out. After a gap, and where a total falls
    because it was corrected, the week is `missing`: its count cannot be known. Each of these is told once, with how often.
    """
    series: dict[tuple[UUID, str], list[RunningTotal]] = defaultdict(list)
    for total in totals:
        series[total.row.service_id, total.row.indicator].append(total)
    for readings in series.values():
        yield from _changes(_one_a_week(readings, findings), findings)


def _one_a_week(readings: list[RunningTotal], findings: Findings) -> list[RunningTotal]:
    """The last reading of each week; where two of the same day contradict each other, there is none."""
    by_week: dict[date, RunningTotal] = {}
    disputed: set[date] = set()
    for reading in sorted(readings, key=lambda one: one.day):
        earlier = by_week.get(reading.row.period_start)
        if earlier is None or earlier.day < reading.day:
            if earlier is not None:
                findings.warn("A week had two readings of a running total and the later one was taken")
            by_week[reading.row.period_start] = reading
            disputed.discard(reading.row.period_start)
        elif earlier.row.figures() == reading.row.figures():
            findings.warn("A row said the same as an earlier one and was counted once")
        else:
            disputed.add(reading.row.period_start)
            findings.contradiction(
                reading.row.line,
                reading.column,
                "" if reading.row.numerator is None else f"{reading.row.numerator:g}",
                f"says something else than line {earlier.row.line} about the same service and day",
            )
    return [reading for week, reading in by_week.items() if week not in disputed]


def _changes(readings: list[RunningTotal], findings: Findings) -> Iterator[tuple[ImportRow, date]]:
    before: RunningTotal | None = None
    for reading in readings:
        row = reading.row
        if before is None:
            findings.warn("The first week of a running total was left out, as its own count is not known")
        elif (
            row.numerator is None or before.row.numerator is None or row.period_start - before.row.period_start > _WEEK
        ):
            yield row.without_figures("missing"), reading.day
        elif row.numerator < before.row.numerator:
            findings.warn("A running total fell, so it was corrected at source; that week was read as “missing”")
            yield row.without_figures("missing"), reading.day
        else:
            yield replace(row, numerator=row.numerator - before.row.numerator), reading.day
        before = reading
