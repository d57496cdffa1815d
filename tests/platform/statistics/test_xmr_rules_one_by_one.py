"""The four rules written down once more, window by window with exact fractions, and held against the fast ones."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from mendline.statistics.xmr import xmr_chart

TREND, SHIFT = 7, 7


def slow_labels(values: list[int], fix_after: int | None, screen: bool) -> list[str] | None:
    """Labels of one phase of whole numbers, without any rounding; None where there are no limits."""
    base = values[:fix_after]
    mean = Fraction(sum(base), len(base))
    ranges = [abs(after - before) for before, after in pairwise(base)]
    average = Fraction(sum(ranges), len(ranges))
    if screen:
        kept = [each for each in ranges if each < Fraction(3267, 1000) * average]
        if not kept:
            return None
        average = Fraction(sum(kept), len(kept))
    far, near = Fraction(266, 100) * average, Fraction(266, 100) * average * Fraction(2, 3)
    side = [(value > mean) - (value < mean) for value in values]
    outside = [abs(value - mean) > far for value in values]
    close = [not out and abs(value - mean) > near for value, out in zip(values, outside, strict=True)]
    return [_label(row, values, side, outside, close) for row in range(len(values))]


def _label(row: int, values: list[int], side: list[int], outside: list[bool], close: list[bool]) -> str:
    if outside[row]:
        return "Above UCL" if side[row] > 0 else "Below LCL"
    rising, falling = (_in_trend(row, values, way) for way in (1, -1))
    if rising or falling:
        return f"7 Point Trend ({'Increasing' if _way(row, values, rising, falling) > 0 else 'Decreasing'})"
    if close[row] and any(
        abs(sum(side[first : first + 3])) == 3 and sum(close[first : first + 3]) >= 2
        for first in range(max(0, row - 2), min(row, len(values) - 3) + 1)
    ):
        return f"2 in 3 {'Above' if side[row] > 0 else 'Below'} CL"
    if side[row] and any(
        set(side[first : first + SHIFT]) == {side[row]}
        for first in range(max(0, row - SHIFT + 1), min(row, len(values) - SHIFT) + 1)
    ):
        return f"7 Points {'Above' if side[row] > 0 else 'Below'} CL"
    return "Common Cause"


def _in_trend(row: int, values: list[int], way: int) -> bool:
    return any(
        all((values[at + 1] - values[at]) * way > 0 for at in range(first, first + TREND - 1))
        for first in range(max(0, row - TREND + 1), min(row, len(values) - TREND) + 1)
    )


def _way(row: int, values: list[int], rising: bool, falling: bool) -> int:
    """A turning point takes the direction of what follows, where that is part of a trend."""
    if rising != falling:
        return 1 if rising else -1
    following = values[row + 1] - values[row] if row + 1 < len(values) else 0
    return following or (values[row] - values[row - 1])


@pytest.mark.parametrize("seed", range(40))
def test_labels_are_those_of_the_rules_written_down_plainly(seed: int) -> None:
    dice = random.Random(seed)
    compared = 0
    for _ in range(40):
        values = _series(dice)
        fix_after = dice.choice([None, None, 12, 15])
        screen = dice.random() < 0.7
        wanted = slow_labels(values, fix_after, screen)
        chart = xmr_chart([float(value) for value in values], improvement="neutral", fix_after=fix_after, screen=screen)
        if wanted is None or not chart.phases[0].limits.defined:
            continue
        assert [point.label for point in chart.points] == wanted, values
        compared += 1
    assert compared > 20


def _series(dice: random.Random) -> list[int]:
    """Short whole numbers with many ties, steps, plateaus, trends and single outliers."""
    count, spread = dice.randint(8, 40), dice.choice([2, 4, 10, 40])
    values = [50 + dice.randint(-spread, spread) for _ in range(count)]
    kind = dice.randrange(5)
    at = dice.randrange(count)
    if kind == 1:
        values[at:] = [value + dice.choice([-1, 1]) * spread for value in values[at:]]
    elif kind == 2:
        values[at : at + 9] = [value + step for step, value in enumerate([values[at]] * len(values[at : at + 9]))]
    elif kind == 3:
        values[at] += dice.choice([-6, 6]) * spread
    elif kind == 4:
        values = sorted(values, reverse=dice.random() < 0.5)
    return values
