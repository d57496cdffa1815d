"""Funnels: services against limits that narrow with size, widened for overdispersion where services truly differ.

Source: FunnelPlotR 0.6.0 (Spiegelhalter 2005, 2012). Its limits that turn back beyond the ends of the scale are not copied:
the angle is clamped first. Its `CQC` limits and `RC` type are wrong and refused.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import norm, poisson

from mendline.statistics.arithmetic import BoolArray, FloatArray, as_series, exact_sum, optionals
from mendline.statistics.funnel_limits import (
    Scores,
    poisson_limits,
    proportion_limits,
    proportion_scores,
    ratio_limits,
    ratio_scores,
)
from mendline.statistics.overdispersion import Dispersion, truncated, winsorised

FunnelType = Literal["PR", "SR"]


@dataclass(frozen=True, slots=True)
class FunnelLimits:
    """Four limits at one service's size, on the scale of the drawn ratio."""

    lower_95: float
    upper_95: float
    lower_998: float
    upper_998: float


@dataclass(frozen=True, slots=True)
class FunnelService:
    """One service. `ratio` is before the multiplier, `value` after it; `p` is two-sided, `outlier` strictly outside."""

    group: str
    numerator: float
    denominator: float
    ratio: float
    value: float
    z: float | None
    z_kept: float | None
    trimmed: bool
    limits: FunnelLimits
    adjusted_limits: FunnelLimits
    outlier: bool
    p: float | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """All services of one indicator and period. `adjusted` says whether the wider limits decide."""

    services: tuple[FunnelService, ...]
    centre: float
    phi: float
    tau2: float
    adjusted: bool
    show_unadjusted: bool


def pool_services(
    groups: Sequence[str], numerators: Sequence[float], denominators: Sequence[float]
) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
    """Sum the records of each service; services in natural order of their names.

    Raises:
        ValueError: lengths differ, nothing to pool, or missing, negative or zero totals.
    """
    top, bottom = as_series(numerators), as_series(denominators)
    if not len(groups) == top.size == bottom.size or top.size == 0:
        raise ValueError("each record needs a service, a numerator and a denominator")
    if np.isnan(top).any() or np.isnan(bottom).any() or (top < 0).any() or (bottom < 0).any():
        raise ValueError("numerators and denominators must be present and not negative")
    names = sorted(set(groups), key=_natural)
    places = {name: place for place, name in enumerate(names)}
    index = np.array([places[group] for group in groups])
    events: FloatArray = np.bincount(index, top, len(names)).astype(np.float64)
    sizes: FloatArray = np.bincount(index, bottom, len(names)).astype(np.float64)
    if (sizes <= 0).any():
        raise ValueError("denominators must be greater than zero")
    return tuple(names), events, sizes


def funnel(
    groups: Sequence[str],
    numerators: Sequence[float],
    denominators: Sequence[float],
    *,
    kind: FunnelType,
    limit: float = 99.8,
    adjust: bool = True,
    show_unadjusted: bool = False,
    trim: float = 0.1,
    multiplier: float = 1.0,
    round_expected: bool = True,
) -> Funnel:
    """Place services in a funnel.

    Args:
        groups: service of each record; records of one service are pooled.
        numerators: events, or people with the property.
        denominators: people or checks (PR), or expected events (SR).
        kind: PR for proportions, SR for observed over expected. For rates, E is the pooled rate times the exposure.
        limit: which limits make an outlier: 95, or 99 / 99.8 (both mean 99.8%).
        adjust: widen for overdispersion where there is any.
        show_unadjusted: draw the unadjusted limits too, whether or not there is overdispersion.
        trim: share of z values winsorised (PR) or truncated (SR) at each end before dispersion is measured.
        multiplier: scales values and limits at the end.
        round_expected: round expected events to two decimals for z and limits, as SHMI does.

    Raises:
        ValueError: the records or options make no funnel.
    """
    _check_options(kind, limit, trim, multiplier)
    names, top, bottom = pool_services(groups, numerators, denominators)
    scores = proportion_scores(top, bottom) if kind == "PR" else ratio_scores(top, bottom, round_expected)
    spread = winsorised(scores.z, scores.error, trim) if kind == "PR" else truncated(scores.z, scores.error, trim)
    phi, tau2 = (spread.phi, spread.tau2) if adjust else (0.0, 0.0)
    # Without overdispersion the plain limits take over; where both were asked for, both stay, as the reference has it.
    falls_back = adjust and not show_unadjusted and not phi > 1
    adjusted = adjust and not falls_back
    make = proportion_limits if kind == "PR" else ratio_limits
    plain = proportion_limits(scores, 0.0) if kind == "PR" else poisson_limits(scores.size)
    wide = make(scores, tau2)
    outliers = _outliers(scores.ratio, wide if adjusted else plain, limit)
    p = _two_sided_p(kind, top, scores, tau2 if adjusted else None)
    services = _services(names, top, scores, spread, (plain, wide), outliers, p, multiplier)
    return Funnel(services, scores.centre * multiplier, phi, tau2, adjusted, show_unadjusted or falls_back)


