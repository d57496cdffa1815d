"""Benjamini-Hochberg: of the services or indicators that look unusual, keep the share of false alarms low."""

from collections.abc import Sequence

import numpy as np

from mendline.statistics.arithmetic import as_series, optional

ALARM = 0.05  # largest adjusted p that raises an alert; beyond 95% limits alone is worth a look, never an alert


def benjamini_hochberg(p: Sequence[float | None]) -> tuple[float | None, ...]:
    """Adjusted p of each test, in the order given; missing ones stay missing and do not count as tests.

    Raises:
        ValueError: a p outside 0 to 1.
    """
    given = as_series(p)
    if ((given < 0) | (given > 1)).any():
        raise ValueError("probabilities lie between 0 and 1")
    present = np.flatnonzero(~np.isnan(given))
    order = present[np.argsort(given[present], kind="stable")[::-1]]
    ranks = np.arange(order.size, 0, -1)
    adjusted = np.full(given.size, np.nan)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(given[order] * order.size / ranks))
    return tuple(optional(value) for value in adjusted)


def alarms(adjusted: Sequence[float | None]) -> tuple[bool, ...]:
    """Which tests raise an alert."""
    return tuple(q is not None and q <= ALARM for q in adjusted)
