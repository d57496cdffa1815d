"""One specification of a chart over time, from which the page, the pack and the table beside it are made.

It knows no statistics: limits, marks and readings arrive as plain values from whoever judged the series, so that the
picture can never say anything else than the record. Limits of a percentage are capped at 0 and 100 where they are
drawn and written, and nowhere else (clipping must not feed back into rules or assurance).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from mendline.catalogue.wording import distinct, rounded, whole

Mark: TypeAlias = Literal["improvement", "concern", "changed", "usual", "missing"]
Kind: TypeAlias = Literal["xmr", "p", "pp", "u", "up", "c", "g", "t", "run", "line"]
TITLES: dict[Kind, str] = {
    "xmr": "XmR chart",
    "p": "p chart",
    "pp": "p\N{PRIME} chart",
    "u": "u chart",
    "up": "u\N{PRIME} chart",
    "c": "c chart",
    "g": "g chart",
    "t": "t chart",
    "run": "Run chart",
    "line": "Line chart",
}

MARK_WORDS: dict[Mark, str] = {
    "improvement": "Real improvement",
    "concern": "Real decline",
    "changed": "Real change",
    "usual": "Within usual range",
    "missing": "Not recorded",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """How values of an indicator are written and where they end.

    Attributes:
        suffix: what follows the number, with its space: `%`, ` hours`, or nothing.
        decimals: places after the point.
        floor: the least value that can be; drawn limits stop there.
        ceiling: the greatest value that can be, 100 for a percentage.
        difference: what a change between two periods is counted in, such as percentage points.
    """

    suffix: str = ""
    decimals: int = 0
    floor: float | None = 0
    ceiling: float | None = None
    difference: str = ""

    def write(self, value: float) -> str:
        """The value as people read it, such as `97.1%`; a whole axis value or target stays whole."""
        return f"{rounded(value, self.decimals)}{self.suffix}"

    def write_figure(self, value: float, against: float | None) -> str:
        """A figure beside its target, as tables write it: with more decimals where it would print as the target."""
        return f"{distinct(value, self.decimals, self.suffix, against)}{self.suffix}"

    def write_briefly(self, value: float) -> str:
        """The value without decimals that say nothing, for axes and targets: `98%`, `2.5`."""
        text = rounded(value, max(self.decimals, 2))
        return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{self.suffix}"

    def cap(self, value: float) -> float:
        """The value as it may be drawn; never used to judge."""
        low = value if self.floor is None else max(value, self.floor)
        return low if self.ceiling is None else min(low, self.ceiling)


PERCENT = Unit("%", 1, 0, 100, "percentage points")


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One period: `date` is its first day (ISO), `hollow` means that no current evidence backs it."""

    label: str
    date: str
    value: float | None
    numerator: float | None
    denominator: float | None
    mark: Mark
    hollow: bool
    text: str
    counts: str
    reading: str


@dataclass(frozen=True, slots=True)
class Phase:
    """Limits of a stretch of points, `start` to `end` inclusive (0-based); `average_range` is the mean moving range."""

    start: int
    end: int
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    average_range: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A value that is aimed at, from a day on and until another, both inclusive."""

    value: float
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A target as drawn: over which points, and how its value is written."""

    start: int
    end: int
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Event:
    """A letter above the point in whose period something happened."""

    letter: str
    index: int
    what: str


@dataclass(frozen=True, slots=True)
class Divider:
    """The line between two stretches, drawn before the point at `index`, and what stands right of it."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The scale of values; `note` says where it starts unless it starts at nought."""

    low: float
    high: float
    step: float
    note: str


@dataclass(frozen=True, slots=True)
class MovingRange:
    """Change from each point to the next, with its average and upper limit (3.268 x average) in the last phase."""

    values: tuple[float | None, ...]
    average: float
    upper: float
    average_text: str
    upper_text: str
    axis: Axis
    heading: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """Everything a chart shows. `few` means too few points to judge: line, median and target only.

    `steps` are the limits of each point where they follow its denominator; the phases then give the centre alone.
    """

    name: str
    kind: Kind
    cadence: str
    unit: Unit
    points: tuple[ChartPoint, ...]
    phases: tuple[Phase, ...]
    median: float | None
    targets: tuple[TargetLine, ...]
    dividers: tuple[Divider, ...]
    baseline_text: str
    events: tuple[Event, ...]
    axis: Axis
    moving_range: MovingRange | None
    few: bool
    sentence: str
    reading: str
    period_word: str
    steps: tuple[Phase, ...] = ()

    @property
    def title(self) -> str:
        """What kind of chart it is, in words."""
        return "Line chart: too few results for limits" if self.kind == "line" else TITLES[self.kind]

    @property
    def centre_word(self) -> str:
        """What the line in the middle is."""
        return {"g": "Median", "t": "Usual gap"}.get(self.kind, "Average")

    @property
    def ranges(self) -> tuple[Phase, ...]:
        """The stretches over which the expected range is drawn."""
        return self.steps or self.phases

    @property
    def latest(self) -> int | None:
        """The newest point that has a value."""
        return next((row for row in range(len(self.points) - 1, -1, -1) if self.points[row].value is not None), None)

    @property
    def letters(self) -> dict[int, str]:
        """Which events stand above which point, for the table beside the chart."""
        above: dict[int, str] = {}
        for event in self.events:
            above[event.index] = f"{above[event.index]}, {event.letter}" if event.index in above else event.letter
        return above

    def to_json(self) -> dict[str, Any]:
        """The specification as plain values, for the script that draws it on a page and for the HTTP API."""
        return {**asdict(self), "latest": self.latest, "centre_word": self.centre_word}


def counts_text(numerator: float | None, denominator: float | None) -> str:
    """`1,204 of 1,240`, or nothing where the figure is no share of anything."""
    return "" if numerator is None or denominator is None else f"{whole(numerator)} of {whole(denominator)}"


def letters(count: int) -> list[str]:
    """A to Z, then AA, AB and so on."""
    names: list[str] = []
    for number in range(count):
        name, rest = "", number + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            name = chr(65 + digit) + name
        names.append(name)
    return names


def moving_ranges(values: Sequence[float | None], phases: Sequence[Phase]) -> tuple[float | None, ...]:
    """Absolute change from each value to the next; none across a missing value or where a phase begins."""
    starts = {phase.start for phase in phases}
    ranges: list[float | None] = []
    for row, value in enumerate(values):
        before = values[row - 1] if row and row not in starts else None
        ranges.append(None if value is None or before is None else abs(value - before))
    return tuple(ranges)
