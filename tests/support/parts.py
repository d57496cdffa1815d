"""Runs real parts of Mendline, the relay and workers, as processes of their own beside a test."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment_of(database_url: str, redis_url: str, passwords: Mapping[str, str], state: Path) -> dict[str, str]:
    """What a part reads its settings from."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MENDLINE_STATE": str(state),
        "MENDLINE_ROLE_PASSWORDS": json.dumps(dict(passwords)),
        "MENDLINE_SECRET_KEY": "a secret of this test only, long enough",
        "MENDLINE_HTTPS": "0",
        "PYTHONUNBUFFERED": "1",
    }


@dataclass
class Parts:
    """Started parts by name; each is a process group, so that what it forked ends with it."""

    environment: dict[str, str]
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str, ready: str) -> None:
        """Starts `mendline ARGUMENTS` and waits until its log holds the words of readiness."""
        log = self.folder / f"{len(list(self.folder.iterdir()))}-{name}.log"
        with log.open("wb") as file:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "mendline", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(lambda: ready in log.read_text() or self.running[name].poll() is not None, 40, f"{name} to be ready")
        assert self.running[name].poll() is None, log.read_text()

    def start_relay(self) -> None:
        self.start("relay", "relay", ready="listening")

    def start_worker(self, *queues: str) -> None:
        chosen = [word for queue in queues or ("fast", "derive") for word in ("--queue", queue)]
        self.start("worker", "worker", *chosen, ready="ready for action")

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Ends a part and everything that it forked, at once."""
        process = self.running.pop(name)
        os.killpg(process.pid, number)
        process.wait(timeout=20)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Stops a part for a while, or lets it go on."""
        os.killpg(self.running[name].pid, number)

    def said(self) -> str:
        """Everything that the parts wrote."""
        return "\n".join(log.read_text() for log in sorted(self.folder.iterdir()))


@contextmanager
def parts_of(environment: dict[str, str], folder: Path) -> Iterator[Parts]:
    """Parts that end with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = Parts(environment, folder)
    try:
        yield parts
    finally:
        for name in list(parts.running):
            parts.kill(name)


def until(holds: Callable[[], object], seconds: float, what: str) -> None:
    """Waits for something to hold, and says what it waited for in vain."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.02)
