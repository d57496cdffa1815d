"""Anhøj rules: does a series run too long on one side of its centre, or cross it too rarely?

Source: qicharts2 0.8.1 (Schilling 2012; Chen 2010). A point on the line is *skipped* here; in the Making Data Count shift
rule it *ends* a run. The two share no code on purpose.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from mendline.statistics.arithmetic import LINE_TOLERANCE, FloatArray


@dataclass(frozen=True, slots=True)
class RunsAnalysis:
    """Runs around the centre. Everything but the counts is None where no point lies off the line."""

    observations: int
    useful: int
    longest_run: int | None
    longest_run_allowed: int | None
    crossings: int | None
    crossings_needed: int | None
    signal: bool


def longest_run_allowed(useful: int) -> int | None:
    """Longest run that chance allows for so many points off the line; None for none."""
    return round(math.log2(useful)) + 3 if useful > 0 else None


def crossings_needed(useful: int) -> int | None:
    """Fewest crossings that chance allows for so many points off the line; None for none."""
    if useful <= 0:
        return None
    return int(binom.ppf(0.05, useful - 1, 0.5)) if useful > 1 else 0


def analyse_runs(values: FloatArray, centre: FloatArray | float) -> RunsAnalysis:
    """Count runs of `values` around `centre` (one number or one per point); NaN values count as observations only."""
    sides = sides_of(values, centre)
    sides = sides[sides != 0]
    if sides.size == 0:
        return RunsAnalysis(values.size, 0, None, None, None, None, signal=False)
    changes = np.flatnonzero(np.diff(sides))
    edges = np.concatenate(([-1], changes, [sides.size - 1]))
    longest, crossings = int(np.diff(edges).max()), int(changes.size)
    allowed, needed = longest_run_allowed(sides.size), crossings_needed(sides.size)
    signal = (allowed is not None and longest > allowed) or (needed is not None and crossings < needed)
    return RunsAnalysis(values.size, int(sides.size), longest, allowed, crossings, needed, signal)


def sides_of(values: FloatArray, centre: FloatArray | float) -> FloatArray:
    """-1, 0 or 1 for each value below, on or above its centre; 0 for NaN."""
    distance = values - centre
    largest = np.nanmax(np.abs(values)) if np.isfinite(values).any() else 0.0
    distance[np.abs(distance) <= LINE_TOLERANCE * largest] = 0.0
    distance[np.isnan(distance)] = 0.0
    return np.sign(distance)
