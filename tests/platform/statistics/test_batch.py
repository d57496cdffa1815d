"""Batches give what single charts give, whatever the series holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mendline.statistics.arithmetic import FloatArray
from mendline.statistics.batch import ASSURANCES, VARIATIONS, xmr_batch
from mendline.statistics.xmr import Improvement, xmr_chart


def expected_variation(name: str) -> str:
    return name if name in VARIATIONS else name.split("_", maxsplit=1)[0]


def check(table: FloatArray, improvement: Improvement, fix_after: int | None = None, screen: bool = True) -> None:
    found = xmr_batch(table, improvement=improvement, target=2.0, fix_after=fix_after, screen=screen, chunk=3)
    for row, values in enumerate(table):
        chart = xmr_chart(values, improvement=improvement, target=2.0, fix_after=fix_after, screen=screen)
        assert found.marks[row].tolist() == [point.marks for point in chart.points]
        assert VARIATIONS[found.variation[row]] == expected_variation(chart.variation)
        assert ASSURANCES[found.assurance[row]] == chart.assurance
        if chart.points[0].lower is not None:
            assert found.lower[row] == pytest.approx(chart.points[0].lower, rel=1e-12, abs=1e-12)
        else:
            assert np.isnan(found.lower[row])


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.integers(-3, 6).map(float), st.just(float("nan")), st.integers(-900, 900).map(lambda x: x / 10)
            ),
            min_size=15,
            max_size=15,
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["increase", "decrease", "neutral"]),
    st.sampled_from([None, 12]),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_batch_gives_what_single_charts_give(
    rows: list[list[float]], improvement: Improvement, fix_after: int | None, screen: bool
) -> None:
    check(np.array(rows), improvement, fix_after, screen)


def test_long_random_and_trending_series_agree_with_single_charts() -> None:
    random = np.random.default_rng(3)
    table = random.normal(5, 2, (40, 104))
    table[::3] += np.linspace(0, 8, 104)
    table[::5, 50:] += 6
    check(table, "increase")
    check(np.round(table), "decrease")


def test_rows_do_not_leak_into_each_other() -> None:
    low_then_high = np.array([[1.0] * 5 + [9.0] * 6, [9.0] * 6 + [1.0] * 5])
    check(low_then_high, "increase")


def test_series_of_one_point_and_none_are_insufficient() -> None:
    assert set(xmr_batch(np.ones((3, 1)), improvement="increase").variation.tolist()) == {0}
    assert set(xmr_batch(np.ones((3, 0)), improvement="increase").variation.tolist()) == {0}
    assert xmr_batch(np.ones((0, 5)), improvement="increase").marks.shape == (0, 5)
    assert set(xmr_batch(np.full((2, 5), np.nan), improvement="neutral").variation.tolist()) == {0}


def test_direction_and_target_may_differ_by_series() -> None:
    table = np.tile([10.0, 12.0, 9.0, 11.0, 10.0, 13.0, 8.0, 11.0, 10.0, 12.0, 9.0, 11.0, 10.0, 30.0], (3, 1))
    found = xmr_batch(table, improvement=["increase", "decrease", "neutral"], target=np.array([0.0, np.nan, 0.0]))
    assert [VARIATIONS[code] for code in found.variation] == ["improvement", "concern", "neutral_high"]
    assert [ASSURANCES[code] for code in found.assurance] == ["pass", None, None]


def test_what_makes_no_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        xmr_batch(np.array([[1.0, np.inf, 2.0]]), improvement="increase")
    with pytest.raises(ValueError, match="table"):
        xmr_batch(np.ones(4), improvement="increase")
    with pytest.raises(ValueError, match="improvement"):
        xmr_batch(np.ones((2, 4)), improvement=["increase"] * 3)
    with pytest.raises(ValueError, match="too"):
        xmr_batch(np.array([[1e308, -1e308, 1e308]]), improvement="increase")
