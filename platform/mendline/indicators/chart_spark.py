"""The small chart of a table row, 154 x 50, in the same grammar as the large one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mendline.indicators.chart_spec import Mark, Unit

WIDTH, HEIGHT = 154, 50
_PAD = 5.4
# How far left of and above its point a shape starts, and the rest of its path.
_SHAPES = {
    "usual": (1.5, 0.0, "a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0z"),
    "improvement": (3.2, 0.0, "a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z"),
    "concern": (0.0, 3.6, "l3.6 3.6-3.6 3.6-3.6-3.6z"),
    "changed": (0.0, 3.6, "l3.6 6.2h-7.2z"),
}


@dataclass(frozen=True, slots=True)
class SparkLayout:
    """Coordinates of a small chart; each kind of mark is one path, so that forty of them stay a small page."""

    width: int
    height: int
    sentence: str
    hollow: bool
    band: tuple[float, float] | None
    centre: float | None
    divider: float | None
    target: float | None
    line: str
    usual: str
    improvement: str
    concern: str
    changed: str
    ring: tuple[float, float] | None


def spark(
    values: Sequence[float | None],
    *,
    sentence: str,
    marks: Sequence[Mark] = (),
    unit: Unit | None = None,
    centre: float | None = None,
    lower: float | None = None,
    upper: float | None = None,
    target: float | None = None,
    divider: int | None = None,
    hollow: bool = False,
) -> SparkLayout:
    """Places a small chart.

    Args:
        values: in date order, none where missing.
        sentence: all that the picture says, for people who do not see it.
        marks: as many as values, or none when nothing was judged.
        unit: its ends cap what is drawn.
        centre: average line; `lower` and `upper` are the limits of the newest phase.
        lower: lower limit.
        upper: upper limit.
        target: value that is aimed at.
        divider: the first point of the recovery plan.
        hollow: the figure is not supported by evidence.

    Raises:
        ValueError: marks and values differ in number.
    """
    if marks and len(marks) != len(values):
        raise ValueError(f"{len(marks)} marks for {len(values)} values")
    return _placed(
        tuple(values), sentence, tuple(marks), unit or Unit(floor=None), centre, lower, upper, target, divider, hollow
    )


@lru_cache(maxsize=4096)
def _placed(
    values: tuple[float | None, ...],
    sentence: str,
    marks: tuple[Mark, ...],
    unit: Unit,
    centre: float | None,
    lower: float | None,
    upper: float | None,
    target: float | None,
    divider: int | None,
    hollow: bool,
) -> SparkLayout:
    """The same figures give the same picture, and a dashboard shows forty that change once a week."""
    cap = unit.cap
    low, high, middle, goal = (None if line is None else cap(line) for line in (lower, upper, centre, target))
    drawn = [None if value is None else cap(value) for value in values]
    bottom, per_unit = _scale([value for value in (low, high, middle, goal, *drawn) if value is not None])
    places = _places(len(values))
    heights = [None if value is None else bottom - per_unit * value for value in drawn]
    shapes, last = _shapes(heights, places, marks)
    top = None if high is None else bottom - per_unit * high
    return SparkLayout(
        WIDTH, HEIGHT, sentence, hollow,
        None if low is None or top is None else (round(top, 1), round(bottom - per_unit * low - top, 1)),
        None if middle is None else round(bottom - per_unit * middle, 1),
        round((places[divider - 1] + places[divider]) / 2, 1) if divider and divider < len(values) else None,
        None if goal is None else round(bottom - per_unit * goal, 1),
        _line(heights, places),
        shapes["usual"], shapes["improvement"], shapes["concern"], shapes["changed"], last,
    )  # fmt: skip


def _scale(held: Sequence[float]) -> tuple[float, float]:
    """Height of nought and pixels per unit, so that all that is drawn fits; a flat series runs through the middle."""
    low, high = (min(held), max(held)) if held else (0.0, 0.0)
    if high - low <= 1e-9 * max(1.0, abs(high), abs(low)):
        return HEIGHT / 2, 0.0
    per_unit = (HEIGHT - 2 * _PAD) / (high - low)
    return HEIGHT - _PAD + per_unit * low, per_unit


@lru_cache(maxsize=128)
def _places(count: int) -> tuple[float, ...]:
    room = WIDTH - 2 * _PAD - 1.2
    return tuple(_PAD + room * row / (count - 1) for row in range(count)) if count > 1 else (WIDTH / 2,)


def _shapes(
    heights: Sequence[float | None], places: Sequence[float], marks: Sequence[Mark]
) -> tuple[dict[str, str], tuple[float, float] | None]:
    """One path per kind of mark, each starting where its shape does, and the place of the newest point."""
    found: dict[str, list[str]] = {kind: [] for kind in _SHAPES}
    last = None
    for row, (x, y) in enumerate(zip(places, heights, strict=False)):
        if y is None:
            continue
        kind = marks[row] if marks and marks[row] != "missing" else "usual"
        left, up, tail = _SHAPES[kind]
        found[kind].append(f"M{x - left:.1f} {y - up:.1f}{tail}")
        last = (x, y)
    paths = {kind: "".join(parts) for kind, parts in found.items()}
    return paths, None if last is None else (round(last[0], 1), round(last[1], 1))


def _line(heights: Sequence[float | None], places: Sequence[float]) -> str:
    parts, pen = [], "M"
    for x, y in zip(places, heights, strict=False):
        if y is None:
            pen = "M"
            continue
        parts.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return "".join(parts)
