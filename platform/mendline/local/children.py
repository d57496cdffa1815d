"""The parts of a running application: started, kept alive with growing patience, and stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mendline.local import processes
from mendline.local.errors import LocalStartError, StoppedError
from mendline.local.leftovers import mark
from mendline.local.parts import Part
from mendline.local.progress import say
from mendline.local.servers import log_of

STOP_SECONDS = 15
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
HEALTHY_AFTER = 60.0  # seconds alive after which an end counts as the first one again
GIVE_UP_AFTER = 4  # ends before the application was ever ready


@dataclass(slots=True)
class _Child:
    part: Part
    process: subprocess.Popen[bytes]
    started: float
    ends: int = 0
    again_at: float | None = None


class Children:
    """Every process of ours but the two servers.

    Args:
        state: the state folder, for logs and for the mark by which a later run knows ours.
        stopping: whether a signal has said stop.
    """

    def __init__(self, state: Path, stopping: Callable[[], bool]) -> None:
        """Start nothing yet."""
        self._state = state
        self._stopping = stopping
        self._environment: dict[str, str] = {}
        self._children: dict[str, _Child] = {}

    def set_environment(self, additions: Mapping[str, str]) -> None:
        """Say what each process is told beside our own environment."""
        self._environment = os.environ | dict(additions) | mark(self._state)

    def run_to_end(self, *arguments: str) -> None:
        """Run one `mendline` command and wait for it; its messages go where ours go.

        Raises:
            LocalStartError: It failed; its own message stands above this one.
            StoppedError: A signal said stop meanwhile; the command has been stopped.
        """
        process = processes.start(_command(*arguments), environment=self._environment)
        try:
            while not processes.wait_for_end(process, processes.POLL_SECONDS):
                if self._stopping():
                    raise StoppedError
            status = process.wait()
        finally:
            processes.stop(process, signal.SIGTERM, STOP_SECONDS)
        if status != 0:
            raise LocalStartError(
                f"`mendline {' '.join(arguments)}` ended with status {status}. Nothing else was started."
            )

    def start(self, part: Part) -> None:
        """Start a part."""
        self._children[part.name] = _Child(part, self._spawn(part), time.monotonic())

    def revive(self) -> None:
        """Start again what has ended, at once the first time and with growing patience after that."""
        now = time.monotonic()
        for child in self._children.values():
            if child.again_at is None and processes.wait_for_end(child.process, 0):
                self._ended(child, now)
            if child.again_at is not None and now >= child.again_at:
                child.process, child.started, child.again_at = self._spawn(child.part), now, None

    def require_life(self) -> None:
        """Give up on a start in which a part keeps ending.

        Raises:
            LocalStartError: One has; the message has the end of its log.
        """
        for child in self._children.values():
            if child.ends >= GIVE_UP_AFTER:
                log = log_of(self._state, child.part.name)
                raise LocalStartError(f"{child.part.name} keeps ending. {log} says:\n{processes.last_lines(log)}")

    def stop(self) -> None:
        """Stop every part, all at once."""
        processes.stop_all([child.process for child in self._children.values()], signal.SIGTERM, STOP_SECONDS)
        self._children.clear()

    def _spawn(self, part: Part) -> subprocess.Popen[bytes]:
        return processes.start(
            _command(*part.arguments), log=log_of(self._state, part.name), environment=self._environment
        )

    def _ended(self, child: _Child, now: float) -> None:
        processes.stop(child.process, signal.SIGTERM, STOP_SECONDS)  # whoever is left of its group
        child.ends = 1 if now - child.started > HEALTHY_AFTER else child.ends + 1
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (child.ends - 1))
        child.again_at = now + wait
        how = f"status {child.process.returncode}" if child.process.returncode >= 0 else "a signal"
        say(
            f"{child.part.name} ended with {how}; starting it again in {wait:.1f} s ({log_of(self._state, child.part.name)})"
        )


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mendline", *arguments]
