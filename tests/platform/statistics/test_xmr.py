"""XmR charts: where the platform departs from the reference, and what must hold for any series."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mendline.statistics.limits import process_limits
from mendline.statistics.rules import Mark, RunLengths
from mendline.statistics.xmr import XmrChart, xmr_chart

STEADY = (10.0, 12.0, 9.0, 11.0, 10.0, 13.0, 8.0, 11.0, 10.0, 12.0, 9.0, 11.0, 10.0, 12.0)
# Whole tenths up to 100,000: a ratio of a thousand million between two values, so that rounding cannot hide a step.
figures = st.integers(-1_000_000, 1_000_000).map(lambda tenths: tenths / 10)
series = st.lists(st.one_of(figures, st.integers(-5, 5).map(float)), min_size=2, max_size=40)
gapped = st.lists(st.one_of(st.none(), st.integers(-5, 5).map(float), figures), min_size=1, max_size=40)


def labels(chart: XmrChart) -> list[str | None]:
    return [point.label for point in chart.points]


def classes(values: Sequence[float | None], improvement: str = "increase") -> list[str | None]:
    return [point.klass for point in xmr_chart(values, improvement=improvement).points]


def test_fourteen_equal_tenths_are_common_cause_and_never_an_improvement() -> None:
    chart = xmr_chart([0.1] * 14, improvement="increase", target=0.05)
    assert chart.variation == "common_cause"
    assert chart.reason == "no_variation"
    assert {point.relative_to_mean for point in chart.points} == {0}
    assert (chart.points[0].lower, chart.points[0].upper) == (0.1, 0.1)
    assert chart.assurance == "pass"


@pytest.mark.parametrize(("target", "expected"), [(95.0, "pass"), (100.0, "inconsistent"), (101.0, "fail")])
def test_without_variation_assurance_compares_the_target_with_the_mean(target: float, expected: str) -> None:
    assert xmr_chart([100.0] * 16, improvement="increase", target=target).assurance == expected


def test_a_single_point_has_no_limits_no_assurance_and_no_icon() -> None:
    chart = xmr_chart([3.0], improvement="increase", target=1.0)
    assert (chart.variation, chart.assurance, chart.reason) == ("insufficient", None, "one_point")
    assert chart.points[0].outside_limits is None


def test_a_one_point_phase_after_a_rebase_is_insufficient() -> None:
    chart = xmr_chart(STEADY, improvement="increase", target=1.0, rebase_at=[13])
    assert (chart.variation, chart.assurance) == ("insufficient", None)
    assert chart.points[12].lower is not None


@pytest.mark.parametrize("event_at", [0, 9, 19])
def test_one_event_among_zeros_gets_no_limits_instead_of_twenty_improvements(event_at: int) -> None:
    values = [0.0] * 20
    values[event_at] = 1.0
    chart = xmr_chart(values, improvement="decrease")
    assert chart.reason == "rare_events"
    assert chart.variation == "insufficient"
    assert set(classes(values, "decrease")) == {"common_cause"}


def test_a_missing_row_breaks_a_trend_and_a_run() -> None:
    rising = [1.0, 2.0, 3.0, None, 4.0, 5.0, 6.0, 7.0, 3.0, 2.9, 3.3, 3.1]
    assert not any("Trend" in (label or "") for label in labels(xmr_chart(rising, improvement="increase")))
    whole = [value for value in rising if value is not None]
    assert any("Trend" in (label or "") for label in labels(xmr_chart(whole, improvement="increase")))
    run = [1.0] * 6 + [5.0, 5.1, 5.2, None, 5.1, 5.0, 5.2, 5.1] + [1.0] * 5
    assert "7 Points Above CL" not in labels(xmr_chart(run, improvement="increase"))


def test_the_variation_is_that_of_the_last_usable_point() -> None:
    values = [*STEADY, 30.0]
    with_gap = xmr_chart([*values, None], improvement="increase")
    assert with_gap.variation == xmr_chart(values, improvement="increase").variation == "improvement_high"
    assert with_gap.last_usable == 14


def test_two_rises_joined_by_an_equal_pair_stay_rises() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0]
    marks = [point.marks for point in xmr_chart(values, improvement="increase").points]
    assert all(Mark.RISING & mark and not Mark.FALLING & mark for mark in marks)


def test_a_turning_point_takes_the_colour_of_what_follows() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 6.5, 5.5, 4.5, 3.5, 2.5, 1.5]
    chart = xmr_chart(values, improvement="increase", fix_after=13, screen=False)
    assert Mark.FALLING & chart.points[6].marks
    assert not Mark.RISING & chart.points[6].marks
    assert Mark.RISING & chart.points[5].marks


def test_six_point_trends_and_shifts_are_a_setting() -> None:
    values = [14.0, 6.0, 12.0, 5.0, 13.0, 6.0, 11.0, 14.0, 11.0, 13.0, 12.0, 14.0]
    assert xmr_chart(values, improvement="increase").variation == "common_cause"
    assert xmr_chart(values, improvement="increase", runs=RunLengths(6, 6)).variation == "improvement_high"


def test_a_zero_target_is_a_target() -> None:
    assert xmr_chart(STEADY, improvement="decrease", target=0.0).assurance == "fail"
    assert xmr_chart(STEADY, improvement="decrease").assurance is None


def test_limits_are_not_clipped() -> None:
    assert process_limits(np.array([1.0, 0.0, 3.0, 0.0, 2.0, 1.0])).lower < 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: xmr_chart([1.0, math.inf], improvement="increase"),
        lambda: xmr_chart([1.0, 2.0], improvement="increase", target=math.inf),
        lambda: xmr_chart([1.0, 2.0], improvement="up"),
        lambda: xmr_chart(STEADY, improvement="increase", fix_after=11),
        lambda: xmr_chart(STEADY, improvement="increase", rebase_at=[14]),
        lambda: xmr_chart(["1"], improvement="increase"),
        lambda: xmr_chart([1e308, -1e308, 1e308], improvement="increase"),
        lambda: xmr_chart(np.zeros((2, 2)), improvement="increase"),
    ],
)
def test_what_makes_no_chart_is_refused(call: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        call()  # type: ignore[operator]


def test_no_rows_and_no_values_are_defined() -> None:
    assert xmr_chart([], improvement="increase").variation == "insufficient"
    assert xmr_chart([None, None], improvement="increase").reason == "no_values"


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_tiny_and_huge_figures_are_charted_like_any_others(size: float) -> None:
    scaled = xmr_chart([value * size for value in STEADY], improvement="increase")
    assert labels(scaled) == labels(xmr_chart(STEADY, improvement="increase"))


def test_a_hundred_thousand_points_are_charted() -> None:
    values = np.random.default_rng(7).normal(50, 5, 100_000)
    chart = xmr_chart(values, improvement="increase")
    assert len(chart.points) == 100_000
    flagged = sum(point.klass != "common_cause" for point in chart.points) / 100_000
    assert 0.01 < flagged < 0.10


@given(series, st.integers(-8, 8), st.integers(-3, 3))
@settings(max_examples=40, deadline=None)
def test_shifting_and_scaling_by_powers_of_two_change_no_mark(values: list[float], shift: int, power: int) -> None:
    moved = [(value + 2.0**20 * shift) * 2.0**power for value in values]
    assert classes(moved) == classes([value + 2.0**20 * shift for value in values])
    if shift == 0:
        assert classes(moved) == classes(values)


@given(st.lists(st.integers(-40, 40).map(float), min_size=2, max_size=40), st.integers(-50, 50))
@settings(max_examples=40, deadline=None)
def test_adding_a_constant_moves_the_lines_and_no_mark(values: list[float], constant: int) -> None:
    plain = xmr_chart(values, improvement="increase")
    moved = xmr_chart([value + constant for value in values], improvement="increase")
    if plain.reason != "rare_events" and moved.reason != "rare_events":
        assert labels(moved) == labels(plain)
        for one, other in zip(plain.points, moved.points, strict=True):
            assert other.centre == pytest.approx((one.centre or 0.0) + constant, abs=1e-9)


@given(series)
@settings(max_examples=40, deadline=None)
def test_a_mirrored_series_has_mirrored_marks(values: list[float]) -> None:
    mirrored = [-value for value in values]
    assert classes(values, "increase") == classes(mirrored, "decrease")
    one, other = xmr_chart(values, improvement="increase"), xmr_chart(mirrored, improvement="decrease")
    swap = {"high": "low", "low": "high"}
    assert [swap.get(word, word) for word in one.variation.split("_")] == other.variation.split("_")


@given(gapped)
@settings(max_examples=40, deadline=None)
def test_every_point_has_a_class_exactly_where_it_has_a_value(values: list[float | None]) -> None:
    chart = xmr_chart(values, improvement="decrease", target=0.0)
    for value, point in zip(values, chart.points, strict=True):
        assert (point.klass is None) == (value is None)
        assert not (point.outside_limits and point.close_to_limits)
    if sum(value is not None for value in values) < 2:
        assert chart.variation == "insufficient"
        assert chart.assurance is None


@given(st.lists(figures, min_size=12, max_size=30), st.lists(figures, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_locked_limits_and_earlier_judgements_stay_when_points_come(first: list[float], more: list[float]) -> None:
    before = xmr_chart(first, improvement="increase", fix_after=12)
    after = xmr_chart([*first, *more], improvement="increase", fix_after=12)
    for row, (old, new) in enumerate(zip(before.points, after.points, strict=False)):
        assert (old.centre, old.lower, old.upper) == (new.centre, new.lower, new.upper)
        assert old.relative_to_mean == new.relative_to_mean
        assert (old.outside_limits, old.close_to_limits) == (new.outside_limits, new.close_to_limits)
        if row < len(first) - 6:  # a window may still be completed by what comes next, never undone
            assert old.marks == new.marks


@given(st.lists(st.integers(0, 100).map(float), min_size=14, max_size=40), st.data())
def test_a_row_that_is_left_out_is_judged_and_moves_no_limit_whatever_it_holds(
    values: list[float], data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, len(values) - 1))
    other = [*values[:row], 1e6, *values[row + 1 :]]
    plain, wild = (xmr_chart(each, improvement="increase", left_out=(row,)) for each in (values, other))
    assert plain.phases[0].limits == wild.phases[0].limits
    assert plain.points[row].value == values[row]
    gone: list[float | None] = [*values[:row], None, *values[row + 1 :]]
    assert plain.phases[0].limits == xmr_chart(gone, improvement="increase").phases[0].limits
