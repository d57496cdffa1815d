"""When work falls due: weeks, months, shifts, bank holidays, changes of the clock, and rhythms that step down."""

from datetime import date, timedelta
from typing import Any

import pytest

from mendline.duties.dating import Occurrence, occurrences

STARTS = date(2026, 10, 5)


def dated(rhythm: Any, first: date, last: date, **changes: Any) -> list[Occurrence]:
    given: dict[str, Any] = {"starts_on": STARTS, "ends_on": None, "first": first, "last": last, **changes}
    return list(occurrences(rhythm, **given))


def test_a_weekly_step_falls_due_once_in_each_week_on_its_weekday() -> None:
    found = dated("weekly", date(2026, 11, 2), date(2026, 11, 22), weekday=1)
    assert [(one.key, one.due_on) for one in found] == [
        ("2026-W45", date(2026, 11, 3)),
        ("2026-W46", date(2026, 11, 10)),
        ("2026-W47", date(2026, 11, 17)),
    ]


def test_a_week_with_a_bank_holiday_moves_to_the_next_working_day_and_is_not_skipped() -> None:
    christmas = dated("weekly", date(2026, 12, 21), date(2026, 12, 27), weekday=4)
    assert [(one.key, one.due_on) for one in christmas] == [("2026-W52", date(2026, 12, 29))]


def test_the_week_of_a_clock_change_has_seven_days_of_shifts_and_one_weekly_review() -> None:
    # Clocks go back on Sunday 25 October 2026, the last day of an ISO week.
    first, last = date(2026, 10, 19), date(2026, 10, 25)
    shifts = dated("every_shift", first, last, bands=("day", "evening", "night"))
    assert len(shifts) == 21
    assert len({one.key for one in shifts}) == 21
    assert shifts[-1] == Occurrence("2026-10-25 night", last, date(2026, 10, 26), "night")
    assert [one.key for one in dated("weekly", first, last)] == ["2026-W43"]


def test_a_nights_check_is_due_the_morning_after() -> None:
    night = dated("every_shift", date(2026, 11, 2), date(2026, 11, 2), bands=("night",))[0]
    assert (night.opens_on, night.due_on) == (date(2026, 11, 2), date(2026, 11, 3))


def test_a_monthly_step_is_due_when_the_month_has_ended_on_a_working_day() -> None:
    found = dated("monthly", date(2026, 10, 1), date(2027, 1, 31))
    assert [(one.key, one.due_on) for one in found] == [
        ("2026-10", date(2026, 11, 2)),  # 31 October is a Saturday
        ("2026-11", date(2026, 11, 30)),
        ("2026-12", date(2026, 12, 31)),
        ("2027-01", date(2027, 2, 1)),
    ]


def test_a_step_that_is_done_once_is_due_on_the_first_working_day_of_the_plan() -> None:
    saturday = date(2026, 10, 10)
    found = dated("once", saturday, saturday + timedelta(days=30), starts_on=saturday)
    assert [(one.key, one.due_on) for one in found] == [("once", date(2026, 10, 12))]


@pytest.mark.parametrize(
    ("every_weeks", "expected"), [(1, 8), (2, 4), (4, 2)], ids=["weekly", "fortnightly", "monthly"]
)
def test_a_rhythm_that_stepped_down_leaves_weeks_out(every_weeks: int, expected: int) -> None:
    last = STARTS + timedelta(weeks=8, days=-1)
    assert len(dated("weekly", STARTS, last, every_weeks=every_weeks)) == expected


def test_nothing_falls_due_before_the_plan_or_after_its_end() -> None:
    ends = STARTS + timedelta(days=13)
    found = dated("weekly", STARTS - timedelta(days=30), STARTS + timedelta(days=90), ends_on=ends)
    assert [one.key for one in found] == ["2026-W41", "2026-W42"]


def test_the_last_week_of_a_year_with_53_weeks_has_a_key_of_its_own() -> None:
    found = dated("weekly", date(2026, 12, 28), date(2027, 1, 10))
    assert [one.key for one in found] == ["2026-W53", "2027-W01"]
