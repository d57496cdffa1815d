"""Points and three-sigma lines of one phase, and the moving ranges behind several charts."""

from dataclasses import dataclass

import numpy as np

from mendline.statistics.arithmetic import BoolArray, FloatArray, exact_mean
from mendline.statistics.limits import SCREEN_FACTOR

RANGE_TO_SIGMA = 1.128  # d2 for moving ranges of two


@dataclass(frozen=True, slots=True)
class PhaseLines:
    """Points with centre, three-sigma and two-sigma lines; NaN where undefined. `sigma` is one standard deviation."""

    y: FloatArray
    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    near_lower: FloatArray
    near_upper: FloatArray
    sigma: FloatArray


def level(value: float, like: FloatArray) -> FloatArray:
    """A line of one height."""
    return np.full(like.size, value)


def around(y: FloatArray, centre: FloatArray, sigma: FloatArray, floor: float, ceiling: float) -> PhaseLines:
    """Lines at 2 and 3 sigma about the centre, clipped to [floor, ceiling]."""
    sigma = np.where(np.isfinite(sigma), sigma, np.nan)
    return PhaseLines(
        y,
        centre,
        np.maximum(centre - 3 * sigma, floor),
        np.minimum(centre + 3 * sigma, ceiling),
        np.maximum(centre - 2 * sigma, floor),
        np.minimum(centre + 2 * sigma, ceiling),
        sigma,
    )


def mean_moving_range(values: FloatArray, *, screen: bool, factor: float = SCREEN_FACTOR) -> float:
    """Mean distance between neighbours, large ones screened once; NaN where none is left (as the reference has it)."""
    ranges = np.abs(np.diff(values))
    return screened_mean(ranges[~np.isnan(ranges)], screen=screen, factor=factor)


def screened_mean(ranges: FloatArray, *, screen: bool, factor: float = SCREEN_FACTOR) -> float:
    """Mean of ranges; with screening, of those strictly below `factor` times the mean of all."""
    mean = exact_mean(ranges)
    return exact_mean(ranges[ranges < factor * mean]) if screen else mean


def present(values: FloatArray, base: BoolArray) -> FloatArray:
    """Values that enter the calculation: in the baseline, not excluded, not missing."""
    chosen = values[base]
    return chosen[~np.isnan(chosen)]
