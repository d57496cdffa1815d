"""Outlooks held against what came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.statistics.scoring import Foreseen, Score, score
from mendline.statistics.targets import TargetRange

NINETY = TargetRange(90.0, np.inf)


def ranged(low: float, high: float, outcome: float | None) -> Foreseen:
    return Foreseen(low, high, None, NINETY, outcome)


def shared(share: float, outcome: float | None) -> Foreseen:
    return Foreseen(None, None, share, NINETY, outcome)


def test_a_range_holds_what_lies_within_it_or_on_its_edge() -> None:
    found = score([ranged(88, 94, 90), ranged(88, 94, 94), ranged(88, 94, 94.1)])
    assert (found.ranges, found.inside) == (3, 2)


def test_shares_are_held_against_how_many_met_the_target() -> None:
    found = score([shared(0.75, 91), shared(0.75, 95), shared(0.75, 89), shared(0.75, 90)])
    assert (found.periods, found.expected, found.met) == (4, pytest.approx(3.0), 3)


def test_what_never_came_is_not_scored() -> None:
    assert score([ranged(88, 94, None), shared(0.5, None)]) == score([]) == Score()


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 20), st.floats(0, 100))))
def test_no_more_ranges_hold_than_there_are_and_a_range_around_everything_holds_all(
    rows: list[tuple[float, float, float]],
) -> None:
    found = score([ranged(low, low + width, outcome) for low, width, outcome in rows])
    assert 0 <= found.inside <= found.ranges == len(rows)
    assert score([ranged(0, 100, outcome) for *_, outcome in rows]).inside == len(rows)
