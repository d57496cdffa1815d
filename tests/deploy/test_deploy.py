"""The set-up: what it installs is locked, names no registry, and its scripts parse everywhere."""

import json
import os
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "deploy").glob("requirements*.lock"))
SCRIPTS = ["deploy/up", "deploy/test", "deploy/set-up", ".ci/run"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_a_version_and_a_hash(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", lock.read_text()))
    for entry in filter(str.strip, entries):
        assert re.match(r"[\w.\[\]-]+==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_no_lock_file_names_a_registry() -> None:
    for lock in [*LOCKS, ROOT / "deploy/frontend/package-lock.json"]:
        text = lock.read_text()
        assert "--index-url" not in text
        assert '"resolved"' not in text
        assert not re.search(r"https?://(?!github\.com/sponsors)", text), lock


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = "\n".join(lock.read_text() for lock in LOCKS)
    for wanted in [*project["dependencies"], *chain(*project["optional-dependencies"].values())]:
        name = re.match(r"[\w-]+", wanted)
        assert name
        assert re.search(rf"(?m)^{re.escape(name[0])}(\[\S+\])?==", locked, re.IGNORECASE), (
            f"{name[0]}: run deploy/lock"
        )


def test_front_end_packages_are_pinned_to_a_major_version() -> None:
    package = json.loads((ROOT / "deploy/frontend/package.json").read_text())
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert re.match(r"\^\d", version), name


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_run_in_a_plain_shell(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["/bin/sh", "-n", ROOT / script], check=True)


def test_a_python_that_is_too_old_is_refused_with_a_way_out(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("cat", "dirname"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").chmod(0o755)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/set-up").write_text((ROOT / "deploy/set-up").read_text())
    done = subprocess.run(
        ["/bin/sh", tmp_path / "deploy/set-up", "app"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and none was found" in done.stderr
    assert "apt-get install python3" in done.stderr


def test_set_up_explains_wrong_usage() -> None:
    done = subprocess.run([sys.executable, ROOT / "deploy/prepare.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "app|test" in done.stderr
