"""XmR charts of very many series at once, in chunks that stay in the processor's cache.

Means and moving ranges are NumPy's: a point within 8 machine epsilons of a line counts as on it, which gives the answers of
`xmr_chart`. Where limits are absent or special (see `limits`) the series is worked out as `xmr_chart` does it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mendline.statistics.arithmetic import LINE_TOLERANCE, CodeArray, FloatArray, SignArray
from mendline.statistics.limits import LIMIT_FACTOR, NEAR_FACTOR, SCREEN_FACTOR, process_limits
from mendline.statistics.rules import SIGN_OF_MARK, STANDARD_RUNS, Lines, RunLengths, mark_points, step_directions
from mendline.statistics.xmr import DIRECTION, Improvement, check_baseline

CHUNK = 1000
TURNED = 250  # rows that are turned into columns at a time: one cache line of each stays at hand
VARIATIONS = ("insufficient", "common_cause", "improvement", "concern", "neutral_high", "neutral_low")
INSUFFICIENT, COMMON_CAUSE, IMPROVEMENT, CONCERN, NEUTRAL_HIGH, NEUTRAL_LOW = range(6)
ASSURANCES = (None, "pass", "inconsistent", "fail")


@dataclass(frozen=True, slots=True)
class XmrBatch:
    """Results by series (and point). `marks` are the bits of `rules.Mark`.

    Attributes:
        centre: means.
        lower: lower limits; NaN where there are none.
        upper: upper limits.
        marks: (series, points) which rules each point answers to; 0 where missing or without limits.
        signs: (series, points) 1 where the first matching rule points up, -1 down, 0 for usual variation.
        variation: index into `VARIATIONS` for the last usable point.
        assurance: index into `ASSURANCES`.
    """

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    marks: CodeArray
    signs: SignArray
    variation: CodeArray
    assurance: CodeArray


def xmr_batch(
    values: FloatArray,
    *,
    improvement: Improvement | Sequence[Improvement],
    target: FloatArray | float | None = None,
    fix_after: int | None = None,
    screen: bool = True,
    runs: RunLengths = STANDARD_RUNS,
    chunk: int = CHUNK,
) -> XmrBatch:
    """Chart each row of `values` (series, points) as one phase; NaN where missing.

    Args:
        values: figures in date order along the second axis.
        improvement: which way is better, for all series or one each.
        target: one for all or one per series, NaN for none.
        fix_after: compute limits from so many first points.
        screen: leave large moving ranges out, once.
        runs: points needed for a trend and a shift.
        chunk: series worked on at a time.

    Raises:
        ValueError: the values are not a table of finite numbers or NaN, or options contradict each other.
    """
    table = np.ascontiguousarray(values, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError("a batch is a table of series and points")
    check_baseline(fix_after)
    series, points = table.shape
    ways = _directions(improvement, series)
    goals = np.broadcast_to(np.nan if target is None else np.asarray(target, dtype=np.float64), (series,))
    result = _empty(series, points)
    room = np.empty((2, points, min(chunk, series)))  # of one chunk, for all: fresh memory is dear
    with np.errstate(over="ignore"):  # sums that overflow are worked out, or refused, row by row
        for start in range(0, series, chunk):
            rows = slice(start, min(start + chunk, series))
            _chart_rows(table[rows], result, rows, fix_after, screen, runs, room)
    _icons(table, result, ways, goals)
    return result


def _directions(improvement: Improvement | Sequence[Improvement], series: int) -> SignArray:
    names = [improvement] if isinstance(improvement, str) else list(improvement)
    unknown = set(names) - set(DIRECTION)
    if unknown or len(names) not in {1, series}:
        raise ValueError("improvement is increase, decrease or neutral, for all series or one each")
    ways: SignArray = np.broadcast_to(np.array([DIRECTION[name] for name in names], dtype=np.int8), (series,))
    return ways


def _empty(series: int, points: int) -> XmrBatch:
    return XmrBatch(
        np.empty(series),
        np.empty(series),
        np.empty(series),
        np.empty((series, points), dtype=np.uint8),
        np.zeros((series, points), dtype=np.int8),
        np.empty(series, dtype=np.uint8),
        np.empty(series, dtype=np.uint8),
    )


def _chart_rows(
    table: FloatArray,
    result: XmrBatch,
    rows: slice,
    fix_after: int | None,
    screen: bool,
    runs: RunLengths,
    room: FloatArray,
) -> None:
    if table.shape[1] == 0:
        result.centre[rows] = result.lower[rows] = result.upper[rows] = np.nan
        return
    baseline = table[:, :fix_after]
    points, steps = _points_and_steps(table, room)
    directions = step_directions(steps)
    ranges = np.abs(steps, out=steps)[: max(0, baseline.shape[1] - 1)]
    centre, mean_range, tolerance = _simple_limits(table, baseline, points[: baseline.shape[1]], ranges, screen)
    reach = LIMIT_FACTOR * mean_range
    near = NEAR_FACTOR * mean_range
    lines = [centre, centre - reach, centre + reach, centre - near, centre + near]
    for row, exact in _special_rows(baseline, mean_range, screen):
        for line, height in zip(lines, exact, strict=True):
            line[row] = height
    marked = mark_points(
        points, Lines(*(line[np.newaxis] for line in (*lines, tolerance))), directions=directions, runs=runs
    )
    result.centre[rows], result.lower[rows], result.upper[rows] = lines[:3]
    limited = ~np.isnan(lines[1])
    if not limited.all():
        marked.marks[:, ~limited] = 0
    result.marks[rows] = marked.marks.T
    marks, signs = result.marks[rows].reshape(-1), result.signs[rows].reshape(-1)
    marked_places = np.flatnonzero(marks != 0)
    signs[marked_places] = SIGN_OF_MARK[marks[marked_places]]


def _points_and_steps(table: FloatArray, room: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The rows of a chunk side by side as (points, series), and the steps between the points."""
    if room.shape[2] != table.shape[0]:  # the last chunk
        room = np.empty((2, *table.T.shape))
    points, steps = room[0], room[1, 1:]
    for start in range(0, table.shape[0], TURNED):
        part = slice(start, start + TURNED)
        points[:, part] = table[part].T
    return points, np.subtract(points[1:], points[:-1], out=steps)


