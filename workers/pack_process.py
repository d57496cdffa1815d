"""Has a pack drawn in a process of its own, with limits, and says in plain words when it cannot be."""

import base64
import json
import logging
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mendline.packs.attachments import PackAttachment
from tenants.errors import RefusedError, UnavailableError

log = logging.getLogger("mendline.workers")

_NO_MEMORY = 3  # exit status of workers.pack_rendering
_KILLED = {-signal.SIGKILL, -signal.SIGABRT, -signal.SIGSEGV}
_OUT_OF_MEMORY_SIGNS = (b"MemoryError", b"bad_alloc", b"Cannot allocate memory", b"failed to allocate")


class PackTooLargeError(RefusedError):
    """The pack needs more memory or time than a pack may have; trying again will not help, choosing less will."""


class PackNotDrawnError(UnavailableError):
    """The drawing failed for another reason; the log has it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What drawing one pack may take."""

    memory_bytes: int = 512 * 1024 * 1024
    seconds: int = 60


@dataclass(frozen=True, slots=True)
class DrawnPack:
    """A finished PDF and its number of pages."""

    content: bytes
    pages: int


def render_in_subprocess(
    html: str,
    resources: Mapping[str, bytes],
    attachments: Sequence[PackAttachment],
    *,
    dated: datetime,
    limits: Limits | None = None,
) -> DrawnPack:
    """Draws a pack in a process of its own.

    Args:
        html: from `mendline.packs.render`.
        resources: what it may load, by name.
        attachments: what is embedded.
        dated: date of what is embedded; the same input gives the same bytes.
        limits: memory and time.

    Raises:
        PackTooLargeError: it took more than its limits.
        PackNotDrawnError: it failed otherwise.
    """
    limits = limits or Limits()
    order = _order(html, resources, attachments, dated, limits)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "workers.pack_rendering"],
            input=order,
            capture_output=True,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_long(limits) from error
    if done.returncode:
        raise _failure(done.returncode, done.stderr, limits)
    return _drawn(done.stdout)


def _order(
    html: str,
    resources: Mapping[str, bytes],
    attachments: Sequence[PackAttachment],
    dated: datetime,
    limits: Limits,
) -> bytes:
    content = {
        "html": html,
        "dated": dated.isoformat(),
        "memory_bytes": limits.memory_bytes,
        "seconds": limits.seconds,
        "resources": {name: base64.b64encode(body).decode() for name, body in resources.items()},
        "files": [
            {"name": file.name, "description": file.description, "content": base64.b64encode(file.content).decode()}
            for file in attachments
        ],
    }
    return json.dumps(content).encode()


def _drawn(output: bytes) -> DrawnPack:
    line, _, content = output.partition(b"\n")
    head = json.loads(line)
    if len(content) != head["bytes"]:
        raise PackNotDrawnError("The pack could not be drawn: its drawing broke off. Ask for it again.")
    if head["refused"]:
        log.warning("a pack asked for resources that it may not have: %s", ", ".join(head["refused"]))
    return DrawnPack(content, head["pages"])


def _failure(status: int, said: bytes, limits: Limits) -> Exception:
    if status == -signal.SIGXCPU:
        return _too_long(limits)
    if status == _NO_MEMORY or status in _KILLED or any(sign in said for sign in _OUT_OF_MEMORY_SIGNS):
        size = limits.memory_bytes // (1024 * 1024)
        return PackTooLargeError(
            f"The pack is too large to draw: it needs more than {size} MB of memory. Choose fewer sections or a shorter "
            "period and ask again."
        )
    log.error("drawing a pack failed with status %s: %s", status, said.decode(errors="replace")[-4000:])
    return PackNotDrawnError(
        "The pack could not be drawn. Nothing was saved. Ask for it again; the log has the reason."
    )


def _too_long(limits: Limits) -> PackTooLargeError:
    return PackTooLargeError(
        f"The pack is too large to draw: it takes longer than {limits.seconds} seconds. Choose fewer sections or a "
        "shorter period and ask again."
    )
