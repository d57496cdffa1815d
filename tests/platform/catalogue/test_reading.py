from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from mendline.catalogue.reading import CatalogueError, build, read_yaml, unique


@dataclass(frozen=True)
class Leg:
    name: str


@dataclass(frozen=True)
class Table:
    title: str
    legs: tuple[Leg, ...]
    made_on: date | None = None
    wood: Literal["oak", "ash"] = "oak"
    weight: float = 0.0

    def __post_init__(self) -> None:
        if self.weight < 0:
            raise ValueError("weight must not be negative")


def table(**changes: object) -> dict[str, object]:
    return {"title": "Low", "legs": [{"name": "first"}]} | changes


def test_a_declaration_becomes_nested_dataclasses() -> None:
    built = build(Table, table(made_on=date(2026, 11, 9), weight=3), "t")
    assert built == Table("Low", (Leg("first"),), date(2026, 11, 9), "oak", 3.0)
    assert isinstance(built.weight, float)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "t: unknown key 'colour'; known keys are legs, made_on, title, weight, wood"),
        ({"title": ""}, "t, title: must be text, not nothing"),
        ({"title": 3}, "t, title: must be text, not '3'"),
        ({"legs": "four"}, "t, legs: must be a list, not 'four'"),
        ({"legs": [{"nam": "x"}]}, "t, legs 1: unknown key 'nam'; known keys are name"),
        ({"wood": "elm"}, "t, wood: 'elm' is not one of oak, ash"),
        ({"made_on": "yesterday"}, "t, made_on: must be a date, not 'yesterday'"),
        ({"weight": True}, "t, weight: must be a number, not 'True'"),
        ({"weight": -1}, "t: weight must not be negative"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_place(changes: dict[str, object], message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        build(Table, table(**changes), "t")
    assert str(caught.value) == message


def test_a_missing_key_is_named() -> None:
    with pytest.raises(CatalogueError, match="t: 'legs' is missing"):
        build(Table, {"title": "Low"}, "t")


def test_a_key_written_twice_in_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text("a: 1\nb: 2\na: 3\n")
    with pytest.raises(CatalogueError, match=r"twice\.yaml, line 3: 'a' is there twice"):
        read_yaml(path)


@pytest.mark.parametrize(("text", "message"), [("- 1\n", "must hold a mapping"), ("a: [", "is not valid YAML")])
def test_a_file_that_is_not_a_mapping_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(CatalogueError, match=message):
        read_yaml(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"gone\.yaml: cannot be read"):
        read_yaml(tmp_path / "gone.yaml")


def test_two_items_of_one_key_are_refused() -> None:
    with pytest.raises(CatalogueError, match="legs: 'a' is declared twice"):
        unique([Leg("a"), Leg("b"), Leg("a")], "name", "legs")