def proportion_curve(placed: Funnel, sizes: Sequence[float]) -> tuple[FunnelLimits, ...]:
    """The limits that decide in a funnel of proportions, at any sizes, for drawing its curves.

    Args:
        placed: the funnel, made with multiplier 1.
        sizes: denominators, above 0.
    """
    size = np.asarray(sizes, dtype=np.float64)
    scores = Scores(size * 0, size * 0, 1 / (2 * np.sqrt(size)), size, placed.centre)
    limits = proportion_limits(scores, placed.tau2 if placed.adjusted else 0.0)
    return _limits(limits, 1.0)


def ratio_curve(placed: Funnel, expected: Sequence[float]) -> tuple[FunnelLimits, ...]:
    """The limits that decide in a funnel of observed over expected, at any expected events, for drawing its curves.

    Args:
        placed: the funnel, made with multiplier 1.
        expected: events, above 0.
    """
    size = np.asarray(expected, dtype=np.float64)
    if not placed.adjusted:
        return _limits(poisson_limits(size), 1.0)
    return _limits(ratio_limits(Scores(size * 0, size * 0, 1 / np.sqrt(size), size, 1.0), placed.tau2), 1.0)


def expected_events(numerators: Sequence[float], exposures: Sequence[float]) -> tuple[float, ...]:
    """Events each service would have at the pooled rate, so that rates are compared as observed over expected."""
    top, bottom = as_series(numerators), as_series(exposures)
    if top.size == 0 or np.isnan(top).any() or not (bottom > 0).all() or (top < 0).any():
        raise ValueError("rates need events and positive exposures")
    return tuple((bottom * (exact_sum(top) / exact_sum(bottom))).tolist())


def _check_options(kind: str, limit: float, trim: float, multiplier: float) -> None:
    if kind not in {"PR", "SR"}:
        raise ValueError(f"a funnel is of type PR or SR; {kind} limits are not sound")
    if limit not in {95, 99, 99.8}:
        raise ValueError("the limit is 95 or 99.8 (also written 99)")
    if not 0 <= trim < 0.5:
        raise ValueError("the trimmed share lies between 0 and 0.5")
    if not (math.isfinite(multiplier) and multiplier > 0):
        raise ValueError("the multiplier must be greater than zero")


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"[0-9]+|[^0-9]+", str(name))
    return tuple((0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts)


def _services(
    names: tuple[str, ...],
    top: FloatArray,
    scores: Scores,
    spread: Dispersion,
    limits: tuple[FloatArray, FloatArray],
    outliers: BoolArray,
    p: FloatArray,
    multiplier: float,
) -> tuple[FunnelService, ...]:
    # By columns, in the order of the fields: a number at a time, a hundred thousand services take four times as long.
    return tuple(
        map(
            FunnelService,
            names,
            top.tolist(),
            scores.size.tolist(),
            scores.ratio.tolist(),
            (scores.ratio * multiplier).tolist(),
            optionals(scores.z),
            optionals(spread.kept),
            spread.trimmed.tolist(),
            _limits(limits[0], multiplier),
            _limits(limits[1], multiplier),
            outliers.tolist(),
            optionals(p),
        )
    )


def _outliers(ratio: FloatArray, limits: FloatArray, limit: float) -> BoolArray:
    lower, upper = (limits[0], limits[1]) if limit == 95 else (limits[2], limits[3])
    outside: BoolArray = (ratio < lower) | (ratio > upper)
    return outside


def _limits(limits: FloatArray, multiplier: float) -> tuple[FunnelLimits, ...]:
    return tuple(map(FunnelLimits, *(limits * multiplier).tolist()))


def _two_sided_p(kind: FunnelType, top: FloatArray, scores: Scores, tau2: float | None) -> FloatArray:
    """From the adjusted z; without adjustment from the exact Poisson (SR) or the plain z (PR)."""
    if tau2 is None and kind == "SR":
        tails = np.minimum(poisson.cdf(top, scores.size), poisson.sf(top - 1, scores.size))
        exact: FloatArray = np.minimum(1.0, 2 * tails)
        return exact
    widened = scores.z * scores.error / np.sqrt(scores.error**2 + (tau2 or 0.0))
    p: FloatArray = 2 * norm.sf(np.abs(widened))
    return p
