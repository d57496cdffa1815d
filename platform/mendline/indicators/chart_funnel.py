"""The funnel of a group of services: rate against volume, with the limits that chance alone would keep to.

Limits arrive as plain values from whoever judged the group. Only outliers are named on the drawing; the table beside it
names every service that the caller may show.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mendline.catalogue.wording import listed, whole
from mendline.indicators.chart_axis import axis_of, ticks
from mendline.indicators.chart_layout import Box, Dot, Line, shaped, spread
from mendline.indicators.chart_spec import Mark, Unit

_VOLUME = Unit("", 0, 0, None)
_LETTER_WIDTH = 6.6
_WORDS: dict[Mark, str] = {
    "improvement": "Better than chance alone would give",
    "concern": "Worse than chance alone would give",
    "changed": "Outside what chance alone would give",
    "usual": "Within what chance alone would give",
    "missing": "Not recorded",
}


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """A service; any mark but `usual` is an outlier. `counts` is ready to read, such as `3,765 of 3,980`.

    `href` leads to the figures that were summed.
    """

    name: str
    volume: float
    value: float
    mark: Mark = "usual"
    counts: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class FunnelLimit:
    """Limits at one volume: `near` are those of 95%, `far` those of 99.8%; a side that is none is not drawn."""

    volume: float
    near_lower: float | None
    near_upper: float | None
    far_lower: float | None
    far_upper: float | None


@dataclass(frozen=True, slots=True)
class FunnelName:
    """The name of an outlier beside its point."""

    text: str
    x: float
    y: float
    anchor: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """A service in the table beside the drawing."""

    name: str
    volume: str
    value: str
    reading: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class FunnelChart:
    """A funnel with all coordinates, its sentence and its table."""

    name: str
    sentence: str
    width: float
    height: float
    box: Box
    grid: tuple[Line, ...]
    volumes: tuple[tuple[float, str], ...]
    volume_word: str
    near: tuple[str, ...]
    far: tuple[str, ...]
    centre: Line
    dots: tuple[Dot, ...]
    names: tuple[FunnelName, ...]
    rows: tuple[FunnelRow, ...]
    note: str


def funnel_chart(
    name: str,
    unit: Unit,
    points: Sequence[FunnelPoint],
    limits: Sequence[FunnelLimit],
    *,
    centre: float,
    volume_word: str,
    width: float = 344,
    height: float = 252,
) -> FunnelChart:
    """Places a funnel.

    Args:
        name: of the indicator.
        unit: how rates are written and where they end.
        points: the services, in any order.
        limits: by rising volume, as many as make a smooth curve.
        centre: rate of the whole group.
        volume_word: what the volume counts, such as `Administrations in 6 weeks`.
        width: of the drawing.
        height: of the drawing.

    Raises:
        ValueError: there is no service to draw.
    """
    if not points:
        raise ValueError("a funnel needs at least one service")
    bounds = [value for limit in limits for value in (limit.far_lower, limit.far_upper) if value is not None]
    axis = axis_of([unit.cap(value) for value in (*bounds, *(point.value for point in points), centre)], unit, lines=5)
    across_axis = axis_of([point.volume for point in points], _VOLUME, lines=3)
    left = max(len(unit.write_briefly(value)) for value in ticks(axis)) * _LETTER_WIDTH + 12
    box = Box(round(left, 1), 12.0, width - max(54, len(unit.write(centre)) * _LETTER_WIDTH + 14), height - 46)
    across, up = _scale(box.left, box.right, across_axis.low, across_axis.high), _up(box, axis.low, axis.high, unit)
    inside = [limit for limit in limits if across_axis.low <= limit.volume <= across_axis.high]
    dots = tuple(
        shaped(across(point.volume), up(point.value), point.mark, 1.15, hollow=point.mark == "usual",
               text=f"{point.name}: {unit.write(point.value)} of {whole(point.volume)}")
        for point in points
    )  # fmt: skip
    return FunnelChart(
        name, _sentence(points, unit, centre), width, height, box,
        tuple(Line(box.left, box.right, up(value), unit.write_briefly(value)) for value in ticks(axis)),
        tuple((across(value), whole(value)) for value in ticks(across_axis)), volume_word,
        _curves(inside, ("near_lower", "near_upper"), across, up),
        _curves(inside, ("far_lower", "far_upper"), across, up),
        Line(box.left, box.right, up(centre), unit.write(centre)), dots, _names(points, across, up, box),
        tuple(_row(point, unit) for point in sorted(points, key=lambda point: point.value)), axis.note,
    )  # fmt: skip


def _scale(first: float, last: float, low: float, high: float) -> Callable[[float], float]:
    return lambda value: round(first + (last - first) * (value - low) / (high - low), 1)


def _up(box: Box, low: float, high: float, unit: Unit) -> Callable[[float], float]:
    scale = _scale(box.bottom, box.top, low, high)
    return lambda value: scale(unit.cap(value))


def _curves(
    limits: Sequence[FunnelLimit],
    sides: tuple[str, str],
    across: Callable[[float], float],
    up: Callable[[float], float],
) -> tuple[str, ...]:
    drawn = []
    for side in sides:
        places = [(across(limit.volume), getattr(limit, side)) for limit in limits]
        held = [(x, up(value)) for x, value in places if value is not None]
        if len(held) > 1:
            drawn.append("M" + "L".join(f"{x:g} {y:g}" for x, y in held))
    return tuple(drawn)


def _names(
    points: Sequence[FunnelPoint], across: Callable[[float], float], up: Callable[[float], float], box: Box
) -> tuple[FunnelName, ...]:
    """Names of outliers, on the side with room, pushed apart where they would overlap."""
    outliers = sorted((point for point in points if point.mark != "usual"), key=lambda point: up(point.value))
    placed: list[FunnelName] = []
    for anchor in ("start", "end"):
        side = [point for point in outliers if _anchor(point, across, box) == anchor]
        heights = spread([up(point.value) for point in side], 14, box.top, box.bottom)
        shift = 11 if anchor == "start" else -11
        placed += [
            FunnelName(point.name, round(across(point.volume) + shift, 1), y, anchor, point.mark)
            for point, y in zip(side, heights, strict=True)
        ]
    return tuple(placed)


def _anchor(point: FunnelPoint, across: Callable[[float], float], box: Box) -> str:
    fits = across(point.volume) + 11 + len(point.name) * _LETTER_WIDTH <= box.right + 50
    return "start" if fits else "end"


def _row(point: FunnelPoint, unit: Unit) -> FunnelRow:
    counts = point.counts or whole(point.volume)
    return FunnelRow(point.name, counts, unit.write(point.value), _WORDS[point.mark], point.href)


def _sentence(points: Sequence[FunnelPoint], unit: Unit, centre: float) -> str:
    count = len(points)
    said = [f"Funnel plot of {count} service{'' if count == 1 else 's'}. Group average {unit.write(centre)}"]
    outliers = [point for point in points if point.mark != "usual"]
    for words, held in (
        ("below the lower limit", [point for point in outliers if point.value < centre]),
        ("above the upper limit", [point for point in outliers if point.value >= centre]),
    ):
        if held:
            named = listed([f"{point.name} ({unit.write(point.value)})" for point in held])
            said.append(f"{named} {'is' if len(held) == 1 else 'are'} {words}")
    if not outliers:
        said.append("No service is outside the limits")
    return ". ".join(said) + "."
