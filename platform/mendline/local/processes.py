"""Child processes that end with us: started with a death signal, stopped in order, found again after a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mendline.local import launch
from mendline.local.account import Account

POLL_SECONDS = 0.02
LARGEST_LOG_BYTES = 20_000_000


def start(
    command: Sequence[str | Path],
    *,
    log: Path | None = None,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program as our direct child, in a process group of its own, its output added to `log`.

    Args:
        command: The program's full path and its arguments.
        log: File that takes standard output and error, made where missing; both go where ours go without it.
        account: Who to run as, where we are root.
        death_signal: What the kernel sends it when the calling thread ends (Linux only), so call from one that lives on.
        environment: The program's whole environment; ours where not given.
        folder: Its working folder.
    """
    dropping = account is not None and os.geteuid() == 0
    who = [str(account.uid), str(account.gid)] if account is not None and dropping else ["-", "-"]
    shim = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), *who, str(int(death_signal))]
    with ExitStack() as opened:
        output = opened.enter_context(_opened(log)) if log is not None else None
        return subprocess.Popen(
            [*shim, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )


def _opened(log: Path) -> IO[bytes]:
    """The log file, for adding to; begun anew when it has grown large, with the old one kept beside it."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.old"))
    return log.open("ab")


def wait_for_end(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether the child has ended within `seconds`; it stays unreaped, so its group's number cannot pass to another."""
    deadline = time.monotonic() + seconds
    while process.returncode is None:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def stop(process: subprocess.Popen[bytes], ask: signal.Signals, seconds: float) -> None:
    """Ask a child to end, insist after `seconds`, and end whatever is left of its process group."""
    stop_all([process], ask, seconds)


def stop_all(children: Sequence[subprocess.Popen[bytes]], ask: signal.Signals, seconds: float) -> None:
    """Ask children to end, all at once, and insist where one has not after `seconds`; groups go with their leaders."""
    left = [child for child in children if child.returncode is None]
    for child in left:
        if not wait_for_end(child, 0):
            os.kill(child.pid, ask)
    deadline = time.monotonic() + seconds
    for child in left:
        if not wait_for_end(child, max(0.0, deadline - time.monotonic())):
            os.kill(child.pid, signal.SIGKILL)
            wait_for_end(child, seconds)
        with suppress(ProcessLookupError, PermissionError):  # nobody but the unreaped leader (macOS says the latter)
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@dataclass(frozen=True)
class Running:
    """A live process as the machine describes it."""

    pid: int
    group: int
    command: str


def running(pid: int) -> Running | None:
    """The live process of that number; None where there is none, or only a zombie that nobody has reaped."""
    if sys.platform.startswith("linux"):
        return _from_proc(pid)
    asked = subprocess.run(
        ["/bin/ps", "-o", "stat=,pgid=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    fields = asked.stdout.split(None, 2)
    if asked.returncode != 0 or len(fields) < 3 or fields[0].startswith("Z"):
        return None
    return Running(pid, int(fields[1]), fields[2].strip())


def _from_proc(pid: int) -> Running | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    state, _parent, group = stat.rpartition(")")[2].split()[:3]
    if state in "ZX":
        return None
    return Running(pid, int(group), command.replace(b"\0", b" ").decode(errors="replace").strip())


def end_leftover(pid: int, ask: signal.Signals, seconds: float) -> None:
    """End a process that is not our child and whose command line the caller has checked."""
    for attempt in (ask, signal.SIGKILL):
        try:
            os.kill(pid, attempt)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if running(pid) is None:
                return
            time.sleep(POLL_SECONDS)


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log file, for a message about a program that did not start."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.splitlines()[-count:]) or "(the log is empty)"
