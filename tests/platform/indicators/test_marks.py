"""The marks of a figure: late, restated, both, or none."""

from datetime import UTC, date, datetime

import pytest

from mendline.indicators.marks import days_late, mark_words, marks_of

WEEK = date(2026, 11, 9)  # ends on Sunday 15; due three working days later, on Wednesday 18


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(("recorded", "late"), [(16, 0), (18, 0), (19, 1), (27, 9)])
def test_a_figure_is_late_from_the_day_after_it_was_due(recorded: int, late: int) -> None:
    assert days_late("weekly", WEEK, at(recorded)) == late


def test_a_figure_that_was_never_recorded_is_not_late() -> None:
    assert days_late("weekly", WEEK, None) == 0
    assert mark_words(marks_of("weekly", WEEK, None, None)) == ""


def test_a_late_figure_says_how_late_it_came_and_a_restated_one_when() -> None:
    assert mark_words(marks_of("weekly", WEEK, at(20), at(20))) == "Came 2 days late"
    assert mark_words(marks_of("weekly", WEEK, at(17), at(24))) == "Restated 24 Nov"
    assert mark_words(marks_of("weekly", WEEK, at(20), at(24))) == "Restated 24 Nov, came 2 days late"


def test_a_figure_in_time_that_was_never_changed_has_no_mark() -> None:
    assert mark_words(marks_of("weekly", WEEK, at(17), at(17))) == ""
    assert mark_words(None) == ""
