"""The four Making Data Count rules on any number of series at once.

A point carries a *mark*: eight bits, two (high, low) for each rule. Rows are laid one after another with an empty column
between them, so that a window of points is a shift of one flat array and a window that crosses two series finds a zero.
Source: NHS England, Making Data Count, as computed by NHSRplotthedots 0.2.2.
"""

from dataclasses import dataclass
from enum import IntFlag
from typing import Literal

import numpy as np

from mendline.statistics.arithmetic import BoolArray, CodeArray, FloatArray, SignArray

Basis = Literal["limits", "trend", "two_in_three", "shift"]

HIGH, LOW = np.uint8(1), np.uint8(2)


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
    """Lines that points are judged against; each broadcasts over (series, points)."""

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    near_lower: FloatArray
    near_upper: FloatArray
    tolerance: FloatArray


@dataclass(frozen=True, slots=True)
class Marked:
    """What the rules say of every point: marks, side of the centre line (-1, 0, 1), and closeness to the limits."""

    marks: CodeArray
    side: SignArray
    close: BoolArray


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
    steps: FloatArray | None = None,
    runs: RunLengths = STANDARD_RUNS,
) -> Marked:
    """Apply the four rules to each row of `values` (series, points); NaN is a missing point and breaks runs and trends.

    Args:
        values: the points, in the scale of the lines.
        lines: NaN lines fire no rule.
        steps: differences between neighbours (series, points - 1) for the trend rule, if already at hand or if the trend
            is to be read on another scale than `values`.
        runs: points needed for a trend and for a shift.
    """
    rows, points = values.shape
    size = rows * (points + 1)
    side = _two_sided(values, lines.centre, lines.centre, lines.tolerance)
    outside = _two_sided(values, lines.lower, lines.upper, lines.tolerance)
    close = _two_sided(values, lines.near_lower, lines.near_upper, lines.tolerance)
    np.bitwise_and(close, np.bitwise_not(outside), out=close)
    marks = outside.copy()
    _mark_trends(marks, _directions(values, steps), runs.trend)
    _mark_two_in_three(marks, side, close)
    _mark_windows(marks, _windows(side, runs.shift), runs.shift, 6)
    return Marked(
        _rows(marks, rows, size),
        _signs(_rows(side, rows, size)),
        _rows(close, rows, size) != 0,
    )


def _signs(codes: CodeArray) -> SignArray:
    return (codes & HIGH).view(np.int8) - (codes >> np.uint8(1)).view(np.int8)


def _rows(flat: CodeArray, rows: int, size: int) -> CodeArray:
    return flat[:size].reshape(rows, -1)[:, :-1]


def _two_sided(values: FloatArray, lower: FloatArray, upper: FloatArray, tolerance: FloatArray) -> CodeArray:
    rows, points = values.shape
    flat = np.zeros(rows * (points + 1), dtype=np.uint8)
    grid = flat.reshape(rows, points + 1)[:, :points]
    np.greater(values, upper + tolerance, out=grid.view(np.bool_))
    below = np.less(values, lower - tolerance).view(np.uint8)
    grid |= np.left_shift(below, np.uint8(1), out=below)
    return flat


def _directions(values: FloatArray, steps: FloatArray | None) -> CodeArray:
    """For each point the direction of the step that follows it; nothing after the last."""
    rows, points = values.shape
    if steps is None:
        steps = np.diff(values, axis=1)
    flat = np.zeros(rows * (points + 1), dtype=np.uint8)
    grid = flat.reshape(rows, points + 1)[:, : points - 1]
    np.greater(steps, 0.0, out=grid.view(np.bool_))
    falls = np.less(steps, 0.0).view(np.uint8)
    grid |= np.left_shift(falls, np.uint8(1), out=falls)
    return flat


def _windows(codes: CodeArray, length: int) -> CodeArray:
    """The bits shared by each `length` consecutive codes, by doubling."""
    shared, width = codes, 1
    while width < length:
        step = min(width, length - width)
        if shared.size <= step:
            return np.zeros(0, dtype=np.uint8)
        shared = shared[:-step] & shared[step:]
        width += step
    return shared


def _mark_windows(marks: CodeArray, windows: CodeArray, length: int, shift: int) -> None:
    starts = np.flatnonzero(windows)
    if starts.size == 0:
        return
    bits = np.left_shift(windows[starts], np.uint8(shift))
    for offset in range(length):
        marks[starts + offset] |= bits


def _mark_trends(marks: CodeArray, directions: CodeArray, length: int) -> None:
    starts = np.flatnonzero(_windows(directions, length - 1))
    if starts.size == 0:
        return
    in_trend = np.zeros(marks.size + 1, dtype=np.bool_)
    for offset in range(length):
        in_trend[starts + offset] = True
    members = np.flatnonzero(in_trend)
    # A turning point takes the colour of what follows. Where what follows is an equal pair, the point belongs to
    # the window that it ends (the reference calls every such point decreasing).
    following = np.where(in_trend[members + 1], directions[members], np.uint8(0))
    preceding = directions[members - 1]
    marks[members] |= np.left_shift(np.where(following != 0, following, preceding), np.uint8(2))


def _mark_two_in_three(marks: CodeArray, side: CodeArray, close: CodeArray) -> None:
    first, second, third = close[:-2], close[1:-1], close[2:]
    if third.size == 0:
        return
    pairs = (first & (second | third)) | (second & third)
    starts = np.flatnonzero(pairs)
    starts = starts[(side[starts] & side[starts + 1] & side[starts + 2]) != 0]
    for offset in range(3):
        members = starts + offset
        marks[members] |= np.left_shift(close[members], np.uint8(4))
