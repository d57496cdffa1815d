from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.calendar import (
    CalendarError,
    add_working_days,
    bank_holidays,
    from_london,
    hours_between,
    is_weekend,
    is_working_day,
    iso_week,
    london_date,
    next_period,
    next_working_day,
    period_bounds,
    period_end,
    period_final_on,
    period_label,
    period_start,
    periods_between,
    plan_ends_on,
    plan_week,
    plan_week_start,
    previous_period,
    shift_band,
    to_london,
    working_days_between,
)

DAYS = st.dates(date(2021, 2, 1), date(2028, 9, 30))
CADENCES = st.sampled_from(["weekly", "monthly"])


def test_every_year_has_its_bank_holidays_on_weekdays() -> None:
    years = sorted({day.year for day in bank_holidays()})
    assert years == list(range(2020, 2029))
    assert all(day.weekday() < 5 for day in bank_holidays())
    assert {year: sum(day.year == year for day in bank_holidays()) for year in years} == {
        2020: 8,
        2021: 8,
        2022: 10,
        2023: 9,
        2024: 8,
        2025: 8,
        2026: 8,
        2027: 8,
        2028: 8,
    }


def easter_sunday(year: int) -> date:
    """The anonymous Gregorian algorithm (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + weekday - 7 * ((a + 11 * h + 22 * weekday) // 451) + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("year", range(2020, 2029))
def test_good_friday_and_easter_monday_follow_easter(year: int) -> None:
    assert bank_holidays()[easter_sunday(year) - timedelta(days=2)] == "Good Friday"
    assert bank_holidays()[easter_sunday(year) + timedelta(days=1)] == "Easter Monday"


def test_christmas_2026_is_followed_by_a_substitute_day() -> None:
    assert add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 29)
    assert next_working_day(date(2026, 12, 25)) == date(2026, 12, 29)
    assert not is_working_day(date(2026, 12, 28))


def test_working_days_count_backwards_too() -> None:
    assert add_working_days(date(2026, 12, 29), -1) == date(2026, 12, 24)
    assert working_days_between(date(2026, 12, 24), date(2026, 12, 29)) == 1
    assert working_days_between(date(2026, 12, 29), date(2026, 12, 24)) == -1


def test_a_year_without_bank_holidays_is_refused_rather_than_guessed() -> None:
    with pytest.raises(CalendarError, match="bank holidays of 2035 are not in"):
        is_working_day(date(2035, 1, 2))


@given(DAYS, st.integers(1, 30))
def test_adding_working_days_lands_on_one_and_counts_them(day: date, count: int) -> None:
    later = add_working_days(day, count)
    assert is_working_day(later)
    assert working_days_between(day, later) == count


def test_a_week_across_the_new_year_belongs_to_its_iso_year() -> None:
    assert iso_week(date(2026, 12, 31)) == (2026, 53)
    assert iso_week(date(2024, 12, 30)) == (2025, 1)
    assert period_start("weekly", date(2027, 1, 1)) == date(2026, 12, 28)


@given(CADENCES, DAYS)
def test_periods_follow_each_other_without_gap_or_overlap(cadence: str, day: date) -> None:
    assert cadence in {"weekly", "monthly"}
    kind = "weekly" if cadence == "weekly" else "monthly"
    start = period_start(kind, day)
    assert start <= day <= period_end(kind, day) < next_period(kind, day)
    assert previous_period(kind, next_period(kind, day)) == start
    assert period_bounds(kind, day)[1] == period_bounds(kind, next_period(kind, day))[0]


def test_periods_are_said_in_words() -> None:
    assert period_label("weekly", date(2026, 11, 9)) == "week of 9 November 2026"
    assert period_label("monthly", date(2026, 11, 9)) == "November 2026"


def test_periods_between_two_days_include_both_ends() -> None:
    assert periods_between("monthly", date(2026, 11, 30), date(2027, 1, 1)) == (
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    )
    assert periods_between("weekly", date(2026, 11, 9), date(2026, 11, 8)) == ()


def test_a_figure_is_final_three_working_days_after_its_period() -> None:
    assert period_final_on("weekly", date(2026, 11, 9)) == date(2026, 11, 18)
    assert period_final_on("weekly", date(2026, 12, 21)) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("today", "label", "phase"),
    [
        (date(2026, 10, 4), "Not started", "before"),
        (date(2026, 10, 7), "Week 1 of 12", "during"),
        (date(2026, 10, 12), "Week 2 of 12", "during"),
        (date(2026, 11, 17), "Week 7 of 12", "during"),
        (date(2026, 12, 27), "Week 12 of 12", "during"),
        (date(2026, 12, 28), "1 week after the plan", "after"),
        (date(2027, 1, 4), "2 weeks after the plan", "after"),
    ],
)
def test_a_plan_counts_monday_weeks_from_the_one_it_starts_in(today: date, label: str, phase: str) -> None:
    week = plan_week(date(2026, 10, 7), 12, today)
    assert (week.label, week.phase) == (label, phase)
    assert plan_ends_on(date(2026, 10, 7), 12) == date(2026, 12, 27)
    assert plan_week_start(date(2026, 10, 7), 0) == date(2026, 9, 28)


def test_a_plan_without_weeks_is_refused() -> None:
    with pytest.raises(CalendarError, match="at least one week"):
        plan_week(date(2026, 10, 7), 0, date(2026, 10, 7))


def test_a_night_shift_over_a_clock_change_has_nine_or_eleven_hours() -> None:
    spring = from_london(date(2026, 3, 28), time(22)), from_london(date(2026, 3, 29), time(8))
    autumn = from_london(date(2026, 10, 24), time(22)), from_london(date(2026, 10, 25), time(8))
    assert (hours_between(*spring), hours_between(*autumn)) == (9.0, 11.0)


def test_the_week_of_a_clock_change_is_an_hour_shorter_or_longer() -> None:
    assert hours_between(*period_bounds("weekly", date(2026, 3, 23))) == 167.0
    assert hours_between(*period_bounds("weekly", date(2026, 10, 19))) == 169.0


def test_half_past_one_happens_twice_in_october_and_not_at_all_in_march() -> None:
    first = from_london(date(2026, 10, 25), time(1, 30))
    second = from_london(date(2026, 10, 25), time(1, 30), second=True)
    assert hours_between(first, second) == 1.0
    with pytest.raises(CalendarError, match="01:30 did not happen"):
        from_london(date(2026, 3, 29), time(1, 30))


def test_a_moment_shortly_before_midnight_utc_is_tomorrow_in_a_london_summer() -> None:
    assert london_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)
    assert london_date(datetime(2026, 1, 1, 23, 30, tzinfo=timezone(timedelta(hours=-1)))) == date(2026, 1, 2)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(CalendarError, match="time zone"):
        to_london(datetime(2026, 7, 1, 12))  # noqa: DTZ001 - the mistake under test


@pytest.mark.parametrize(
    ("clock", "band"),
    [(time(8), "day"), (time(14), "afternoon"), (time(18), "evening"), (time(22), "night"), (time(7, 59), "night")],
)
def test_bands_begin_on_their_hour(clock: time, band: str) -> None:
    assert shift_band(clock) == band


def test_a_bank_holiday_is_staffed_like_a_weekend() -> None:
    assert is_weekend(date(2026, 12, 25))
    assert is_weekend(date(2026, 11, 14))
    assert not is_weekend(date(2026, 11, 16))
