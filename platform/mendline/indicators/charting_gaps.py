"""The chart of rare events: what lies between them, one point for each, with an axis and words of its own."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.catalogue.wording import counted
from mendline.indicators.chart import ChartSpec, Happening, Phase, Series, Unit, chart_spec
from mendline.indicators.chart_spec import Mark
from mendline.indicators.standing import Standing

_EXPOSURES = {"OBD": "bed days", "doses": "doses"}


def gaps_spec(
    standing: Standing,
    definition: IndicatorDefinition,
    *,
    events: Sequence[Happening],
    reading: str,
    most: int,
) -> ChartSpec | None:
    """The chart of gaps; the open gap since the last event is its last point, hollow. None before two events."""
    drawn = standing.series["gaps"]
    points = drawn["points"][-most:]
    if not points:
        return None
    cut = len(drawn["points"]) - len(points)
    dates = [date.fromisoformat(point["period"]) for point in points]
    values: list[float | None] = [point["gap"] for point in points]
    marks: list[Mark | None] = [point["mark"] for point in points]
    counts = [_cluster(point) for point in points]
    words = [""] * len(points)
    corrected = standing.series.get("restated", {})
    restated = [
        date.fromisoformat(corrected[day]) if (day := point["period"]) in corrected else None for point in points
    ]
    open_gap, newest = drawn["open"], date.fromisoformat(standing.series["periods"][-1])
    if open_gap and newest > dates[-1]:
        dates.append(newest)
        values.append(open_gap)
        marks.append("improvement" if drawn["open_is_long"] and _long_is_better(definition, drawn) else None)
        counts.append("")
        restated.append(None)
        words.append("No event since: still open, not a point yet")
    unit = gap_unit(standing.series["chart_kind"], definition)
    first = dates[0]
    unsupported = standing.evidence_level == "not_supported"
    return chart_spec(
        f"{definition.name}: {unit.difference} between events",
        unit,
        Series(
            dates=dates,
            values=values,
            marks=marks,
            hollow=[unsupported] * len(points) + [True] * (len(dates) - len(points)),
            words=words,
            counts=counts,
            restated=restated,
        ),
        cadence=standing.cadence,
        phases=_phases(drawn, cut, len(dates)),
        median=None if drawn["phases"] else drawn["median"],
        events=[event for event in events if event.day >= first],
        reading=". ".join(part for part in (reading.rstrip("."), _better(definition, drawn)) if part),
        kind=standing.series["chart_kind"],
        period_word="event",
    )


def gap_unit(kind: str, definition: IndicatorDefinition) -> Unit:
    """What gaps are counted in, said in the heading and not at each number of the axis."""
    return Unit("", 0, 0, None, gap_word(kind, definition))


def gap_word(kind: str, definition: IndicatorDefinition) -> str:
    """Days, or what the indicator counts exposure in."""
    if kind == "t":
        return "days"
    return next((word for key, word in _EXPOSURES.items() if key in definition.unit), "checks")


def _phases(drawn: dict[str, Any], cut: int, count: int) -> list[Phase]:
    found = [
        Phase(max(0, phase["start"] - cut), phase["end"] - cut, phase["centre"], phase["lower"], phase["upper"])
        for phase in drawn["phases"]
        if phase["end"] >= cut
    ]
    if found:  # the open gap is held against the limits of the last stretch
        last = found[-1]
        found[-1] = Phase(last.start, count - 1, last.centre, last.lower, last.upper)
    return found


def _cluster(point: dict[str, Any]) -> str:
    return "" if point["events"] == 1 else f"{counted(point['events'], 'event')} together"


def _long_is_better(definition: IndicatorDefinition, drawn: dict[str, Any]) -> bool:
    """Longer gaps are better between what there should be less of."""
    return (definition.direction == "lower_is_better") == bool(drawn["counts_them"])


def _better(definition: IndicatorDefinition, drawn: dict[str, Any]) -> str:
    return "Longer gaps are better" if _long_is_better(definition, drawn) else "Shorter gaps are better"
