"""Rare events as gaps between them: one point per event, or per period that held some, never one per empty period.

Where only totals of periods are known, events of one period stand as one cluster with its size, and a gap runs to the end
of the period of its last event. No fraction is invented. A gap over a missing period is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mendline.statistics.arithmetic import FloatArray, as_series

FEWEST_EMPTY = 0.5  # with more events than that, totals of periods are too coarse to show gaps


@dataclass(frozen=True, slots=True)
class Gaps:
    """What lies between events.

    Attributes:
        rows: for each gap the row of the period whose events end it.
        sizes: units between, up to the end of that period; NaN where a period in between is missing.
        clusters: how many events that period held.
        since_last: units since the last event; None without one, or where a period since is missing.
        first: the row of the first event, which ends no gap; None without one.
    """

    rows: tuple[int, ...]
    sizes: FloatArray
    clusters: tuple[int, ...]
    since_last: float | None
    first: int | None


def gaps_between(events: Sequence[float | None] | FloatArray, exposure: Sequence[float | None] | FloatArray) -> Gaps:
    """The gaps of a series of periods.

    Args:
        events: how many each period held; None where missing.
        exposure: bed days, doses, checks or days of each period.

    Raises:
        ValueError: lengths differ, or a number is negative or not finite.
    """
    counts, units = as_series(events), as_series(exposure)
    if counts.size != units.size:
        raise ValueError(f"{counts.size} counts but {units.size} exposures")
    if (counts < 0).any() or (units < 0).any():
        raise ValueError("events and exposure must not be negative")
    passed = np.where(np.isnan(counts), np.nan, units)
    rows = np.flatnonzero(counts > 0)
    if rows.size == 0:
        return Gaps((), np.array([]), (), None, None)
    sizes = [float(passed[before + 1 : row + 1].sum()) for before, row in pairwise(rows)]
    since = float(passed[rows[-1] + 1 :].sum())
    return Gaps(
        tuple(int(row) for row in rows[1:]),
        np.array(sizes, dtype=np.float64),
        tuple(max(1, round(float(counts[row]))) for row in rows[1:]),
        None if np.isnan(since) else since,
        int(rows[0]),
    )


def shows_gaps(events: Sequence[float | None] | FloatArray) -> bool:
    """Whether totals of periods are fine enough for gaps: at least half of the known periods are without an event."""
    counts = as_series(events)
    known = counts[~np.isnan(counts)]
    return bool(known.size) and float(np.mean(known == 0)) >= FEWEST_EMPTY
