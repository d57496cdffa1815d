"""Where the embedded servers of a running `mendline up` are, so that other commands on the machine find them.

The file is there while they run and is readable by its owner only. One that a killed start left behind leads nowhere,
which the next command says; the next start replaces it.
"""

import json
import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

_NAMES = ("DATABASE_URL", "REDIS_URL")


def _file(state: Path) -> Path:
    return state / "run" / "servers.json"


def tell(state: Path, addresses: Mapping[str, str]) -> None:
    """Writes the addresses down, whole or not at all."""
    half = _file(state).with_suffix(".part")
    half.unlink(missing_ok=True)
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(dict(addresses), file)
    half.replace(_file(state))


def forget(state: Path) -> None:
    """Takes the file away; harmless where there is none."""
    _file(state).unlink(missing_ok=True)


def fill_in(environment: MutableMapping[str, str], state: Path) -> None:
    """Gives a command the addresses that its environment does not name, where the servers of this machine run."""
    missing = [name for name in _NAMES if not environment.get(name)]
    if not missing or not _file(state).is_file():
        return
    known = json.loads(_file(state).read_text(encoding="utf-8"))
    environment.update({name: known[name] for name in missing if known.get(name)})
