"""One cell of a file to one value. Each reading either succeeds or says what a good cell looks like."""

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

LARGEST = 1e9  # no count, sum of hours or rate of a care service comes near; beyond it a cell is damaged

Cell = str | float | int | date | None
Reader = Callable[[str], Cell]

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,-].*)?", re.ASCII)
_DAY_MONTH_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]+)[ -](\d{4})", re.ASCII)
_MONTH_NAME = re.compile(r"([A-Za-z]+)[ -](\d{4})", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ISO_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.ASCII)
_QUARTER = re.compile(r"(?:CY)?(\d{4})[ -]?Q([1-4])", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?(?:[eE][+-]?\d+)?|[+-]?\.\d+", re.ASCII)


class CellError(ValueError):
    """A cell that cannot be read; `args` are the reason and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        """Keeps both parts apart, as problems show them apart."""
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice


@lru_cache(maxsize=8192)
def read_date(text: str) -> date:
    """A date: ISO, day first as in Britain, `1 Nov 2026`, `Nov 2026`, `20261101`, `2026-W45` or `2026Q1`.

    A week gives its Monday, a month or quarter its first day. Never month first.

    Raises:
        CellError: None of these forms, or a day that does not exist.
    """
    cell = text.strip()
    try:
        for pattern, build in _DATE_FORMS:
            if match := pattern.fullmatch(cell):
                return build(*match.groups())
    except (ValueError, KeyError):
        pass
    raise CellError("is not a date", "Write it as 2026-11-16 or 16/11/2026, the day before the month.")


def _named(day: str, month: str, year: str) -> date:
    return date(int(year), _MONTHS[month.lower()], int(day))


_DATE_FORMS: tuple[tuple[re.Pattern[str], Callable[..., date]], ...] = (
    (_ISO, lambda y, m, d: date(int(y), int(m), int(d))),
    (_DAY_FIRST, lambda d, m, y: date(int(y), int(m), int(d))),
    (_COMPACT, lambda y, m, d: date(int(y), int(m), int(d))),
    (_DAY_MONTH_NAME, _named),
    (_MONTH_NAME, lambda month, year: _named("1", month, year)),
    (_ISO_WEEK, lambda year, week: date.fromisocalendar(int(year), int(week), 1)),
    (_QUARTER, lambda year, quarter: date(int(year), 3 * int(quarter) - 2, 1)),
)


@lru_cache(maxsize=8192)
def read_decimal(text: str) -> float:
    """A number, with or without thousands separators (`6,000,000`), never a damaged or endless one.

    Raises:
        CellError: Not a number, or larger than any figure of a service.
    """
    cell = text.strip().replace("\N{NO-BREAK SPACE}", "").replace("\N{MINUS SIGN}", "-")
    if not _NUMBER.fullmatch(cell):
        raise CellError("is not a number", "Write digits only, such as 1240 or 97.1.")
    number = float(cell.replace(",", ""))
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise CellError("is out of range", "No figure of a service is that large. Check the export.")
    return number


def read_comma_decimal(text: str) -> float:
    """A number with a decimal comma, as in `1.240,5`.

    Raises:
        CellError: As for `read_decimal`.
    """
    return read_decimal(text.strip().replace(".", "").replace(",", "."))


@lru_cache(maxsize=8192)
def read_integer(text: str) -> int:
    """A whole number; `12.0` is one, `12.5` is not.

    Raises:
        CellError: Not a whole number.
    """
    number = read_decimal(text)
    if not number.is_integer():
        raise CellError("is not a whole number", "Counts are whole: no decimals.")
    return int(number)


@lru_cache(maxsize=8192)
def read_percent(text: str) -> float:
    """A percentage in percent: `97.1%` and `97.1` are both 97.1.

    Raises:
        CellError: Not a number.
    """
    return read_decimal(text.strip().removesuffix("%"))


def read_text(text: str) -> str:
    """The cell without outer white space."""
    return text.strip()


@lru_cache(maxsize=8192)
def monday(day: date) -> date:
    """The Monday of the ISO week that holds a day."""
    return day - timedelta(days=day.weekday())


def month_start(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


READERS: dict[str, Reader] = {
    "date": read_date,
    "integer": read_integer,
    "decimal": read_decimal,
    "decimal_comma": read_comma_decimal,
    "percent": read_percent,
    "text": read_text,
}
