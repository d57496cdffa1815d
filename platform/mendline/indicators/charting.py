"""From a derived row to its charts: the same values in the small chart, the large one and the table beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.indicators.chart import (
    ChartLayout,
    ChartSpec,
    Happening,
    Mark,
    Phase,
    Series,
    SparkLayout,
    Target,
    Unit,
    chart_spec,
    spark,
)
from mendline.indicators.charting_gaps import gaps_spec
from mendline.indicators.fitting import BY_PARTS, OF_GAPS
from mendline.indicators.standing import Standing

SPARK_PERIODS = 18
_SUFFIX = {"%": "%", "hours": " hours", "percentage points": " points"}


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart's specification with its places; what the macro `xmr_chart` draws.

    Attributes:
        ways: from the first day of a period, in ISO 8601, to what is behind its figure.
    """

    spec: ChartSpec
    layout: ChartLayout
    ways: Mapping[str, str] = field(default_factory=dict)


def unit_of(definition: IndicatorDefinition) -> Unit:
    """How values of an indicator are written on a chart, and where they end."""
    percent = definition.unit == "%"
    return Unit(
        suffix=_SUFFIX.get(definition.unit, ""),
        decimals=max(definition.decimals, 1) if percent else definition.decimals,
        floor=None if definition.unit == "percentage points" else 0,
        ceiling=100 if percent and definition.measure_type == "proportion" else None,
        difference="percentage points" if percent else definition.unit,
    )


def spark_of(standing: Standing, definition: IndicatorDefinition, reading: str) -> SparkLayout | None:
    """The small chart of a table row: the newest periods; nothing before the first figure.

    Args:
        standing: where the indicator stands.
        definition: its meaning.
        reading: the fixed words of its status, which end the sentence that stands for the picture.
    """
    series = standing.series
    values: list[float | None] = list(series.get("values", ()))[-SPARK_PERIODS:]
    if not any(value is not None for value in values):
        return None
    unit = unit_of(definition)
    judged = series.get("centre") is not None or series.get("chart") in OF_GAPS
    marks = [mark or "usual" for mark in _marks(series)[-SPARK_PERIODS:]] if judged else []
    return spark(
        values,
        sentence=_spark_sentence(standing, definition, unit, len(values), reading),
        marks=marks,
        unit=unit,
        centre=series.get("centre"),
        lower=series.get("lower"),
        upper=series.get("upper"),
        target=standing.target_value,
        divider=_divider(series, len(values)),
        hollow=not standing.is_supported,
    )


def chart_of(
    standing: Standing,
    definition: IndicatorDefinition,
    *,
    events: Sequence[Happening] = (),
    targets: Sequence[Target] = (),
    recovery_start: date | None = None,
    reading: str = "",
    most: int = 40,
    before: bool = False,
) -> ChartSpec | None:
    """The large chart; nothing before the first figure.

    Args:
        standing: where the indicator stands.
        definition: its meaning.
        events: dated changes, lettered by date.
        targets: each with the days for which it holds; today's target where none is given.
        recovery_start: when the plan began.
        reading: the fixed words of its status.
        most: how many of the newest periods are drawn.
        before: draw limits and marks as they would be, had limits not been set anew last.
    """
    series = {**standing.series, **((standing.series.get("before") or {}) if before else {})}
    if not any(value is not None for value in series.get("values", ())):
        return None
    if series.get("gaps"):
        return gaps_spec(standing, definition, events=events, reading=reading, most=most)
    first = max(len(series["periods"]) - most, 0)
    cut: dict[str, list[Any]] = {
        name: list(series[name])[first:] for name in ("periods", "values", "numerators", "denominators")
    }
    dates = [date.fromisoformat(day) for day in cut["periods"]]
    restated = {day: date.fromisoformat(on) for day, on in series.get("restated", {}).items()}
    phases = _phases(series, first, len(dates))
    limited = bool(phases)
    unsupported = not standing.is_supported
    held = tuple(targets) or ((Target(standing.target_value),) if standing.target_value is not None else ())
    return chart_spec(
        definition.name,
        unit_of(definition),
        Series(
            dates=dates,
            values=cut["values"],
            numerators=cut["numerators"],
            denominators=cut["denominators"],
            marks=_marks(series)[first:],
            hollow=[unsupported] * len(dates),
            restated=[restated.get(day) for day in cut["periods"]],
        ),
        cadence=standing.cadence,
        phases=phases,
        median=None if limited else standing.baseline_value,
        targets=held,
        recovery_start=recovery_start if recovery_start and recovery_start > dates[0] else None,
        events=[event for event in events if event.day >= dates[0]],
        reading=reading,
        kind=series["chart"] if series.get("chart") in BY_PARTS or series.get("chart") == "c" else "xmr",
        steps=_steps(series, first),
    )


def _phases(series: dict[str, Any], first: int, count: int) -> list[Phase]:
    """Stretches with their limits, counted from the first period that is drawn."""
    return [
        Phase(max(0, phase["start"] - first), phase["end"] - first, phase["centre"], phase["lower"], phase["upper"])
        for phase in series.get("phases", ())
        if phase["centre"] is not None and first <= phase["end"] < first + count
    ]


def _steps(series: dict[str, Any], first: int) -> list[Phase]:
    """Limits of each period, where they follow its denominator."""
    lowers, uppers = series.get("lowers"), series.get("uppers")
    if not lowers or not uppers:
        return []
    return [
        Phase(row, row, None, low, high)
        for row, (low, high) in enumerate(zip(lowers[first:], uppers[first:], strict=True))
        if low is not None or high is not None
    ]


def _marks(series: dict[str, Any]) -> list[Mark | None]:
    """How each period was marked: none where it could not be judged, missing where there is no figure."""
    return [
        mark or ("missing" if value is None else None)
        for mark, value in zip(series["marks"], series["values"], strict=True)
    ]


def _divider(series: dict[str, Any], shown: int) -> int | None:
    """Where the baseline ends, counted in the periods that are shown."""
    end = series.get("baseline_end")
    if end is None:
        return None
    place: int = end + 1 - (len(series["values"]) - shown)
    return place if 0 < place < shown else None


def _spark_sentence(standing: Standing, definition: IndicatorDefinition, unit: Unit, shown: int, reading: str) -> str:
    period = "weeks" if standing.cadence == "weekly" else "months"
    said = [f"{definition.name}, {shown} {period}"]
    parts = []
    if standing.baseline_value is not None:
        parts.append(f"baseline {unit.write(standing.baseline_value)}")
    if standing.value is not None:
        parts.append(f"now {unit.write_figure(standing.value, standing.target_value)}")
    if standing.target_value is not None:
        parts.append(f"target {unit.write_briefly(standing.target_value)}")
    if parts:
        said[0] += ": " + ", ".join(parts)
    if standing.lower is not None and standing.upper is not None:
        low, high = unit.write(unit.cap(standing.lower)), unit.write(unit.cap(standing.upper))
        said.append(f"Expected range {low} to {high}")
    return ". ".join([*said, reading]) + "."
