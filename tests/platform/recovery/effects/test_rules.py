"""What an action changed: before and after with their caution."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.indicators import indicator_definition, indicator_definitions
from mendline.recovery.effects.rules import OtherChange, SeenPeriod, compare, due_day, verdict_problems

SHARE = indicator_definition("mar_compliance_pct")
MONDAY = date(2026, 8, 3)
OPENED, CLOSED = MONDAY + timedelta(weeks=6), MONDAY + timedelta(weeks=8, days=2)


def weeks(*tops: float, start: date = MONDAY, bottom: float = 200) -> list[SeenPeriod]:
    return [
        SeenPeriod(start + timedelta(weeks=number), 100 * top / bottom, top, bottom) for number, top in enumerate(tops)
    ]


def looked_at(figures: list[SeenPeriod], *, periods: int = 6, others: tuple[OtherChange, ...] = ()):
    return compare(figures, SHARE, opened_on=OPENED, closed_on=CLOSED, periods=periods, others=others)


def test_the_weeks_of_the_work_itself_are_on_neither_side() -> None:
    found = looked_at(weeks(*[160] * 6, 0, 0, 0, *[190] * 6))
    assert (found.before.value, found.after.value) == (80, 95)
    assert (found.before.periods, found.after.periods) == (6, 6)


def test_a_clear_change_the_right_way_is_better_and_says_so() -> None:
    found = looked_at(weeks(*[160] * 6, 0, 0, 0, *[190] * 6))
    assert found.better is True
    assert found.change is not None
    assert found.change.lower > 0
    assert found.sentence == "From 80.0% before to 95.0% after, better by more than chance."


def test_a_clear_change_the_wrong_way_is_worse() -> None:
    assert looked_at(weeks(*[190] * 6, 0, 0, 0, *[160] * 6)).better is False


def test_a_small_change_cannot_be_told_from_none_and_is_cautioned() -> None:
    found = looked_at(weeks(*[180] * 6, 0, 0, 0, *[181] * 6))
    assert found.better is None
    assert "The interval of the change holds nought: it may be no change at all." in found.cautions


def test_few_periods_are_said() -> None:
    found = looked_at(weeks(*[160] * 6, 0, 0, 0, 190, 190))
    assert "Only 2 periods after: too few to rest much on." in found.cautions


def test_other_changes_in_the_window_are_named() -> None:
    found = looked_at(weeks(*[160] * 15), others=(OtherChange(date(2026, 9, 1), "a staff or process change"),))
    assert any("1 Sep, a staff or process change" in words for words in found.cautions)


def test_that_bad_figures_often_get_better_by_themselves_is_always_said() -> None:
    assert any("by themselves" in words for words in looked_at(weeks(*[160] * 15)).cautions)


@pytest.mark.parametrize("figures", [[], weeks(160), weeks(*[160] * 9)])
def test_a_side_without_figures_makes_no_change(figures: list[SeenPeriod]) -> None:
    found = looked_at(figures)
    assert found.change is None
    assert found.better is None
    assert found.sentence.startswith("No final figure")


def test_a_rate_is_compared_on_its_own_scale() -> None:
    rate = next(one for one in indicator_definitions().values() if one.measure_type == "rate")
    month = timedelta(days=31)
    figures = [
        SeenPeriod(MONDAY + month * number, 0, events, 100)
        for number, events in enumerate((20, 20, 20, 20, 9, 9, 5, 5, 5, 5))
    ]
    found = compare(figures, rate, opened_on=MONDAY + month * 4, closed_on=MONDAY + month * 5, periods=4)
    scale = rate.rate_per or 1
    assert found.before.value == pytest.approx(0.2 * scale)
    assert found.after.value == pytest.approx(0.05 * scale)
    assert found.change is not None
    assert found.change.change == pytest.approx(-0.15 * scale)


@given(st.lists(st.integers(0, 200), min_size=15, max_size=15), st.integers(1, 6))
def test_the_change_is_what_lies_between_the_two_sides(tops: list[int], periods: int) -> None:
    found = looked_at(weeks(*tops), periods=periods)
    assert found.change is not None
    assert found.change.change == pytest.approx((found.after.value or 0) - (found.before.value or 0))
    assert found.change.lower <= found.change.change <= found.change.upper


@pytest.mark.parametrize(
    ("closed", "cadence", "periods", "due"),
    [
        (date(2026, 11, 4), "weekly", 6, date(2026, 12, 21)),
        (date(2026, 11, 2), "weekly", 1, date(2026, 11, 16)),
        (date(2026, 11, 30), "monthly", 3, date(2027, 3, 1)),
        (date(2026, 1, 1), "monthly", 1, date(2026, 3, 1)),
    ],
)
def test_a_look_is_due_when_that_many_whole_periods_are_over(closed, cadence, periods, due) -> None:
    assert due_day(closed, cadence, periods) == due


def test_a_verdict_needs_its_reason_and_not_yet_needs_a_next_look() -> None:
    assert set(verdict_problems("fine", "", None)) == {"verdict", "reason"}
    assert set(verdict_problems("not_yet", "The rate is still falling.", 0)) == {"periods"}
    assert verdict_problems("worked", "The rate rose and stayed.", None) == {}
