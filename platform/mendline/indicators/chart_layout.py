"""Where everything of a chart is placed: pure arithmetic, so that a template only writes coordinates down.

Units are those of the drawing's own box (CSS pixels at full width). Labels stand on their lines at the right and are
pushed apart; the marks differ in shape as well as in colour: circle improving, diamond declining, triangle changed,
small dot usual. A hollow mark is not backed by current evidence.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mendline.indicators.chart_axis import tick_rows, ticks
from mendline.indicators.chart_spec import Axis, ChartSpec, Mark, MovingRange, Phase

_LETTER_WIDTH = 6.6  # of Inter at 12 px, widest common mix of digits and letters
_PAD = 6.0  # between the edge of the plot and the first and last point
_EVENT_ROW = 30.0
_EVENT_GAP = 20.0
_LABEL_GAP = 16.0
_TOP = 42.0
_BOTTOM = 26.0


@dataclass(frozen=True, slots=True)
class Box:
    """The plot without its labels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal line; `text` is its label where it has one."""

    x1: float
    x2: float
    y: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """The expected range of a phase."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A point: `path` draws a diamond or a triangle, otherwise it is a circle of radius `r`."""

    x: float
    y: float
    r: float
    mark: Mark
    hollow: bool
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """An event: a lettered disc at `x`, `y`, with a dotted line from (`x`, `y1`) to its point (`to_x`, `y2`)."""

    letter: str
    x: float
    y: float
    y1: float
    to_x: float
    y2: float


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a line's right end; `kind` is target, now or line."""

    text: str
    y: float
    kind: str
    mark: Mark = "usual"


@dataclass(frozen=True, slots=True)
class Heading:
    """Words above a stretch of the plot, and the upright line on which they stand, if any."""

    text: str
    x: float
    line: float | None = None


@dataclass(frozen=True, slots=True)
class RangeLayout:
    """The moving-range panel, in a drawing of its own below the chart."""

    width: float
    height: float
    box: Box
    grid: tuple[Line, ...]
    path: str
    dots: tuple[Dot, ...]
    average_y: float
    upper_y: float
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class ChartLayout:
    """All coordinates of a chart."""

    width: float
    height: float
    box: Box
    grid: tuple[Line, ...]
    bands: tuple[Band, ...]
    centres: tuple[Line, ...]
    limits: tuple[Line, ...]
    targets: tuple[Line, ...]
    headings: tuple[Heading, ...]
    path: str
    dots: tuple[Dot, ...]
    ring: Dot | None
    dates: tuple[tuple[float, str], ...]
    events: tuple[Letter, ...]
    labels: tuple[Label, ...]
    moving: RangeLayout | None


def layout(
    spec: ChartSpec, width: float = 896, height: float = 330, range_height: float = 108, *, big: float = 1.0
) -> ChartLayout:
    """Places everything of a chart.

    Args:
        spec: what is shown.
        width: of the drawing, labels included.
        height: of the chart itself.
        range_height: of the moving-range panel; 0 leaves it out.
        big: factor on marks, for drawings that are made small.
    """
    box = _box(spec, width, height)
    across, up = _across(box, len(spec.points)), _up(box, spec.axis)
    edges = _edges(box, across, len(spec.points))
    dots = _dots(spec, across, up, big)
    segments = [(phase, *edges(phase.start, phase.end)) for phase in spec.phases]
    ranges = [(phase, *edges(phase.start, phase.end)) for phase in spec.ranges]
    moving = _moving(spec.moving_range, width, range_height, box) if spec.moving_range and range_height else None
    return ChartLayout(
        width, height, box, _grid(spec.axis, box, up, spec.unit.write_briefly),
        _bands(ranges, spec, up), _centres(segments, spec, box, up), _limits(ranges, spec, up),
        tuple(Line(*edges(line.start, line.end), _r(up(spec.unit.cap(line.value))), line.text)
              for line in spec.targets),
        _headings(spec, box, across), _path(_heights(spec, up), across), dots, dots[-1] if dots else None,
        _dates(spec, across, box), _events(spec, across, up, box), _labels(spec, up, box), moving,
    )  # fmt: skip


# ---------------------------------------------------------------------- scales
def _box(spec: ChartSpec, width: float, height: float) -> Box:
    said = [text for text, *_ in _label_texts(spec)]
    if spec.moving_range:
        said += [f"Upper limit {spec.moving_range.upper_text}"]
    right = max((len(text) for text in said), default=4) * _LETTER_WIDTH + 18
    left = max(len(spec.unit.write_briefly(value)) for value in ticks(spec.axis)) * _LETTER_WIDTH + 14
    return Box(_r(max(left, 40)), _TOP, _r(width - right), height - _BOTTOM)


