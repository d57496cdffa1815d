"""When a chart's limits may be set anew: by a person, for a known change that shows, has lasted and is expected to last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.indicators.fitting import OF_GAPS

LASTED_POINTS = 7
MOST_LEFT_OUT = 5  # one period in so many
SLACK = 2  # periods that a change may have begun before its first marked point
SIGNALS = frozenset({"shift", "limits", "trend", "two_in_three", "runs"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What the chart shows of a change.

    Attributes:
        starts_on: first day of each period.
        values: its figures.
        since: first day of the unbroken stretch of periods that are marked as the newest figure is.
        basis: the rule behind it.
        strength: single, pattern or sustained.
        base_rows: rows at which limits were set anew before.
    """

    starts_on: Sequence[date]
    values: Sequence[float | None]
    since: date | None
    basis: str | None
    strength: str | None
    base_rows: Sequence[int] = ()


def may_be_offered(shown: Shown) -> bool:
    """Whether the chart shows a change that has lasted, so that new limits can be asked for."""
    return shown.since is not None and shown.basis in SIGNALS and shown.strength == "sustained"


def offered_starts(shown: Shown) -> tuple[date, ...]:
    """The periods at which new limits may begin: around where the change shows, with seven figures since."""
    if not may_be_offered(shown) or shown.since is None or shown.since not in shown.starts_on:
        return ()
    first = max(shown.starts_on.index(shown.since) - SLACK, max(shown.base_rows, default=0) + 1, 1)
    return tuple(day for row, day in enumerate(shown.starts_on) if row >= first and _since(shown, row) >= LASTED_POINTS)


def base_problems(
    shown: Shown, starts_on: date | None, what_changed: str, reason: str, evidence_reference: str, *, lasting: bool
) -> dict[str, str]:
    """Why new limits cannot be asked for, one sentence per field; none where they can."""
    problems: dict[str, str] = {}
    if not may_be_offered(shown):
        problems["starts_on"] = (
            "The chart shows no lasting change: seven figures in a row have to lie apart from what was usual."
        )
    elif starts_on not in offered_starts(shown):
        problems["starts_on"] = "Choose a period around where the change shows, with at least seven figures since."
    if not what_changed.strip():
        problems["what_changed"] = "Say what was changed in the way of working."
    if not evidence_reference.strip():
        problems["evidence_reference"] = "Name the evidence or action that shows it, such as A-022 or E-014."
    if not reason.strip():
        problems["base_reason"] = "Say why the old limits no longer describe what is usual."
    if not lasting:
        problems["lasting"] = "New limits are for a change that is expected to last."
    return problems


def charts_for(definition: IndicatorDefinition) -> tuple[str, ...]:
    """The charts that a person may set for this kind of measure; whether figures suit is seen when they are read."""
    by_type = {
        "proportion": ("p", "pp", "xmr", "g", "t", "run"),
        "rate": ("u", "up", "xmr", "g", "t", "run"),
        "count": ("c", "xmr", "t", "run"),
    }
    return by_type.get(definition.measure_type, ("xmr", "run"))


def choice_problems(definition: IndicatorDefinition, chart: str, reason: str) -> dict[str, str]:
    """Why a chart cannot be set, one sentence per field; `fitting` gives the choice back to the figures."""
    problems: dict[str, str] = {}
    if chart != "fitting" and chart not in charts_for(definition):
        problems["chart"] = "Choose one of the charts that suit this kind of measure."
    if not reason.strip():
        problems["chart_reason"] = "Say why. The reason is shown beside the chart and in packs."
    return problems


def marked_alike(marks: Sequence[str | None], values: Sequence[float | None]) -> int | None:
    """First row of the stretch that ends at the newest figure and is marked as that is; none where that has no mark."""
    found, mark = None, None
    for row in range(len(marks) - 1, -1, -1):
        if values[row] is None:
            continue
        if mark is None and marks[row] in ("improvement", "concern", "changed"):
            mark = marks[row]
        if mark is None or marks[row] != mark:
            break
        found = row
    return found


def _since(shown: Shown, row: int) -> int:
    return sum(value is not None for value in shown.values[row:])


def may_be_left_out(series: Mapping[str, Any]) -> tuple[date, ...]:
    """Periods with a figure, newest first; none on charts of gaps, whose points are no periods."""
    if series.get("chart") in OF_GAPS:
        return ()
    pairs = zip(series.get("periods", ()), series.get("values", ()), strict=True)
    return tuple(date.fromisoformat(day) for day, value in reversed(list(pairs)) if value is not None)


def left_out_problems(series: Mapping[str, Any], period: date | None, reason: str) -> dict[str, str]:
    """Why a period cannot be left out of the limits, one sentence per field; none where it can."""
    problems: dict[str, str] = {}
    known, gone = may_be_left_out(series), tuple(series.get("left_out", ()))
    if period not in known:
        problems["period"] = "Choose a period that has a figure on the chart."
    elif period.isoformat() not in gone and (len(gone) + 1) * MOST_LEFT_OUT > len(known):
        problems["period"] = "One period in five can be left out at the most. Beyond that it is no exception."
    if not reason.strip():
        problems["out_reason"] = "Say what was exceptional: an outbreak, a flood, a system that was down."
    return problems
