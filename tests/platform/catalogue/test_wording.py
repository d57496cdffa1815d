from datetime import date, datetime, time

import pytest

from mendline.catalogue import wording
from mendline.catalogue.indicators import indicator_definition


def test_dates_are_british() -> None:
    assert wording.long_date(date(2026, 11, 7)) == "7 November 2026"
    assert wording.short_date(date(2026, 9, 17)) == "17 Sep"
    assert wording.day_and_date(date(2026, 11, 17)) == "Tuesday 17 November"
    assert wording.short_month(date(2026, 11, 17)) == "Nov 2026"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 9), date(2026, 11, 15), "9 to 15 November 2026"),
        (date(2026, 10, 26), date(2026, 11, 1), "26 October to 1 November 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 December 2026 to 3 January 2027"),
        (date(2026, 11, 9), date(2026, 11, 9), "9 November 2026"),
    ],
)
def test_a_range_says_no_word_twice(first: date, last: date, said: str) -> None:
    assert wording.date_range(first, last) == said


@pytest.mark.parametrize(
    ("clock", "prose", "log"),
    [
        (time(6, 45), "6:45am", "06:45"),
        (time(6), "6am", "06:00"),
        (time(0), "midnight", "00:00"),
        (time(12), "midday", "12:00"),
        (time(0, 5), "12:05am", "00:05"),
        (time(12, 30), "12:30pm", "12:30"),
        (time(22), "10pm", "22:00"),
    ],
)
def test_times_differ_in_prose_and_in_logs(clock: time, prose: str, log: str) -> None:
    assert (wording.prose_time(clock), wording.log_time(clock)) == (prose, log)


def test_a_moment_has_its_day_and_time() -> None:
    assert wording.moment(datetime(2026, 11, 17, 6, 45)) == "17 November 2026, 6:45am"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("due", "said"),
    [(date(2026, 11, 12), "5 days late"), (date(2026, 11, 17), "due today"), (date(2026, 11, 18), "due in 1 day")],
)
def test_lateness_is_in_days(due: date, said: str) -> None:
    assert wording.lateness(due, date(2026, 11, 17)) == said


def test_counts_have_their_words() -> None:
    assert wording.counted(1, "person", "people") == "1 person"
    assert wording.counted(1204, "person", "people") == "1,204 people"
    assert wording.of(1, 2) == "1 of 2"
    assert wording.of(1204, 1240) == "1,204 of 1,240"
    assert wording.of(163.5, 168) == "163.50 of 168"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.listed(["a"]) == "a"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("mar_compliance_pct", 97.1, "97.1%"),
        ("mar_compliance_pct", 97.05, "97.1%"),
        ("call_bell_within_standard_pct", 61.3, "61%"),
        ("call_bell_within_standard_pct", 100.0, "100%"),
        ("medicines_discrepancy_review_median_hours", 48.0, "48.0 hours"),
        ("falls_rate", 6.239, "6.24"),
        ("overdue_regulatory_actions_count", 3.0, "3"),
        ("evening_weekend_response_gap_pp", -2.04, "-2.0 points"),
        ("evening_weekend_response_gap_pp", -0.0, "0.0 points"),
    ],
)
def test_figures_have_their_unit(key: str, value: float, said: str) -> None:
    assert wording.figure(value, indicator_definition(key)) == said


def test_rounding_never_makes_a_figure_seem_perfect_or_on_target() -> None:
    bells = indicator_definition("call_bell_within_standard_pct")
    assert wording.figure(99.7, bells) == "99.7%"
    assert wording.figure(0.3, bells) == "0.3%"
    assert wording.figure(89.96, bells, against=90.0) == "89.96%"
    assert wording.figure(90.0, bells, against=90.0) == "90%"
    mar = indicator_definition("mar_compliance_pct")
    assert wording.figure(100 * 1422 / 1451, mar, against=98.0) == "98.001%"  # 98.0014: two decimals would say 98.00%
    assert wording.figure(98.04, mar, against=98.0) == "98.04%"
    assert wording.figure(98.06, mar, against=98.0) == "98.1%"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("mar_compliance_pct", "98% or more"),
        ("controlled_drug_checks_pct", "100%"),
        ("medicines_discrepancy_review_median_hours", "48 hours or less"),
        ("staffing_fill_rate_pct", "97% to 110%"),
        ("medicines_admin_gap_rate", "60% below baseline"),
        ("infection_rate", "Watched, no target"),
        ("overdue_regulatory_actions_count", "0"),
    ],
)
def test_targets_are_said_in_words(key: str, said: str) -> None:
    assert wording.target_words(indicator_definition(key)) == said


def test_the_gap_to_a_target_is_in_points_for_percentages() -> None:
    assert wording.gap(97.1, 98.0, indicator_definition("mar_compliance_pct")) == "0.9 points"
    assert wording.gap(60.0, 48.0, indicator_definition("medicines_discrepancy_review_median_hours")) == "12.0 hours"
