"""A straight trend on a scale that cannot leave its range, with an 80% prediction range that allows for echoes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t, theilslopes

from mendline.statistics.arithmetic import FloatArray, as_series, exact_mean, exact_sum

Scale = Literal["identity", "proportion", "rate"]
ECHO_LIMIT = 0.8  # lag-1 autocorrelation of the residuals is cut to 0 to this
AGREEMENT = 2.0  # Theil-Sen and least squares may differ by this factor


@dataclass(frozen=True, slots=True)
class Trend:
    """Least squares on the working scale. `error` is the residual standard deviation times the echo factor."""

    slope: float
    middle: float
    middle_time: float
    last_time: float
    spread: float
    error: float
    count: int
    scale: Scale
    multiply: float

    def project(self, horizon: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Low, centre and high of the 80% range 1 to `horizon` periods after the last, in the unit shown."""
        away = np.arange(1, horizon + 1, dtype=np.float64) + (self.last_time - self.middle_time)
        centre = self.middle + self.slope * away
        margin: FloatArray = (
            float(t.ppf(0.9, self.count - 2)) * self.error * np.sqrt(1 + 1 / self.count + away**2 / self.spread)
        )
        return self._shown(centre - margin), self._shown(centre), self._shown(centre + margin)

    def _shown(self, scaled: FloatArray) -> FloatArray:
        match self.scale:
            case "identity":
                return scaled
            case "proportion":
                share: FloatArray = expit(scaled) * self.multiply
                return share
            case "rate":
                return np.exp(scaled) * self.multiply


def scaled_series(
    plain: FloatArray,
    rows: np.ndarray[tuple[int], np.dtype[np.intp]],
    numerators: Sequence[float | None] | None,
    denominators: Sequence[float | None] | None,
    scale: Scale,
) -> FloatArray:
    """The usable figures on the working scale.

    Raises:
        ValueError: a proportion or rate without numerators and denominators in every usable row.
    """
    if scale == "identity":
        return plain
    if numerators is None or denominators is None:
        raise ValueError("a proportion or rate is projected from numerators and denominators")
    top, bottom = as_series(numerators)[rows], as_series(denominators)[rows]
    if not ((top >= 0) & (bottom > 0)).all() or (scale == "proportion" and (top > bottom).any()):
        raise ValueError("numerators and denominators do not fit the figures")
    share: FloatArray = logit((top + 0.5) / (bottom + 1)) if scale == "proportion" else np.log((top + 0.5) / bottom)
    return share


def fit_trend(times: FloatArray, y: FloatArray, scale: Scale, multiply: float) -> Trend | None:
    """Fit a line; None where the robust Theil-Sen slope differs in sign or by more than twice."""
    middle_time, middle = exact_mean(times), exact_mean(y)
    away = times - middle_time
    spread = exact_sum(away**2)
    slope = exact_sum(away * (y - middle)) / spread
    robust = float(theilslopes(y, times).slope)
    if slope * robust <= 0 or not 1 / AGREEMENT <= slope / robust <= AGREEMENT:
        return None
    residuals = y - middle - slope * away
    squares = exact_sum(residuals**2)
    echo = exact_sum(residuals[1:] * residuals[:-1]) / squares if squares > 0 else 0.0
    echo = min(max(echo, 0.0), ECHO_LIMIT)
    error = math.sqrt(squares / (y.size - 2)) * math.sqrt((1 + echo) / (1 - echo))
    return Trend(slope, middle, middle_time, float(times[-1]), spread, error, y.size, scale, multiply)


def step_explains_more(times: FloatArray, y: FloatArray) -> bool:
    """Whether the best single step leaves less unexplained than the best line: a change of level, not a trend."""
    away = times - exact_mean(times)
    from_mean = y - exact_mean(y)
    line = exact_sum(from_mean**2) - exact_sum(away * from_mean) ** 2 / exact_sum(away**2)
    counts = np.arange(1, y.size)
    sums = np.cumsum(from_mean)[:-1]
    explained = sums**2 * (1 / counts + 1 / (y.size - counts))
    return bool(exact_sum(from_mean**2) - explained.max() < line)
