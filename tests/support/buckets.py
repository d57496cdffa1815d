"""A bucket of a server that speaks like S3, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import pytest
from support.running import eventually, free_port

from mendline.evidence.files.buckets import BucketStore
from mendline.evidence.files.stores import ObjectStore

NAMED = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}


@contextmanager
def a_bucket() -> Iterator[ObjectStore]:
    """A bucket of a server that speaks like S3, in a process of its own."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    endpoint = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            with urlopen(f"{endpoint}/moto-api/data.json", timeout=5):
                return True
        except (URLError, OSError):
            return False

    try:
        eventually(answers, "the S3 server")
        boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="evidence")
        yield BucketStore("evidence", "mendline/", endpoint)
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def credentials() -> Iterator[None]:
    """Credentials for a bucket in the environment, while a module's tests run."""
    before = {name: os.environ.get(name) for name in NAMED}
    os.environ.update(NAMED)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(scope="module")
def bucket(credentials: None) -> Iterator[ObjectStore]:
    """A bucket."""
    assert credentials is None
    with a_bucket() as store:
        yield store
