"""Rows of one time become one subgroup: numerators and denominators are added up, never averaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from mendline.statistics.arithmetic import BoolArray, FloatArray, as_series

Moment: TypeAlias = float | str


@dataclass(frozen=True, slots=True)
class Subgroups:
    """One entry per distinct time, in order; NaN where a subgroup has no usable row."""

    x: tuple[Moment, ...]
    total: FloatArray
    size: FloatArray
    mean: FloatArray
    deviation: FloatArray
    exposure: FloatArray
    ratio: FloatArray


@dataclass(frozen=True, slots=True)
class Phase:
    """The subgroups between two rebases. `base` are those that enter the calculation."""

    groups: Subgroups
    base: BoolArray
    centre: float | None
    screen: bool


def pool_rows(
    y: Sequence[float | None], n: Sequence[float | None] | None, x: Sequence[Moment | None] | None
) -> Subgroups:
    """Pool rows by `x` (one subgroup per row without it). A row without y, or without a positive n, has no value.

    Raises:
        ValueError: lengths differ, a number is infinite, a denominator negative, or times cannot be put in order.
    """
    values = as_series(y)
    exposure = np.full(values.size, np.nan) if n is None else as_series(n)
    if exposure.size != values.size:
        raise ValueError(f"{values.size} values but {exposure.size} denominators")
    if (exposure < 0).any():
        raise ValueError("denominators must not be negative")
    if n is not None:
        lost = np.isnan(values) | np.isnan(exposure) | (exposure == 0)
        values[lost], exposure[lost] = np.nan, np.nan
    moments, index = _order(x, values.size)
    kept = index >= 0
    return _sums(moments, values[kept], exposure[kept], index[kept], pooled=n is not None)


def _order(
    x: Sequence[Moment | None] | None, size: int
) -> tuple[tuple[Moment, ...], np.ndarray[Any, np.dtype[np.intp]]]:
    if x is None:
        return tuple(range(1, size + 1)), np.arange(size)
    if len(x) != size:
        raise ValueError(f"{size} values but {len(x)} times")
    present = {moment for moment in x if moment is not None and moment == moment}  # noqa: PLR0124 - NaN
    try:
        moments = sorted(present)
    except TypeError as error:
        raise ValueError("times must be all numbers or all dates") from error
    places = {moment: place for place, moment in enumerate(moments)}
    return tuple(moments), np.array([-1 if m is None else places.get(m, -1) for m in x], dtype=np.intp)


def _sums(
    moments: tuple[Moment, ...],
    values: FloatArray,
    exposure: FloatArray,
    index: np.ndarray[Any, np.dtype[np.intp]],
    *,
    pooled: bool,
) -> Subgroups:
    usable = ~np.isnan(values)
    count = len(moments)
    size = np.bincount(index[usable], minlength=count).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(size > 0, np.bincount(index[usable], values[usable], count), np.nan)
        weight = np.where(size > 0, np.bincount(index[usable], exposure[usable], count), np.nan)
        mean = total / size
        squares = np.bincount(index[usable], (values[usable] - mean[index[usable]]) ** 2, count)
        deviation = np.sqrt(np.where(size > 1, squares / (size - 1), np.nan))
        ratio = total / weight if pooled else mean
    return Subgroups(moments, total, size, mean, deviation, weight, ratio)


def slice_groups(groups: Subgroups, start: int, end: int) -> Subgroups:
    """The subgroups from `start` up to `end`."""
    rows = slice(start, end)
    return Subgroups(
        groups.x[rows],
        groups.total[rows],
        groups.size[rows],
        groups.mean[rows],
        groups.deviation[rows],
        groups.exposure[rows],
        groups.ratio[rows],
    )
