"""Process limits of one phase of an XmR chart, and the reasons for there being none."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mendline.statistics.arithmetic import FloatArray, exact_mean

LIMIT_FACTOR = 2.66  # three sigma on the mean moving range, as Making Data Count rounds it
NEAR_FACTOR = LIMIT_FACTOR * 2 / 3
SCREEN_FACTOR = 3.267  # moving ranges from this many times their mean are left out once
MINIMUM_BASELINE = 12

LimitReason = Literal["no_values", "one_point", "no_moving_range", "no_variation", "rare_events"]


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """Centre and limits in the unit of the values; NaN where undefined. `reason` says what is special about them."""

    centre: float
    mean_range: float
    lower: float
    upper: float
    near_lower: float
    near_upper: float
    reason: LimitReason | None = None

    @property
    def defined(self) -> bool:
        """Whether there are limits to judge against."""
        return math.isfinite(self.lower)


def process_limits(baseline: FloatArray, *, screen: bool = True) -> ProcessLimits:
    """Centre and limits of a phase from its baseline points, NaN where missing.

    Screening (once, on by default) leaves out large moving ranges, never points. Where the reference fails, we differ: a
    baseline of equal values has limits on its mean; one event among zeros, whose limits would collapse onto the mean and
    turn every zero into an improvement, has none.

    Raises:
        ValueError: the values are too large to be subtracted.
    """
    usable = baseline[~np.isnan(baseline)]
    centre = exact_mean(usable)
    if usable.size < 2:
        return _without_limits(centre, "one_point" if usable.size else "no_values")
    if (usable == usable[0]).all():
        return _around(centre, 0.0, "no_variation")
    with np.errstate(over="ignore"):
        ranges = np.abs(np.diff(baseline))
    ranges = ranges[~np.isnan(ranges)]
    mean_range = exact_mean(ranges)
    if math.isinf(mean_range):
        raise ValueError("values are too far apart to be subtracted")
    if not mean_range > 0:  # none at all, or a gap at every change
        return _without_limits(centre, "no_moving_range")
    if screen:
        mean_range = exact_mean(ranges[ranges < SCREEN_FACTOR * mean_range])
        if mean_range == 0 and 2 * np.count_nonzero(usable == 0) >= usable.size:
            return _without_limits(centre, "rare_events")
    return _around(centre, mean_range, None)


def _around(centre: float, mean_range: float, reason: LimitReason | None) -> ProcessLimits:
    far, near = LIMIT_FACTOR * mean_range, NEAR_FACTOR * mean_range
    if math.isinf(far):
        raise ValueError("values are too far apart for limits")
    return ProcessLimits(centre, mean_range, centre - far, centre + far, centre - near, centre + near, reason)


def _without_limits(centre: float, reason: LimitReason) -> ProcessLimits:
    return ProcessLimits(centre, math.nan, math.nan, math.nan, math.nan, math.nan, reason)
