"""A chart to test with: the medicines series of the interface mock-up, eighteen weeks to 15 November 2026."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from mendline.indicators.chart import PERCENT, ChartSpec, Happening, Mark, Phase, Series, Target, chart_spec

MEDICINES = (
    91.4, 90.2, 92.3, 91.0, 89.8, 92.0, 91.7, 90.1, 91.9, 90.6, 92.4, 91.0,
    92.6, 94.9, 93.4, 95.8, 96.6, 97.1,
)  # fmt: skip
EVENTS = (
    Happening(date(2026, 9, 3), "Gaps rose to 1 in 10"),
    Happening(date(2026, 10, 5), "End-of-shift check started"),
    Happening(date(2026, 10, 20), "Fell to 93.4%"),
    Happening(date(2026, 10, 26), "A second checker was added"),
)


def weeks(count: int, first: date = date(2026, 7, 13)) -> list[date]:
    return [first + timedelta(weeks=row) for row in range(count)]


def marks_of(values: Sequence[float | None], upper: float = 95.1) -> list[Mark]:
    return ["missing" if value is None else "improvement" if value > upper else "usual" for value in values]


def a_series(values: Sequence[float | None] = MEDICINES, **changes: Any) -> Series:
    shares = [None if value is None else round(value * 12.4) for value in values]
    fields: dict[str, Any] = {
        "dates": weeks(len(values)),
        "values": values,
        "numerators": shares,
        "denominators": [None if value is None else 1240 for value in values],
        "marks": marks_of(values),
    }
    return Series(**{**fields, **changes})


def a_chart(values: Sequence[float | None] = MEDICINES, **changes: Any) -> ChartSpec:
    series = changes.pop("series", None) or a_series(values)
    fields: dict[str, Any] = {
        "phases": (Phase(0, len(values) - 1, 91.2, 87.3, 95.1, 1.47),),
        "targets": (Target(98),),
        "recovery_start": date(2026, 10, 5),
        "events": EVENTS,
        "reading": "Improving. Misses target",
    }
    return chart_spec("Medicines recorded without gaps", PERCENT, series, **{**fields, **changes})
