"""The checklist of OWASP ASVS 5.0, levels 1 and 2: each requirement names its test, its reason, or that it is open."""

import ast
import csv
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKLIST = ROOT / "tests" / "data" / "asvs-5.0-level-2.csv"
FIGURES = ROOT / "tests" / "data" / "security_figures.csv"
STATES = ("tested", "by design", "open")
IMAGE = re.compile("dockerfile|containerfile|compose.*ya?ml$|^chart.yaml$")
# Requirements of the levels 1 and 2 in version 5.0.0, chapter by chapter.
IN_CHAPTER = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}


@cache
def lines() -> list[dict[str, str]]:
    with CHECKLIST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_requirement_stands_there_once_with_its_state(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = [line["requirement"] for line in lines()]
    assert len(numbers) == len(set(numbers))
    chapters = Counter(int(number.split(".")[0]) for number in numbers)
    levels, states = (Counter(line[name] for line in lines()) for name in ("level", "state"))
    with capsys.disabled():
        told = ", ".join(f"{states[state]} {state}" for state in STATES)
        print(f"\nASVS 5.0, levels 1 and 2: {len(numbers)} requirements, {told}")  # noqa: T201 -- asked for
    assert dict(sorted(chapters.items())) == IN_CHAPTER
    assert set(states) <= set(STATES)
    assert (levels["1"], levels["2"]) == (70, 183)
    assert all(line["about"] and line["test or reason"] for line in lines())


def test_every_test_that_is_named_is_there() -> None:
    named = {found for line in lines() for found in re.findall(r"(tests/[\w/]+\.py)::(\w+)", line["test or reason"])}
    assert len(named) > 80
    assert sorted(f"{path}::{name}" for path, name in named if name not in functions_of(path)) == []


def test_whatever_counts_as_tested_names_a_test() -> None:
    without = [
        line["requirement"] for line in lines() if line["state"] == "tested" and "::" not in line["test or reason"]
    ]
    assert without == []


def figures() -> list[dict[str, str]]:
    """The figures of security that are asked for, each with what prints or holds it."""
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_figure_that_is_asked_for_is_measured_by_a_test_or_a_benchmark(figure: Callable[[str], None]) -> None:
    shown, still, apart = (
        [line["control"] for line in figures() if line["state"] == state]
        for state in ("shown", "open", "does not apply")
    )
    figure(
        f"figures of security: {len(shown)} of {len(figures())} measured; open: {', '.join(still) or 'none'};"
        f" without anything to measure: {', '.join(apart) or 'none'}"
    )
    assert [line["control"] for line in figures()][:28] == [str(number) for number in range(1, 29)]
    assert len(shown) + len(still) + len(apart) == len(figures())
    for line in figures():
        named = re.findall(r"(tests/[\w/]+\.py)::(\w+)", line["shown by"])
        assert named, line
        assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []


def test_no_container_is_part_of_the_project_so_none_needs_to_be_shut_in() -> None:
    """Whoever adds one adds what it may do: not root, no capabilities, read-only, limits, pinned by digest."""
    told = next(line for line in figures() if line["control"] == "26")
    places = (ROOT, *(ROOT / folder for folder in (".ci", "deploy", "platform", "tenants", "workers")))
    found = [path for place in places for path in place.glob("*") if IMAGE.search(path.name.lower())]
    assert (told["state"], found) == ("does not apply", [])
