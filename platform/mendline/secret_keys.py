"""The installation's key and those that were it before: what signs, what is still believed, and until when.

Kept in a file of the state folder: the first line signs; each line after it is a former key and the moment until which it
is believed. Every process reads the file again when it changes, so that a renewal needs no restart. Where the key comes
from the environment, one more is believed for as long as the environment names it beside.
"""

import os
import secrets
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tenants.clock import now
from tenants.signin.keys import Key

# After a renewal every process reads the new key within a request; what was under way before it is over by then.
SETTLED_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Former:
    """A key that was the installation's, and until when what it signed is believed."""

    key: str
    until: datetime


def fresh() -> str:
    """A key of 256 random bits and more."""
    return secrets.token_urlsafe(48)


def written(text: str) -> tuple[str, tuple[Former, ...]]:
    """The key that signs and the former ones, as a file holds them."""
    first, *rest = text.strip().splitlines()
    return first.strip(), tuple(
        Former(key, datetime.fromisoformat(until)) for key, _, until in (line.strip().rpartition(" ") for line in rest)
    )


class KeyRing:
    """The keys of a process, as they are at a moment."""

    def __init__(self, key: str, former: str | None = None, file: Path | None = None) -> None:
        """Reads nothing yet.

        Args:
            key: what signs, where there is no file.
            former: what is believed as well, where there is no file.
            file: where they are kept and may be renewed.
        """
        self._fixed = Key(key.encode(), (former.encode(),) if former else ())
        self._file = file
        self._read: tuple[int, str, tuple[Former, ...]] = (0, key, ())

    def key(self, at: datetime) -> Key:
        """The key that signs, with those that are believed beside it."""
        if self._file is None:
            return self._fixed
        changed = self._file.stat().st_mtime_ns
        if changed != self._read[0]:
            self._read = (changed, *written(self._file.read_text(encoding="utf-8")))
        _, signs, former = self._read
        return Key(signs.encode(), (each.key.encode() for each in former if each.until > at))

    def is_settled(self, at: datetime) -> bool:
        """Whether every process knows the newest key, so that what a former one signed may be written anew."""
        return self._file is None or at.timestamp() - self._read[0] / 1e9 > SETTLED_AFTER.total_seconds()


def renew(file: Path, until: datetime) -> None:
    """Makes a new key that signs; the one before is believed until a moment, older ones no longer than they were."""
    signs, former = written(file.read_text(encoding="utf-8"))
    _write(file, fresh(), (Former(signs, until), *former))


def drop_former(file: Path) -> int:
    """Believes former keys no longer; says how many there were."""
    signs, former = written(file.read_text(encoding="utf-8"))
    _write(file, signs, ())
    return len(former)


def _write(file: Path, signs: str, former: Iterable[Former]) -> None:
    """The file appears whole or not at all."""
    at = now()
    lines = [signs, *(f"{each.key} {each.until.isoformat()}" for each in former if each.until > at)]
    handle, name = tempfile.mkstemp(dir=file.parent)  # readable by its owner only from the start
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write("\n".join(lines) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    Path(name).replace(file)
