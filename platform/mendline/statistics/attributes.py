"""Charts of proportions, rates and counts: p, u, c, and Laney's p' and u'. Source: qicharts2 0.8.1."""

import math

import numpy as np

from mendline.statistics.arithmetic import FloatArray, exact_mean, exact_sum
from mendline.statistics.shewhart import RANGE_TO_SIGMA, PhaseLines, around, level, mean_moving_range, present
from mendline.statistics.subgroups import Phase


def p_lines(phase: Phase) -> PhaseLines:
    """Proportions: limits follow each denominator and stay within 0 and 1."""
    centre, sigma = _proportion(phase)
    return around(phase.groups.ratio, centre, sigma, 0.0, 1.0)


def u_lines(phase: Phase) -> PhaseLines:
    """Rates: limits follow each exposure and stay above 0."""
    centre, sigma = _rate(phase)
    return around(phase.groups.ratio, centre, sigma, 0.0, math.inf)


def c_lines(phase: Phase) -> PhaseLines:
    """Counts over constant exposure."""
    y = phase.groups.total
    mean = exact_mean(present(y, phase.base)) if phase.centre is None else phase.centre
    return around(y, level(mean, y), level(math.sqrt(mean) if mean >= 0 else math.nan, y), 0.0, math.inf)


def p_prime_lines(phase: Phase) -> PhaseLines:
    """Proportions whose spread exceeds the binomial, or with very large denominators."""
    centre, sigma = _proportion(phase)
    return around(phase.groups.ratio, centre, sigma * _excess(phase, centre, sigma), 0.0, 1.0)


def u_prime_lines(phase: Phase) -> PhaseLines:
    """Rates whose spread exceeds the Poisson."""
    centre, sigma = _rate(phase)
    return around(phase.groups.ratio, centre, sigma * _excess(phase, centre, sigma), 0.0, math.inf)


def pooled_ratio(phase: Phase) -> float:
    """Sum of numerators over sum of denominators of the baseline; NaN without any."""
    exposure = exact_sum(present(phase.groups.exposure, phase.base))
    return exact_sum(present(phase.groups.total, phase.base)) / exposure if exposure > 0 else math.nan


def _proportion(phase: Phase) -> tuple[FloatArray, FloatArray]:
    groups = phase.groups
    if (groups.total > groups.exposure).any():
        raise ValueError("a numerator exceeds its denominator")
    if (groups.total < 0).any():
        raise ValueError("numerators must not be negative")
    share = pooled_ratio(phase) if phase.centre is None else phase.centre
    if not math.isnan(share) and not 0 <= share <= 1:
        raise ValueError("the centre of a proportion lies between 0 and 1")
    return level(share, groups.ratio), np.sqrt(share * (1 - share) / groups.exposure)


def _rate(phase: Phase) -> tuple[FloatArray, FloatArray]:
    groups = phase.groups
    if (groups.total < 0).any():
        raise ValueError("numerators must not be negative")
    rate = pooled_ratio(phase) if phase.centre is None else phase.centre
    if rate < 0:
        raise ValueError("the centre of a rate is not negative")
    return level(rate, groups.ratio), np.sqrt(rate / groups.exposure)


def _excess(phase: Phase, centre: FloatArray, sigma: FloatArray) -> float:
    """Laney's sigma z: how much wider than chance the points spread."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (phase.groups.ratio - centre) / sigma
    return mean_moving_range(z[phase.base], screen=phase.screen) / RANGE_TO_SIGMA
