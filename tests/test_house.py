"""Rules of the house that no tool knows."""

import importlib
import re
from pathlib import Path

import click
import pytest

from mendline.cli import COMMANDS

ROOT = Path(__file__).parents[1]


def test_platform_is_never_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists(), (
        "platform/__init__.py would shadow Python's own module 'platform' for every library. Delete the file: "
        "platform/ is a plain source root that holds the package 'mendline'."
    )


FLOORS = ("deploy", "migrations", "platform", "templates", "tenants", "tests", "workers")
READMES = [ROOT / "README.md", *(path for floor in FLOORS for path in sorted((ROOT / floor).rglob("README.md")))]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT).parent))
def test_a_readme_names_files_that_are_there(readme: Path) -> None:
    first_cells = re.findall(r"^\| (`[^|]+) \|", readme.read_text(), re.MULTILINE)
    named = [name for cell in first_cells for name in re.findall(r"`([\w*]+\.py)`", cell)]
    assert [name for name in named if not list(readme.parent.rglob(name))] == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT).parent))
def test_a_readme_names_commands_that_there_are(readme: Path) -> None:
    named = re.findall(r"`(?:\.venv/bin/)?mendline ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", readme.read_text())
    for command, within in named:
        assert command in COMMANDS, f"there is no `mendline {command}`"
        module, name = COMMANDS[command].split(":")
        found = getattr(importlib.import_module(module), name)
        assert not isinstance(found, click.Group) or within in found.commands, f"no `mendline {command} {within}`"
