"""Asks a ClamAV daemon about a file, over its INSTREAM command; there is no scanner unless one is set.

Source of the protocol: clamd(8). The daemon reads blocks, each after its length in four bytes, until one of length 0.
"""

import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tenants.errors import UnavailableError

_BLOCK = 256 * 1024
_SECONDS = 30


class ScannerAwayError(UnavailableError):
    """The scanner did not answer: the file waits."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the scanner said.

    Attributes:
        verdict: `clean`, `infected`, or `none` where no scanner is set.
        found: the name of what was found.
    """

    verdict: Literal["clean", "infected", "none"]
    found: str = ""


def scan(path: Path, address: str | None) -> Scan:
    """Has one file scanned.

    Args:
        path: the file.
        address: `HOST:PORT` of the daemon; None where no scanner is set.

    Raises:
        ScannerAwayError: it did not answer, or answered with an error.
    """
    if not address:
        return Scan("none")
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_SECONDS) as connection:
            answer = _asked(connection, path)
    except (OSError, ValueError) as away:
        raise ScannerAwayError("The virus scanner does not answer. The file waits and is not shown yet.") from away
    if answer.endswith("OK"):
        return Scan("clean")
    if answer.endswith("FOUND"):
        return Scan("infected", answer.partition(": ")[2].removesuffix("FOUND").strip())
    raise ScannerAwayError("The virus scanner answered with an error. The file waits and is not shown yet.")


def _asked(connection: socket.socket, path: Path) -> str:
    connection.sendall(b"zINSTREAM\0")
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            connection.sendall(struct.pack("!L", len(block)) + block)
    connection.sendall(struct.pack("!L", 0))
    answer = b""
    while not answer.endswith(b"\0"):
        part = connection.recv(4096)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n").decode(errors="replace")
