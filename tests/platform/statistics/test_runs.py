import numpy as np
import pytest

from mendline.statistics.runs import analyse_runs, crossings_needed, longest_run_allowed


@pytest.mark.parametrize(("useful", "longest", "crossings"), [(12, 7, 3), (24, 8, 8), (1, 3, 0), (2, 4, 0)])
def test_chance_allows_so_much(useful: int, longest: int, crossings: int) -> None:
    assert (longest_run_allowed(useful), crossings_needed(useful)) == (longest, crossings)


def test_points_on_the_line_are_skipped_not_counted() -> None:
    found = analyse_runs(np.array([1.0, 0.0, 1.0, 0.0, -1.0, np.nan]), 0.0)
    assert (found.observations, found.useful, found.longest_run, found.crossings) == (6, 3, 2, 1)


def test_nothing_off_the_line_is_no_signal() -> None:
    found = analyse_runs(np.array([2.0, 2.0]), 2.0)
    assert (found.useful, found.longest_run, found.crossings_needed, found.signal) == (0, None, None, False)
    assert longest_run_allowed(0) is None
