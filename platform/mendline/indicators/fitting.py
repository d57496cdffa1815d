"""Which chart fits an indicator here, and what its limits are locked to: from measure, counts and rarity, or by a person.

Only totals of periods are known, so charts of gaps between events are used where most periods hold none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal, cast

import numpy as np

from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.statistics.arithmetic import FloatArray, as_series
from mendline.statistics.chooser import Choice, Measure, choose_chart
from mendline.statistics.gaps import shows_gaps
from mendline.statistics.limits import MINIMUM_BASELINE
from mendline.statistics.xmr import BaseRows

FITTING = "fitting"
CHARTS = ("xmr", "p", "pp", "u", "up", "c", "g", "t", "run")
BY_PARTS = frozenset({"p", "pp", "u", "up"})
OF_GAPS = frozenset({"g", "t"})


@dataclass(frozen=True, slots=True)
class NewBase:
    """Limits that were set anew from a period on, because the process or what is counted was changed."""

    starts_on: date
    what_changed: str = ""


@dataclass(frozen=True, slots=True)
class ChartFacts:
    """What people settled about a chart.

    Attributes:
        first_period: of the baseline that was frozen first; limits are locked to it.
        last_period: of that baseline.
        new_bases: approved, in order of their start.
        left_out: first days of exceptional periods that stay on the chart and out of its limits.
        chosen: the chart that a person set over the fitting one.
        chosen_reason: why.
    """

    first_period: date | None = None
    last_period: date | None = None
    new_bases: tuple[NewBase, ...] = ()
    left_out: tuple[date, ...] = ()
    chosen: str | None = None
    chosen_reason: str = ""


NOTHING_SETTLED = ChartFacts()


@dataclass(frozen=True, slots=True)
class Figures:
    """The periods of an indicator as columns, NaN where there is nothing."""

    values: FloatArray
    numerators: FloatArray
    denominators: FloatArray
    counted: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """The chart that is read.

    Attributes:
        chart: its kind.
        choice: what the figures alone would have: chart, reason and the numbers that decided.
        overruled: a person set it.
        starts: rows at which limits were set anew, beside 0.
        bases: for each phase the rows that its limits are locked to; None where they are worked out anew.
        left_out: rows of exceptional periods, which enter no limit; on charts of gaps there are none.
    """

    chart: str
    choice: Choice
    overruled: bool
    starts: tuple[int, ...]
    bases: tuple[BaseRows | None, ...]
    left_out: tuple[int, ...] = ()

    @property
    def on_log_scale(self) -> bool:
        """Whether figures are judged by their logarithms: skewed durations."""
        return self.chart == "xmr" and self.choice.log_scale and not self.overruled


def figures_of(
    definition: IndicatorDefinition,
    values: Sequence[float | None],
    numerators: Sequence[float | None],
    denominators: Sequence[float | None],
) -> Figures:
    """The columns, and whether every figure can be counted from whole parts."""
    value, top, bottom = as_series(values), as_series(numerators), as_series(denominators)
    known = ~np.isnan(value)
    counted = definition.measure_type in ("proportion", "rate", "count") and bool(known.any())
    counted = counted and bool((top[known] >= 0).all())
    if definition.measure_type in ("proportion", "rate"):
        counted = counted and bool((bottom[known] > 0).all())
    if definition.measure_type == "proportion":
        counted = counted and bool((top[known] <= bottom[known]).all())
    top, bottom = np.where(known, top, np.nan), np.where(known, bottom, np.nan)
    return Figures(value, top, bottom, counted)


def fit_chart(
    definition: IndicatorDefinition, cadence: Cadence, starts_on: Sequence[date], figures: Figures, settled: ChartFacts
) -> Fit:
    """The chart to read.

    Args:
        definition: says what kind of figure it is.
        cadence: weekly or monthly.
        starts_on: first day of each period.
        figures: as long.
        settled: what people settled.
    """
    starts = tuple(
        row
        for row in dict.fromkeys(_row_from(starts_on, base.starts_on) for base in settled.new_bases)
        if row is not None and row > 0
    )
    bases = _bases(starts_on, figures, starts, settled)
    choice = _choice(definition, cadence, _deciding(figures, starts, bases))
    chart = choice.chart
    overruled = settled.chosen in CHARTS and can_be(definition, figures, settled.chosen or "")
    kind = cast("str", settled.chosen) if overruled else chart
    left_out = tuple(row for row, start in enumerate(starts_on) if start in settled.left_out)
    return Fit(kind, choice, overruled, starts, bases, () if kind in OF_GAPS else left_out)


def can_be(definition: IndicatorDefinition, figures: Figures, chart: str) -> bool:
    """Whether these figures make such a chart at all."""
    if chart in ("xmr", "run"):
        return True
    if not figures.counted:
        return False
    if chart in ("p", "pp"):
        return definition.measure_type == "proportion"
    if chart in ("u", "up"):
        return definition.measure_type == "rate"
    if chart == "g":
        return definition.measure_type in ("proportion", "rate")
    return chart == "t" or definition.measure_type in ("rate", "count")


def rare_events(definition: IndicatorDefinition, figures: Figures) -> tuple[FloatArray, bool]:
    """The rarer way a period can go, and whether that is what the indicator counts (else it counts the rest)."""
    if definition.measure_type != "proportion":
        return figures.numerators, True
    top, bottom = np.nansum(figures.numerators), np.nansum(figures.denominators)
    counts_them = bool(2 * top <= bottom)
    return (figures.numerators if counts_them else figures.denominators - figures.numerators), counts_them


def _row_from(starts_on: Sequence[date], day: date) -> int | None:
    """The first period that starts on a day or after it."""
    return next((row for row, start in enumerate(starts_on) if start >= day), None)


def _bases(
    starts_on: Sequence[date], figures: Figures, starts: Sequence[int], settled: ChartFacts
) -> tuple[BaseRows | None, ...]:
    """The first phase is locked to the frozen baseline, later ones to their own first twelve figures."""
    edges = [0, *starts, len(starts_on)]
    bases: list[BaseRows | None] = []
    for first, last in pairwise(edges):
        base = _twelve_from(figures, first, last) if first else _frozen(starts_on, figures, last, settled)
        bases.append(base)
    return tuple(bases)


def _frozen(starts_on: Sequence[date], figures: Figures, end: int, settled: ChartFacts) -> BaseRows | None:
    if settled.first_period is None or settled.last_period is None:
        return None
    rows = [row for row in range(end) if settled.first_period <= starts_on[row] <= settled.last_period]
    if not rows:
        return None
    base = (rows[0], rows[-1] + 1)
    return base if _usable(figures, base) >= MINIMUM_BASELINE else None


def _twelve_from(figures: Figures, first: int, end: int) -> BaseRows | None:
    usable = np.flatnonzero(~np.isnan(figures.values[first:end]))
    return None if usable.size < MINIMUM_BASELINE else (first, first + int(usable[MINIMUM_BASELINE - 1]) + 1)


def _usable(figures: Figures, rows: BaseRows) -> int:
    return int((~np.isnan(figures.values[slice(*rows)])).sum())


def _deciding(figures: Figures, starts: Sequence[int], bases: Sequence[BaseRows | None]) -> Figures:
    """The figures that decide on the chart: those that its limits are locked to, so that it does not change by itself."""
    rows = slice(*bases[-1]) if bases and bases[-1] else slice(starts[-1] if starts else 0, None)
    if _usable(figures, (rows.start, len(figures.values) if rows.stop is None else rows.stop)) < MINIMUM_BASELINE:
        rows = slice(None)
    return replace(
        figures,
        values=figures.values[rows],
        numerators=figures.numerators[rows],
        denominators=figures.denominators[rows],
    )


def _choice(definition: IndicatorDefinition, cadence: Cadence, figures: Figures) -> Choice:
    months = cadence == "monthly"
    if not figures.counted:
        measure: Measure = "duration" if definition.measure_type == "duration" else "score"
        return choose_chart(measure, values=figures.values.tolist(), months=months)
    found = choose_chart(
        cast("Measure", definition.measure_type),
        numerators=figures.numerators.tolist(),
        denominators=None if definition.measure_type == "count" else figures.denominators.tolist(),
        exposure_between_events=definition.measure_type == "rate",
        months=months,
    )
    if found.chart in OF_GAPS and not shows_gaps(rare_events(definition, figures)[0]):
        return replace(found, chart=_by_period(definition), reason=f"{found.reason}; {IN_MOST}")
    return found


IN_MOST = "but most periods hold one and only their totals are known, so each period keeps its point"


def _by_period(definition: IndicatorDefinition) -> Literal["p", "u", "c"]:
    match definition.measure_type:
        case "proportion":
            return "p"
        case "rate":
            return "u"
        case _:
            return "c"
