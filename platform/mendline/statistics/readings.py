"""What any chart tells the status rules: marks of each row, lines, phases, and which way is better as drawn."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

import numpy as np

from mendline.statistics.arithmetic import LINE_TOLERANCE, FloatArray, as_series
from mendline.statistics.charts import ChartKind, ControlPoint, control_chart
from mendline.statistics.rules import STANDARD_RUNS, Lines, RunLengths, mark_points
from mendline.statistics.runs import RunsAnalysis
from mendline.statistics.xmr import DIRECTION, BaseRows, Improvement, XmrChart, base_of, phase_bounds, xmr_chart

StatusChart = Literal["xmr", "p", "pp", "u", "up", "c", "g", "t", "run"]
GAP_CHARTS: frozenset[StatusChart] = frozenset({"g", "t"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A chart as the status rules see it. `direction` is +1 where higher is better *as drawn* (flipped for gaps).

    `clusters`, on charts of gaps, says how many events ended each gap; one each where it is empty.
    """

    chart: StatusChart
    direction: int
    values: FloatArray
    marks: tuple[int, ...]
    centre: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    phase_starts: tuple[int, ...]
    flaw: str | None
    runs: RunsAnalysis | None = None
    clusters: tuple[int, ...] = ()

    @property
    def last(self) -> int | None:
        """Row of the last usable point."""
        usable = np.flatnonzero(~np.isnan(self.values))
        return int(usable[-1]) if usable.size else None

    @property
    def phase_start(self) -> int:
        """First row of the current phase."""
        return self.phase_starts[-1] if self.phase_starts else 0


def read_xmr(
    values: Sequence[float | None] | FloatArray,
    improvement: Improvement,
    *,
    rebase_at: Sequence[int] = (),
    fix_after: int | None = None,
    limits_from: Sequence[BaseRows | None] = (),
    left_out: Collection[int] = (),
    screen: bool = True,
    runs: RunLengths = STANDARD_RUNS,
) -> Reading:
    """Read an XmR chart."""
    chart = xmr_chart(
        values,
        improvement=improvement,
        rebase_at=rebase_at,
        fix_after=fix_after,
        limits_from=limits_from,
        left_out=left_out,
        screen=screen,
        runs=runs,
    )
    return Reading(
        "xmr",
        DIRECTION[improvement],
        as_series(values),
        tuple(point.marks for point in chart.points),
        tuple(point.centre for point in chart.points),
        tuple(point.lower for point in chart.points),
        tuple(point.upper for point in chart.points),
        tuple(phase.start for phase in chart.phases),
        _xmr_flaw(chart),
    )


def _xmr_flaw(chart: XmrChart) -> str | None:
    """Why the limits of the current phase cannot carry a status."""
    if not chart.phases:
        return "no_values"
    phase = chart.phases[-1]
    if not phase.limits.defined:
        return phase.reason or "no_limits"
    # Most neighbours equal: screening leaves nothing, limits lie on the mean and every point would be a signal.
    collapsed = phase.limits.lower == phase.limits.upper and phase.reason != "no_variation"
    return "limits_collapsed" if collapsed else None


def read_attributes(
    kind: StatusChart,
    numerators: Sequence[float | None],
    denominators: Sequence[float | None] | None,
    improvement: Improvement,
    *,
    rebase_at: Sequence[int] = (),
    fix_after: int | None = None,
    limits_from: Sequence[BaseRows | None] = (),
    left_out: Collection[int] = (),
    multiply: float = 1.0,
    screen: bool = True,
    runs: RunLengths = STANDARD_RUNS,
    clusters: Sequence[int] = (),
) -> Reading:
    """Read a chart of proportions, rates, counts or gaps with the same four rules.

    On charts of gaps between events (g, t) `improvement` speaks of the events: fewer means longer gaps.
    """
    chart_kind: ChartKind = "c" if kind == "xmr" else kind
    bounds = phase_bounds(len(numerators), rebase_at)
    points: list[ControlPoint] = []
    marks: list[int] = []
    found: RunsAnalysis | None = None
    flaw: str | None = "no_limits"
    for place, (start, end) in enumerate(bounds):
        chart = control_chart(
            chart_kind,
            numerators[start:end],
            None if denominators is None else denominators[start:end],
            base=base_of(limits_from, place, (start, end), fix_after),
            exclude=[row - start + 1 for row in left_out if start <= row < end],
            multiply=multiply,
            screen=screen,
        )
        points.extend(chart.points)
        marks.extend(marks_of(chart.points, runs))
        found = chart.runs[-1]
        limited = kind == "run" or any(point.upper is not None for point in chart.points)
        flaw = None if limited else "no_limits"
    return Reading(
        kind,
        DIRECTION[improvement] * (-1 if kind in GAP_CHARTS else 1),
        column(points, "y"),
        tuple(marks),
        tuple(point.centre for point in points),
        tuple(point.lower for point in points),
        tuple(point.upper for point in points),
        tuple(start for start, _ in bounds),
        flaw,
        found,
        tuple(clusters),
    )


def column(points: Sequence[ControlPoint], name: str) -> FloatArray:
    """One member of each point as an array, NaN for None."""
    return as_series(list(map(attrgetter(name), points)))


def marks_of(points: Sequence[ControlPoint], runs: RunLengths = STANDARD_RUNS) -> list[int]:
    """Marks of one part of a chart by the four rules: beyond 3 sigma, near from 2, side of the drawn centre, trend on y."""
    values = column(points, "y")[:, np.newaxis]
    centre, lower, upper, near_lower, near_upper = (
        column(points, name)[:, np.newaxis] for name in ("centre", "lower", "upper", "near_lower", "near_upper")
    )
    lines = Lines(centre, lower, upper, near_lower, near_upper, LINE_TOLERANCE * np.abs(values))
    marks: list[int] = mark_points(values, lines, runs=runs).marks[:, 0].tolist()
    return marks
