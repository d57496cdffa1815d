"""Scores of services and the limits at their sizes: sine scale for proportions, log scale and Poisson for ratios.

Source: FunnelPlotR 0.6.0. The angle of a proportion's limit is clamped first: beyond the end the sine turns back.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from mendline.statistics.arithmetic import FloatArray, exact_sum

Z_95, Z_998 = 1.959964, 3.090232
EDGES = (-Z_95, Z_95, -Z_998, Z_998)


@dataclass(frozen=True, slots=True)
class Scores:
    """Ratio, z value, its standard error and size of each service, and the centre that z is measured from."""

    ratio: FloatArray
    z: FloatArray
    error: FloatArray
    size: FloatArray
    centre: float


def proportion_scores(top: FloatArray, size: FloatArray) -> Scores:
    """Services on the arcsine scale.

    Raises:
        ValueError: a proportion above 1.
    """
    if (top > size).any():
        raise ValueError("numerators must be at most their denominators")
    ratio, centre = top / size, exact_sum(top) / exact_sum(size)
    error = 1 / (2 * np.sqrt(size))
    z = (np.arcsin(np.sqrt(ratio)) - math.asin(math.sqrt(centre))) / error
    return Scores(ratio, z, error, size, centre)


def hundredths(values: FloatArray) -> FloatArray:
    """Values of at least 0 rounded to two decimals as R does since its version 4.0.0, with which the reference was run.

    Of the hundredths below and above the nearer one is taken, both distances worked out in double precision; of two
    that are as near, the even one. Neither NumPy nor Python decides a value that ends in 5 thousandths in this way.
    """
    scaled = values * 100
    whole = np.floor(scaled)
    below, above = whole / 100, np.ceil(scaled) / 100
    down, up = values - below, above - values
    rounded: FloatArray = np.where((up < down) | ((up == down) & (whole % 2 == 1)), above, below)
    return rounded


def ratio_scores(top: FloatArray, expected: FloatArray, round_expected: bool) -> Scores:
    """Observed over expected on the log scale; z of a service without events is minus infinity.

    Raises:
        ValueError: expected events that round to zero.
    """
    size = hundredths(expected) if round_expected else expected
    if (size <= 0).any():
        raise ValueError("expected events round to zero")
    with np.errstate(divide="ignore"):
        z = np.sqrt(size) * np.log(top / size)
    return Scores(top / expected, z, 1 / np.sqrt(size), size, 1.0)


def proportion_limits(scores: Scores, tau2: float) -> FloatArray:
    """Rows of lower and upper 95%, lower and upper 99.8% limits; tau2 0 gives the unadjusted ones."""
    angle, error = math.asin(math.sqrt(scores.centre)), np.sqrt(scores.error**2 + tau2)
    angles = [angle + z * error for z in EDGES]
    return np.array([np.sin(np.clip(each, 0.0, math.pi / 2)) ** 2 for each in angles], dtype=np.float64)


def ratio_limits(scores: Scores, tau2: float) -> FloatArray:
    """Rows of limits like `proportion_limits`, on the ratio scale."""
    error = np.sqrt(1 / scores.size + tau2)
    return np.array([np.exp(z * error) for z in EDGES], dtype=np.float64)


def poisson_limits(size: FloatArray) -> FloatArray:
    """Rows of exact unadjusted limits of observed over expected."""
    limits = []
    for tail in (0.025, 0.001):
        limits += [chi2.ppf(tail, 2 * size) / (2 * size), chi2.ppf(1 - tail, 2 * (size + 1)) / (2 * size)]
    return np.array(limits, dtype=np.float64)
