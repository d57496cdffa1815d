"""The embedded Valkey: it comes up, keeps what it was told across a kill, and belongs to one process at a time."""

import os
import signal
import time
from pathlib import Path

import pytest
import redis
from support.folders import passable_folder

from mendline.local.errors import LocalStartError
from mendline.local.valkey import EmbeddedValkey


def test_it_keeps_everything_and_refuses_rather_than_forget(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url, decode_responses=True) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}


def test_it_listens_on_its_socket_only(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url, decode_responses=True) as client:
        assert client.config_get("port") == {"port": "0"}


def test_databases_are_apart(valkey_server: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey_server.url(3)) as third, redis.Redis.from_url(valkey_server.url(4)) as fourth:
        third.set("name", "value")
        assert fourth.get("name") is None
        third.flushdb()


def test_what_was_written_survives_a_kill() -> None:
    with passable_folder() as state, EmbeddedValkey(state) as first:
        with redis.Redis.from_url(first.url()) as client:
            client.set("kept", "1")
            time.sleep(1.2)  # the file is written once a second
        os.kill(first.pid, signal.SIGKILL)
        first._lock.release()
        with EmbeddedValkey(state) as second, redis.Redis.from_url(second.url()) as client:
            assert client.get("kept") == b"1"


def test_a_second_start_on_the_same_folder_is_refused_and_names_the_holder(
    valkey_server: EmbeddedValkey, state_folder: Path
) -> None:
    assert valkey_server.pid
    with pytest.raises(LocalStartError, match=rf"already in use by process {os.getpid()}\b"):
        EmbeddedValkey(state_folder).start()
