"""Valkey as a direct child of ours, on a Unix socket, with its append-only file in the state folder.

It carries ids only: what it loses is sent again from PostgreSQL. It never throws a message away to save memory.
"""

import re
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from mendline.local import processes
from mendline.local.binaries import valkey_for
from mendline.local.errors import LocalStartError
from mendline.local.quarters import FolderLock, Quarters, prepare

START_SECONDS = 60
STOP_SECONDS = 15
SOCKET_NAME = "valkey.sock"

SERVER_OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",
    "save": "",
    "databases": "32",
    "daemonize": "no",
    "always-show-logo": "no",
    "loglevel": "notice",
}


class EmbeddedValkey:
    """One Valkey server in a state folder.

    Args:
        state: The state folder; the data go to `valkey/` and the log to `log/` below it.
    """

    def __init__(self, state: Path) -> None:
        """Prepare nothing yet; `start` does."""
        self._state = state.resolve()
        self._lock = FolderLock(self._state / "run" / "valkey.lock", f"The message server in {self._state}")
        self._log = self._state / "log" / "valkey.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None
        self._quarters: Quarters | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process id.

        Raises:
            LocalStartError: It has not been started.
        """
        if self._process is None:
            raise LocalStartError("The embedded Valkey has not been started.")
        return self._process.pid

    def ended(self) -> bool:
        """Whether the server has ended by itself since `start`."""
        return self._process is not None and processes.wait_for_end(self._process, 0)

    def start(self) -> str:
        """Bring the server up.

        Returns:
            Its URL, as redis-py and Dramatiq take it.

        Raises:
            LocalStartError: Another process has the folder, no program was found, or the server did not come up.
        """
        self._lock.take()
        try:
            quarters = self._quarters = prepare(self._state, "valkey")
            self._socket = quarters.socket_folder / SOCKET_NAME
            self._make_way(quarters)
            self._run(quarters)
        except BaseException:
            self.stop()
            raise
        return self.url()

    def stop(self) -> None:
        """End the server in order: everything written first."""
        if self._process is not None:
            processes.stop(self._process, signal.SIGTERM, STOP_SECONDS)
            self._process = None
        if self._quarters is not None:
            self._quarters.leave()
        self._lock.release()

    def url(self, number: int = 0) -> str:
        """The URL of one of its numbered databases, 0 to 31."""
        return f"unix://{self._socket}?db={number}"

    def _make_way(self, quarters: Quarters) -> None:
        """End the server of a killed predecessor: we hold the folder's lock, so it has lost its launcher."""
        kept = quarters.folder / "valkey.pid"
        text = kept.read_text(encoding="ascii").strip() if kept.exists() else ""
        if not text.isdigit():
            return
        found = processes.running(int(text))
        # A server shows its socket in its title: "…/valkey-server unixsocket:/…/valkey.sock".
        if found is not None and re.search(rf"(valkey|redis)-server\S*.*{re.escape(str(self._socket))}", found.command):
            processes.end_leftover(int(text), signal.SIGTERM, STOP_SECONDS)

    def _run(self, quarters: Quarters) -> None:
        options = SERVER_OPTIONS | {
            "dir": str(quarters.folder),
            "pidfile": str(quarters.folder / "valkey.pid"),
            "unixsocket": str(self._socket),
        }
        command: list[str | Path] = [valkey_for(quarters.account, quarters.folder)]
        for name, value in options.items():
            command += [f"--{name}", value]
        self._process = processes.start(command, log=self._log, account=quarters.account, folder=quarters.folder)
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis.from_url(self.url()) as client:
            while time.monotonic() < deadline:
                try:
                    client.ping()
                except (redis.ConnectionError, redis.exceptions.BusyLoadingError):
                    if self.ended():
                        break
                    time.sleep(processes.POLL_SECONDS)
                else:
                    return
        raise LocalStartError(f"Valkey did not start ({self._log}):\n{processes.last_lines(self._log)}")
