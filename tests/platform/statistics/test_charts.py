"""Control charts other than XmR: missing rows, edges, pooling, and input that makes no chart."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mendline.statistics.charts import CHARTS, ControlChart, control_chart

counts = st.lists(st.tuples(st.integers(0, 20), st.integers(20, 60)), min_size=2, max_size=12)


def column(chart: ControlChart, name: str) -> list[Any]:
    return [getattr(point, name) for point in chart.points]


def test_a_row_without_numerator_or_denominator_has_no_value() -> None:
    chart = control_chart("p", [5.0, None, 4.0, 0.0], [10.0, 10.0, None, 0.0])
    assert column(chart, "y") == [0.5, None, None, None]
    assert column(chart, "centre") == [0.5] * 4
    assert column(chart, "upper")[1:] == [None] * 3
    assert not any(column(chart, "beyond"))


def test_a_numerator_of_zero_is_a_real_zero() -> None:
    assert column(control_chart("u", [0.0, 4.0], [10.0, 10.0]), "y") == [0.0, 0.4]


@given(counts, st.randoms())
@settings(max_examples=40, deadline=None)
def test_splitting_and_shuffling_units_changes_no_pooled_figure(pairs: list[tuple[int, int]], random: Any) -> None:
    rows = [
        (period, part, size)
        for period, (top, bottom) in enumerate(pairs)
        for part, size in ((top // 2, bottom // 2), (top - top // 2, bottom - bottom // 2))
    ]
    random.shuffle(rows)
    split = control_chart("p", [r[1] for r in rows], [r[2] for r in rows], [r[0] for r in rows])
    whole = control_chart("p", [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    for name in ("y", "centre", "lower", "upper", "beyond"):
        assert column(split, name) == column(whole, name)


@given(st.lists(st.integers(0, 1000).map(float), min_size=2, max_size=20), st.integers(-500, 500))
@settings(max_examples=40, deadline=None)
def test_adding_a_constant_moves_an_individuals_chart_as_a_whole(values: list[float], constant: int) -> None:
    plain = control_chart("i", values, screen=False)
    moved = control_chart("i", [value + constant for value in values], screen=False)
    for one, other in zip(plain.points, moved.points, strict=True):
        assert one.upper is not None
        assert other.upper == pytest.approx(one.upper + constant, abs=1e-9)
    assert column(plain, "beyond") == column(moved, "beyond")


@pytest.mark.parametrize("kind", sorted(CHARTS))
@pytest.mark.parametrize("rows", [[], [None], [None, None, None], [3.0], [4.0, 4.0, 4.0]])
def test_every_chart_has_a_defined_answer_for_little_data(kind: Any, rows: list[float | None]) -> None:
    sizes = [8.0] * len(rows) if kind in {"p", "pp", "u", "up"} else None
    chart = control_chart(kind, rows, sizes)
    assert len(chart.points) == len(rows)
    assert not any(column(chart, "beyond"))
    assert not any(run.signal for run in chart.runs)


@pytest.mark.parametrize("kind", sorted(set(CHARTS) - {"xbar", "s"}))
def test_every_chart_bears_tiny_and_large_figures(kind: Any) -> None:
    for size in (1e-12, 1e12):
        values = [value * size for value in (3.0, 5.0, 4.0, 6.0, 2.0)]
        chart = control_chart(kind, values, [10 * size] * 5 if kind in {"p", "pp", "u", "up"} else None)
        assert all(point.centre is not None and math.isfinite(point.centre) for point in chart.points)


@pytest.mark.parametrize("kind", sorted(CHARTS))
@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_absurd_sizes_never_give_a_figure_that_is_not_finite(kind: Any, size: float) -> None:
    values = [value * size for value in (0.3, 0.5, 0.4, 0.6, 0.2)]
    chart = control_chart(kind, values, [size] * 5 if kind in {"p", "pp", "u", "up"} else None)
    figures = [figure for name in ("y", "centre", "lower", "upper") for figure in column(chart, name)]
    assert all(figure is None or math.isfinite(figure) for figure in figures)


@pytest.mark.parametrize("kind", sorted(CHARTS))
def test_values_whose_sums_would_overflow_are_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match="sensible size"):
        control_chart(kind, [1.5e308, 1.0, 1.5e308], [1.5e308] * 3)


def test_parts_have_their_own_lines_and_freeze_yields_to_them() -> None:
    values = [1.0, 2.0, 1.0, 2.0, 11.0, 12.0, 11.0, 12.0]
    chart = control_chart("i", values, part=[4], freeze=2)
    assert column(chart, "centre") == [1.5] * 4 + [11.5] * 4
    assert column(chart, "part") == [1] * 4 + [2] * 4


def test_a_subgroup_of_one_has_no_limits() -> None:
    chart = control_chart("xbar", [5.0, 6.0, 7.0, 4.0], x=[1, 1, 2, 3])
    assert [point.upper is None for point in chart.points] == [False, True, True]
    assert column(control_chart("s", [5.0, 6.0, 7.0, 4.0], x=[1, 1, 2, 3]), "y")[1:] == [None, None]


def test_moving_range_charts_have_no_runs_signal() -> None:
    chart = control_chart("mr", [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0])
    assert chart.points[0].y is None
    assert not chart.runs[0].signal


def test_i_prime_limits_widen_where_the_denominator_is_small() -> None:
    chart = control_chart("ip", [5.0, 6.0, 4.0, 5.0], [10.0, 10.0, 10.0, 2.0])
    widths = [point.upper - point.centre for point in chart.points]
    assert widths[3] > widths[0]


def test_dates_are_put_in_order_and_rows_without_one_are_left_out() -> None:
    chart = control_chart("run", [3.0, 1.0, 2.0, 9.0], x=["2026-03-01", "2026-01-01", "2026-02-01", None])
    assert column(chart, "y") == [1.0, 2.0, 3.0]


def test_a_hundred_thousand_rows_are_charted() -> None:
    random = np.random.default_rng(1)
    sizes = random.integers(20, 60, 100_000)
    chart = control_chart("p", random.binomial(sizes, 0.3).tolist(), sizes.tolist())
    assert 0.0005 < sum(column(chart, "beyond")) / 100_000 < 0.01


@pytest.mark.parametrize(
    ("kind", "y", "options"),
    [
        ("np", [1.0], {}),
        ("p", [1.0], {}),
        ("p", [5.0], {"n": [4.0]}),
        ("p", [-1.0], {"n": [4.0]}),
        ("u", [-1.0], {"n": [4.0]}),
        ("u", [1.0], {"n": [-4.0]}),
        ("u", [1.0], {"n": [4.0, 5.0]}),
        ("t", [3.0, 0.0], {}),
        ("g", [3.0, -1.0], {}),
        ("i", [3.0], {"x": [1, 2]}),
        ("i", [3.0, 4.0], {"x": [1, "2026-01-01"]}),
        ("i", [3.0], {"exclude": [2]}),
        ("i", [3.0], {"freeze": 0}),
        ("i", [3.0], {"multiply": math.inf}),
        ("i", [math.inf], {}),
        ("t", [3.0], {"centre": -1.0}),
    ],
)
def test_what_makes_no_chart_is_refused(kind: Any, y: list[float], options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        control_chart(kind, y, **options)
