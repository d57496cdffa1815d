"""Remembers what a step was last done with, so that the same step with the same inputs can be left out."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(*things: str | Path) -> str:
    """One value for texts and the content of files; a folder stands for every file below it, compiled ones aside."""
    total = hashlib.sha256()
    for thing in things:
        if isinstance(thing, str):
            total.update(f"text {len(thing)} {thing}\n".encode())
            continue
        for file in _files(thing):
            content = file.read_bytes()
            total.update(f"file {file.name} {len(content)}\n".encode())
            total.update(content)
    return total.hexdigest()


def _files(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


class Stamp:
    """One step's memory: a small file in the state folder."""

    def __init__(self, state: Path, name: str) -> None:
        """Name the step; nothing is read or written yet."""
        self._file = state / "stamps" / name

    def holds(self, value: str) -> bool:
        """Whether the step was last finished with this fingerprint."""
        try:
            return self._file.read_text(encoding="ascii") == value
        except OSError:
            return False

    def set(self, value: str) -> None:
        """Remember that the step has been finished with this fingerprint."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(value, encoding="ascii")
