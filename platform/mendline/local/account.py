"""The unprivileged account that the embedded servers run under when everything else runs as root."""

import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mendline.local.errors import LocalStartError

CANDIDATES = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """An existing system account to drop to."""

    name: str
    uid: int
    gid: int

    def can_read(self, path: Path) -> bool:
        """Whether this account may pass every folder on the way to `path` and read it, by the mode bits."""
        path = path.resolve()
        return all(self._may(parent, 0o1) for parent in path.parents) and self._may(path, 0o5)

    def _may(self, path: Path, bits: int) -> bool:
        try:
            found = path.stat()
        except PermissionError:
            return False
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid == self.gid else 0
        return stat.S_IMODE(found.st_mode) >> shift & bits == bits

    def own(self, path: Path) -> None:
        """Give a file to this account, where we are root; else it is ours and therefore the account's already."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def take(self, folder: Path) -> None:
        """Make `folder`, private to this account, where nobody else can have put one first.

        Raises:
            LocalStartError: The folder is there and belongs to somebody else.
        """
        try:
            folder.mkdir(mode=0o700, parents=True)
            self.own(folder)
        except FileExistsError:
            pass
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {self.uid, os.geteuid()}:
            raise LocalStartError(f"{folder} belongs to somebody else. Move it away, or choose another MENDLINE_STATE.")
        self.own(folder)
        folder.chmod(0o700)


def _existing() -> Iterator[Account]:
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        yield Account(name, entry.pw_uid, entry.pw_gid)


def account_for_servers(data: Path | None = None) -> Account:
    """The account that servers run as: our own, or as root the owner of `data`, or an existing unprivileged one.

    Raises:
        LocalStartError: We are root and the machine has none of the accounts that a server could run as.
    """
    if os.geteuid() != 0:
        entry = pwd.getpwuid(os.geteuid()) if _has_entry(os.geteuid()) else None
        return Account(entry.pw_name if entry else str(os.geteuid()), os.geteuid(), os.getegid())
    if data is not None and data.exists() and (owner := data.stat()).st_uid != 0:
        name = pwd.getpwuid(owner.st_uid).pw_name if _has_entry(owner.st_uid) else str(owner.st_uid)
        return Account(name, owner.st_uid, owner.st_gid)
    for account in _existing():
        return account
    wanted = ", ".join(CANDIDATES)
    raise LocalStartError(
        f"PostgreSQL refuses to run as root and none of the accounts {wanted} exists. "
        "Start as an ordinary user, or set DATABASE_URL to a server of your own."
    )


def _has_entry(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
