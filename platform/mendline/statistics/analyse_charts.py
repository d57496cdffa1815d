"""Charts as plain data: Making Data Count XmR (`spc`), the other charts (`qi`) and Anhøj thresholds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mendline.statistics.charts import ControlChart, ControlPoint, control_chart
from mendline.statistics.runs import crossings_needed, longest_run_allowed
from mendline.statistics.xmr import XmrChart, XmrPhase, XmrPoint, xmr_chart

VARIATION_TYPES = {
    "improvement_high": "special_cause_improvement",
    "improvement_low": "special_cause_improvement",
    "concern_high": "special_cause_concern",
    "concern_low": "special_cause_concern",
    "neutral_high": "special_cause_neutral_high",
    "neutral_low": "special_cause_neutral_low",
}
ASSURANCE_TYPES = {"pass": "consistent_pass", "fail": "consistent_fail", "inconsistent": "inconsistent"}


def analyse_spc(given: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """An XmR chart of dated values.

    Raises:
        ValueError: two rows with one date, a rebase date that is no row, or values that make no chart.
    """
    dates, values = in_date_order(given["dates"], given["values"])
    rebase_rows = _rows_of(listed(options.get("rebase")), dates)
    chart = xmr_chart(
        values,
        improvement=options.get("improvement_direction") or "increase",
        target=options.get("target"),
        rebase_at=rebase_rows,
        fix_after=options.get("fix_after_n_points"),
        screen=options.get("screen_outliers") is not False,
    )
    return {
        "sorted_dates": dates,
        "sorted_values": [point.value for point in chart.points],
        **_columns(chart.points),
        "groups": _groups(chart, dates, rebase_rows),
        "any_short_group": chart.short_group_warning,
        **_icons(chart, dates),
    }


def _columns(points: Sequence[XmrPoint]) -> dict[str, list[Any]]:
    labels = [point.label or "Common Cause" for point in points]  # a missing row is labelled as the reference does
    return {
        "mean": [point.centre for point in points],
        "lpl": [point.lower for point in points],
        "upl": [point.upper for point in points],
        "outside_limits": [point.outside_limits for point in points],
        "relative_to_mean": [point.relative_to_mean for point in points],
        "close_to_limits": [point.close_to_limits for point in points],
        "special_cause_type": labels,
        "special_cause_flag": [label != "Common Cause" for label in labels],
        "point_type": [point.klass or "common_cause" for point in points],
    }


def _icons(chart: XmrChart, dates: Sequence[str]) -> dict[str, Any]:
    return {
        "variation_type": VARIATION_TYPES.get(chart.variation, chart.variation),
        "variation_icon": chart.variation,
        "assurance_type": ASSURANCE_TYPES.get(chart.assurance or ""),
        "assurance_icon": chart.assurance,
        "last_usable_date": None if chart.last_usable is None else dates[chart.last_usable],
        "basis": chart.basis,
        "reason": chart.reason,
    }


def _groups(chart: XmrChart, dates: Sequence[str], rebase_rows: Sequence[int]) -> list[dict[str, Any]]:
    first = 1 if 0 in rebase_rows else 0  # the reference counts a rebase on the first row
    return [_group(chart, phase, dates, number) for number, phase in enumerate(chart.phases, start=first)]


def _group(chart: XmrChart, phase: XmrPhase, dates: Sequence[str], number: int) -> dict[str, Any]:
    rows = chart.points[phase.start : phase.start + phase.points]
    kinds = [point.klass or "common_cause" for point in rows]
    return {
        "rebase_group": number,
        "start": dates[phase.start],
        "n": phase.points,
        "mean": phase.limits.centre,
        "lpl": phase.limits.lower,
        "upl": phase.limits.upper,
        "short": phase.short,
        "common_cause": kinds.count("common_cause"),
        "improvement": kinds.count("special_cause_improvement"),
        "concern": kinds.count("special_cause_concern"),
        "neutral": sum(kind.startswith("special_cause_neutral") for kind in kinds),
    }


def in_date_order(dates: Sequence[str], values: Sequence[float | None]) -> tuple[list[str], list[float | None]]:
    """Rows by date.

    Raises:
        ValueError: lengths differ, no rows, a text is no ISO date, or two rows have one date.
    """
    if len(dates) != len(values) or not dates:
        raise ValueError("each value needs a date, and a series at least one row")
    moments = [_moment(text) for text in dates]
    if len(set(moments)) < len(moments):
        raise ValueError("two rows have the same date")
    order = sorted(range(len(dates)), key=moments.__getitem__)
    return [dates[row] for row in order], [values[row] for row in order]


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{text!r} is not an ISO date") from error


def _rows_of(wanted: Sequence[str], dates: Sequence[str]) -> list[int]:
    rows = {_moment(text): row for row, text in enumerate(dates)}
    for text in wanted:
        if _moment(text) not in rows:
            raise ValueError(f"the rebase date {text} is no row of the series")
    return [rows[_moment(text)] for text in wanted]


def listed(value: Any) -> list[Any]:
    """A list of what may be given as a list, as one value or not at all."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def analyse_qi(given: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Any chart of the registry, with a runs analysis for each part.

    Raises:
        ValueError: values or options that make no such chart.
    """
    multiply = options.get("multiply")
    chart = control_chart(
        options["chart"],
        given["y"],
        given.get("n"),
        given.get("x"),
        freeze=options.get("freeze"),
        part=listed(options.get("part")),
        exclude=listed(options.get("exclude")),
        centre=options.get("cl"),
        multiply=1.0 if multiply is None else multiply,
        screen=options.get("screened_mr") is not False,
    )
    return {**_lines(chart.points), "runs": _runs(chart)}


def _lines(points: Sequence[ControlPoint]) -> dict[str, list[Any]]:
    return {
        "x": [point.x for point in points],
        "part": [point.part for point in points],
        "y": [point.y for point in points],
        "cl": [point.centre for point in points],
        "lcl": [point.lower for point in points],
        "ucl": [point.upper for point in points],
        "lcl_95": [point.near_lower for point in points],
        "ucl_95": [point.near_upper for point in points],
        "sigma_signal": [point.beyond for point in points],
    }


def _runs(chart: ControlChart) -> list[dict[str, Any]]:
    return [
        {
            "part": number,
            "n_obs": run.observations,
            "n_useful": run.useful,
            "longest_run": run.longest_run,
            "longest_run_max": run.longest_run_allowed,
            "n_crossings": run.crossings,
            "n_crossings_min": run.crossings_needed,
            "runs_signal": run.signal,
        }
        for number, run in enumerate(chart.runs, start=1)
    ]


def anhoej_thresholds(given: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Longest run and fewest crossings that chance allows, for numbers of points off the line."""
    numbers = [_whole(number) for number in listed(given["n_useful"])]
    return {
        "longest_run_max": [longest_run_allowed(number) for number in numbers],
        "n_crossings_min": [crossings_needed(number) for number in numbers],
    }


def _whole(number: Any) -> int:
    if isinstance(number, bool) or not isinstance(number, (int, float)) or number != int(number) or number < 0:
        raise ValueError(f"{number!r} is not a number of points")
    return int(number)
