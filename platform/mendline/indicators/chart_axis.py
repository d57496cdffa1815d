"""Scales: round numbers that hold all that is drawn, and few enough lines to read."""

import math
from collections.abc import Iterable, Sequence

from mendline.indicators.chart_spec import Axis, Unit

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


def axis_of(values: Iterable[float], unit: Unit, *, lines: int = 7, from_nought: bool = False) -> Axis:
    """A scale that holds the values with round steps, inside the unit's ends.

    Args:
        values: everything that is drawn against the scale, capped already.
        unit: how values are written and where they end.
        lines: how many lines are about right.
        from_nought: the scale must start at 0, as that of moving ranges does.
    """
    drawn = list(values) or [0.0]
    least, greatest = (0.0 if from_nought else min(drawn)), max(drawn)
    if greatest - least < 1e-9:
        least, greatest = _apart(least, greatest, unit)
    spare = 0.06 * (greatest - least)
    least = least if from_nought else least - spare
    greatest += spare
    if not from_nought and 0 <= least < 0.35 * greatest:
        least = 0.0
    step = _step((greatest - least) / lines)
    low = math.floor(unit.cap(least) / step + 1e-9) * step
    high = math.ceil(unit.cap(greatest) / step - 1e-9) * step
    if high - low < step:
        high = low + step
    return Axis(_tidy(low), _tidy(high), _tidy(step), "" if low == 0 else f"Scale starts at {unit.write_briefly(low)}")


def ticks(axis: Axis) -> tuple[float, ...]:
    """The values at which a line is drawn, from the lowest up."""
    count = round((axis.high - axis.low) / axis.step)
    return tuple(_tidy(axis.low + row * axis.step) for row in range(count + 1))


def tick_rows(count: int, at_most: int) -> Sequence[int]:
    """Which points get a date under them: evenly spaced, the first among them."""
    every = max(1, math.ceil(count / max(1, at_most)))
    return range(0, count, every)


def _apart(least: float, greatest: float, unit: Unit) -> tuple[float, float]:
    """Room around values that are all the same."""
    room = max(abs(greatest) * 0.1, 10.0**-unit.decimals * 5)
    return unit.cap(least - room), unit.cap(greatest + room)


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * size for size in _ROUND if power * size >= rough * 0.999999)


def _tidy(value: float) -> float:
    return round(value, 10) + 0.0
