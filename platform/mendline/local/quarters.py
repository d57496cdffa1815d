"""Where an embedded server lives: its data, its socket, and the file that says who has it."""

import fcntl
import hashlib
import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mendline.local.account import Account, account_for_servers
from mendline.local.errors import LocalStartError
from mendline.secret_files import kept

SOCKET_PATH_LIMIT = 107 if sys.platform.startswith("linux") else 103  # sockaddr_un less its closing zero byte
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432.lock")
OUTSIDE = Path("/var/lib/mendline")


@dataclass(frozen=True)
class Quarters:
    """One server's folders, which the account that it runs as can reach."""

    account: Account
    folder: Path
    socket_folder: Path

    def leave(self) -> None:
        """Take away a socket folder that had to be made elsewhere; data stay."""
        if self.socket_folder.parent != self.folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)


def prepare(state: Path, name: str) -> Quarters:
    """Make the folders of the server `name` under `state`, private to the account that it runs as.

    Where root's servers cannot reach `state` (a clone below a 0700 home), the data goes to /var/lib/mendline; a random
    name kept in `state` says which folder there is ours, so that a deleted `state` never meets its old data again.
    """
    state = state.resolve()
    state.mkdir(parents=True, exist_ok=True)
    account = account_for_servers(state / name)
    if os.geteuid() == 0 and state.stat().st_uid == 0:
        state.chmod(state.stat().st_mode | 0o111)  # its folders stay private; passing through is all that is given
    reachable = os.geteuid() != 0 or account.can_read(state)
    folder = (state if reachable else OUTSIDE / _mark(state)) / name
    if not reachable:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    account.take(folder)
    sockets = folder / "socket"
    if len(os.fsencode(sockets)) + LONGEST_SOCKET_NAME > SOCKET_PATH_LIMIT:
        short = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        sockets = Path(tempfile.gettempdir()).resolve() / f"mendline-{short}"
    account.take(sockets)
    return Quarters(account, folder, sockets)


def _mark(state: Path) -> str:
    """The random name under which this state folder keeps data elsewhere."""
    return kept(state / "secrets" / "data_folder", lambda: secrets.token_hex(6))


class FolderLock:
    """One holder of a folder at a time; the kernel lets go when the holder dies, however it dies."""

    def __init__(self, path: Path, what: str) -> None:
        """Lock the file `path`; `what` names the thing in the message to whoever comes second."""
        self._path = path
        self._what = what
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Hold the lock until `release`.

        Raises:
            LocalStartError: Another process has it; the message names that process.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            file.close()
            raise LocalStartError(
                f"{self._what} is already in use by {holder}. "
                "Stop that one first, or give this one a folder of its own with MENDLINE_STATE."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} ({' '.join(sys.argv)[:200]})")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go; harmless when not held."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None
