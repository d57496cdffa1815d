"""Where sealed files are kept: a folder of this machine, or a bucket of S3 or of anything that speaks like it."""

import importlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from mendline.config import Settings
from tenants.errors import UnavailableError

AWAY = "The place where files are kept does not answer. Nothing was lost; try again in a moment."
_GONE = "This file is not where it should be. Whoever runs Mendline can look for it in a backup."
_BUCKETS = "mendline.evidence.files.buckets"  # with its library, which takes longer to load than most commands to run


class GoneError(UnavailableError):
    """There is no such object."""

    def __init__(self) -> None:
        super().__init__(_GONE)


class ObjectStore(Protocol):
    """Keeps objects by name, each whole or not at all."""

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keeps an object.

        Raises:
            UnavailableError: it could not be kept; nothing of it is there.
        """

    def open(self, name: str) -> BinaryIO:
        """An object's content, to be read and closed.

        Raises:
            GoneError: it is not there.
            UnavailableError: the store does not answer.
        """

    def remove(self, name: str) -> None:
        """Removes an object; one that is not there is no trouble.

        Raises:
            UnavailableError: the store does not answer.
        """

    def remove_under(self, prefix: str) -> int:
        """Removes every object whose name begins so; how many there were.

        Raises:
            UnavailableError: the store does not answer.
        """


class FolderStore:
    """Objects as files below a folder, readable by the owner of the process alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Writes beside the target, forces it to disk and renames it, so that nobody ever reads half a file."""
        target = self._folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
        except OSError as problem:
            raise UnavailableError(_not_kept(problem)) from problem
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(target)
        except OSError as problem:
            Path(part).unlink(missing_ok=True)
            raise UnavailableError(_not_kept(problem)) from problem
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise

    def open(self, name: str) -> BinaryIO:
        """The file, open."""
        try:
            return (self._folder / name).open("rb")
        except FileNotFoundError as problem:
            raise GoneError from problem
        except OSError as problem:
            raise UnavailableError(AWAY) from problem

    def remove(self, name: str) -> None:
        """Removes the file."""
        with suppress(FileNotFoundError):
            (self._folder / name).unlink()

    def remove_under(self, prefix: str) -> int:
        """Removes the files of a folder."""
        files = [path for path in (self._folder / prefix).rglob("*") if path.is_file()]
        for path in files:
            path.unlink(missing_ok=True)
        return len(files)


def store_of(settings: Settings) -> ObjectStore:
    """The store of an installation: the bucket that is set, and a folder of the state folder otherwise."""
    if settings.files_bucket is None:
        return FolderStore(settings.state / "objects")
    bucket, _, prefix = settings.files_bucket.partition("/")
    prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    store: ObjectStore = importlib.import_module(_BUCKETS).BucketStore(bucket, prefix, settings.files_endpoint)
    return store


def _not_kept(problem: OSError) -> str:
    return f"The file could not be kept: {(problem.strerror or str(problem)).lower()}. Nothing was saved; try again."
