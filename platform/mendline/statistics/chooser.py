"""Which chart fits an indicator, with the reason and the figures that decided. A person may overrule with a reason."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mendline.statistics.arithmetic import FloatArray, as_series, exact_mean, exact_sum
from mendline.statistics.charts import ChartKind
from mendline.statistics.dispersion import excess_variation

Measure = Literal["proportion", "rate", "count", "score", "duration", "percentage"]
ChosenChart = Literal["xmr"] | ChartKind
MINIMUM_PERIODS = 12
MINIMUM_PEOPLE = 12  # mean denominator of a p chart
MINIMUM_EACH_WAY = 3  # mean count on either side of a p chart
MINIMUM_EVENTS = 2  # mean count of a u or c chart
ZERO_SHARE = 0.25
LANEY_FROM = 1.3
LARGE_DENOMINATOR = 2000
CONSTANT_WITHIN = 0.10
HIGH_PERCENTAGE = 0.97
SKEWED = 1.0
WIDENED = "more spread between periods than chance: limits widened"


@dataclass(frozen=True, slots=True)
class Choice:
    """A chart, why it was chosen, and what was counted on the way (None where it does not apply)."""

    chart: ChosenChart
    reason: str
    usable_periods: int
    mean_events: float | None = None
    mean_denominator: float | None = None
    pooled_share: float | None = None
    zero_share: float | None = None
    excess: float | None = None
    log_scale: bool = False
    seasonal: bool = False


def choose_chart(
    measure: Measure,
    *,
    values: Sequence[float | None] | None = None,
    numerators: Sequence[float | None] | None = None,
    denominators: Sequence[float | None] | None = None,
    exposure_between_events: bool = False,
    several_per_period: bool = False,
    months: bool = False,
) -> Choice:
    """Choose a chart.

    Args:
        measure: what kind of figure it is; `percentage` is one whose denominators are not known.
        values: figures of scores, durations and percentages, one per period.
        numerators: events or people with the property, per period.
        denominators: people, checks or exposure, per period.
        exposure_between_events: whether bed days, doses or checks between two events are recorded.
        several_per_period: whether single measurements are kept, several a period.
        months: whether periods are months, so that a yearly pattern can be looked for.

    Raises:
        ValueError: the figures that the measure needs are not there, or do not fit together.
    """
    if measure in {"score", "duration", "percentage"}:
        if values is None:
            raise ValueError(f"a {measure} needs values")
        choice = _of_values(measure, as_series(values), several_per_period)
        return _noted(choice, as_series(values), months)
    if numerators is None or (denominators is None and measure != "count"):
        raise ValueError(f"a {measure} needs numerators and denominators")
    events = as_series(numerators)
    sizes = np.ones(events.size) if denominators is None else as_series(denominators)
    if events.size != sizes.size:
        raise ValueError(f"{events.size} numerators but {sizes.size} denominators")
    usable = ~np.isnan(events) & (sizes > 0)
    choose = _proportion if measure == "proportion" else _events
    periods = int(usable.sum())
    if periods < MINIMUM_PERIODS:
        return Choice("run", f"only {periods} usable periods: points and median, no limits", periods)
    choice = choose(events[usable], sizes[usable], measure, exposure_between_events)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _noted(choice, np.where(usable, events / sizes, np.nan), months)


def _proportion(events: FloatArray, sizes: FloatArray, measure: Measure, between: bool) -> Choice:  # noqa: ARG001
    mean, share = exact_mean(sizes), exact_sum(events) / exact_sum(sizes)
    excess = excess_variation(events, sizes, "p")
    fewer = events if share <= 0.5 else sizes - events
    zeros = float(np.mean(fewer == 0))

    def choice(chart: ChosenChart, reason: str) -> Choice:
        return Choice(chart, reason, events.size, exact_mean(events), mean, share, zeros, excess)

    if mean >= MINIMUM_PEOPLE and mean * min(share, 1 - share) >= MINIMUM_EACH_WAY:
        if mean > LARGE_DENOMINATOR:
            return choice("pp", "very large denominators: limits allow for the spread between periods")
        wide = excess > LANEY_FROM
        return choice("pp", WIDENED) if wide else choice("p", "limits follow each period's denominator")
    if share >= HIGH_PERCENTAGE:
        return choice("g", "failures of a high percentage are rare: count the checks between them")
    if mean * min(share, 1 - share) < MINIMUM_EVENTS or zeros >= ZERO_SHARE:
        return choice("g", "too few either way for a proportion: count the people or checks between events")
    return choice("xmr", "denominators too small for a proportion chart: consider longer periods")


def _events(events: FloatArray, sizes: FloatArray, measure: Measure, between: bool) -> Choice:
    mean, zeros = exact_mean(events), float(np.mean(events == 0))
    excess = excess_variation(events, sizes, "u")

    def choice(chart: ChosenChart, reason: str) -> Choice:
        return Choice(chart, reason, events.size, mean, exact_mean(sizes), None, zeros, excess)

    if mean < MINIMUM_EVENTS or zeros >= ZERO_SHARE:
        if between:
            return choice("g", "rare events: exposure between them, one point per event")
        return choice("t", "rare events: time between them, one point per event")
    constant = float(np.abs(sizes - sizes.mean()).max()) <= CONSTANT_WITHIN * float(sizes.mean())
    if measure == "count" and constant:
        return choice("c", "a count over nearly constant exposure")
    if excess > LANEY_FROM:
        return choice("up", WIDENED)
    return choice("u", "events over exposure: limits follow each period's exposure")


def _of_values(measure: Measure, series: FloatArray, several: bool) -> Choice:
    usable = series[~np.isnan(series)]
    if usable.size < MINIMUM_PERIODS:
        return Choice("run", f"only {usable.size} usable periods: points and median, no limits", usable.size)
    if several:
        return Choice("xbar", "several measurements a period: means, with their spread beside them", usable.size)
    if measure == "duration" and _skewness(usable) > SKEWED:
        if (usable > 0).all():
            return Choice("xmr", "skewed durations: judged on the log scale", usable.size, log_scale=True)
        return Choice("run", "skewed durations with zeros: median, no limits", usable.size)
    return Choice("xmr", "one figure a period", usable.size)


def _skewness(values: FloatArray) -> float:
    away = values - exact_mean(values)
    variance = exact_mean(away**2)
    return exact_mean(away**3) / variance**1.5 if variance > 0 else 0.0


def _noted(choice: Choice, series: FloatArray, months: bool) -> Choice:
    if not (months and is_seasonal(series)):
        return choice
    return Choice(
        choice.chart,
        f"{choice.reason}; a yearly pattern shows: compare with the same month last year",
        choice.usable_periods,
        choice.mean_events,
        choice.mean_denominator,
        choice.pooled_share,
        choice.zero_share,
        choice.excess,
        choice.log_scale,
        seasonal=True,
    )


def is_seasonal(series: FloatArray) -> bool:
    """Whether months of 24 or more resemble the same months a year apart, beyond chance (2/sqrt(n)) and clearly (0.4)."""
    if series.size < 24:
        return False
    with np.errstate(invalid="ignore"):
        away = series - np.nanmean(series) if np.isfinite(series).any() else series
    pairs = away[12:] * away[:-12]
    variance = float(np.nanmean(away**2)) if np.isfinite(away).any() else 0.0
    usable = int((~np.isnan(pairs)).sum())
    if usable < 12 or variance == 0:
        return False
    return float(np.nanmean(pairs)) / variance > max(0.4, 2 / math.sqrt(usable))
