"""Will an indicator reach its target by a date? A range and a condition ('if nothing changes'), never a promise.

An outlook never alters a status.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import kendalltau, t

from mendline.statistics.arithmetic import FloatArray, as_series
from mendline.statistics.judgement import Judgement
from mendline.statistics.limits import process_limits
from mendline.statistics.projection import Scale, Trend, fit_trend, scaled_series, step_explains_more
from mendline.statistics.rule_sets import Cadence
from mendline.statistics.shewhart import RANGE_TO_SIGMA
from mendline.statistics.targets import TargetRange

Verdict = Literal["on_track", "likely", "at_risk", "off_track"]
Unprojectable = Literal[
    "insufficient",
    "too_few_points",
    "recent_change",
    "too_far_ahead",
    "gap_chart",
    "rests_on_few_points",
    "no_limits",
]
TREND_LEVEL = 0.05
YEAR: dict[Cadence, int] = {"weekly": 52, "monthly": 12, "quarterly": 4}
MINIMUM_POINTS = 12


@dataclass(frozen=True, slots=True)
class Outlook:
    """What may be said of a period `horizon` periods ahead.

    Attributes:
        reason: why nothing can be projected.
        trend: whether the series has a trend.
        share_meeting: without a trend, share of future periods that would meet the target.
        centre: with a trend, the projection; `low` and `high` are its 80% range.
        verdict: with a trend and a target, where the range lies against the target.
        earliest: periods ahead at which the range first touches the target; None if not before the horizon.
        latest: periods ahead from which the whole range meets it; None if not before the horizon.
    """

    horizon: int
    reason: Unprojectable | None = None
    trend: bool = False
    share_meeting: float | None = None
    centre: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Verdict | None = None
    earliest: int | None = None
    latest: int | None = None


def outlook(
    values: Sequence[float | None] | FloatArray,
    judgement: Judgement,
    wanted: TargetRange | None,
    *,
    horizon: int,
    cadence: Cadence,
    phase_start: int = 0,
    numerators: Sequence[float | None] | None = None,
    denominators: Sequence[float | None] | None = None,
    scale: Scale = "identity",
    multiply: float = 1.0,
) -> Outlook:
    """Look ahead `horizon` periods from the last usable figure.

    Args:
        values: the whole series as shown; NaN or None where missing.
        judgement: the status of the series, which decides whether anything may be projected.
        wanted: the values that meet the target.
        horizon: periods ahead, 1 or more.
        cadence: how often a period ends.
        phase_start: first row of the current phase.
        numerators: for scale proportion or rate.
        denominators: for scale proportion or rate.
        scale: the scale that cannot leave its range: proportion (logit), rate (log) or identity.
        multiply: unit of shares and rates, such as 100 or 1,000.

    Raises:
        ValueError: no horizon, or numerators and denominators that do not fit the scale.
    """
    if horizon < 1:
        raise ValueError("an outlook looks at least one period ahead")
    series = as_series(values)[phase_start:]
    usable = np.flatnonzero(~np.isnan(series))
    reason = _hindrance(judgement, usable, horizon, cadence)
    if reason:
        return Outlook(horizon, reason)
    times, plain = usable.astype(np.float64), series[usable]
    trending = _has_trend(times, plain)
    if judgement.strength == "sustained" and (not trending or step_explains_more(times, plain)):
        return Outlook(horizon, "recent_change")
    if not trending:
        return _steady(series, wanted, horizon)
    rows = usable + phase_start
    fit = fit_trend(times, scaled_series(plain, rows, numerators, denominators, scale), scale, multiply)
    return _trending(fit, wanted, horizon) if fit else Outlook(horizon, "rests_on_few_points", trend=True)


def _hindrance(
    judgement: Judgement, usable: np.ndarray[tuple[int], np.dtype[np.intp]], horizon: int, cadence: Cadence
) -> Unprojectable | None:
    if judgement.chart in {"g", "t"}:
        return "gap_chart"
    if judgement.status == "insufficient":
        return "insufficient"
    if usable.size < MINIMUM_POINTS:
        return "too_few_points"
    span = int(usable[-1] - usable[0]) + 1
    return "too_far_ahead" if horizon > YEAR[cadence] or 2 * horizon > span else None


def _has_trend(times: FloatArray, values: FloatArray) -> bool:
    if (values == values[0]).all():
        return False
    return bool(kendalltau(times, values).pvalue < TREND_LEVEL)


def _steady(series: FloatArray, wanted: TargetRange | None, horizon: int) -> Outlook:
    """Without a trend the best forecast of any future period is the process itself."""
    limits = process_limits(series)
    if not limits.defined:
        return Outlook(horizon, "no_limits")
    if wanted is None:
        return Outlook(horizon)
    count = int((~np.isnan(series)).sum())
    spread = limits.mean_range / RANGE_TO_SIGMA * math.sqrt(1 + 1 / count)
    if spread == 0:
        return Outlook(horizon, share_meeting=float(wanted.low <= limits.centre <= wanted.high))
    below_high = float(t.cdf((wanted.high - limits.centre) / spread, count - 1))
    below_low = float(t.cdf((wanted.low - limits.centre) / spread, count - 1))
    return Outlook(horizon, share_meeting=below_high - below_low)


def _trending(fit: Trend, wanted: TargetRange | None, horizon: int) -> Outlook:
    ahead = fit.project(horizon)
    low, centre, high = (float(line[-1]) for line in ahead)
    if wanted is None:
        return Outlook(horizon, trend=True, centre=centre, low=low, high=high)
    touches = (ahead[2] >= wanted.low) & (ahead[0] <= wanted.high)
    within = (ahead[0] >= wanted.low) & (ahead[2] <= wanted.high)
    return Outlook(
        horizon,
        trend=True,
        centre=centre,
        low=low,
        high=high,
        verdict=_verdict(low, centre, high, wanted),
        earliest=_first(touches),
        latest=_first(within),
    )


def _verdict(low: float, centre: float, high: float, wanted: TargetRange) -> Verdict:
    if low >= wanted.low and high <= wanted.high:
        return "on_track"
    if wanted.low <= centre <= wanted.high:
        return "likely"
    return "at_risk" if high >= wanted.low and low <= wanted.high else "off_track"


def _first(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int | None:
    found = np.flatnonzero(flags)
    return int(found[0]) + 1 if found.size else None


REASON_WORDS: dict[Unprojectable, str] = {
    "insufficient": "not enough to say",
    "too_few_points": "fewer than 12 figures",
    "recent_change": "the level changed and has no new baseline yet",
    "too_far_ahead": "the date is too far ahead for these figures",
    "gap_chart": "rare events are not projected",
    "rests_on_few_points": "the trend rests on few points",
    "no_limits": "no limits can be drawn",
}
