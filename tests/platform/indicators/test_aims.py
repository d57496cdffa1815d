from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.aims import BaselinePeriod, baseline_of, target_problems, usual_target

MAR = indicator_definition("mar_compliance_pct")
HOURS = indicator_definition("medicines_discrepancy_review_median_hours")


def week(number: int, numerator: float | None, denominator: float | None, value: float | None) -> BaselinePeriod:
    return BaselinePeriod(date(2026, 1, 5) + timedelta(weeks=number), numerator, denominator, value)


def test_a_baseline_pools_numerators_and_denominators_and_never_averages_percentages() -> None:
    made = baseline_of(MAR, [week(0, 5, 6, 100 * 5 / 6), week(1, 20, 60, 100 / 3)])
    assert made is not None
    assert (made.numerator, made.denominator, made.periods) == (25, 66, 2)
    assert made.value == 100 * 25 / 66


def test_a_baseline_of_what_cannot_be_pooled_is_the_median() -> None:
    made = baseline_of(HOURS, [week(n, None, None, value) for n, value in enumerate((40.0, 90.0, 50.0))])
    assert made is not None
    assert (made.value, made.denominator) == (50.0, None)


def test_a_baseline_of_no_figures_is_none() -> None:
    assert baseline_of(MAR, []) is None
    assert baseline_of(MAR, [week(0, None, None, None)]) is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=30))
def test_the_order_of_periods_and_how_they_are_split_do_not_move_a_pooled_baseline(
    pairs: list[tuple[int, int]],
) -> None:
    rows = [week(n, min(top, bottom), bottom, 100 * min(top, bottom) / bottom) for n, (top, bottom) in enumerate(pairs)]
    one = [week(0, sum(row.numerator or 0 for row in rows), sum(row.denominator or 0 for row in rows), 1.0)]
    split, whole = baseline_of(MAR, rows), baseline_of(MAR, one)
    assert split is not None
    assert whole is not None
    assert split.value == whole.value


def test_zero_is_a_target_and_a_missing_one_is_asked_for() -> None:
    assert target_problems(MAR, "<=", 0) == {}
    assert "target_value" in target_problems(MAR, ">=", None)


def test_a_target_that_cannot_be_is_refused_by_name() -> None:
    assert "target_value" in target_problems(MAR, ">=", 101)
    assert "target_value" in target_problems(MAR, ">=", -1)
    assert "target_value" in target_problems(MAR, "monitor_only", 5)
    assert "target_operator" in target_problems(MAR, "best", 5)


def test_the_catalogues_own_target_is_taken_where_it_is_a_plain_number() -> None:
    assert usual_target(MAR) == (">=", 98.0)
    assert usual_target(indicator_definition("medicines_admin_gap_rate")) == ("monitor_only", None)
