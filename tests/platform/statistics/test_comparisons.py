"""Funnels, significance and false discoveries: fairness and edges."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mendline.statistics.fdr import alarms, alarms_in_both, benjamini_hochberg
from mendline.statistics.funnel import Funnel, expected_events, funnel
from mendline.statistics.funnel_limits import hundredths
from mendline.statistics.significance import significance

services = st.lists(st.tuples(st.integers(0, 40), st.integers(40, 90)), min_size=3, max_size=25)


def a_funnel(pairs: list[tuple[float, float]], **options: Any) -> Funnel:
    names = [f"Home {number}" for number in range(1, len(pairs) + 1)]
    options = {"kind": "PR", **options}
    return funnel(names, [pair[0] for pair in pairs], [pair[1] for pair in pairs], **options)


@given(services, st.randoms())
@settings(max_examples=40, deadline=None)
def test_splitting_and_shuffling_records_changes_no_service(pairs: list[tuple[int, int]], random: Any) -> None:
    records = []
    for number, (top, bottom) in enumerate(pairs, start=1):
        half = top // 2
        records += [(f"Home {number}", half, bottom // 2), (f"Home {number}", top - half, bottom - bottom // 2)]
    random.shuffle(records)
    split = funnel([r[0] for r in records], [r[1] for r in records], [r[2] for r in records], kind="PR")
    assert split == a_funnel(pairs)  # type: ignore[arg-type]


@given(services)
@settings(max_examples=40, deadline=None)
def test_limits_hold_the_centre_and_stay_on_the_scale(pairs: list[tuple[int, int]]) -> None:
    made = a_funnel(pairs)  # type: ignore[arg-type]
    for service in made.services:
        for limits in (service.limits, service.adjusted_limits):
            assert 0 <= limits.lower_998 <= limits.lower_95 <= made.centre + 1e-12
            assert made.centre - 1e-12 <= limits.upper_95 <= limits.upper_998 <= 1
        assert service.p is None or 0 <= service.p <= 1


def test_the_largest_service_near_the_end_of_the_scale_keeps_a_sound_limit() -> None:
    made = a_funnel([(19.0, 20.0), (10.0, 10.0), (48.0, 50.0), (29.0, 30.0)])
    assert [service.limits.upper_998 for service in made.services] == [1.0] * 4


def test_services_come_in_the_natural_order_of_their_names() -> None:
    made = funnel(["Home 10", "Home 2", "Home 1"], [1, 2, 3], [10, 10, 10], kind="PR")
    assert [service.group for service in made.services] == ["Home 1", "Home 2", "Home 10"]


def test_a_service_without_events_is_placed_and_has_no_z() -> None:
    made = funnel([str(n) for n in range(12)], [0.0, 0.0, *[9.0] * 10], [10.0] * 12, kind="SR")
    assert made.services[0].z is None
    assert math.isfinite(made.phi)
    assert made.services[0].outlier


def test_rates_are_compared_as_observed_over_expected() -> None:
    assert expected_events([10, 20], [1000, 2000]) == (10.0, 20.0)
    with pytest.raises(ValueError, match="exposures"):
        expected_events([1], [0])


def test_the_multiplier_scales_values_and_limits_and_no_decision() -> None:
    pairs = [(10.0, 40.0), (30.0, 40.0), (20.0, 40.0), (5.0, 50.0)]
    one, hundred = a_funnel(pairs), a_funnel(pairs, multiplier=100)
    for plain, scaled in zip(one.services, hundred.services, strict=True):
        assert scaled.value == pytest.approx(100 * plain.value)
        assert scaled.limits.upper_95 == pytest.approx(100 * plain.limits.upper_95)
        assert (scaled.outlier, scaled.p) == (plain.outlier, plain.p)


@pytest.mark.parametrize(
    ("pairs", "options"),
    [
        ([], {}),
        ([(5.0, 4.0)], {}),
        ([(-1.0, 4.0)], {}),
        ([(0.0, 0.0)], {}),
        ([(math.nan, 4.0)], {}),
        ([(math.inf, 4.0)], {}),
        ([(1.0, 4.0)], {"kind": "RC"}),
        ([(1.0, 4.0)], {"limit": 90}),
        ([(1.0, 4.0)], {"trim": 0.6}),
        ([(1.0, 4.0)], {"multiplier": 0}),
        ([(1.0, 0.001)], {"kind": "SR"}),
    ],
)
def test_what_makes_no_sound_funnel_is_refused(pairs: list[tuple[float, float]], options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        a_funnel(pairs, **options)


def test_one_service_is_its_own_centre_and_no_outlier() -> None:
    for kind in ("PR", "SR"):
        made = a_funnel([(4.0, 10.0)], kind=kind)
        assert len(made.services) == 1
    assert not a_funnel([(4.0, 10.0)]).services[0].outlier


def test_all_or_none_everywhere_is_no_outlier() -> None:
    for share in (0.0, 10.0):
        assert not any(service.outlier for service in a_funnel([(share, 10.0)] * 5).services)


def test_an_average_of_percentages_is_never_used() -> None:
    placed = significance([5, 20], [6, 60], "proportion")
    assert placed[0].lower_95 is not None
    centre = (placed[0].lower_95 + (placed[0].upper_95 or 0)) / 2
    assert centre == pytest.approx(25 / 66)


@pytest.mark.parametrize("statistic", ["rate", "ratio"])
def test_high_and_low_rates_are_told_apart(statistic: Any) -> None:
    found = significance([200, 100, 20], [100, 100, 100], statistic)
    assert [service.level for service in found] == ["High (0.001)", found[1].level, "Low (0.001)"]


@pytest.mark.parametrize(
    ("top", "bottom", "statistic"),
    [([], [], "rate"), ([1], [0], "rate"), ([-1], [1], "rate"), ([2], [1], "proportion"), ([1], [1], "mean")],
)
def test_counts_that_cannot_be_placed_are_refused(top: list[float], bottom: list[float], statistic: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        significance(top, bottom, statistic)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjusted_p_is_never_smaller_and_keeps_the_order(p: list[float]) -> None:
    adjusted = benjamini_hochberg(p)
    pairs = sorted(zip(p, adjusted, strict=True))
    assert all(q is not None and one - 1e-15 <= q <= 1 for one, q in pairs)
    assert [q for _, q in pairs] == sorted(q for _, q in pairs)  # type: ignore[type-var]


def test_missing_tests_do_not_count_and_bad_ones_are_refused() -> None:
    assert benjamini_hochberg([0.01, None, 0.04]) == (*benjamini_hochberg([0.01, 0.04])[:1], None, 0.04)
    assert benjamini_hochberg([]) == ()
    assert alarms([0.05, 0.051, None]) == (True, False, False)
    with pytest.raises(ValueError, match="probabilities"):
        benjamini_hochberg([1.2])


def test_a_list_over_many_indicators_allows_for_those_of_one_service_as_well() -> None:
    among_ten = {(f"Home {place}", "mar"): 0.004 if place == 1 else 0.5 for place in range(1, 11)}
    assert alarms_in_both(among_ten) == {("Home 1", "mar")}
    others = {("Home 1", f"indicator {place}"): 0.5 for place in range(19)}
    assert alarms_in_both({**among_ten, **others}) == frozenset(), "one of twenty indicators of the same home"


@given(st.dictionaries(st.tuples(st.integers(1, 6), st.sampled_from("abcde")), st.none() | st.floats(0, 0.2)))
def test_what_is_named_over_many_indicators_is_named_in_each_of_its_families(
    p: dict[tuple[int, str], float | None],
) -> None:
    found = alarms_in_both(p)
    for place in (0, 1):
        for one in {pair[place] for pair in p}:
            family = [pair for pair in p if pair[place] == one]
            named = alarms(benjamini_hochberg([p[pair] for pair in family]))
            assert found & set(family) <= {pair for pair, alarm in zip(family, named, strict=True) if alarm}
    turned = alarms_in_both({(right, left): value for (left, right), value in p.items()})
    assert turned == {(right, left) for left, right in found}, "neither family comes before the other"


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.125, 0.12), (0.375, 0.38), (2.675, 2.67), (1.005, 1.0), (119.115, 119.11), (5.015, 5.02), (243.235, 243.24)],
)
def test_half_a_hundredth_of_expected_events_goes_where_the_reference_takes_it(value: float, rounded: float) -> None:
    assert hundredths(np.array([value])).tolist() == [rounded]


@given(st.floats(0, 1e6))
@settings(max_examples=200, deadline=None)
def test_rounded_expected_events_are_hundredths_and_stay_when_rounded_again(value: float) -> None:
    once = hundredths(np.array([value]))
    assert abs(once[0] - value) <= 0.005 + 1e-9
    assert hundredths(once).tolist() == once.tolist()
