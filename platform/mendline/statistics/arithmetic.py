"""Sums that do not drift and the closeness at which a point counts as on a line.

`np.mean` may put the mean of fourteen values of 0.1 one bit away from 0.1, and then every point 'lies below the mean'.
"""

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

FloatArray: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
CodeArray: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
SignArray: TypeAlias = np.ndarray[Any, np.dtype[np.int8]]
BoolArray: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

LARGEST = 1e303  # beyond it sums and differences of a series may overflow
LINE_TOLERANCE = 8 * float(np.finfo(np.float64).eps)


def exact_sum(values: FloatArray) -> float:
    """Sum without accumulated rounding.

    Raises:
        ValueError: the sum is beyond what a double can hold.
    """
    try:
        return math.fsum(values.tolist())
    except OverflowError as error:
        raise ValueError("values are too large to be added up") from error


def exact_mean(values: FloatArray) -> float:
    """Mean without accumulated rounding; NaN for no values."""
    return exact_sum(values) / values.size if values.size else math.nan


def line_tolerance(values: FloatArray) -> float:
    """Distance (in the values' unit) within which a point is on a line: 8 machine epsilons of the largest value."""
    usable = values[~np.isnan(values)]
    return LINE_TOLERANCE * float(np.abs(usable).max()) if usable.size else 0.0


_PLAIN = {float, type(None)}  # what NumPy turns into floats and NaN by itself


def as_series(values: Sequence[float | None] | FloatArray) -> FloatArray:
    """Values as floats with NaN for missing ones.

    Raises:
        ValueError: a value is infinite, beyond 1e303 or not a number at all, or the values are not one series.
    """
    if isinstance(values, np.ndarray):
        series = values.astype(np.float64)
    elif set(map(type, values)) <= _PLAIN:
        series = np.array(values, dtype=np.float64)
    else:
        series = np.array([_number(value) for value in values], dtype=np.float64)
    if series.ndim != 1:
        raise ValueError("a series has one dimension")
    if (np.abs(series) > LARGEST).any():
        raise ValueError("values must be finite and of sensible size; leave a missing value empty")
    return series


def _number(value: float | None) -> float:
    if value is None:
        return math.nan
    if isinstance(value, (bool, str)):
        raise ValueError(f"{value!r} is not a number")  # noqa: TRY004 - one kind of error for all bad input
    try:
        return float(value)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"{value!r} is not a number that can be used") from error


def optional(value: float) -> float | None:
    """The number, or None where it is not finite."""
    return float(value) if math.isfinite(value) else None


def optionals(values: FloatArray) -> list[float | None]:
    """The numbers, with None where one is not finite."""
    finite = np.isfinite(values)
    if finite.all():
        whole: list[float | None] = values.tolist()
        return whole
    found = values.astype(object)
    found[~finite] = None
    members: list[float | None] = found.tolist()
    return members