def _across(box: Box, count: int) -> Callable[[int], float]:
    room = box.width - 2 * _PAD
    if count < 2:
        return lambda _: _r(box.left + _PAD + room / 2)
    return lambda row: _r(box.left + _PAD + room * row / (count - 1))


def _up(box: Box, axis: Axis) -> Callable[[float], float]:
    return lambda value: _r(box.bottom - box.height * (value - axis.low) / (axis.high - axis.low))


def _edges(box: Box, across: Callable[[int], float], count: int) -> Callable[[int, int], tuple[float, float]]:
    """From midway before the first point to midway after the last, or to the edge of the plot."""

    def between(start: int, end: int) -> tuple[float, float]:
        first = box.left if start == 0 else (across(start - 1) + across(start)) / 2
        last = box.right if end >= count - 1 else (across(end) + across(end + 1)) / 2
        return _r(first), _r(last)

    return between


# ---------------------------------------------------------------------- lines
def _grid(axis: Axis, box: Box, up: Callable[[float], float], write: Callable[[float], str]) -> tuple[Line, ...]:
    return tuple(Line(box.left, box.right, up(value), write(value)) for value in ticks(axis))


_Segment = tuple[Phase, float, float]


def _bands(segments: Iterable[_Segment], spec: ChartSpec, up: Callable[[float], float]) -> tuple[Band, ...]:
    bands = []
    for phase, x1, x2 in segments:
        if phase.lower is not None and phase.upper is not None:
            top, foot = up(spec.unit.cap(phase.upper)), up(spec.unit.cap(phase.lower))
            bands.append(Band(x1, top, _r(x2 - x1), _r(foot - top)))
    return tuple(bands)


def _centres(segments: Iterable[_Segment], spec: ChartSpec, box: Box, up: Callable[[float], float]) -> tuple[Line, ...]:
    if spec.median is not None:
        return (Line(box.left, box.right, up(spec.median)),)
    return tuple(Line(x1, x2, up(phase.centre)) for phase, x1, x2 in segments if phase.centre is not None)


def _limits(segments: Iterable[_Segment], spec: ChartSpec, up: Callable[[float], float]) -> tuple[Line, ...]:
    return tuple(
        Line(x1, x2, up(spec.unit.cap(limit)))
        for phase, x1, x2 in segments
        for limit in (phase.upper, phase.lower)
        if limit is not None
    )


def _headings(spec: ChartSpec, box: Box, across: Callable[[int], float]) -> tuple[Heading, ...]:
    """Words above the baseline and right of each divider, dropped where they would run into the next."""
    words = [Heading(spec.baseline_text, box.left)] if spec.baseline_text else []
    for divider in spec.dividers:
        x = _r((across(divider.index - 1) + across(divider.index)) / 2)
        words.append(Heading(divider.text, x + 6, x))
    shown = []
    for heading, following in zip(words, [*words[1:], None], strict=False):
        room = (following.x if following else box.right + 60) - heading.x
        fits = len(heading.text) * _LETTER_WIDTH <= room
        shown.append(heading if fits else Heading("", heading.x, heading.line))
    return tuple(shown)


# ---------------------------------------------------------------------- points
def _heights(spec: ChartSpec, up: Callable[[float], float]) -> list[float | None]:
    return [None if point.value is None else up(spec.unit.cap(point.value)) for point in spec.points]


def _path(heights: Sequence[float | None], across: Callable[[int], float]) -> str:
    """A line through the points, broken where one is missing."""
    parts, pen = [], "M"
    for row, y in enumerate(heights):
        if y is None:
            pen = "M"
            continue
        parts.append(f"{pen}{across(row):g} {y:g}")
        pen = "L"
    return "".join(parts)


def _dots(spec: ChartSpec, across: Callable[[int], float], up: Callable[[float], float], big: float) -> tuple[Dot, ...]:
    dense = len(spec.points) > 60
    return tuple(
        shaped(across(row), y, point.mark, (0.8 if dense else 1.0) * big, hollow=point.hollow,
               text=f"{point.label}: {point.text}. {point.reading}")
        for row, (point, y) in enumerate(zip(spec.points, _heights(spec, up), strict=True))
        if y is not None
    )  # fmt: skip


def shaped(x: float, y: float, mark: Mark, size: float = 1.0, *, hollow: bool = False, text: str = "") -> Dot:
    """A mark in the shape that stands for it."""
    radius = {"improvement": 5.0, "concern": 6.2, "changed": 6.0}.get(mark, 3.2) * size
    path = ""
    if mark == "concern":
        path = f"M{x:g} {y - radius:g}l{radius:g} {radius:g}-{radius:g} {radius:g}-{radius:g}-{radius:g}z"
    elif mark == "changed":
        path = f"M{x:g} {y - radius:g}l{radius:g} {1.7 * radius:g}h-{2 * radius:g}z"
    return Dot(x, y, _r(radius), mark, hollow, path, text)


