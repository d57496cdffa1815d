"""The small chart of a table row, 154 x 50, in the same grammar as the large one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mendline.indicators.chart_spec import Mark, Unit

WIDTH, HEIGHT = 154, 50
_PAD = 5.4


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
    cap = (unit or Unit(floor=None)).cap
    limits = [None if line is None else cap(line) for line in (lower, upper, centre, target)]
    drawn = [None if value is None else cap(value) for value in values]
    up = _up(value for value in (*limits, *drawn) if value is not None)
    across = _across(len(values))
    points = [(across(row), up(value), marks[row] if marks else "usual") for row, value in enumerate(drawn)
              if value is not None]  # fmt: skip
    low, high, middle, goal = (None if value is None else up(value) for value in limits)
    return SparkLayout(
        WIDTH, HEIGHT, sentence, hollow,
        None if low is None or high is None else (high, round(low - high, 1)),
        middle,
        round((across(divider - 1) + across(divider)) / 2, 1) if divider and divider < len(values) else None,
        goal,
        _line(drawn, across, up),
        "".join(_circle(x, y, 1.5) for x, y, mark in points if mark in {"usual", "missing"}),
        "".join(_circle(x, y, 3.2) for x, y, mark in points if mark == "improvement"),
        "".join(f"M{x:g} {y - 3.6:g}l3.6 3.6-3.6 3.6-3.6-3.6z" for x, y, mark in points if mark == "concern"),
        "".join(f"M{x:g} {y - 3.6:g}l3.6 6.2h-7.2z" for x, y, mark in points if mark == "changed"),
        points[-1][:2] if points else None,
    )  # fmt: skip


def _up(values: Iterable[float]) -> Callable[[float], float]:
    held = list(values) or [0.0]
    low, high = min(held), max(held)
    if high == low:
        return lambda _: HEIGHT / 2
    return lambda value: round(HEIGHT - _PAD - (HEIGHT - 2 * _PAD) * (value - low) / (high - low), 1)


def _across(count: int) -> Callable[[int], float]:
    room = WIDTH - 2 * _PAD - 1.2
    return (lambda row: round(_PAD + room * row / (count - 1), 1)) if count > 1 else (lambda _: WIDTH / 2)


def _circle(x: float, y: float, r: float) -> str:
    return f"M{x - r:.4g} {y:g}a{r:g} {r:g} 0 1 0 {2 * r:g} 0a{r:g} {r:g} 0 1 0-{2 * r:g} 0z"


def _line(values: Sequence[float | None], across: Callable[[int], float], up: Callable[[float], float]) -> str:
    parts, pen = [], "M"
    for row, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{across(row):g} {up(value):g}")
        pen = "L"
    return "".join(parts)
