"""How far a service lies from the average of all. Source: PHEindicatormethods 2.1.0, assign_funnel_significance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import norm

from mendline.statistics.arithmetic import FloatArray, as_series, exact_sum
from mendline.statistics.intervals import rate_interval

Significance = Literal["Low (0.001)", "Low (0.025)", "High (0.001)", "High (0.025)", "Not significant"]
Statistic = Literal["proportion", "rate", "ratio"]


@dataclass(frozen=True, slots=True)
class ServiceSignificance:
    """One service against the average; limits (proportions only) are those around the average at its size."""

    level: Significance
    lower_95: float | None = None
    upper_95: float | None = None
    lower_998: float | None = None
    upper_998: float | None = None


def average_of(numerators: Sequence[float], denominators: Sequence[float]) -> float:
    """Pooled average.

    Raises:
        ValueError: counts that make no average.
    """
    top, bottom = _checked(numerators, denominators)
    return exact_sum(top) / exact_sum(bottom)


def significance(
    numerators: Sequence[float], denominators: Sequence[float], statistic: Statistic
) -> tuple[ServiceSignificance, ...]:
    """Place each service against the pooled average (1 for observed over expected), strictly beyond a limit.

    Raises:
        ValueError: negative or missing counts, no denominator, a proportion above 1, an unknown statistic.
    """
    top, bottom = _checked(numerators, denominators)
    if statistic == "proportion":
        return _proportions(top, bottom)
    if statistic not in {"rate", "ratio"}:
        raise ValueError("the statistic is proportion, rate or ratio")
    average = 1.0 if statistic == "ratio" else exact_sum(top) / exact_sum(bottom)
    return tuple(
        _rate(events, exposure, average) for events, exposure in zip(top.tolist(), bottom.tolist(), strict=True)
    )


def _checked(numerators: Sequence[float], denominators: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    top, bottom = as_series(numerators), as_series(denominators)
    if top.size != bottom.size or top.size == 0:
        raise ValueError("each service needs a numerator and a denominator")
    if np.isnan(top).any() or np.isnan(bottom).any():
        raise ValueError("numerators and denominators must not be missing")
    if (top < 0).any():
        raise ValueError("numerators must not be negative")
    if (bottom <= 0).any():
        raise ValueError("denominators must be greater than zero")
    return top, bottom


def _proportions(top: FloatArray, bottom: FloatArray) -> tuple[ServiceSignificance, ...]:
    if (top > bottom).any():
        raise ValueError("numerators must be at most their denominators")
    average = exact_sum(top) / exact_sum(bottom)
    error = np.sqrt(average * (1 - average) / bottom)
    near, far = float(norm.ppf(0.975)) * error, float(norm.ppf(0.999)) * error
    found = []
    for share, at_95, at_998 in zip((top / bottom).tolist(), near.tolist(), far.tolist(), strict=True):
        level = _level(
            share < average - at_998, share < average - at_95, share > average + at_998, share > average + at_95
        )
        found.append(ServiceSignificance(level, average - at_95, average + at_95, average - at_998, average + at_998))
    return tuple(found)


def _rate(events: float, exposure: float, average: float) -> ServiceSignificance:
    wide = rate_interval(events, exposure, confidence=0.998)
    narrow = rate_interval(events, exposure, confidence=0.95)
    if not math.isfinite(wide.upper):
        raise ValueError("the rate is too large to be placed")
    return ServiceSignificance(
        _level(average > wide.upper, average > narrow.upper, average < wide.lower, average < narrow.lower)
    )


def _level(far_below: bool, below: bool, far_above: bool, above: bool) -> Significance:
    if far_below:
        return "Low (0.001)"
    if far_above:
        return "High (0.001)"
    if below:
        return "Low (0.025)"
    return "High (0.025)" if above else "Not significant"
