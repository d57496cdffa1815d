"""Finds what a killed supervisor left running, by a mark in the environment that its children inherit."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mendline.local import processes

MARK = "MENDLINE_STARTED_FOR"
END_SECONDS = 15


def mark(state: Path) -> dict[str, str]:
    """What to add to a child's environment: children of the child have it too, whatever program they become."""
    return {MARK: str(state)}


def end_leftovers(state: Path) -> list[str]:
    """End every process that carries the mark of this state folder, ourselves and our own parents aside.

    The caller holds the folder's lock, so that no living supervisor can be their owner.

    Returns:
        The command line of each that was ended.
    """
    ours = set(_ancestors())
    found = [pid for pid in _marked(state) if pid not in ours]
    ended = [running.command for pid in found if (running := processes.running(pid))]
    for pid in found:
        processes.end_leftover(pid, signal.SIGTERM, END_SECONDS)
    return ended


def _marked(state: Path) -> Iterator[int]:
    """Processes of ours with the mark; other people's environments cannot be read and are passed over."""
    wanted = f"{MARK}={state}"
    if sys.platform.startswith("linux"):
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and wanted.encode() in _environment(folder).split(b"\0"):
                yield int(folder.name)
        return
    listed = subprocess.run(["/bin/ps", "-Ewwx", "-o", "pid=,command="], capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        number, _, rest = line.strip().partition(" ")
        if f" {wanted} " in f"{rest} ":
            yield int(number)


def _environment(folder: Path) -> bytes:
    try:
        return (folder / "environ").read_bytes()
    except OSError:  # it has just ended, or is somebody else's
        return b""


def _ancestors() -> Iterator[int]:
    yield os.getpid()
    yield os.getppid()
