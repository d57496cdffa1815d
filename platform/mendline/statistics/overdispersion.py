"""How much more services differ than chance alone would have them: phi, and the variance between them, tau squared.

Source: FunnelPlotR 0.6.0; Spiegelhalter (2012). Proportions winsorise the z values, SHMI truncates them.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from mendline.statistics.arithmetic import BoolArray, FloatArray, exact_sum


@dataclass(frozen=True, slots=True)
class Dispersion:
    """phi (about 1 under chance), tau squared, the z values used (NaN where left out) and which were touched."""

    phi: float
    tau2: float
    kept: FloatArray
    trimmed: BoolArray


def winsorised(z: FloatArray, error: FloatArray, trim: float) -> Dispersion:
    """Pull the z values beyond the trimmed quantiles in to them."""
    low, high = np.quantile(z, [trim, 1 - trim])
    kept = np.clip(z, low, high)
    return _dispersion(kept, error, ~((z > low) & (z < high)))


def truncated(z: FloatArray, error: FloatArray, trim: float) -> Dispersion:
    """Leave out the z values in the lowest and highest trimmed share of ranks, and those of services without events."""
    bands = 1 / trim if trim > 0 else math.inf
    place = np.floor(rankdata(z) * bands / (z.size + 1)) if trim > 0 else np.ones(z.size)
    trimmed = (place <= 0) | (place >= bands - 1)
    kept = np.where(trimmed | ~np.isfinite(z), np.nan, z)
    return _dispersion(kept, error, trimmed)


def _dispersion(kept: FloatArray, error: FloatArray, trimmed: BoolArray) -> Dispersion:
    used = ~np.isnan(kept)
    count = int(used.sum())
    if count == 0:
        return Dispersion(math.nan, 0.0, kept, trimmed)
    total = exact_sum(kept[used] ** 2)  # phi times the number of services
    weight = 1 / error[used] ** 2
    information = exact_sum(weight) - exact_sum(weight**2) / exact_sum(weight)
    tau2 = max(0.0, (total - (count - 1)) / information) if information > 0 else 0.0
    return Dispersion(total / count, tau2, kept, trimmed)