def _dates(spec: ChartSpec, across: Callable[[int], float], box: Box) -> tuple[tuple[float, str], ...]:
    longest = max((len(point.label) for point in spec.points), default=6)
    rows = tick_rows(len(spec.points), int(box.width / (longest * _LETTER_WIDTH + 26)))
    return tuple((across(row), spec.points[row].label) for row in rows)


def _events(
    spec: ChartSpec, across: Callable[[int], float], up: Callable[[float], float], box: Box
) -> tuple[Letter, ...]:
    heights = _heights(spec, up)
    places = spread([across(event.index) for event in spec.events], _EVENT_GAP, box.left, box.right)
    placed = []
    for event, x in zip(spec.events, places, strict=True):
        y = heights[event.index]
        foot = box.bottom if y is None else y - 8
        placed.append(Letter(event.letter, x, _EVENT_ROW, _EVENT_ROW + 10, across(event.index), foot))
    return tuple(placed)


# ---------------------------------------------------------------------- labels
def _label_texts(spec: ChartSpec) -> list[tuple[str, float, str, Mark]]:
    """What stands at the right, with the value on which it stands."""
    said: list[tuple[str, float, str, Mark]] = []
    last = len(spec.points) - 1
    said += [(f"Target {line.text}", line.value, "target", "usual") for line in spec.targets if line.end == last]
    if spec.latest is not None:
        point = spec.points[spec.latest]
        said.append((f"Now {point.text}", point.value or 0.0, "now", point.mark))
    if spec.median is not None:
        said.append((f"Median {spec.unit.write(spec.median)}", spec.median, "line", "usual"))
    if spec.phases:
        phase = spec.ranges[-1] if spec.steps else spec.phases[-1]
        for word, value in (
            ("Upper limit", phase.upper),
            (spec.centre_word, phase.centre),
            ("Lower limit", phase.lower),
        ):
            if value is not None:
                said.append((f"{word} {spec.unit.write(spec.unit.cap(value))}", value, "line", "usual"))
    return said


def _labels(spec: ChartSpec, up: Callable[[float], float], box: Box) -> tuple[Label, ...]:
    order = {"target": 0, "now": 1, "line": 2}
    said = sorted(_label_texts(spec), key=lambda label: (up(spec.unit.cap(label[1])), order[label[2]]))
    wanted = [up(spec.unit.cap(value)) for _, value, _, _ in said]
    places = spread(wanted, _LABEL_GAP, box.top - 4, box.bottom + 4)
    return tuple(Label(text, y, kind, mark) for (text, _, kind, mark), y in zip(said, places, strict=True))


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places in rising order, as near as may be to where they are wanted, `gap` apart and between two ends.

    Neighbours that would overlap form a group around the middle of what they want. When there is no room for all, the
    gap shrinks.
    """
    if not wanted:
        return []
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    groups: list[tuple[float, int]] = []  # sum of wanted starts, size
    for row, place in enumerate(wanted):
        groups.append((place - row * gap, 1))
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] >= groups[-1][0] / groups[-1][1]:
            total, size = groups.pop()
            groups[-1] = (groups[-1][0] + total, groups[-1][1] + size)
    starts = [total / size for total, size in groups for _ in range(size)]
    room = high - gap * (len(wanted) - 1)
    return [_r(min(max(start, low), room) + row * gap) for row, start in enumerate(starts)]


# ---------------------------------------------------------------------- moving range
def _moving(moving: MovingRange, width: float, height: float, above: Box) -> RangeLayout:
    box = Box(above.left, 10.0, above.right, height - 8)
    across, up = _across(box, len(moving.values)), _up(box, moving.axis)
    heights = [None if value is None else up(value) for value in moving.values]
    dots = tuple(
        Dot(
            across(row),
            y,
            5.0 if (moving.values[row] or 0) > moving.upper else 2.6,
            "usual",
            hollow=False,
            path="",
            text="",
        )
        for row, y in enumerate(heights)
        if y is not None
    )
    places = spread([up(moving.upper), up(moving.average)], _LABEL_GAP, box.top - 4, box.bottom)
    texts = (f"Upper limit {moving.upper_text}", f"Average {moving.average_text}")
    labels = tuple(Label(text, y, "line") for text, y in zip(texts, places, strict=True))
    grid = _grid(moving.axis, box, up, lambda value: f"{value:g}")
    return RangeLayout(
        width, height, box, grid, _path(heights, across), dots, up(moving.average), up(moving.upper), labels
    )


def _r(value: float) -> float:
    return round(value, 1) + 0.0
