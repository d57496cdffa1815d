"""One door to every chart but the Making Data Count XmR: pool, split into phases, draw lines, analyse runs."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Literal, get_args

import numpy as np

from mendline.statistics.arithmetic import LINE_TOLERANCE, FloatArray, optionals
from mendline.statistics.attributes import c_lines, p_lines, p_prime_lines, u_lines, u_prime_lines
from mendline.statistics.individuals import i_lines, i_prime_lines, mr_lines, run_lines
from mendline.statistics.measurements import s_lines, xbar_lines
from mendline.statistics.rare import g_lines, t_lines
from mendline.statistics.runs import RunsAnalysis, analyse_runs
from mendline.statistics.shewhart import PhaseLines
from mendline.statistics.subgroups import Moment, Phase, Subgroups, pool_rows, slice_groups

ChartKind = Literal["run", "i", "ip", "mr", "xbar", "s", "t", "g", "p", "pp", "u", "up", "c"]

CHARTS: dict[ChartKind, Callable[[Phase], PhaseLines]] = {
    "run": run_lines,
    "i": i_lines,
    "ip": i_prime_lines,
    "mr": mr_lines,
    "xbar": xbar_lines,
    "s": s_lines,
    "t": t_lines,
    "g": g_lines,
    "p": p_lines,
    "pp": p_prime_lines,
    "u": u_lines,
    "up": u_prime_lines,
    "c": c_lines,
}
NEEDS_DENOMINATOR: frozenset[ChartKind] = frozenset({"p", "pp", "u", "up"})


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One subgroup of a chart, in the chart's unit; None where undefined. `beyond` is strictly outside a limit."""

    x: Moment
    part: int
    y: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    near_lower: float | None
    near_upper: float | None
    sigma: float | None
    beyond: bool


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A chart with one runs analysis per part."""

    kind: ChartKind
    points: tuple[ControlPoint, ...]
    runs: tuple[RunsAnalysis, ...]


def control_chart(
    kind: ChartKind,
    y: Sequence[float | None],
    n: Sequence[float | None] | None = None,
    x: Sequence[Moment | None] | None = None,
    *,
    freeze: int | None = None,
    base: tuple[int, int] | None = None,
    part: Sequence[int] = (),
    exclude: Sequence[int] = (),
    centre: float | None = None,
    multiply: float = 1.0,
    screen: bool = True,
) -> ControlChart:
    """Draw a chart of `kind`.

    Args:
        kind: see `CHARTS`.
        y: values, numerators or measurements; None where missing.
        n: denominators or exposures.
        x: times; rows of one time are pooled. Without it each row is its own subgroup.
        freeze: compute lines from the first so many subgroups; has no effect with `part`.
        base: compute lines from these subgroups only: the first, and one past the last.
        part: subgroup counts after which a new part starts.
        exclude: 1-based subgroups that are drawn but do not enter the calculation.
        centre: a given centre, before `multiply`.
        multiply: per 100, per 1,000 and so on; applied after clipping.
        screen: leave large moving ranges out, once.

    Raises:
        ValueError: the input does not make such a chart; the message says why.
    """
    if kind not in get_args(ChartKind):
        raise ValueError(f"there is no chart {kind!r}")
    if n is None and kind in NEEDS_DENOMINATOR:
        raise ValueError(f"a {kind} chart needs denominators")
    if not math.isfinite(multiply) or (centre is not None and not math.isfinite(centre)):
        raise ValueError("multiplier and centre must be finite")
    groups = pool_rows(y, n, x)
    whole = _whole_phase(groups, None if part else freeze, exclude, centre, screen)
    if base is not None:
        rows = np.arange(len(groups.x))
        whole = replace(whole, base=whole.base & (rows >= base[0]) & (rows < base[1]))
    points: list[ControlPoint] = []
    runs: list[RunsAnalysis] = []
    for number, (start, end) in enumerate(_part_bounds(len(groups.x), part), start=1):
        phase = replace(whole, groups=slice_groups(groups, start, end), base=whole.base[start:end])
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            lines = _checked(CHARTS[kind](phase))
        included = ~_excluded(len(groups.x), exclude)[start:end]
        found = analyse_runs(lines.y[included], lines.centre[included])
        runs.append(replace(found, signal=False) if kind == "mr" else found)
        points.extend(_points(phase, lines, number, multiply))
    return ControlChart(kind, tuple(points), tuple(runs))


def _whole_phase(
    groups: Subgroups, freeze: int | None, exclude: Sequence[int], centre: float | None, screen: bool
) -> Phase:
    size = len(groups.x)
    base = ~_excluded(size, exclude)
    if freeze is not None:
        if freeze < 1:
            raise ValueError("freeze counts at least one point")
        base &= np.arange(size) < freeze
    return Phase(groups, base, centre, screen)


def _excluded(size: int, exclude: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    chosen = np.zeros(size, dtype=np.bool_)
    for position in exclude:
        if not 1 <= position <= size:
            raise ValueError(f"there is no point {position} to exclude")
        chosen[position - 1] = True
    return chosen


def _part_bounds(size: int, part: Sequence[int]) -> list[tuple[int, int]]:
    starts = sorted({0, *(row for row in part if 0 <= row < size)}) if size else []
    return list(zip(starts, [*starts[1:], size], strict=True)) if starts else []


def _checked(lines: PhaseLines) -> PhaseLines:
    if np.isinf(lines.y).any() or np.isinf(lines.centre).any():
        raise ValueError("values are too large or too small for a chart")
    return lines


def _points(phase: Phase, lines: PhaseLines, number: int, multiply: float) -> list[ControlPoint]:
    scaled = [
        column * multiply
        for column in (lines.y, lines.centre, lines.lower, lines.upper, lines.near_lower, lines.near_upper, lines.sigma)
    ]
    beyond = beyond_limits(lines)
    return list(
        map(ControlPoint, phase.groups.x, repeat(number), *(optionals(column) for column in scaled), beyond.tolist())
    )


def beyond_limits(lines: PhaseLines) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Points strictly beyond a limit, a hair's breadth of rounding allowed."""
    slack: FloatArray = LINE_TOLERANCE * np.abs(lines.y)
    outside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (lines.y > lines.upper + slack) | (
        lines.y < lines.lower - slack
    )
    return outside
