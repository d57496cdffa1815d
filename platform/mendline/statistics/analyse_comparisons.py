"""Comparisons and intervals as plain data: funnel, phe_significance, benjamini_hochberg and ci."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mendline.statistics.analyse_charts import listed
from mendline.statistics.arithmetic import as_series
from mendline.statistics.fdr import alarms, benjamini_hochberg
from mendline.statistics.funnel import Funnel, FunnelService, funnel
from mendline.statistics.intervals import Interval, byar_formula, mean_interval, rate_interval, wilson
from mendline.statistics.significance import average_of, significance


def analyse_funnel(given: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Services in a funnel.

    Raises:
        ValueError: records or options that make no sound funnel.
    """
    if options.get("data_type") == "SR" and (options.get("sr_method") or "SHMI") != "SHMI":
        raise ValueError("the CQC limits are about half as wide as they should be; use SHMI")
    if list(given["numerator"]) == list(given["denominator"]):
        raise ValueError("numerators and denominators are the same")
    made = funnel(
        [str(group) for group in given["group"]],
        given["numerator"],
        given["denominator"],
        kind=options["data_type"],
        limit=_or(options.get("limit"), 99),
        adjust=options.get("draw_adjusted") is not False,
        show_unadjusted=options.get("draw_unadjusted") is True,
        trim=_or(options.get("trim_by"), 0.1),
        multiplier=_or(options.get("multiplier"), 1),
        round_expected=options.get("shmi_rounding") is not False,
    )
    return {**_summary(made), **{name: [read(service) for service in made.services] for name, read in COLUMNS.items()}}


def _summary(made: Funnel) -> dict[str, Any]:
    return {
        "phi": made.phi,
        "tau2": made.tau2,
        "adjusted": made.adjusted,
        "unadjusted": made.show_unadjusted,
        "centre": made.centre,
    }


COLUMNS: dict[str, Callable[[FunnelService], Any]] = {
    "groups": lambda service: service.group,
    "numerator": lambda service: service.numerator,
    "denominator": lambda service: service.denominator,
    "rr": lambda service: service.ratio,
    "value": lambda service: service.value,
    "z": lambda service: service.z,
    "z_trimmed": lambda service: service.z_kept,
    "trimmed_flag": lambda service: int(service.trimmed),
    "lcl95": lambda service: service.limits.lower_95,
    "ucl95": lambda service: service.limits.upper_95,
    "lcl998": lambda service: service.limits.lower_998,
    "ucl998": lambda service: service.limits.upper_998,
    "od_lcl95": lambda service: service.adjusted_limits.lower_95,
    "od_ucl95": lambda service: service.adjusted_limits.upper_95,
    "od_lcl998": lambda service: service.adjusted_limits.lower_998,
    "od_ucl998": lambda service: service.adjusted_limits.upper_998,
    "outlier": lambda service: int(service.outlier),
    "p": lambda service: service.p,
}


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def analyse_significance(given: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Each service against the pooled average.

    Raises:
        ValueError: counts that cannot be compared.
    """
    groups, top, bottom = _pooled(given.get("group"), given["numerator"], given["denominator"])
    statistic = options["statistic"]
    placed = significance(top, bottom, statistic)
    result: dict[str, Any] = {
        "groups": groups,
        "average": average_of(top, bottom),
        "significance": [service.level for service in placed],
    }
    if statistic == "proportion":
        for name in ("lower_95", "upper_95", "lower_998", "upper_998"):
            result[name] = [getattr(service, name) for service in placed]
    return result


def _pooled(
    groups: Sequence[Any] | None, top: Sequence[float], bottom: Sequence[float]
) -> tuple[list[Any], list[float], list[float]]:
    """Sum the rows of each group, groups in order of first appearance; rows without groups stay as they are."""
    tops, bottoms = as_series(top), as_series(bottom)
    names = list(range(1, tops.size + 1)) if groups is None else list(groups)
    if not len(names) == tops.size == bottoms.size:
        raise ValueError("each row needs a group, a numerator and a denominator")
    sums: dict[Any, list[float]] = {}
    for name, above, below in zip(names, tops.tolist(), bottoms.tolist(), strict=True):
        pair = sums.setdefault(name, [0.0, 0.0])
        pair[0] += above
        pair[1] += below
    return list(sums), [pair[0] for pair in sums.values()], [pair[1] for pair in sums.values()]


def analyse_benjamini_hochberg(given: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Adjusted probabilities and which of them raise an alert."""
    adjusted = benjamini_hochberg(listed(given["p"]))
    return {"adjusted": list(adjusted), "alarm": list(alarms(adjusted))}


def analyse_interval(given: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """A figure with its interval, by the named method, pooled first where `pooled_by` names a member.

    Raises:
        ValueError: an unknown method or counts that make no figure.
    """
    confidence = _or(options.get("confidence"), 0.95)
    method = options["method"]
    if method == "mean_t":
        mean = mean_interval(given["values"], confidence=confidence)
        return {
            "value": mean.value,
            "lower": mean.lower,
            "upper": mean.upper,
            "stdev": mean.deviation,
            "count": mean.count,
        }
    if method == "byar_count":
        lower, upper = byar_formula(_number(given["x"]), confidence=confidence)
        return {"lower": lower, "upper": upper}
    if method not in INTERVALS:
        raise ValueError(f"there is no method {method!r}")
    multiplier = _or(options.get("multiplier"), 1)
    by = options.get("pooled_by")
    if by or isinstance(given["x"], (list, tuple)):
        return _intervals(INTERVALS[method], given, by, confidence, multiplier)
    made = INTERVALS[method](_number(given["x"]), _number(given["n"]), confidence=confidence, multiplier=multiplier)
    return {"value": made.value, "lower": made.lower, "upper": made.upper, "method": made.method}


INTERVALS: dict[str, Callable[..., Interval]] = {"wilson": wilson, "rate_byar_or_exact": rate_interval}


def _intervals(
    make: Callable[..., Interval], given: Mapping[str, Any], by: str | None, confidence: float, multiplier: float
) -> dict[str, Any]:
    groups, top, bottom = _pooled(given[by] if by else None, listed(given["x"]), listed(given["n"]))
    made = [
        make(above, below, confidence=confidence, multiplier=multiplier)
        for above, below in zip(top, bottom, strict=True)
    ]
    return {
        **({by: groups} if by else {}),
        "x": top,
        "n": bottom,
        "value": [interval.value for interval in made],
        "lower": [interval.lower for interval in made],
        "upper": [interval.upper for interval in made],
        "method": [interval.method for interval in made],
    }


def _number(value: Any) -> float:
    return float(as_series([value])[0])
