"""Whether rare events will meet a target, from how often they come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from mendline.statistics.rare_targets import WITHIN_LIMITS, rare_assurance, share_meeting
from mendline.statistics.targets import TargetRange

AT_MOST_ONE = TargetRange(-np.inf, 1.0)


def the_count(count: float, _exposure: float) -> float:
    return count


def share(events: list[float | None], wanted: TargetRange = AT_MOST_ONE, *, of_checks: bool = False) -> float | None:
    counts = np.array(events, dtype=np.float64)
    return share_meeting(counts, np.full_like(counts, 30.0), wanted, the_count, of_checks=of_checks)


def test_the_share_is_that_of_a_poisson_process_or_of_checks_one_by_one() -> None:
    events = [0.0, 0.0, 0.0, 1.0] * 5
    assert share(events) == pytest.approx(poisson.cdf(1, 0.25))
    assert share(events, of_checks=True) == pytest.approx(binom.cdf(1, 30, 0.25 / 30))


def test_three_standard_deviations_hold_what_they_hold() -> None:
    assert pytest.approx(0.9973002039) == WITHIN_LIMITS
    assert [rare_assurance(each) for each in (None, 1.0, 0.5, 0.0)] == [None, "pass", "inconsistent", "fail"]


def test_twelve_known_periods_are_needed_and_missing_ones_are_not_known() -> None:
    assert share([0.0, None] * 11) is None
    assert share([0.0, None] * 12) == 1.0


def test_a_target_of_nought_is_a_target() -> None:
    none_at_all = TargetRange(-np.inf, 0.0)
    assert share([0.0] * 12, none_at_all) == 1.0
    assert share([0.0, 1.0] * 10, none_at_all) == pytest.approx(np.exp(-0.5))
    assert rare_assurance(share([9.0] * 12, none_at_all)) == "fail"


@given(st.lists(st.integers(0, 6), min_size=12, max_size=60), st.integers(0, 10))
def test_a_wider_target_is_never_met_less_often_and_more_events_never_meet_it_more_often(
    counts: list[int], most: int
) -> None:
    events = [float(count) for count in counts]
    narrow, wide = (share(events, TargetRange(-np.inf, float(most + more))) for more in (0, 1))
    assert narrow is not None
    assert wide is not None
    assert 0 <= narrow <= wide <= 1 + 1e-12
    more = share([count + 1 for count in events], TargetRange(-np.inf, float(most)))
    assert more is not None
    assert more <= narrow + 1e-12
