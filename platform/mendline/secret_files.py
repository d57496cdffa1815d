"""Secrets that a machine makes for itself and keeps in its state folder, readable by its owner only."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def kept(path: Path, make: Callable[[], str]) -> str:
    """The secret in a file, made and kept there the first time.

    The file appears whole or not at all, and of two processes that come first together both get the same secret.

    Args:
        path: the file; its folder is made private where it is missing.
        make: gives a fresh secret.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)  # readable by its owner only from the start
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(make())
        with suppress(FileExistsError):
            os.link(name, path)
        Path(name).unlink()
    return path.read_text(encoding="utf-8")
