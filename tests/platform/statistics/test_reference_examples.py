"""Every case of the reference programs' answers, case by case."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mendline.statistics.analyse import run_cases

FOLDER = Path(__file__).parents[2] / "data" / "statistics"


def _cases() -> Iterator[Any]:
    for file in ("spc", "qi", "funnel", "ci"):
        for case in json.loads((FOLDER / f"{file}_examples.json").read_text(encoding="utf-8")):
            yield pytest.param(case, id=case["name"])


def differences(expected: Any, found: Any, path: str = "", skipped: frozenset[str] = frozenset()) -> list[str]:
    """Where `found` departs from `expected`: numbers by more than 1e-9 (relative or absolute), all else at all."""
    if path in skipped:
        return []
    pairs: list[tuple[str, Any, Any]] = []
    if isinstance(expected, dict) and isinstance(found, dict):
        pairs = [(f"{path}.{key}".lstrip("."), value, found.get(key)) for key, value in expected.items()]
    elif isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        pairs = [(f"{path}[{place}]", value, found[place]) for place, value in enumerate(expected)]
    elif not same(expected, found):
        return [f"{path}: {found!r} not {expected!r}"]
    return [line for place, one, other in pairs for line in differences(one, other, place, skipped)]


def same(expected: Any, found: Any) -> bool:
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in (expected, found)):
        return type(expected) is type(found) and bool(expected == found)
    return abs(found - expected) <= 1e-9 * max(1.0, abs(expected))


@pytest.mark.parametrize("case", list(_cases()))
def test_the_reference_answer_is_reproduced(case: dict[str, Any]) -> None:
    (answer,) = run_cases([{key: case[key] for key in ("name", "kind", "input", "options")}])
    assert answer["name"] == case["name"]
    if case["expected"].get("error"):
        assert answer["error"]
        return
    skips = case.get("skip_positions") or {}  # columns of limits that the reference draws wrongly, and where
    skipped = frozenset(f"{column}[{place}]" for column, places in skips.items() for place in places)
    assert differences(case["expected"], answer["result"], skipped=skipped) == []


def test_a_wrong_number_is_noticed() -> None:
    assert differences({"a": [1.0, None]}, {"a": [1.000001, None]}) == ["a[0]: 1.000001 not 1.0"]
    assert differences({"a": True}, {"a": 1}) == ["a: 1 not True"]
