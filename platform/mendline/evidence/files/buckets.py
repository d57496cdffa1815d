"""A bucket of S3, or of anything that speaks like it, as the store of sealed files."""

import tempfile
from collections.abc import Iterable
from typing import Any, BinaryIO, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from mendline.evidence.files.stores import AWAY, GoneError
from tenants.errors import UnavailableError

_IN_MEMORY = 1024 * 1024


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
                raise UnavailableError(AWAY) from problem

    def open(self, name: str) -> BinaryIO:
        """The object's body, as it comes over the network."""
        try:
            return cast("BinaryIO", self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"])
        except ClientError as problem:
            code = problem.response.get("Error", {}).get("Code")
            raise (GoneError() if code in ("NoSuchKey", "404") else UnavailableError(AWAY)) from problem
        except BotoCoreError as problem:
            raise UnavailableError(AWAY) from problem

    def remove(self, name: str) -> None:
        """Removes the object."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)
        except (BotoCoreError, ClientError) as problem:
            raise UnavailableError(AWAY) from problem

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
            raise UnavailableError(AWAY) from problem
        return len(names)
