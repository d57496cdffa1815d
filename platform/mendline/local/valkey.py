"""Valkey as a direct child of ours, on a Unix socket, with its append-only file in the state folder.

It carries ids only: what it loses is sent again from PostgreSQL. It never throws a message away to save memory.
"""

import re
import signal
import time
from pathlib import Path

import redis

from mendline.local import processes
from mendline.local.binaries import valkey_for
from mendline.local.embedded import EmbeddedServer
from mendline.local.errors import LocalStartError
from mendline.local.quarters import Quarters, prepare

START_SECONDS = 60
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


class EmbeddedValkey(EmbeddedServer):
    """One Valkey server in a state folder.

    Args:
        state: The state folder; the data go to `valkey/` and the log to `log/` below it.
    """

    name = "valkey"
    spoken = "Valkey"
    purpose = "The message server"
    stop_signal = signal.SIGTERM
    stop_seconds = 15

    def __init__(self, state: Path) -> None:
        """Prepare nothing yet; `start` does."""
        super().__init__(state)
        self._socket: Path | None = None

    def url(self, number: int = 0) -> str:
        """The URL of one of its numbered databases, 0 to 31."""
        return f"unix://{self._socket}?db={number}"

    def _come_up(self) -> None:
        quarters = self._quarters = prepare(self._state, self.name)
        self._socket = quarters.socket_folder / SOCKET_NAME
        self._make_way(quarters)
        self._run(quarters)

    def _make_way(self, quarters: Quarters) -> None:
        """End the server of a killed predecessor: we hold the folder's lock, so it has lost its launcher."""
        kept = quarters.folder / "valkey.pid"
        text = kept.read_text(encoding="ascii").strip() if kept.exists() else ""
        if not text.isdigit():
            return
        found = processes.running(int(text))
        # A server shows its socket in its title: "…/valkey-server unixsocket:/…/valkey.sock".
        if found is not None and re.search(rf"(valkey|redis)-server\S*.*{re.escape(str(self._socket))}", found.command):
            processes.end_leftover(int(text), self.stop_signal, self.stop_seconds)

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
