"""What any chart tells the status rules: marks of each row, lines, phases, and which way is better as drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mendline.statistics.arithmetic import LINE_TOLERANCE, FloatArray, as_series
from mendline.statistics.charts import ChartKind, ControlPoint, control_chart
from mendline.statistics.rules import STANDARD_RUNS, Lines, RunLengths, mark_points
from mendline.statistics.runs import RunsAnalysis
from mendline.statistics.xmr import DIRECTION, Improvement, XmrChart, phase_bounds, xmr_chart

StatusChart = Literal["xmr", "p", "pp", "u", "up", "c", "g", "t"]
GAP_CHARTS: frozenset[StatusChart] = frozenset({"g", "t"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A chart as the status rules see it. `direction` is +1 where higher is better *as drawn* (flipped for gaps)."""

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
    screen: bool = True,
    runs: RunLengths = STANDARD_RUNS,
) -> Reading:
    """Read an XmR chart."""
    chart = xmr_chart(
        values, improvement=improvement, rebase_at=rebase_at, fix_after=fix_after, screen=screen, runs=runs
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
    multiply: float = 1.0,
    screen: bool = True,
    runs: RunLengths = STANDARD_RUNS,
) -> Reading:
    """Read a chart of proportions, rates, counts or gaps with the same four rules.

    On charts of gaps between events (g, t) `improvement` speaks of the events: fewer means longer gaps.
    """
    chart_kind: ChartKind = "c" if kind == "xmr" else kind
    bounds = phase_bounds(len(numerators), rebase_at)
    parts = [start for start, _ in bounds[1:]]
    chart = control_chart(
        chart_kind, numerators, denominators, freeze=fix_after, part=parts, multiply=multiply, screen=screen
    )
    marks: list[int] = []
    for start, end in bounds:
        marks.extend(marks_of(chart.points[start:end], runs))
    direction = DIRECTION[improvement] * (-1 if kind in GAP_CHARTS else 1)
    current = chart.points[bounds[-1][0] :] if bounds else ()
    flaw = None if any(point.upper is not None for point in current) else "no_limits"
    return Reading(
        kind,
        direction,
        column(chart.points, "y"),
        tuple(marks),
        tuple(point.centre for point in chart.points),
        tuple(point.lower for point in chart.points),
        tuple(point.upper for point in chart.points),
        tuple(start for start, _ in bounds),
        flaw,
        chart.runs[-1] if chart.runs else None,
    )


def column(points: Sequence[ControlPoint], name: str) -> FloatArray:
    """One member of each point as an array, NaN for None."""
    return as_series([getattr(point, name) for point in points])


def marks_of(points: Sequence[ControlPoint], runs: RunLengths = STANDARD_RUNS) -> list[int]:
    """Marks of one part of a chart by the four rules: beyond 3 sigma, near from 2, side of the drawn centre, trend on y."""
    values = column(points, "y")[:, np.newaxis]
    centre, lower, upper, near_lower, near_upper = (
        column(points, name)[:, np.newaxis] for name in ("centre", "lower", "upper", "near_lower", "near_upper")
    )
    lines = Lines(centre, lower, upper, near_lower, near_upper, LINE_TOLERANCE * np.abs(values))
    marks: list[int] = mark_points(values, lines, runs=runs).marks[:, 0].tolist()
    return marks
