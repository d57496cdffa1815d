"""XmR charts: individual values, limits from moving ranges, four rules, variation and assurance.

Source: NHS England, Making Data Count, as computed by NHSRplotthedots 0.2.2; its defects are not copied (see README).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from mendline.statistics.arithmetic import FloatArray, as_series, line_tolerance, optional
from mendline.statistics.limits import MINIMUM_BASELINE, LimitReason, ProcessLimits, process_limits
from mendline.statistics.rules import FIRST_MATCH, STANDARD_RUNS, Basis, Lines, RunLengths, mark_points, signs_of

Improvement = Literal["increase", "decrease", "neutral"]
BaseRows: TypeAlias = tuple[int, int]  # first row and one past the last that limits are computed from
DIRECTION: dict[Improvement, int] = {"increase": 1, "decrease": -1, "neutral": 0}
SHORT_GROUP = 13  # the reference warns below 13 points, though its text says 12


@dataclass(frozen=True, slots=True)
class XmrPoint:
    """One row of the chart. What a missing value or absent limits leave unknown is None."""

    value: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    near_lower: float | None
    near_upper: float | None
    relative_to_mean: int | None
    outside_limits: bool | None
    close_to_limits: bool | None
    label: str | None
    klass: str | None
    marks: int = 0


@dataclass(frozen=True, slots=True)
class XmrPhase:
    """A stretch of rows with one set of limits; `reason` says why these are missing or special."""

    start: int
    points: int
    usable_points: int
    limits: ProcessLimits
    short: bool

    @property
    def reason(self) -> LimitReason | None:
        """Why limits are absent or lie on the mean."""
        return self.limits.reason


@dataclass(frozen=True, slots=True)
class XmrChart:
    """A whole chart. `variation` is that of the last usable point, `assurance` that of the last phase's limits.

    `variation` is improvement_high, improvement_low, concern_high, concern_low, neutral_high, neutral_low, common_cause
    or insufficient (no limits); `assurance` is pass, inconsistent, fail or None.
    """

    points: tuple[XmrPoint, ...]
    variation: str
    assurance: str | None
    short_group_warning: bool
    phases: tuple[XmrPhase, ...] = ()
    last_usable: int | None = None
    reason: LimitReason | None = None
    basis: Basis | None = None


def xmr_chart(
    values: Sequence[float | None] | FloatArray,
    *,
    improvement: Improvement,
    target: float | None = None,
    rebase_at: Sequence[int] = (),
    fix_after: int | None = None,
    limits_from: Sequence[BaseRows | None] = (),
    left_out: Collection[int] = (),
    screen: bool = True,
    runs: RunLengths = STANDARD_RUNS,
) -> XmrChart:
    """Chart a series in date order.

    Args:
        values: one per row; None or NaN where missing. Absent rows make their neighbours adjacent.
        improvement: which way is better.
        target: in the unit of the values; 0 is a target.
        rebase_at: 0-based rows at which a new phase starts.
        fix_after: compute limits from this many first points of each phase only (12 or more).
        limits_from: for each phase the rows of the series that its limits are computed from, over `fix_after`.
        left_out: rows that are drawn and judged and enter no limit, and no moving range beside them.
        screen: leave large moving ranges out of the limits, once.
        runs: points needed for a trend and a shift.

    Raises:
        ValueError: a value or the target is infinite, `improvement` is unknown, `fix_after` is below 12, or a rebase lies
            outside the series.
    """
    if improvement not in DIRECTION:
        raise ValueError(f"improvement is increase, decrease or neutral, not {improvement!r}")
    check_baseline(fix_after)
    series = as_series(values)
    goal = _checked_target(target)
    phases: list[XmrPhase] = []
    points: list[XmrPoint] = []
    for place, (start, end) in enumerate(phase_bounds(series.size, rebase_at)):
        base = base_of(limits_from, place, (start, end), fix_after)
        phase, phase_points = _chart_phase(
            series[start:end], (start, left_out), DIRECTION[improvement], base, screen, runs
        )
        phases.append(phase)
        points.extend(phase_points)
    return _finish(tuple(points), tuple(phases), DIRECTION[improvement], goal)


def check_baseline(fix_after: int | None) -> None:
    """Refuse to lock limits on fewer than 12 points."""
    if fix_after is not None and (isinstance(fix_after, bool) or int(fix_after) != fix_after):
        raise ValueError("fix_after is a whole number of points")
    if fix_after is not None and fix_after < MINIMUM_BASELINE:
        raise ValueError(f"limits can be fixed after {MINIMUM_BASELINE} points or more, not {fix_after}")


def base_of(
    limits_from: Sequence[BaseRows | None], place: int, bounds: tuple[int, int], fix_after: int | None
) -> BaseRows:
    """The rows of one phase, counted from its start, that its limits are computed from.

    Raises:
        ValueError: they lie outside the phase.
    """
    start, end = bounds
    given = limits_from[place] if place < len(limits_from) else None
    if given is None:
        return 0, end - start if fix_after is None else min(fix_after, end - start)
    if not start <= given[0] < given[1] <= end:
        raise ValueError(f"rows {given[0]} to {given[1]} lie outside the phase from {start} to {end}")
    return given[0] - start, given[1] - start


def phase_bounds(size: int, rebase_at: Sequence[int]) -> list[tuple[int, int]]:
    """First and one-past-last row of each phase; none for no rows.

    Raises:
        ValueError: a rebase lies outside the series.
    """
    for row in rebase_at:
        if not 0 <= row < size:
            raise ValueError(f"rebase at row {row} is outside a series of {size}")
    starts = sorted({0, *rebase_at}) if size else []
    return list(zip(starts, [*starts[1:], size], strict=True)) if starts else []


def assurance_of(direction: int, target: float | None, lower: float | None, upper: float | None) -> str | None:
    """Whether the process will pass, fail or sometimes miss the target; None without target, direction or limits."""
    if direction == 0 or target is None or lower is None or upper is None:
        return None
    if target > upper:
        return "fail" if direction > 0 else "pass"
    if target < lower:
        return "pass" if direction > 0 else "fail"
    return "inconsistent"


def class_of(sign: int, direction: int) -> str:
    """Class of a point whose first matching rule points up (1), down (-1) or nowhere (0)."""
    if sign == 0:
        return "common_cause"
    if direction == 0:
        return "special_cause_neutral_high" if sign > 0 else "special_cause_neutral_low"
    return "special_cause_improvement" if sign == direction else "special_cause_concern"


def variation_of(sign: int, direction: int) -> str:
    """Name of the variation icon for a last point that points up (1), down (-1) or nowhere (0)."""
    if sign == 0:
        return "common_cause"
    kind = "neutral" if direction == 0 else "improvement" if sign == direction else "concern"
    return f"{kind}_{'high' if sign > 0 else 'low'}"


def _checked_target(target: float | None) -> float | None:
    return None if target is None else optional(float(as_series([target])[0]))


def _chart_phase(
    series: FloatArray,
    placed: tuple[int, Collection[int]],
    direction: int,
    base: BaseRows,
    screen: bool,
    runs: RunLengths,
) -> tuple[XmrPhase, list[XmrPoint]]:
    start, left_out = placed
    baseline = series[slice(*base)].copy()
    baseline[[row - start - base[0] for row in left_out if base[0] <= row - start < base[1]]] = np.nan
    limits = process_limits(baseline, screen=screen)
    tolerance = line_tolerance(baseline)  # of the baseline, so that later points leave locked limits alone
    marked = mark_points(series[:, np.newaxis], lines_of(limits, tolerance), runs=runs)
    usable = ~np.isnan(series)
    lines = (
        optional(limits.centre),
        optional(limits.lower),
        optional(limits.upper),
        optional(limits.near_lower),
        optional(limits.near_upper),
    )
    points = [
        _point(value, lines, mark if limits.defined else 0, side, close, direction)
        for value, mark, side, close in zip(
            series.tolist(),
            marked.marks[:, 0].tolist(),
            signs_of(marked.side[:, 0]).tolist(),
            marked.close[:, 0].tolist(),
            strict=True,
        )
    ]
    return XmrPhase(start, series.size, int(usable.sum()), limits, series.size < SHORT_GROUP), points


def lines_of(limits: ProcessLimits, tolerance: float) -> Lines:
    """A phase's limits in the shape that the rules take."""
    columns = (limits.centre, limits.lower, limits.upper, limits.near_lower, limits.near_upper, tolerance)
    return Lines(*(np.array([[column]]) for column in columns))


