"""The analyst's door: named cases as plain data in, results as plain data out. Needs no database.

The shapes are those of the example files in tests/data/statistics; numbers that are not finite come out as None.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from mendline.statistics.analyse_charts import analyse_qi, analyse_spc, anhoej_thresholds
from mendline.statistics.analyse_comparisons import (
    analyse_benjamini_hochberg,
    analyse_funnel,
    analyse_interval,
    analyse_significance,
)

Members: TypeAlias = Mapping[str, Any]

KINDS: dict[str, Callable[[Members, Members], dict[str, Any]]] = {
    "spc": analyse_spc,
    "qi": analyse_qi,
    "anhoej_thresholds": anhoej_thresholds,
    "funnel": analyse_funnel,
    "phe_significance": analyse_significance,
    "benjamini_hochberg": analyse_benjamini_hochberg,
    "ci": analyse_interval,
}


_PLAIN = {float, int, bool, type(None)}


def run_cases(cases: Sequence[Members]) -> list[dict[str, Any]]:
    """Work out each case by itself: `{"name", "result"}`, or `{"name", "error"}` where it is not valid."""
    return [_run_case(case) for case in cases]


def _run_case(case: Members) -> dict[str, Any]:
    if not isinstance(case, Mapping):
        return {"name": None, "error": "a case is an object with name, kind, input and options"}
    name = case.get("name")
    try:
        return {"name": name, "result": finite(_analyse(case))}
    except KeyError as error:
        return {"name": name, "error": f"the case lacks {error}"}
    except (ValueError, TypeError, ArithmeticError) as error:
        return {"name": name, "error": str(error)}


def _analyse(case: Members) -> dict[str, Any]:
    kind, given, options = case.get("kind"), case.get("input"), case.get("options") or {}
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}; kinds are {', '.join(KINDS)}")
    if not isinstance(given, Mapping) or not isinstance(options, Mapping):
        raise TypeError("input and options are objects")
    return KINDS[kind](given, options)


def finite(value: Any) -> Any:
    """The value with every number that is not finite replaced by None, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        if set(map(type, value)) <= _PLAIN:
            return [None if member is not None and not math.isfinite(member) else member for member in value]
        return [finite(member) for member in value]
    return value
