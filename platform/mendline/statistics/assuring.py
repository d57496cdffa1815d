"""Will the process meet its target? From the limits that hold, or from its last six points while these are too new.

A target is read against the limits of the last phase; nothing is said while these are provisional because they were set
anew. Where limits are locked and the process has changed for good, the locked limits no longer describe it: the points
since the change speak, six of them until there are twelve.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mendline.statistics.readings import GAP_CHARTS, Reading
from mendline.statistics.rules import FIRST_MATCH
from mendline.statistics.signals import Signal
from mendline.statistics.sufficiency import Sufficiency
from mendline.statistics.targets import Assurance, TargetRange, assurance, meets

LAST_POINTS = 6
ENOUGH_POINTS = 12


@dataclass(frozen=True, slots=True)
class Assured:
    """The answer, and whether it is provisional."""

    answer: Assurance | None = None
    provisional: bool = False


NOT_ASKED = Assured()


def assured_now(
    reading: Reading,
    wanted: TargetRange | None,
    enough: Sufficiency,
    signal: Signal | None,
    *,
    locked: bool,
    afresh: Callable[[int], Reading],
) -> Assured:
    """Whether the process will pass, fail or sometimes miss its target.

    Args:
        reading: the chart.
        wanted: the values that meet the target, in the chart's own unit; of gaps between events, `rare_targets` speaks.
        enough: how far the figures of the current phase reach.
        signal: what shows at the last point.
        locked: whether limits stay as they were worked out from a stated base.
        afresh: the chart of the rows from one on, with limits of their own.
    """
    if wanted is None or not _can_be_asked(reading, wanted):
        return NOT_ASKED
    after_rebase = enough.provisional_limits and reading.phase_start > 0
    if enough.shortage is not None or reading.flaw is not None or after_rebase:
        return NOT_ASKED
    lasting = locked and signal is not None and signal.strength == "sustained"
    changed = _changed_at(reading, signal.sign) if lasting and signal is not None else None
    if changed is not None:
        return _since_the_change(reading, wanted, changed, afresh)
    return Assured(_by_limits(reading, wanted))


def _can_be_asked(reading: Reading, wanted: TargetRange) -> bool:
    ranged = bool(np.isfinite(wanted.low) and np.isfinite(wanted.high))
    return reading.chart not in GAP_CHARTS and reading.last is not None and (reading.direction != 0 or ranged)


def _by_limits(reading: Reading, wanted: TargetRange) -> Assurance | None:
    return None if reading.last is None else assurance(wanted, reading.lower[reading.last], reading.upper[reading.last])


def _since_the_change(reading: Reading, wanted: TargetRange, changed: int, afresh: Callable[[int], Reading]) -> Assured:
    since = reading.values[changed:]
    if int((~np.isnan(since)).sum()) < ENOUGH_POINTS:
        return _of_last_points(reading, wanted, changed)
    made = afresh(changed)
    return _of_last_points(reading, wanted, changed) if made.flaw else Assured(_by_limits(made, wanted))


def _changed_at(reading: Reading, sign: int) -> int | None:
    """First row of the unbroken stretch of points that are marked on one side, up to the last; missing rows break none."""
    first = None
    for row in range(len(reading.marks) - 1, reading.phase_start - 1, -1):
        if np.isnan(reading.values[row]):
            continue
        if FIRST_MATCH[reading.marks[row]][1] != sign:
            break
        first = row
    return first


def _of_last_points(reading: Reading, wanted: TargetRange, start: int) -> Assured:
    recent = reading.values[start:]
    met = [meets(float(value), wanted) for value in recent[~np.isnan(recent)][-LAST_POINTS:]]
    if len(met) < LAST_POINTS:
        return NOT_ASKED
    return Assured("pass" if all(met) else "inconsistent" if any(met) else "fail", provisional=True)