def _simple_limits(
    table: FloatArray, baseline: FloatArray, points: FloatArray, ranges: FloatArray, screen: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, mean moving range (NaN where `process_limits` must decide) and tolerance of each series.

    Means are taken along the rows of the table, where NumPy adds up in pairs; the rest goes faster along its columns.
    """
    centre = baseline.mean(axis=1)
    if not np.isfinite(table.sum(axis=1) if baseline.shape != table.shape else centre).all():
        if np.isinf(table).any():
            raise ValueError("values must be finite; leave a missing value empty")
        return _gapped_limits(points, ranges, screen)
    tolerance = LINE_TOLERANCE * np.maximum(points.max(axis=0), -points.min(axis=0))
    count = ranges.shape[0]
    if count == 0:
        return centre, np.full(centre.size, np.nan), tolerance
    kept = np.full(centre.size, count)
    if screen:
        out = np.flatnonzero(ranges >= SCREEN_FACTOR / count * ranges.sum(axis=0))
        ranges.reshape(-1)[out] = 0.0
        kept -= np.bincount(out % centre.size, minlength=centre.size)
    with np.errstate(invalid="ignore"):
        mean_range = _column_sums(ranges) / kept
    return centre, np.where(mean_range > 0, mean_range, np.nan), tolerance


def _column_sums(table: FloatArray) -> FloatArray:
    """Sums down the columns, halves upon halves in place, so that rounding stays as small as in NumPy's sums of rows."""
    while table.shape[0] > 8:
        half = table.shape[0] // 2
        if table.shape[0] % 2:
            table[0] += table[-1]
        table[:half] += table[half : 2 * half]
        table = table[:half]
    total: FloatArray = table.sum(axis=0)
    return total


def _gapped_limits(points: FloatArray, ranges: FloatArray, screen: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    present = ~np.isnan(points)
    filled = np.where(present, points, 0.0)
    tolerance = LINE_TOLERANCE * np.maximum(filled.max(axis=0), -filled.min(axis=0))
    between = ~np.isnan(ranges)
    ranges = np.where(between, ranges, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = _column_sums(filled) / np.count_nonzero(present, axis=0)
        if screen:
            between &= ranges < SCREEN_FACTOR * (ranges.sum(axis=0) / np.count_nonzero(between, axis=0))
            ranges *= between
        mean_range = _column_sums(ranges) / np.count_nonzero(between, axis=0)
    return centre, np.where(mean_range > 0, mean_range, np.nan), tolerance


def _special_rows(
    baseline: FloatArray, mean_range: FloatArray, screen: bool
) -> Iterator[tuple[int, tuple[float, float, float, float, float]]]:
    for row in np.flatnonzero(~np.isfinite(mean_range)):
        exact = process_limits(baseline[row], screen=screen)
        yield int(row), (exact.centre, exact.lower, exact.upper, exact.near_lower, exact.near_upper)


def _icons(table: FloatArray, result: XmrBatch, ways: SignArray, goals: FloatArray) -> None:
    signs = _last_signs(table, result.signs)
    variation = np.where(signs == ways, IMPROVEMENT, CONCERN)
    variation = np.where(ways == 0, np.where(signs > 0, NEUTRAL_HIGH, NEUTRAL_LOW), variation)
    variation = np.where(signs == 0, COMMON_CAUSE, variation)
    result.variation[:] = np.where(np.isnan(result.lower), INSUFFICIENT, variation)
    above, below = goals > result.upper, goals < result.lower
    judged = (ways != 0) & ~np.isnan(goals) & ~np.isnan(result.lower)
    passing, failing = np.where(ways > 0, below, above), np.where(ways > 0, above, below)
    result.assurance[:] = np.where(judged, np.where(passing, 1, np.where(failing, 3, 2)), 0)


def _last_signs(table: FloatArray, signs: SignArray) -> SignArray:
    if table.shape[1] == 0:
        return np.zeros(table.shape[0], dtype=np.int8)
    last = signs[:, -1].copy()
    for row in np.flatnonzero(np.isnan(table[:, -1])):
        usable = np.flatnonzero(~np.isnan(table[row]))
        last[row] = signs[row, usable[-1]] if usable.size else 0
    return last
