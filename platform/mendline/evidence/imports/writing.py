"""CSV that opens in a spreadsheet without running anything."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TextIO
from uuid import UUID

Writable = str | int | float | Decimal | date | UUID | bool | None

# OWASP, CSV Injection: = + - @ tab CR, their full-width forms, and NUL, which some programs drop before they look.
_STARTS_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001 -- the full-width forms are the point
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")

TEMPLATE_HEADER = ("service", "indicator", "period", "numerator", "denominator", "value", "state", "source_reference")


def safe_cell(value: Writable) -> str | int | float | Decimal:
    """A value as a cell: numbers stay numbers, text that would run as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, Decimal)):
        return value
    text = value.isoformat() if isinstance(value, date) else str(value)
    begins = text.lstrip(" \u00a0\u3000\ufeff")
    if begins.startswith(_STARTS_FORMULA) and not _PLAIN_NUMBER.fullmatch(begins):
        return "'" + text
    return text


def write_csv(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[Writable]]) -> int:
    """Writes a header and rows, and says how many rows.

    Args:
        stream: Text stream opened with `newline=""`.
        header: Column names.
        rows: Values; each row as long as the header.
    """
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in header])
    count = 0
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        count += 1
    return count


def template_csv() -> str:
    """The empty form of the `observations` mapping: its header row, ready to be filled in."""
    return ",".join(TEMPLATE_HEADER) + "\r\n"
