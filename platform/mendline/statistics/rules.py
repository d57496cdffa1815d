"""The four Making Data Count rules on any number of series at once.

A point carries a *mark*: eight bits, two (high, low) for each rule. Tables are (points, series): a window of points is then
a shift of whole rows, one contiguous piece of memory, and no window crosses two series.
Source: NHS England, Making Data Count, as computed by NHSRplotthedots 0.2.2.
"""

from dataclasses import dataclass
from enum import IntFlag
from typing import Literal

import numpy as np

from mendline.statistics.arithmetic import CodeArray, FloatArray, SignArray

Basis = Literal["limits", "trend", "two_in_three", "shift"]

HIGH, LOW = np.uint8(1), np.uint8(2)
# Codes move to the bits of a rule by a product: of bytes, NumPy multiplies many at once but shifts them one by one.
TREND_BITS, TWO_BITS, SHIFT_BITS = np.uint8(4), np.uint8(16), np.uint8(64)


class Mark(IntFlag):
    """Which rules a point answers to, and on which side."""

    NONE = 0
    ABOVE_LIMIT = 1
    BELOW_LIMIT = 2
    RISING = 4
    FALLING = 8
    TWO_HIGH = 16
    TWO_LOW = 32
    SHIFT_HIGH = 64
    SHIFT_LOW = 128


PRECEDENCE: tuple[tuple[Mark, str, int, Basis], ...] = (
    (Mark.ABOVE_LIMIT, "Above UCL", 1, "limits"),
    (Mark.BELOW_LIMIT, "Below LCL", -1, "limits"),
    (Mark.RISING, "7 Point Trend (Increasing)", 1, "trend"),
    (Mark.FALLING, "7 Point Trend (Decreasing)", -1, "trend"),
    (Mark.TWO_HIGH, "2 in 3 Above CL", 1, "two_in_three"),
    (Mark.TWO_LOW, "2 in 3 Below CL", -1, "two_in_three"),
    (Mark.SHIFT_HIGH, "7 Points Above CL", 1, "shift"),
    (Mark.SHIFT_LOW, "7 Points Below CL", -1, "shift"),
)
COMMON_CAUSE = "Common Cause"


def _first_match(mark: int) -> tuple[str, int, Basis | None]:
    for bit, label, sign, basis in PRECEDENCE:
        if mark & bit:
            return label, sign, basis
    return COMMON_CAUSE, 0, None


FIRST_MATCH = tuple(_first_match(mark) for mark in range(256))
SIGN_OF_MARK: SignArray = np.array([sign for _, sign, _ in FIRST_MATCH], dtype=np.int8)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that points are judged against; each broadcasts over (points, series)."""

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    near_lower: FloatArray
    near_upper: FloatArray
    tolerance: FloatArray


@dataclass(frozen=True, slots=True)
class Marked:
    """What the rules say of every point: marks, and as HIGH or LOW the side of the centre and closeness to a limit."""

    marks: CodeArray
    side: CodeArray
    close: CodeArray


@dataclass(frozen=True, slots=True)
class RunLengths:
    """How many points make a trend and a shift. Official tools use 6 or 7; never mix them within a chart."""

    trend: int = 7
    shift: int = 7


STANDARD_RUNS = RunLengths()


def mark_points(
    values: FloatArray,
    lines: Lines,
    *,
    directions: CodeArray | None = None,
    runs: RunLengths = STANDARD_RUNS,
) -> Marked:
    """Apply the four rules to each column of `values` (points, series); NaN is a missing point and breaks runs and trends.

    Args:
        values: the points, in the scale of the lines, contiguous in memory.
        lines: NaN lines fire no rule; limits lie outside the near lines or on them.
        directions: `step_directions` of the values, if already at hand.
        runs: points needed for a trend and for a shift.
    """
    side = _two_sided(values, lines.centre, lines.centre, lines.tolerance)
    close = _two_sided(values, lines.near_lower, lines.near_upper, lines.tolerance)
    marks = _two_sided(values, lines.lower, lines.upper, lines.tolerance)
    close ^= marks  # what lies beyond a limit lies beyond the near line too, and is not close
    marks |= _two_in_three(side, close)
    shifted = _spread(_windows(side, runs.shift), side, runs.shift)
    marks |= np.multiply(shifted, SHIFT_BITS, out=shifted)
    _mark_trends(marks, step_directions(np.diff(values, axis=0)) if directions is None else directions, runs.trend)
    return Marked(marks, side, close)


def signs_of(codes: CodeArray) -> SignArray:
    """1 for HIGH, -1 for LOW, 0 for neither."""
    return (codes & HIGH).view(np.int8) - (codes >> np.uint8(1)).view(np.int8)


def _two_sided(values: FloatArray, lower: FloatArray, upper: FloatArray, tolerance: FloatArray) -> CodeArray:
    return _coded(values, upper + tolerance, lower - tolerance, values.shape[0])


def step_directions(steps: FloatArray) -> CodeArray:
    """For each point the direction of the step (points - 1, series) that follows it; nothing after the last."""
    nothing = np.zeros((1, 1))
    return _coded(steps, nothing, nothing, steps.shape[0] + 1)


def _coded(values: FloatArray, upper: FloatArray, lower: FloatArray, rows: int) -> CodeArray:
    """HIGH above `upper`, LOW below `lower`, 0 between, for NaN and in rows beyond the values."""
    codes = np.empty((rows, values.shape[1]), dtype=np.uint8)
    codes[values.shape[0] :] = 0
    filled = codes[: values.shape[0]]
    np.greater(values, upper, out=filled.view(np.bool_))
    below = np.less(values, lower).view(np.uint8)
    filled |= np.multiply(below, LOW, out=below)
    return codes


def _windows(codes: CodeArray, length: int) -> CodeArray:
    """The bits shared by each `length` consecutive points, by doubling; as many rows as there are windows."""
    shared, width = codes, 1
    while width < length and shared.shape[0]:
        step = min(width, length - width)
        shared = shared[:-step] & shared[step:]
        width += step
    return shared


def _spread(windows: CodeArray, like: CodeArray, length: int) -> CodeArray:
    """Each window's bits on all `length` points that it spans, by doubling."""
    spread = np.zeros_like(like)
    spread[: windows.shape[0]] = windows
    width = 1
    while width < length:
        step = min(width, length - width)
        spread[step:] |= spread[:-step].copy()
        width += step
    return spread


def _mark_trends(marks: CodeArray, directions: CodeArray, length: int) -> None:
    windows = _windows(directions, length - 1)
    if not windows.any():
        return
    series = marks.shape[1]
    in_trend = np.zeros((marks.shape[0] + 1) * series, dtype=np.bool_)
    in_trend[:-series] = _spread(windows, marks, length).reshape(-1) != 0
    members = np.flatnonzero(in_trend)
    # A turning point takes the colour of what follows. Where what follows is an equal pair, the point belongs to
    # the window that it ends (the reference calls every such point decreasing).
    flat = directions.reshape(-1)
    following = np.where(in_trend[members + series], flat[members], np.uint8(0))
    preceding = flat[members - series]
    marks.reshape(-1)[members] |= np.where(following != 0, following, preceding) * TREND_BITS


def _two_in_three(side: CodeArray, close: CodeArray) -> CodeArray:
    if side.shape[0] < 3:
        return np.zeros_like(side)
    first, second, third = close[:-2], close[1:-1], close[2:]
    pairs = (first & (second | third)) | (second & third)
    pairs &= _windows(side, 3)
    marked = _spread(pairs, side, 3)
    marked &= close
    marked *= TWO_BITS
    return marked
