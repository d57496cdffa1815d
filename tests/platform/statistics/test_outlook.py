from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.stats import linregress, t

from mendline.statistics.judgement import IndicatorSeries, Judgement
from mendline.statistics.outlook import Outlook, outlook
from mendline.statistics.status import judge
from mendline.statistics.targets import TargetRange

STEADY = [10.0, 12.0, 9.0, 11.0, 10.0, 13.0, 8.0, 11.0, 10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 9.0, 11.0, 10.0, 12.0]
NOISE = np.random.default_rng(5).normal(0, 1, 24)
RISING = (50 + 0.8 * np.arange(24) + NOISE).tolist()


def looked(values: list[float], wanted: TargetRange | None, horizon: int = 4, **options: Any) -> Outlook:
    return outlook(values, judged(values), wanted, horizon=horizon, cadence="weekly", **options)


def judged(values: list[float], **changes: Any) -> Judgement:
    series = IndicatorSeries(values=values, improvement="increase", cadence="weekly", **changes)
    return judge(series, today=date(2026, 11, 23))


def test_a_steady_process_meets_its_target_as_often_as_it_does() -> None:
    low = looked(STEADY, TargetRange(9.5, np.inf))
    assert not low.trend
    assert 0.5 < (low.share_meeting or 0) < 0.9
    both = (looked(STEADY, TargetRange(11, np.inf)).share_meeting or 0) + (
        looked(STEADY, TargetRange(-np.inf, 11)).share_meeting or 0
    )
    assert both == pytest.approx(1)


def test_equal_figures_meet_their_target_or_never_do() -> None:
    assert looked([5.0] * 16, TargetRange(5.0, np.inf)).share_meeting == 1
    assert looked([5.0] * 16, TargetRange(5.1, np.inf)).share_meeting == 0


def test_the_range_of_a_trend_is_least_squares_with_an_allowance_for_echoes() -> None:
    found = looked(RISING, None, horizon=3)
    times = np.arange(24)
    fit = linregress(times, RISING)
    residuals = np.array(RISING) - fit.intercept - fit.slope * times
    echo = min(max((residuals[1:] @ residuals[:-1]) / (residuals @ residuals), 0), 0.8)
    error = np.sqrt(residuals @ residuals / 22) * np.sqrt((1 + echo) / (1 - echo))
    spread = ((times - times.mean()) ** 2).sum()
    margin = t.ppf(0.9, 22) * error * np.sqrt(1 + 1 / 24 + (26 - times.mean()) ** 2 / spread)
    assert found.centre == pytest.approx(fit.intercept + fit.slope * 26)
    assert found.high == pytest.approx(found.centre + margin)
    assert found.low == pytest.approx(found.centre - margin)


@pytest.mark.parametrize(
    ("share", "verdict"), [(-1.2, "on_track"), (-0.2, "likely"), (0.5, "at_risk"), (1.2, "off_track")]
)
def test_the_range_against_the_target_makes_the_verdict(share: float, verdict: str) -> None:
    plain = looked(RISING, None)
    assert plain.centre is not None
    assert plain.high is not None
    found = looked(RISING, TargetRange(plain.centre + share * (plain.high - plain.centre), np.inf))
    assert found.verdict == verdict
    assert (found.earliest is None) == (verdict == "off_track")


def test_a_proportion_never_leaves_its_scale() -> None:
    tops = [10.0, 12.0, 13.0, 15.0, 16.0, 18.0, 20.0, 21.0, 23.0, 25.0, 26.0, 27.0, 28.0, 28.0, 29.0, 29.0, 30.0, 30.0]
    shares = [top / 30 * 100 for top in tops]
    found = looked(
        shares,
        TargetRange(95.0, np.inf),
        9,
        numerators=tops,
        denominators=[30.0] * 18,
        scale="proportion",
        multiply=100,
    )
    assert 0 < (found.low or 0) < (found.centre or 0) < (found.high or 0) < 100
    with pytest.raises(ValueError, match="numerators"):
        looked(shares, None, 2, scale="proportion")


def test_a_rate_never_falls_below_zero() -> None:
    tops = [40.0, 36.0, 33.0, 29.0, 27.0, 24.0, 20.0, 18.0, 15.0, 12.0, 10.0, 8.0, 7.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    found = looked(tops, None, 9, numerators=tops, denominators=[1000.0] * 18, scale="rate", multiply=1000)
    assert (found.low or 0) > 0


def test_what_cannot_be_projected_says_why() -> None:
    wanted = TargetRange(60.0, np.inf)
    assert looked(STEADY[:8], wanted).reason == "insufficient"
    assert looked(RISING, wanted, horizon=13).reason == "too_far_ahead"
    step = [*STEADY, *[value + 12 for value in STEADY[:9]]]
    assert looked(step, wanted).reason == "recent_change"
    gaps = judged(STEADY, chart="t")
    assert outlook(STEADY, gaps, wanted, horizon=2, cadence="weekly").reason == "gap_chart"
    with pytest.raises(ValueError, match="ahead"):
        looked(RISING, wanted, horizon=0)
