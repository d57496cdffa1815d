import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mendline.statistics.intervals import (
    byar_count_limits,
    exact_count_limits,
    mean_interval,
    proportion_change,
    rate_change,
    rate_interval,
    wilson,
)


def test_eighteen_of_twenty_cannot_be_told_from_most_targets() -> None:
    interval = wilson(18, 20)
    assert (round(interval.lower, 2), round(interval.upper, 2)) == (0.70, 0.97)
    assert all(interval.lower < target < interval.upper for target in (0.75, 0.9, 0.95))


@given(st.integers(0, 300), st.integers(1, 300))
def test_wilson_agrees_with_scipy_and_stays_within_0_and_1(x: int, extra: int) -> None:
    found = wilson(x, x + extra)
    other = binomtest(x, x + extra).proportion_ci(0.95, "wilson")
    assert (found.lower, found.upper) == pytest.approx((other.low, other.high), rel=1e-9, abs=1e-12)
    assert 0 <= found.lower <= found.value <= found.upper <= 1


@given(st.integers(0, 200), st.floats(0.9, 0.999))
def test_count_limits_hold_the_count(x: int, confidence: float) -> None:
    for lower, upper in (
        byar_count_limits(x, confidence=confidence),
        exact_count_limits(x, confidence=confidence),
    ):
        assert 0 <= lower <= x < upper


def test_no_events_have_a_lower_limit_of_zero() -> None:
    assert byar_count_limits(0)[0] == 0
    assert byar_count_limits(1, confidence=0.998)[0] == 0
    assert rate_interval(0, 100).lower == 0
    assert rate_interval(0, 100).upper > 0


def test_ten_events_switch_from_exact_to_byar() -> None:
    assert rate_interval(9, 100).method == "Exact"
    assert rate_interval(10, 100).method == "Byars"


def test_percent_and_share_mean_the_same_confidence() -> None:
    assert wilson(3, 9, confidence=95) == wilson(3, 9, confidence=0.95)


def test_a_mean_of_one_value_has_no_limits() -> None:
    found = mean_interval([4.0, None])
    assert (found.value, found.lower, found.upper, found.count) == (4.0, None, None, 1)


def test_before_and_after_differ_only_where_the_interval_leaves_zero() -> None:
    assert not proportion_change((18, 20), (16, 20)).clear
    assert proportion_change((180, 200), (120, 200)).clear
    assert rate_change((40, 1000), (10, 1000), multiplier=1000).clear
    assert rate_change((40, 1000), (10, 1000), multiplier=1000).change == pytest.approx(-30)


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson(-1, 5),
        lambda: wilson(6, 5),
        lambda: wilson(1, 0),
        lambda: wilson(math.nan, 5),
        lambda: wilson(1, math.inf),
        lambda: wilson(1, 2, confidence=0.5),
        lambda: wilson(1, 2, confidence=89),
        lambda: wilson(1, 2, confidence=100),
        lambda: wilson(1, 2, multiplier=math.inf),
        lambda: rate_interval(1, 1e-320),
        lambda: rate_interval(-1, 5),
        lambda: mean_interval([None]),
        lambda: byar_count_limits(-1),
    ],
)
def test_figures_without_an_interval_are_refused(call: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        call()
