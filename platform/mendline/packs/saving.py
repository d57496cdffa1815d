"""Writes a finished file whole or not at all."""

import errno
import os
import tempfile
from pathlib import Path

from tenants.errors import UnavailableError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class NotSavedError(UnavailableError):
    """The file could not be written; nothing was left behind, and the message says what to do."""


def save_whole(path: Path, content: bytes) -> None:
    """Writes beside the target, forces it to disk and renames it, so that no reader ever sees half a file.

    Args:
        path: where the file goes; one that is there already is replaced in one step.
        content: all of it.

    Raises:
        NotSavedError: the disk is full, the folder is missing or may not be written to. What was at `path` is as it was.
    """
    try:
        _write(path, content)
    except OSError as error:
        raise NotSavedError(_message(path, len(content), error)) from error


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Makes the new name itself last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _message(path: Path, size: int, error: OSError) -> str:
    if error.errno in _NO_ROOM:
        return (
            f"There is no room on the disk for the pack ({size / 1_048_576:.1f} MB in {path.parent}). Nothing was saved. "
            "Free some space and ask for the pack again."
        )
    reason = (error.strerror or str(error)).lower()
    return f"The pack could not be saved in {path.parent}: {reason}. Nothing was saved. Check the folder and try again."