_PointLines: TypeAlias = tuple[float | None, float | None, float | None, float | None, float | None]


def _point(value: float, lines: _PointLines, mark: int, side: int, close: int, direction: int) -> XmrPoint:
    if value != value:  # noqa: PLR0124 - NaN, without a call for each of many points
        return XmrPoint(None, *lines, None, None, None, None, None)
    label, sign, _ = FIRST_MATCH[mark]
    limited = lines[1] is not None
    return XmrPoint(
        value,
        *lines,
        relative_to_mean=side,
        outside_limits=bool(mark & 3) if limited else None,
        close_to_limits=close != 0 if limited else None,
        label=label,
        klass=class_of(sign, direction),
        marks=mark,
    )


def _finish(
    points: tuple[XmrPoint, ...], phases: tuple[XmrPhase, ...], direction: int, target: float | None
) -> XmrChart:
    short = any(phase.short for phase in phases)
    last = next((row for row in range(len(points) - 1, -1, -1) if points[row].value is not None), None)
    if last is None:
        return XmrChart(points, "insufficient", None, short, phases, None, "no_values")
    current = phases[-1]
    if not current.limits.defined:
        return XmrChart(points, "insufficient", None, short, phases, last, current.reason)
    _, sign, basis = FIRST_MATCH[points[last].marks]
    assurance = assurance_of(direction, target, points[-1].lower, points[-1].upper)
    return XmrChart(points, variation_of(sign, direction), assurance, short, phases, last, current.reason, basis)
