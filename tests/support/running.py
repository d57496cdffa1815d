"""The whole application as a person starts it: `mendline up` in a process of its own, over a folder of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mendline.config import state_folder
from mendline.local import processes, smoke

PATIENCE = 90


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something holds, and fail with its name where it does not."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def environment(state: Path) -> dict[str, str]:
    """Ours without what would point the application elsewhere."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MENDLINE_")}
    for name in ("DATABASE_URL", "REDIS_URL"):
        ours.pop(name, None)
    return ours | {"MENDLINE_STATE": str(state)}


def lend_assets(state: Path) -> None:
    """Give a state folder the built stylesheet and scripts of the set-up."""
    built = state_folder(os.environ)
    shutil.copytree(built / "static", state / "static", dirs_exist_ok=True)
    shutil.copy(built / "assets-manifest.json", state)


def up(state: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `mendline up` to its end."""
    command = [sys.executable, "-m", "mendline", "up", *arguments]
    return subprocess.run(
        command, env=environment(state), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@dataclass
class Running:
    """A running application.

    Attributes:
        process: the supervisor.
        url: where the pages are.
        output: the file that takes what it says.
    """

    process: "subprocess.Popen[bytes]"
    url: str
    state: Path
    output: Path

    def ready(self) -> dict[str, Any]:
        """What `ready.json` holds."""
        found: dict[str, Any] = json.loads((self.state / "ready.json").read_text(encoding="utf-8"))
        return found

    def answers(self) -> bool:
        """Whether it says that it is ready."""
        return smoke.answers(f"{self.url}/health/ready")

    def children(self) -> dict[int, str]:
        """The command line of each direct child that lives."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        found = {int(pid): processes.running(int(pid)) for pid in listed.split()}
        return {pid: one.command for pid, one in found.items() if one is not None}

    def child(self, word: str) -> int:
        """The direct child with a word in its command line."""
        return next(pid for pid, command in self.children().items() if word in command)

    def stop(self) -> int:
        """Ctrl-C, and its exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@contextmanager
def running_application(state: Path, *arguments: str) -> Iterator[Running]:
    """`mendline up` from ready to its end."""
    lend_assets(state)
    port, output = free_port(), state / "output.txt"
    command = [sys.executable, "-m", "mendline", "up", "--port", str(port), *arguments]
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, env=environment(state), stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True
        )
    running = Running(process, f"http://127.0.0.1:{port}", state, output)
    try:
        eventually(
            lambda: (state / "ready.json").exists() or process.poll() is not None, f"ready\n{output.read_text()}"
        )
        assert process.poll() is None, output.read_text(encoding="utf-8")
        yield running
    finally:
        if process.poll() is None:
            running.stop()
