"""Charts of individual values: run, i, i' (with denominators) and moving ranges. Source: qicharts2 0.8.1."""

import math

import numpy as np

from mendline.statistics.arithmetic import FloatArray, exact_mean, exact_sum
from mendline.statistics.shewhart import (
    RANGE_TO_SIGMA,
    PhaseLines,
    around,
    level,
    mean_moving_range,
    present,
    screened_mean,
)
from mendline.statistics.subgroups import Phase

MR_LIMIT = 3.267  # D4 for moving ranges of two
I_PRIME_SCREEN = 3.2665


def run_lines(phase: Phase) -> PhaseLines:
    """A run chart: the median and no limits."""
    y = phase.groups.ratio
    chosen = present(y, phase.base)
    median = (float(np.median(chosen)) if chosen.size else math.nan) if phase.centre is None else phase.centre
    nothing = level(math.nan, y)
    return PhaseLines(y, level(median, y), nothing, nothing, nothing, nothing, nothing)


def i_lines(phase: Phase) -> PhaseLines:
    """Individual values; moving ranges run between neighbours after exclusions. Not clipped at zero."""
    y = phase.groups.ratio
    mean = exact_mean(present(y, phase.base)) if phase.centre is None else phase.centre
    sigma = individual_sigma(y[phase.base], screen=phase.screen)
    return around(y, level(mean, y), level(sigma, y), -math.inf, math.inf)


def individual_sigma(values: FloatArray, *, screen: bool) -> float:
    """Standard deviation from the mean moving range."""
    return mean_moving_range(values, screen=screen) / RANGE_TO_SIGMA


def mr_lines(phase: Phase) -> PhaseLines:
    """Moving ranges; the first point of a phase has none."""
    y = phase.groups.ratio
    ranges = np.concatenate(([np.nan], np.abs(np.diff(y))))[: y.size]
    mean = exact_mean(present(ranges, phase.base)) if phase.centre is None else phase.centre
    upper, zero = MR_LIMIT * mean, level(0.0, y)
    return PhaseLines(
        ranges,
        level(mean, y),
        zero,
        level(upper, y),
        zero,
        level(upper / 3 * 2, y),
        level((upper - mean) / 3, y),
    )


def i_prime_lines(phase: Phase) -> PhaseLines:
    """Individual values with denominators: limits widen where a denominator is small (Taylor's I')."""
    y = phase.groups.ratio
    n = phase.groups.exposure
    if np.isnan(n).all():
        n = np.where(phase.groups.size > 0, phase.groups.size, np.nan)
    chosen = phase.base & ~np.isnan(y)
    mean = phase.centre
    if mean is None:
        weight = exact_sum(n[chosen])
        mean = exact_sum(y[chosen] * n[chosen]) / weight if weight > 0 else math.nan
    spread = math.sqrt(math.pi / 2) * np.abs(np.diff(y)) / np.sqrt(1 / n[:-1] + 1 / n[1:])
    sigma = screened_mean(spread[~np.isnan(spread)], screen=phase.screen, factor=I_PRIME_SCREEN)
    return around(y, level(mean, y), sigma / np.sqrt(n), -math.inf, math.inf)
