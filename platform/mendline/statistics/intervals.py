"""Intervals for a single figure: Wilson for proportions, Byar or exact for rates, t for means; comparisons with them.

Source: PHEindicatormethods 2.1.0 (Public Health England technical guidance). Grouped data are always summed first.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import chi2, norm, t

from mendline.statistics.arithmetic import as_series, exact_mean, exact_sum

BYAR_FROM = 10  # counts from which Byar's approximation is used instead of the exact Poisson limits


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its confidence limits, all multiplied by the asked multiplier."""

    value: float
    lower: float
    upper: float
    method: Literal["Wilson", "Byars", "Exact", "Student's t"]
    confidence: float


@dataclass(frozen=True, slots=True)
class MeanInterval:
    """A mean with its confidence limits; limits and deviation are None for a single value."""

    value: float
    lower: float | None
    upper: float | None
    deviation: float | None
    count: int


def confidence_share(confidence: float) -> float:
    """Confidence as a share. Takes 0.9 to below 1, or 90 to below 100 percent.

    Raises:
        ValueError: outside 90 to 100%.
    """
    share = confidence / 100 if 90 <= confidence < 100 else confidence
    if not 0.9 <= share < 1:
        raise ValueError("confidence must lie between 90% and 100%")
    return float(share)


def wilson(numerator: float, denominator: float, *, confidence: float = 0.95, multiplier: float = 1.0) -> Interval:
    """A proportion with its Wilson score interval; never outside 0 and 1 (times the multiplier).

    Raises:
        ValueError: a negative numerator, no denominator, a numerator above its denominator.
    """
    share = confidence_share(confidence)
    _check_counts(numerator, denominator)
    if numerator > denominator:
        raise ValueError("numerators must be at most their denominators")
    z = _z(share)
    middle = 2 * numerator + z * z
    spread = z * math.sqrt(z * z + 4 * numerator * (1 - numerator / denominator))
    width = 2 * (denominator + z * z)
    lower = 0.0 if numerator == 0 else (middle - spread) / width
    upper = 1.0 if numerator == denominator else (middle + spread) / width
    return _scaled(numerator / denominator, lower, upper, "Wilson", share, multiplier)


def rate_interval(events: float, exposure: float, *, confidence: float = 0.95, multiplier: float = 1.0) -> Interval:
    """A rate with Byar's interval, or the exact Poisson one below ten events.

    Raises:
        ValueError: negative events or no exposure.
    """
    share = confidence_share(confidence)
    _check_counts(events, exposure)
    if events < BYAR_FROM:
        lower, upper = exact_count_limits(events, confidence=share)
    else:
        lower, upper = byar_count_limits(events, confidence=share)
    method: Literal["Byars", "Exact"] = "Exact" if events < BYAR_FROM else "Byars"
    return _scaled(events / exposure, lower / exposure, upper / exposure, method, share, multiplier)


def byar_count_limits(events: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Byar's limits of a count, to be shown: where the lower one is undefined (0) or negative (few events), it is 0."""
    lower, upper = byar_formula(events, confidence=confidence)
    return (0.0 if math.isnan(lower) else max(0.0, lower)), upper


def byar_formula(events: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Byar's limits as his formula has them: the lower one is not a number for no events and may be below 0 for one."""
    z = _z(confidence_share(confidence))
    _check_counts(events, 1.0)
    above = events + 1
    upper = above * (1 - 1 / (9 * above) + z / (3 * math.sqrt(above))) ** 3
    if events == 0:
        return math.nan, upper
    return events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3, upper


def exact_count_limits(events: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Exact Poisson limits of a count."""
    tail = (1 - confidence_share(confidence)) / 2
    _check_counts(events, 1.0)
    lower = float(chi2.ppf(tail, 2 * events)) / 2 if events > 0 else 0.0
    return lower, float(chi2.ppf(1 - tail, 2 * events + 2)) / 2


def mean_interval(values: Sequence[float | None], *, confidence: float = 0.95) -> MeanInterval:
    """A mean with its t interval, missing values left out.

    Raises:
        ValueError: no value at all.
    """
    share = confidence_share(confidence)
    series = as_series(values)
    series = series[~np.isnan(series)]
    if series.size == 0:
        raise ValueError("a mean needs at least one value")
    mean = exact_mean(series)
    if series.size == 1:
        return MeanInterval(mean, None, None, None, 1)
    deviation = math.sqrt(exact_sum((series - mean) ** 2) / (series.size - 1))
    margin = float(t.ppf((1 + share) / 2, series.size - 1)) * deviation / math.sqrt(series.size)
    return MeanInterval(mean, mean - margin, mean + margin, deviation, series.size)


@dataclass(frozen=True, slots=True)
class Difference:
    """After minus before, with its interval in the unit of the figures; `clear` when the interval excludes 0."""

    change: float
    lower: float
    upper: float

    @property
    def clear(self) -> bool:
        """Whether the change can be told from none."""
        return self.lower > 0 or self.upper < 0


def proportion_change(
    before: tuple[float, float], after: tuple[float, float], *, confidence: float = 0.95, multiplier: float = 1.0
) -> Difference:
    """Change between two proportions (numerator, denominator): Newcombe's hybrid of two Wilson intervals (1998)."""
    first, second = (wilson(*pair, confidence=confidence) for pair in (before, after))
    return _difference(first, second, multiplier)


def rate_change(
    before: tuple[float, float], after: tuple[float, float], *, confidence: float = 0.95, multiplier: float = 1.0
) -> Difference:
    """Change between two rates (events, exposure): intervals of each combined as Newcombe does for proportions."""
    first, second = (rate_interval(*pair, confidence=confidence) for pair in (before, after))
    return _difference(first, second, multiplier)


def _difference(before: Interval, after: Interval, multiplier: float) -> Difference:
    change = after.value - before.value
    down = math.hypot(after.value - after.lower, before.upper - before.value)
    up = math.hypot(after.upper - after.value, before.value - before.lower)
    return Difference(change * multiplier, (change - down) * multiplier, (change + up) * multiplier)


def _z(share: float) -> float:
    return float(norm.ppf(share + (1 - share) / 2))


def _check_counts(numerator: float, denominator: float) -> None:
    if not (math.isfinite(numerator) and math.isfinite(denominator)):
        raise ValueError("numerators and denominators must be finite numbers")
    if numerator < 0:
        raise ValueError("numerators must not be negative")
    if denominator <= 0:
        raise ValueError("denominators must be greater than zero")


def _scaled(
    value: float,
    lower: float,
    upper: float,
    method: Literal["Wilson", "Byars", "Exact", "Student's t"],
    confidence: float,
    multiplier: float,
) -> Interval:
    figures = [value * multiplier, lower * multiplier, upper * multiplier]
    if not all(math.isfinite(figure) for figure in figures):
        raise ValueError("the figure is too large to be worked out")
    return Interval(figures[0], figures[1], figures[2], method, confidence)
