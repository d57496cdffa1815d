"""Builds the specification of a chart from plain series: dates, values, marks, limits, targets, events."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.wording import short_date, short_month
from mendline.indicators.chart_axis import axis_of
from mendline.indicators.chart_spec import (
    MARK_WORDS,
    TITLES,
    ChartPoint,
    ChartSpec,
    Divider,
    Event,
    Kind,
    Mark,
    MovingRange,
    Phase,
    Target,
    TargetLine,
    Unit,
    counts_text,
    letters,
    moving_ranges,
)

ENOUGH_POINTS = 12  # fewer show line and target only (interface guide, section 5)
LIMIT_FACTOR = 2.66  # limits of an XmR chart, as a multiple of the average moving range (3 / d2 for n = 2)
RANGE_LIMIT = 3.268  # upper limit of a moving range of two, as a multiple of the average (D4 for n = 2)
_PERIODS = {"weekly": ("week", "Week of"), "monthly": ("month", "")}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that changed the series: on which day, and what it was."""

    day: date
    what: str


@dataclass(frozen=True, slots=True)
class Series:
    """The figures of one indicator in date order; the other rows are as long as `dates`, or empty.

    Attributes:
        dates: first day of each period.
        values: one per period, none where nothing was recorded.
        marks: improvement, concern, changed, usual or missing, none where there was nothing to judge by; empty means
            that nothing was judged.
        hollow: true where no current evidence backs the figure.
        words: what is said of a point over what its mark says; empty or an empty text where nothing is.
        counts: what stands behind each figure, where it is no share of a whole.
        restated: the day on which a later revision took the place of the first figure, where one did.
    """

    dates: Sequence[date]
    values: Sequence[float | None]
    numerators: Sequence[float | None] = ()
    denominators: Sequence[float | None] = ()
    marks: Sequence[Mark | None] = ()
    hollow: Sequence[bool] = ()
    words: Sequence[str] = ()
    counts: Sequence[str] = ()
    restated: Sequence[date | None] = ()


def chart_spec(
    name: str,
    unit: Unit,
    series: Series,
    *,
    cadence: str = "weekly",
    phases: Sequence[Phase] = (),
    median: float | None = None,
    targets: Sequence[Target] = (),
    recovery_start: date | None = None,
    events: Sequence[Happening] = (),
    reading: str = "",
    kind: Kind = "xmr",
    steps: Sequence[Phase] = (),
    period_word: str = "",
) -> ChartSpec:
    """The chart of one indicator.

    Args:
        name: of the indicator, as a heading writes it.
        unit: how its values are written.
        series: its figures.
        cadence: weekly or monthly.
        phases: stretches with their limits; none gives a run chart or a plain line.
        median: of the baseline, for a run chart.
        targets: each with the days for which it holds; one of none is none.
        recovery_start: the day on which the recovery plan began; the baseline lies before it.
        events: in any order; they get the letters A, B, C by date.
        reading: the fixed words that were judged, such as "Improving. Misses target".
        kind: of chart, where it has limits.
        steps: limits of each point, where they follow its denominator.
        period_word: what a point stands for, where that is no week or month.

    Raises:
        ValueError: rows of different length, dates out of order, or a phase outside the series.
    """
    _check(series, phases)
    count = len(series.dates)
    few = sum(value is not None for value in series.values) < ENOUGH_POINTS
    limited = () if few else tuple(phase for phase in phases if phase.centre is not None)
    lines = tuple(line for target in targets for line in _target_line(target, series.dates, unit))
    shown: Kind = kind if limited else "run" if median is not None else "line"
    stepped = tuple(steps) if limited else ()
    moving = _moving_range(series.values, limited, unit, cadence) if limited and kind == "xmr" else None
    parts = [*_drawn(series.values, (*limited, *stepped), unit), *(line.value for line in lines)]
    axis = axis_of(parts if median is None or limited else [*parts, median], unit)
    dividers, baseline = _dividers(series.dates, recovery_start, limited, cadence)
    against = targets[-1].value if targets else None
    points = _points(series, unit, cadence, against, judged=bool(limited))
    period = period_word or _PERIODS[cadence][0]
    sentence = _sentence(name, unit, points, (shown, limited, median, lines), period, reading)
    return ChartSpec(
        name, shown, cadence, unit, points, limited, None if limited else median, lines, dividers, baseline,
        _events(events, series.dates) if count else (), axis, moving, few, sentence, reading, period, stepped,
    )  # fmt: skip


