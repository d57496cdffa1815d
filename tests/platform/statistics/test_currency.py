from datetime import date

import pytest

from mendline.statistics.currency import due_by, is_stale, shift_period


def test_a_week_is_current_for_a_week_and_three_working_days() -> None:
    assert due_by(date(2026, 11, 15), "weekly") == date(2026, 11, 25)
    assert not is_stale(date(2026, 11, 25), date(2026, 11, 25))
    assert is_stale(date(2026, 11, 25), date(2026, 11, 26))


def test_a_month_is_current_for_a_month_and_ten_working_days() -> None:
    assert due_by(date(2026, 9, 30), "monthly") == date(2026, 11, 13)


def test_bank_holidays_are_no_working_days() -> None:
    assert due_by(date(2026, 12, 20), "weekly", holidays=[date(2026, 12, 28)]) == date(2026, 12, 31)


def test_no_lag_reaches_beyond_two_cadences() -> None:
    assert due_by(date(2026, 11, 15), "weekly", lag=40) == date(2026, 11, 29)


@pytest.mark.parametrize(
    ("end", "periods", "cadence", "expected"),
    [
        (date(2026, 1, 31), 1, "monthly", date(2026, 2, 28)),
        (date(2026, 2, 28), 1, "monthly", date(2026, 3, 31)),
        (date(2026, 3, 31), -1, "monthly", date(2026, 2, 28)),
        (date(2026, 12, 31), 1, "quarterly", date(2027, 3, 31)),
        (date(2026, 1, 15), -1, "monthly", date(2025, 12, 15)),
        (date(2026, 1, 4), -1, "weekly", date(2025, 12, 28)),
    ],
)
def test_a_months_end_stays_a_months_end(end: date, periods: int, cadence: str, expected: date) -> None:
    assert shift_period(end, periods, cadence) == expected
