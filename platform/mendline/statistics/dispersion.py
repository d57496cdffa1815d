"""How much wider than chance the points of a proportion or rate spread from period to period (Laney's sigma z)."""

from typing import Literal

import numpy as np

from mendline.statistics.arithmetic import FloatArray, exact_sum
from mendline.statistics.shewhart import RANGE_TO_SIGMA, mean_moving_range


def excess_variation(events: FloatArray, sizes: FloatArray, kind: Literal["p", "u"]) -> float:
    """Sigma z of usable periods: about 1 under chance. 1 where chance itself leaves no spread.

    Args:
        events: numerators without gaps.
        sizes: positive denominators.
        kind: p for proportions (binomial), u for rates (Poisson).
    """
    centre = exact_sum(events) / exact_sum(sizes)
    variance = centre * (1 - centre) if kind == "p" else centre
    if not variance > 0:
        return 1.0
    z = (events / sizes - centre) / np.sqrt(variance / sizes)
    excess = mean_moving_range(z, screen=True) / RANGE_TO_SIGMA
    return excess if np.isfinite(excess) else 1.0
