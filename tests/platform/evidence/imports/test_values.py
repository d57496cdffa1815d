from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.evidence.imports.values import (
    CellError,
    read_comma_decimal,
    read_date,
    read_decimal,
    read_integer,
    read_percent,
)


@pytest.mark.parametrize(
    "text",
    ["2026-11-02", "02/11/2026", "2/11/2026", "2.11.2026", "2-11-2026", "20261102", "2026-W45", "2026W45", "2 Nov 2026",
     "2nd November 2026", "2-nov-2026", "2026-11-02T06:41:00Z", "02/11/2026 - 00:00", " 2026-11-02 "],
)  # fmt: skip
def test_one_day_in_many_forms(text):
    assert read_date(text) == date(2026, 11, 2)


@pytest.mark.parametrize(
    ("text", "day"), [("Nov 2026", date(2026, 11, 1)), ("2025Q4", date(2025, 10, 1)), ("CY2025Q1", date(2025, 1, 1))]
)
def test_a_month_or_quarter_is_its_first_day(text, day):
    assert read_date(text) == day


@pytest.mark.parametrize(
    "text", ["", "11/13/2026", "2026-02-30", "2026-W54", "2/11/26", "tomorrow", "45999", "2026-13", "Foo 2026"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(CellError, match="is not a date"):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1240", 1240), ("1,240", 1240), ("6,000,000", 6e6), (" -5.5 ", -5.5), ("1e3", 1000), (".5", 0.5)],
)
def test_numbers_with_and_without_separators(text, number):
    assert read_decimal(text) == number


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "12,34", "nan", "inf", "0x10", "1_000", "--1", "٣"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(CellError):
        read_decimal(text)


def test_a_number_beyond_any_service_is_out_of_range():
    for text in ("1e300", "1e999", "-2e9"):
        with pytest.raises(CellError, match="out of range"):
            read_decimal(text)


def test_a_count_has_no_decimals():
    assert read_integer("12.0") == 12
    with pytest.raises(CellError, match="whole number"):
        read_integer("12.5")


def test_percent_signs_and_decimal_commas():
    assert read_percent("97.1 %") == read_percent("97.1") == 97.1
    assert read_comma_decimal("1.240,5") == 1240.5


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_date_reads_back_from_each_form(day):
    week = day.isocalendar()
    assert read_date(day.isoformat()) == read_date(f"{day:%d/%m/%Y}") == read_date(f"{day:%Y%m%d}") == day
    assert read_date(f"{day:%d %b %Y}") == day
    assert read_date(f"{week.year}-W{week.week:02}") == date.fromisocalendar(week.year, week.week, 1)


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_every_number_reads_back(number):
    assert read_decimal(repr(number)) == number
    assert read_decimal(f"{number:,.3f}") == float(f"{number:.3f}")
