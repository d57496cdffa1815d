"""Each case of figures that an expert would try has its test by name: the table beside the tests is checked against them."""

import ast
import csv
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
with (ROOT / "tests/data/cases_of_figures.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
# Those of the regulator's recovery loop that touch figures; the others are of records, people and work.
NUMBERED = {*range(1, 14), 15, *range(19, 34), 39}


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", TABLE, ids=[row["test"].rpartition("::")[2] for row in TABLE])
def test_the_test_of_a_case_exists(row: dict[str, str]) -> None:
    path, _, name = row["test"].partition("::")
    assert name in names_in(path)


def test_no_case_is_without_a_test() -> None:
    named = {int(row["number"]) for row in TABLE if row["number"].isdigit()}
    assert named == NUMBERED
    assert {row["number"] for row in TABLE if not row["number"].isdigit()} == {"fault", "property", "bad input"}
