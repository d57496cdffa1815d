"""What no true figure can say; pure."""

from collections.abc import Sequence

from mendline.evidence.imports.binding import BoundFigure
from mendline.evidence.imports.known import KnownIndicator
from mendline.evidence.imports.plan import ImportRow

NEEDS_PARTS = ("proportion", "rate")


def contradiction(row: ImportRow, indicator: KnownIndicator) -> tuple[str, str] | None:
    """What no true figure can say, with what to do; the first that holds."""
    top, bottom = row.numerator, row.denominator
    parts = indicator.measure_type in NEEDS_PARTS
    bounded = indicator.measure_type == "proportion" and indicator.bounded
    if top is not None and bottom and row.value is None and 0 <= top <= bottom:
        return None  # by far the most rows
    over = bounded and top is not None and bottom is not None and top > bottom
    rules = (
        ((top or 0) < 0 or (bottom or 0) < 0, "is below zero", "Counts and denominators are zero or more."),
        (
            parts and top is not None and bottom is None,
            "has no denominator",
            "Give the denominator too, so that services can be pooled; or give only the value.",
        ),
        (
            parts and bool(bottom) and top is None and row.value is None,
            "has no numerator",
            "Write 0 if nothing was counted, or the state “missing”.",
        ),
        (bottom == 0 and bool(top), "is counted out of a denominator of zero", "Check both figures."),
        (over, f"is more than its denominator of {bottom or 0:g}", "A part cannot be more than the whole: check both."),
        (
            row.value is not None and top is None and not _possible(row.value, indicator),
            "is out of range",
            "A percentage of this kind is from 0 to 100; other figures are zero or more.",
        ),
        (
            indicator.unit == "%" and _disagrees(row),
            f"does not agree with a value of {row.value or 0:g}",
            "Give the parts or the value. A thousands comma outside quotation marks moves figures to the next column.",
        ),
    )
    return next(((reason, advice) for holds, reason, advice in rules if holds), None)


def _disagrees(row: ImportRow) -> bool:
    """Whether a percentage is not that of its parts, beyond rounding to a whole percent."""
    if row.value is None or row.numerator is None or not row.denominator:
        return False
    return abs(100 * row.numerator / row.denominator - row.value) > 0.6


def _possible(value: float, indicator: KnownIndicator) -> bool:
    if indicator.unit == "percentage points":
        return -100 <= value <= 100
    if indicator.unit == "%":
        return 0 <= value <= (100 if indicator.bounded else 1000)
    return value >= 0


def blamed(row: ImportRow, figure: BoundFigure | None, cells: Sequence[str]) -> tuple[str, str]:
    """The column that a problem of a figure is about, and its cell."""
    if figure is None:
        return "", ""
    below = figure.denominator if (row.denominator or 0) < 0 or (row.numerator is None and row.denominator) else None
    column = below or (figure.numerator if row.numerator is not None else figure.value)
    return (column.header, column.raw(cells)) if column is not None else ("", "")
