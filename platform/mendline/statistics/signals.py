"""The signal at the last usable point of a chart: on which rule it rests, since when, how strong, and what contradicts it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mendline.statistics.readings import GAP_CHARTS, Reading
from mendline.statistics.rules import FIRST_MATCH, PRECEDENCE, Basis, Mark
from mendline.statistics.runs import sides_of

SignalBasis = Literal["limits", "trend", "two_in_three", "shift", "runs", "short_gaps", "open_gap"]
Strength = Literal["single", "pattern", "sustained"]
RUN_OF_THREE = 3
GAPS_WITHIN = 3


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that points up (1) or down (-1) as drawn. `length` counts usable points from `since` to the last."""

    sign: int
    basis: SignalBasis
    since: int
    length: int
    strength: Strength
    conflict: bool


@dataclass(frozen=True, slots=True)
class RecentSignal:
    """A mark among the last few points that has gone since: shown, not the status."""

    index: int
    sign: int
    basis: Basis


def signal_at_last(reading: Reading, *, open_gap: float | None = None, sustained: int = 7) -> Signal | None:
    """The signal that decides, if any: the four rules first, then what charts other than XmR add."""
    last = reading.last
    if last is None:
        return None
    marked = _marked(reading, last, sustained)
    if marked is not None:
        return _against_open_gap(marked, reading, open_gap)
    if _beyond_upper(reading, open_gap):
        return Signal(1, "open_gap", last, 1, "single", conflict=False)
    return _short_gaps(reading, last) or _persistent_run(reading, last, sustained)


def _marked(reading: Reading, last: int, sustained: int) -> Signal | None:
    mark = reading.marks[last]
    _, sign, basis = FIRST_MATCH[mark]
    if basis is None:
        return None
    agreeing = [bit for bit, _, way, _ in PRECEDENCE if mark & bit and way == sign]
    opposed = any(mark & bit and way == -sign for bit, _, way, _ in PRECEDENCE)
    since = _since(reading, last, agreeing[0])
    longest = max(_points_between(reading, _since(reading, last, bit), last) for bit in agreeing)
    lone = basis == "limits" and longest == 1
    strength: Strength = "sustained" if longest >= sustained else "single" if lone else "pattern"
    return Signal(sign, basis, since, _points_between(reading, since, last), strength, opposed)


def _since(reading: Reading, last: int, bit: Mark) -> int:
    """First row of the unbroken stretch of points with this mark; a two-in-three window reaches back two points."""
    if bit in {Mark.TWO_HIGH, Mark.TWO_LOW}:
        window = range(max(reading.phase_start, last - 2), last + 1)
        return next(row for row in window if reading.marks[row] & bit)
    row = last
    while row > reading.phase_start and reading.marks[row - 1] & bit:
        row -= 1
    return row


def _points_between(reading: Reading, first: int, last: int) -> int:
    return int((~np.isnan(reading.values[first : last + 1])).sum())


def _beyond_upper(reading: Reading, open_gap: float | None) -> bool:
    upper = reading.upper[-1] if reading.upper else None
    return reading.chart in GAP_CHARTS and open_gap is not None and upper is not None and open_gap > upper


def _against_open_gap(signal: Signal, reading: Reading, open_gap: float | None) -> Signal:
    if signal.sign > 0 or not _beyond_upper(reading, open_gap):
        return signal
    return Signal(signal.sign, signal.basis, signal.since, signal.length, signal.strength, conflict=True)


def _short_gaps(reading: Reading, last: int) -> Signal | None:
    """Three gaps within the median gap: limits of gaps cannot show a deterioration, their lower one is nearly always 0.

    Events that are only known to lie in one period make one point with their number: the gaps between them are shorter
    than a period, and no gap on the chart is shorter than one.
    """
    if reading.chart not in GAP_CHARTS or last - reading.phase_start < GAPS_WITHIN:
        return None
    phase = reading.values[reading.phase_start :]
    usual, least = float(np.nanmedian(phase)), float(np.nanmin(phase))
    gaps, spent, row = 0, 0.0, last
    while row > reading.phase_start:
        gaps += (reading.clusters[row] if reading.clusters else 1) - 1
        if gaps >= GAPS_WITHIN:
            spent += least
            break
        gaps, spent = gaps + 1, spent + float(reading.values[row])
        if gaps >= GAPS_WITHIN:
            break
        row -= 1
    if gaps < GAPS_WITHIN or not spent <= usual:
        return None
    return Signal(-1, "short_gaps", row, _points_between(reading, row, last), "pattern", conflict=False)


def _persistent_run(reading: Reading, last: int, sustained: int) -> Signal | None:
    """More runs than chance, and the series ends in them: the last run is the longest, or the last third is one-sided."""
    if reading.runs is None or not reading.runs.signal:
        return None
    rows = [row for row in range(reading.phase_start, last + 1) if not np.isnan(reading.values[row])]
    centre = np.array(
        [np.nan if reading.centre[row] is None else reading.centre[row] for row in rows], dtype=np.float64
    )
    sides = sides_of(reading.values[rows], centre)
    useful = np.flatnonzero(sides != 0)
    if useful.size == 0:
        return None
    run = _last_run(sides[useful])
    third = sides[useful][-max(RUN_OF_THREE, -(-useful.size // 3)) :]
    longest = run >= RUN_OF_THREE and run == reading.runs.longest_run
    if not longest and not (third == third[-1]).all():
        return None
    since = rows[int(useful[-run])]
    strength: Strength = "sustained" if run >= sustained else "pattern"
    return Signal(
        int(sides[useful][-1]), "runs", since, _points_between(reading, since, last), strength, conflict=False
    )


def _last_run(sides: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int:
    changes = np.flatnonzero(sides != sides[-1])
    return int(sides.size - 1 - changes[-1]) if changes.size else int(sides.size)


def recent_signal(reading: Reading, window: int) -> RecentSignal | None:
    """The latest mark among the last `window` usable points of the phase, where the last point has none."""
    last = reading.last
    if last is None or reading.marks[last]:
        return None
    rows = [row for row in range(reading.phase_start, last + 1) if not np.isnan(reading.values[row])]
    for row in reversed(rows[-window:]):
        _, sign, basis = FIRST_MATCH[reading.marks[row]]
        if basis is not None:
            return RecentSignal(row, sign, basis)
    return None
