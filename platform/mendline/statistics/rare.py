"""Charts of rare events: g (units between events) and t (time between events). Source: qicharts2 0.8.1."""

import math

import numpy as np

from mendline.statistics.arithmetic import exact_mean
from mendline.statistics.individuals import individual_sigma
from mendline.statistics.shewhart import PhaseLines, level, present
from mendline.statistics.subgroups import Phase

T_POWER = 3.6  # Nelson's transformation of waiting times towards a normal shape
GEOMETRIC_MEDIAN = 0.693  # ln 2: the median of a geometric variable as a share of its mean


def g_lines(phase: Phase) -> PhaseLines:
    """Units between events. Limits come from the mean, the line drawn is the median."""
    y = phase.groups.ratio
    if (y < 0).any():
        raise ValueError("units between events must not be negative")
    chosen = present(y, phase.base)
    if phase.centre is None:
        mean, middle = exact_mean(chosen), float(np.median(chosen)) if chosen.size else math.nan
    else:
        mean, middle = phase.centre, GEOMETRIC_MEDIAN * phase.centre
    sigma = math.sqrt(mean * (mean + 1)) if mean >= 0 else math.nan
    return PhaseLines(
        y,
        level(middle, y),
        level(max(mean - 3 * sigma, 0.0), y),
        level(mean + 3 * sigma, y),
        level(max(mean - 2 * sigma, 0.0), y),
        level(mean + 2 * sigma, y),
        level(sigma, y),
    )


def t_lines(phase: Phase) -> PhaseLines:
    """Time between events, judged on the power scale and drawn in days.

    Raises:
        ValueError: a time is zero or negative. Record hours, or one cluster with its size; do not add a fraction.
    """
    y = phase.groups.ratio
    if (y <= 0).any():
        raise ValueError("time between events must be greater than zero")
    w = y ** (1 / T_POWER)
    chosen = present(w, phase.base)
    centre = exact_mean(chosen) if phase.centre is None else _root(phase.centre)
    sigma = individual_sigma(w[phase.base], screen=phase.screen)
    lower = _power(centre - 3 * sigma)
    if math.isnan(lower):
        lower = 0.0  # the reference sets the three-sigma limit to zero and leaves the two-sigma one undefined
    return PhaseLines(
        y,
        level(_power(centre), y),
        level(lower, y),
        level(_power(centre + 3 * sigma), y),
        level(_power(centre - 2 * sigma), y),
        level(_power(centre + 2 * sigma), y),
        level(sigma, y),
    )


def _power(value: float) -> float:
    try:
        return value**T_POWER if value >= 0 else math.nan
    except OverflowError as error:
        raise ValueError("times are too long for a t chart") from error


def _root(value: float) -> float:
    if value <= 0:
        raise ValueError("the centre of a t chart must be greater than zero")
    return float(value ** (1 / T_POWER))