def _check(series: Series, phases: Sequence[Phase]) -> None:
    count = len(series.dates)
    rows: Iterable[Sequence[object]] = (
        series.numerators,
        series.denominators,
        series.marks,
        series.hollow,
        series.words,
        series.counts,
        series.restated,
    )
    if len(series.values) != count or any(row and len(row) != count for row in rows):
        raise ValueError(f"every row of a chart has as many entries as its {count} dates")
    if any(later <= earlier for earlier, later in zip(series.dates, series.dates[1:], strict=False)):
        raise ValueError("the dates of a chart must rise")
    if any(not 0 <= phase.start <= phase.end < count for phase in phases):
        raise ValueError(f"a phase lies outside the {count} points of the chart")


def _points(series: Series, unit: Unit, cadence: str, against: float | None, *, judged: bool) -> tuple[ChartPoint, ...]:
    write = _label_of(series.dates, cadence)
    texts = ("" if value is None else unit.write_figure(value, against) for value in series.values)
    return tuple(
        _point(write(day), day, row, series, text, judged)
        for row, (day, text) in enumerate(zip(series.dates, texts, strict=True))
    )


def _point(label: str, day: date, row: int, series: Series, text: str, judged: bool) -> ChartPoint:
    value = series.values[row]
    given = series.marks[row] if series.marks and judged else None
    mark: Mark = "missing" if value is None else given or "usual"
    numerator = series.numerators[row] if series.numerators else None
    denominator = series.denominators[row] if series.denominators else None
    hollow = bool(series.hollow and series.hollow[row])
    words = MARK_WORDS[mark] if mark == "missing" or given else "Not judged"
    words = (series.words[row] if series.words else "") or words
    unsupported = hollow and value is not None and not (series.words and series.words[row])
    reading = f"{words}, not supported by evidence" if unsupported else words
    if series.restated and (on := series.restated[row]):
        reading += f", restated {short_date(on)}"
    counts = series.counts[row] if series.counts else counts_text(numerator, denominator)
    return ChartPoint(label, day.isoformat(), value, numerator, denominator, mark, hollow, text, counts, reading)


def _label_of(dates: Sequence[date], cadence: str) -> Callable[[date], str]:
    """Days carry the year once a chart is longer than one, because then each day and month stands on it twice."""
    if cadence == "monthly":
        return short_month
    long = bool(dates) and (dates[-1] - dates[0]).days > 366
    return (lambda day: f"{short_date(day)} {day.year % 100:02}") if long else short_date


def _drawn(values: Sequence[float | None], phases: Sequence[Phase], unit: Unit) -> list[float]:
    limits = [line for phase in phases for line in (phase.lower, phase.upper, phase.centre) if line is not None]
    return [unit.cap(value) for value in (*values, *limits) if value is not None]


def _target_line(target: Target, dates: Sequence[date], unit: Unit) -> list[TargetLine]:
    held = [
        row
        for row, day in enumerate(dates)
        if (target.valid_from is None or day >= target.valid_from)
        and (target.valid_to is None or day <= target.valid_to)
    ]
    text = unit.write_briefly(target.value)
    return [TargetLine(held[0], held[-1], target.value, text)] if held else []


def _dividers(
    dates: Sequence[date], recovery_start: date | None, phases: Sequence[Phase], cadence: str
) -> tuple[tuple[Divider, ...], str]:
    """Lines where the plan began and where limits were set anew, and the words above what lies before the plan."""
    first = next((row for row, day in enumerate(dates) if recovery_start and day >= recovery_start), 0)
    anew = [Divider(phase.start, "New limits") for phase in phases[1:] if phase.start != first]
    if not first:
        return tuple(anew), ""
    period = _PERIODS[cadence][0]
    heading = f"Before the plan, {first} {period}{'s' if first > 1 else ''}"
    return tuple(sorted([Divider(first, "Recovery plan"), *anew], key=lambda divider: divider.index)), heading


