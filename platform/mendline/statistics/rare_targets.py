"""Will a process of rare events meet its target? From how often events come, not from limits of gaps.

A target is a figure of a period, and a chart of gaps has no points of periods: its limits cannot be held against it, and the
lower one is nearly always nought. So what limits say on other charts is worked out here exactly: of all future periods of
the usual size, the share whose number of events would meet the target, were nothing to change. Three standard deviations
either side of a centre hold 99.73% of a normal process; that share decides here as it does there.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.stats import binom, poisson

from mendline.statistics.arithmetic import FloatArray
from mendline.statistics.targets import Assurance, TargetRange, meets

WITHIN_LIMITS = math.erf(3 / math.sqrt(2))  # share of a normal distribution within three standard deviations
FEWEST_PERIODS = 12


def share_meeting(
    events: FloatArray,
    exposure: FloatArray,
    wanted: TargetRange,
    figure: Callable[[float, float], float],
    *,
    of_checks: bool,
) -> float | None:
    """Share of periods of the usual size that would meet the target; None with fewer than 12 known periods.

    Args:
        events: how many each period held, NaN where missing.
        exposure: what they could have come from: bed days, doses, checks or days of each period.
        wanted: the figures that meet the target.
        figure: the figure of a period with so many events and so much exposure, in the target's unit.
        of_checks: each unit of exposure has an event or has none (binomial); else any number may come (Poisson).
    """
    known = ~np.isnan(events) & (exposure > 0)
    if int(known.sum()) < FEWEST_PERIODS:
        return None
    rate = float(events[known].sum() / exposure[known].sum())
    usual = float(np.median(exposure[known]))
    if of_checks:
        size = max(round(usual), 1)
        counts = np.arange(size + 1)
        chances, usual = binom.pmf(counts, size, min(rate, 1.0)), float(size)
    else:
        expected = rate * usual
        counts = np.arange(math.ceil(expected + 12 * math.sqrt(expected)) + 12)
        chances = poisson.pmf(counts, expected)
    met = [meets(figure(float(count), usual), wanted) is True for count in counts]
    return float(chances[np.array(met)].sum())


def rare_assurance(share: float | None) -> Assurance | None:
    """Pass or fail where all but chance would, in between 'sometimes'."""
    if share is None:
        return None
    return "pass" if share >= WITHIN_LIMITS else "fail" if share <= 1 - WITHIN_LIMITS else "inconsistent"
