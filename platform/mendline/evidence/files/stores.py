"""Where sealed files are kept: a folder of this machine, or a bucket of S3 or of anything that speaks like it."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from mendline.config import Settings
from tenants.errors import UnavailableError

_AWAY = "The place where files are kept does not answer. Nothing was lost; try again in a moment."
_GONE = "This file is not where it should be. Whoever runs Mendline can look for it in a backup."
_IN_MEMORY = 1024 * 1024


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
            raise UnavailableError(_AWAY) from problem

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


class BucketStore:
    """Objects in a bucket; whoever may read them there reads only what is sealed."""

    def __init__(self, bucket: str, prefix: str = "", endpoint: str | None = None) -> None:
        """Connects with the credentials and region that the platform gives, as the AWS tools find them."""
        self._bucket, self._prefix = bucket, prefix
        quick = Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 3, "mode": "standard"})
        self._client: Any = boto3.client("s3", endpoint_url=endpoint, config=quick)

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Gathers the sealed chunks on this machine's disk, then uploads them, in parts where there are many."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as gathered:
            for chunk in chunks:
                gathered.write(chunk)
            gathered.seek(0)
            try:
                self._client.upload_fileobj(gathered, self._bucket, self._prefix + name)
            except (BotoCoreError, ClientError, boto3.exceptions.S3UploadFailedError) as problem:
                raise UnavailableError(_AWAY) from problem

    def open(self, name: str) -> BinaryIO:
        """The object's body, as it comes over the network."""
        try:
            return cast("BinaryIO", self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"])
        except ClientError as problem:
            code = problem.response.get("Error", {}).get("Code")
            raise (GoneError() if code in ("NoSuchKey", "404") else UnavailableError(_AWAY)) from problem
        except BotoCoreError as problem:
            raise UnavailableError(_AWAY) from problem

    def remove(self, name: str) -> None:
        """Removes the object."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)
        except (BotoCoreError, ClientError) as problem:
            raise UnavailableError(_AWAY) from problem

    def remove_under(self, prefix: str) -> int:
        """Removes page after page of what is listed."""
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            names = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
            for name in names:
                self._client.delete_object(Bucket=self._bucket, Key=name)
        except (BotoCoreError, ClientError) as problem:
            raise UnavailableError(_AWAY) from problem
        return len(names)


def store_of(settings: Settings) -> ObjectStore:
    """The store of an installation: the bucket that is set, and a folder of the state folder otherwise."""
    if settings.files_bucket is None:
        return FolderStore(settings.state / "objects")
    bucket, _, prefix = settings.files_bucket.partition("/")
    return BucketStore(bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else "", settings.files_endpoint)


def _not_kept(problem: OSError) -> str:
    return f"The file could not be kept: {(problem.strerror or str(problem)).lower()}. Nothing was saved; try again."
