"""Charts of several measurements a period: means (xbar) and standard deviations (s). Source: qicharts2 0.8.1."""

import math

import numpy as np
from scipy.special import gammaln

from mendline.statistics.arithmetic import FloatArray, exact_mean, exact_sum
from mendline.statistics.shewhart import PhaseLines, around, level, present
from mendline.statistics.subgroups import Phase


def xbar_lines(phase: Phase) -> PhaseLines:
    """Means of subgroups. A subgroup of one has no limits."""
    groups = phase.groups
    chosen = phase.base & (groups.size > 0)
    mean = phase.centre
    if mean is None:
        weight = exact_sum(groups.size[chosen])
        mean = exact_sum(groups.size[chosen] * groups.mean[chosen]) / weight if weight else math.nan
    size = _sizes(groups.size)
    sigma = typical_deviation(phase) / (_c4(size) * np.sqrt(size))
    return around(groups.mean, level(mean, groups.mean), sigma, -math.inf, math.inf)


def s_lines(phase: Phase) -> PhaseLines:
    """Standard deviations of subgroups. A subgroup of one has no point and no limits."""
    groups = phase.groups
    deviation = typical_deviation(phase) if phase.centre is None else phase.centre
    c4 = _c4(_sizes(groups.size))
    centre = level(deviation, groups.size)
    return around(groups.deviation, centre, deviation * np.sqrt(1 - c4**2) / c4, 0.0, math.inf)


def typical_deviation(phase: Phase) -> float:
    """Standard deviation within subgroups: the mean where all have one size, pooled where sizes vary."""
    sizes, deviations = phase.groups.size, phase.groups.deviation
    if np.unique(sizes).size <= 1:
        return exact_mean(present(deviations, phase.base))
    chosen = phase.base & (sizes > 1)
    freedom = sizes[chosen] - 1
    total = exact_sum(freedom)
    return math.sqrt(exact_sum(freedom * deviations[chosen] ** 2) / total) if total else math.nan


def _sizes(sizes: FloatArray) -> FloatArray:
    return np.where(sizes > 1, sizes, np.nan)


def _c4(size: FloatArray) -> FloatArray:
    """Share of sigma that the standard deviation of `size` values shows on average."""
    share: FloatArray = np.sqrt(2 / (size - 1)) * np.exp(gammaln(size / 2) - gammaln((size - 1) / 2))
    return share
