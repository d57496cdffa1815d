"""How dear is a full XmR batch beside its bare means and moving ranges, side by side in one process?"""

import time
from collections.abc import Callable

import numpy as np

from mendline.statistics.arithmetic import FloatArray
from mendline.statistics.batch import xmr_batch
from mendline.statistics.xmr import xmr_chart

SERIES, POINTS, ROUNDS = 40_000, 104, 7


def run() -> str:
    """A table of processor times and ratios: the best of a few alternating rounds each, whatever else the machine does."""
    random = np.random.default_rng(104)
    whole = random.normal(50.0, 5.0, (SERIES, POINTS))
    gapped = whole.copy()
    gapped[random.random(gapped.shape) < 0.02] = np.nan
    lines = [f"{SERIES} series of {POINTS} points", f"{'':<38}{'CPU s':>9}{'ratio':>8}{'us/series':>11}"]
    for name, table, bare in (("no gaps", whole, bare_figures), ("2% missing", gapped, bare_figures_with_gaps)):
        base, batch = _alternate(lambda table=table, bare=bare: bare(table), lambda table=table: _batch(table))
        lines += [
            _row(f"means and moving ranges, {name}", base, base, SERIES),
            _row(f"all rules, limits and icons, {name}", batch, base, SERIES),
        ]
    few = whole[:200]
    alone, together = _alternate(lambda: _one_by_one(few), lambda: _batch(few))
    lines += [
        _row("200 series at once", together, together, len(few)),
        _row("200 series one by one", alone, together, len(few)),
    ]
    return "\n".join(lines)


def bare_figures(table: FloatArray) -> tuple[FloatArray, FloatArray]:
    return table.mean(axis=1), np.abs(np.diff(table, axis=1)).mean(axis=1)


def bare_figures_with_gaps(table: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.nanmean(table, axis=1), np.nanmean(np.abs(np.diff(table, axis=1)), axis=1)


def _batch(table: FloatArray) -> None:
    xmr_batch(table, improvement="increase", target=55.0)


def _one_by_one(table: FloatArray) -> None:
    for row in table:
        xmr_chart(row, improvement="increase", target=55.0)


def _alternate(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for act, taken in zip((first, second), times, strict=True):
            start = time.process_time()
            act()
            taken.append(time.process_time() - start)
    return min(times[0]), min(times[1])


def _row(name: str, seconds: float, base: float, series: int) -> str:
    return f"{name:<38}{seconds:>9.3f}{seconds / base:>8.2f}{seconds / series * 1e6:>11.2f}"
