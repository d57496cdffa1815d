"""Gaps between rare events, and the properties that hold whatever the figures are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mendline.statistics.gaps import gaps_between, shows_gaps
from mendline.statistics.readings import read_attributes, read_xmr
from mendline.statistics.xmr import xmr_chart

COUNTS = st.lists(st.one_of(st.none(), st.integers(0, 3).map(float)), min_size=0, max_size=60)
FIGURES = st.lists(st.integers(-1000, 1000).map(float), min_size=14, max_size=40)


def test_a_gap_runs_from_event_to_event_in_units_of_exposure() -> None:
    found = gaps_between([0, 1, 0, 0, 2, 0], [10, 10, 20, 30, 40, 50])
    assert (found.rows, found.sizes.tolist(), found.clusters) == ((4,), [90.0], (2,))
    assert (found.first, found.since_last) == (1, 50.0)


def test_without_an_event_there_is_no_gap_and_nothing_open() -> None:
    found = gaps_between([0, 0], [7, 7])
    assert (found.rows, found.first, found.since_last) == ((), None, None)
    assert gaps_between([], []).sizes.size == 0


def test_a_missing_period_makes_the_gap_over_it_unknown() -> None:
    found = gaps_between([1, None, 1, 0, None], [7, 7, 7, 7, 7])
    assert np.isnan(found.sizes[0])
    assert found.since_last is None


@pytest.mark.parametrize(("events", "exposure"), [([1], [1, 2]), ([-1], [1]), ([1], [-1]), ([float("inf")], [1])])
def test_what_makes_no_gaps_is_refused(events: list[float], exposure: list[float]) -> None:
    with pytest.raises(ValueError, match=r"counts|negative|finite"):
        gaps_between(events, exposure)


def test_gaps_are_shown_where_most_periods_are_empty() -> None:
    assert shows_gaps([0, 0, 1, 0])
    assert not shows_gaps([1, 0, 1, 1])
    assert not shows_gaps([None, None])


@given(COUNTS)
@settings(max_examples=80, deadline=None)
def test_gaps_and_the_open_one_add_up_to_what_passed_since_the_first_event(counts: list[float | None]) -> None:
    known = [0.0 if count is None else count for count in counts]
    found = gaps_between(known, [7.0] * len(known))
    if found.first is not None:
        passed = 7.0 * (len(known) - 1 - found.first)
        assert found.sizes.sum() + (found.since_last or 0.0) == pytest.approx(passed)


@given(FIGURES, st.lists(st.integers(-1000, 1000).map(float), min_size=1, max_size=10))
@settings(max_examples=80, deadline=None)
def test_with_locked_limits_a_new_point_moves_no_line_and_no_mark_but_of_a_run_that_it_completes(
    first: list[float], more: list[float]
) -> None:
    before = read_xmr(first, "increase", limits_from=[(0, 12)])
    after = read_xmr([*first, *more], "increase", limits_from=[(0, 12)])
    size = len(first)
    assert after.upper[:size] == before.upper
    assert after.lower[:size] == before.lower
    assert after.centre[:size] == before.centre
    assert after.marks[: size - 6] == before.marks[: size - 6], "a run reaches back six points at the most"
    assert all(new & old == old for new, old in zip(after.marks, before.marks, strict=False)), "no mark is taken back"


@given(FIGURES)
@settings(max_examples=60, deadline=None)
def test_limits_locked_to_all_rows_are_those_of_the_whole(values: list[float]) -> None:
    whole = xmr_chart(values, improvement="increase")
    assert xmr_chart(values, improvement="increase", limits_from=[(0, len(values))]) == whole


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(20, 60)), min_size=14, max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_locked_proportion_chart_is_frozen_as_well(pairs: list[tuple[int, int]]) -> None:
    tops, bottoms = [float(top) for top, _ in pairs], [float(bottom) for _, bottom in pairs]
    short = read_attributes("p", tops[:13], bottoms[:13], "increase", limits_from=[(0, 12)])
    whole = read_attributes("p", tops, bottoms, "increase", limits_from=[(0, 12)])
    assert whole.centre[:13] == short.centre
    assert whole.upper[:13] == short.upper


@pytest.mark.parametrize("rows", [(0, 40), (5, 5), (-1, 12), (8, 3)])
def test_limits_from_rows_outside_the_phase_are_refused(rows: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="outside the phase"):
        xmr_chart([float(row) for row in range(20)], improvement="increase", limits_from=[rows])