def _events(events: Sequence[Happening], dates: Sequence[date]) -> tuple[Event, ...]:
    """Each event above the period it fell into; one before the first period belongs to no point and is left out."""
    placed = [(bisect_right(dates, event.day) - 1, event.what) for event in sorted(events, key=lambda event: event.day)]
    shown = [(row, what) for row, what in placed if row >= 0]
    return tuple(Event(letter, row, what) for letter, (row, what) in zip(letters(len(shown)), shown, strict=True))


def _moving_range(
    values: Sequence[float | None], phases: Sequence[Phase], unit: Unit, cadence: str
) -> MovingRange | None:
    last = phases[-1]
    average = _average_range(last)
    if average is None:
        return None
    ranges = moving_ranges(values, phases)
    upper = RANGE_LIMIT * average
    plain = Unit("", max(unit.decimals, 1), 0, None)
    axis = axis_of([upper, *(value for value in ranges if value is not None)], plain, lines=3, from_nought=True)
    period = _PERIODS[cadence][0]
    heading = f"Moving range: change from one {period} to the next"
    above = sum(value is not None and value > upper for value in ranges[last.start :])
    found = f"{above} {period}{' is' if above == 1 else 's are'}" if above else f"No {period} is"
    average_text, upper_text = plain.write(average), plain.write(upper)
    sentence = f"Moving range chart. Average change {average_text}, upper limit {upper_text}. {found} above the limit."
    if unit.difference:
        heading = f"{heading}, {unit.difference}"
    return MovingRange(ranges, average, upper, average_text, upper_text, axis, heading, sentence)


def _average_range(phase: Phase) -> float | None:
    """The mean moving range, or what the limits say of it: they lie `LIMIT_FACTOR` times as far from the centre."""
    if phase.average_range is not None or phase.upper is None or phase.centre is None:
        return phase.average_range
    return (phase.upper - phase.centre) / LIMIT_FACTOR


def _sentence(
    name: str,
    unit: Unit,
    points: Sequence[ChartPoint],
    drawn: tuple[Kind, Sequence[Phase], float | None, Sequence[TargetLine]],
    period: str,
    reading: str,
) -> str:
    """What the picture says, for people who do not see it: baseline, range, latest, target, reading."""
    kind, phases, median, lines = drawn
    title = TITLES[kind]
    count = len(points)
    parts = [f"{title} of {name[:1].lower()}{name[1:]}, {count} {period}{'' if count == 1 else 's'}"]
    parts += _lines_said(unit, kind, phases, median)
    latest = next((point for point in reversed(points) if point.value is not None), None)
    if latest is None:
        parts.append("Nothing has been recorded yet")
    else:
        when = f"week of {latest.label}" if period == "week" else latest.label
        parts.append(f"Latest {latest.text}, {when}")
    parts.append(f"Target {lines[-1].text}" if lines else "No target is set")
    return ". ".join([*parts, *([reading.rstrip(".")] if reading else [])]) + "."


def _lines_said(unit: Unit, kind: Kind, phases: Sequence[Phase], median: float | None) -> list[str]:
    if not phases:
        return ["Too few points to judge" if median is None else f"Baseline median {unit.write(median)}"]
    phase = phases[-1]
    centre = "Baseline average" if len(phases) == 1 else "Average since limits were set anew"
    centre = {"g": "Median", "t": "Usual gap"}.get(kind, centre)
    said = [] if phase.centre is None else [f"{centre} {unit.write(phase.centre)}"]
    if phase.lower is not None and phase.upper is not None:
        low, high = unit.write(unit.cap(phase.lower)), unit.write(unit.cap(phase.upper))
        said.append(f"Expected range {low} to {high}")
    return said
