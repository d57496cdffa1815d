"""Benjamini-Hochberg: of the services or indicators that look unusual, keep the share of false alarms low.

A list over one indicator takes all services of that indicator and period as one family. A list that goes over many
indicators takes all indicators of one service as a family too: what it names must stay unusual in both.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from mendline.statistics.arithmetic import as_series, optional

ServiceKey = TypeVar("ServiceKey", bound=Hashable)
IndicatorKey = TypeVar("IndicatorKey", bound=Hashable)

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


def alarms_in_both(
    p: Mapping[tuple[ServiceKey, IndicatorKey], float | None],
) -> frozenset[tuple[ServiceKey, IndicatorKey]]:
    """Pairs of service and indicator that raise an alert among all services of the indicator and all indicators of the service.

    Worked example: of ten services and one indicator, p = 0.004 at one service and 0.5 at the others gives q = 0.04, an
    alert. Where that service has twenty indicators, the other nineteen with p = 0.5, q is 0.08 among these: no alert.

    Raises:
        ValueError: a p outside 0 to 1.
    """
    of_indicator: defaultdict[IndicatorKey, list[tuple[ServiceKey, IndicatorKey]]] = defaultdict(list)
    of_service: defaultdict[ServiceKey, list[tuple[ServiceKey, IndicatorKey]]] = defaultdict(list)
    for pair in p:
        of_service[pair[0]].append(pair)
        of_indicator[pair[1]].append(pair)
    return _alarmed(p, of_indicator.values()) & _alarmed(p, of_service.values())


def _alarmed(
    p: Mapping[tuple[ServiceKey, IndicatorKey], float | None],
    families: Iterable[Sequence[tuple[ServiceKey, IndicatorKey]]],
) -> frozenset[tuple[ServiceKey, IndicatorKey]]:
    found: set[tuple[ServiceKey, IndicatorKey]] = set()
    for family in families:
        named = alarms(benjamini_hochberg([p[pair] for pair in family]))
        found |= {pair for pair, alarm in zip(family, named, strict=True) if alarm}
    return frozenset(found)
