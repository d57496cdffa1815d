"""PostgreSQL as a direct child of ours, on a Unix socket, with its data in the state folder.

No `pg_ctl`: it leaves a lock file that stops the next start after `kill -9` where process 1 is slow to reap.
"""

import os
import re
import secrets
import shutil
import signal
import time
from pathlib import Path

import psycopg
from psycopg import sql

from mendline.local import processes
from mendline.local.binaries import PostgresPrograms, postgres_for
from mendline.local.embedded import EmbeddedServer
from mendline.local.errors import LocalStartError
from mendline.local.quarters import Quarters, prepare
from mendline.secret_files import kept

SUPERUSER = "mendline_admin"
DATABASE = "mendline"
START_SECONDS = 120  # crash recovery after a kill replays the log first

# For a small machine that does other things as well; the socket is the only way in.
SERVER_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "password_encryption": "scram-sha-256",
}
# For tests only: what is lost is lost with the machine, never with a killed process.
FAST_OPTIONS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB"}


class EmbeddedPostgres(EmbeddedServer):
    """One PostgreSQL server in a state folder.

    Args:
        state: The state folder; the data go to `postgres/`, the log to `log/`, the password to `secrets/` below it.
        durable: Off for tests: faster, and safe against `kill -9` but not against a power cut.
    """

    name = "postgres"
    spoken = "PostgreSQL"
    purpose = "The database"
    stop_signal = signal.SIGINT  # no new sessions, open ones rolled back
    stop_seconds = 30

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        """Prepare nothing yet; `start` does."""
        super().__init__(state)
        self._options = SERVER_OPTIONS if durable else SERVER_OPTIONS | FAST_OPTIONS

    def url(self, database: str = DATABASE) -> str:
        """The SQLAlchemy URL of the superuser on one database."""
        return f"postgresql+psycopg://{SUPERUSER}:{self._password()}@/{database}?host={self._sockets()}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database unless it is there, from a template where one is named, and give its URL.

        A template must have no open connections at that moment.
        """
        with self.connect() as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                statement = sql.SQL("create database {}").format(sql.Identifier(name))
                if template is not None:
                    statement += sql.SQL(" template {} strategy file_copy").format(sql.Identifier(template))
                connection.execute(statement)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, ending whoever is still connected to it."""
        with self.connect() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A superuser's connection, each statement committed by itself."""
        return psycopg.connect(
            host=str(self._sockets()), user=SUPERUSER, password=self._password(), dbname=database, autocommit=True
        )

    def _come_up(self) -> None:
        quarters = prepare(self._state, self.name)
        programs = postgres_for(quarters.account, quarters.folder)
        data = self._data_folder(quarters, programs)
        self._quarters = quarters
        self._make_way(data)
        self._run(quarters, programs, data)
        self.create_database(DATABASE)

    def _sockets(self) -> Path:
        if self._quarters is None:
            raise LocalStartError("The embedded PostgreSQL has not been started.")
        return self._quarters.socket_folder

    def _password(self) -> str:
        return kept(self._state / "secrets" / "postgres_superuser", lambda: secrets.token_urlsafe(24))

    def _data_folder(self, quarters: Quarters, programs: PostgresPrograms) -> Path:
        """The cluster's folder, made in one rename so that an interrupted `initdb` is never taken for a whole one."""
        data = quarters.folder / "data"
        if data.exists():
            major = (data / "PG_VERSION").read_text(encoding="ascii").strip()
            if major != str(programs.major):
                raise LocalStartError(
                    f"The data in {data} are of PostgreSQL {major}, the program is {programs.major}. Export with the "
                    "old version (mendline export), move the folder away, and import again."
                )
            return data
        half = quarters.folder / "data.part"
        shutil.rmtree(half, ignore_errors=True)
        words = quarters.folder / "password.part"
        words.touch(mode=0o600)
        words.write_text(self._password(), encoding="ascii")
        quarters.account.own(words)
        command: list[str | Path] = [programs.folder / "initdb", "-D", half, "-U", SUPERUSER, f"--pwfile={words}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", *_locale(programs.major)]
        process = processes.start(command, log=self._log, account=quarters.account, folder=quarters.folder)
        status = process.wait()
        words.unlink()
        if status != 0:
            raise LocalStartError(f"The database could not be made ({self._log}):\n{processes.last_lines(self._log)}")
        half.rename(data)
        return data

    def _make_way(self, data: Path) -> None:
        """Deal with what a killed predecessor left: end its server if it still runs, else make its lock file harmless.

        We hold the folder's lock, so a server found here has lost its launcher.
        """
        file = data / "postmaster.pid"
        first = file.read_text(encoding="utf-8").split("\n", 1) if file.exists() else []
        if not first or not first[0].strip().isdigit():
            return
        pid = int(first[0])
        found = processes.running(pid)
        if found is not None and re.search(rf"postgres\b.*{re.escape(str(data))}(\s|$)", found.command):
            processes.end_leftover(pid, self.stop_signal, self.stop_seconds)

    def _run(self, quarters: Quarters, programs: PostgresPrograms, data: Path) -> None:
        options = self._options | {"unix_socket_directories": str(quarters.socket_folder)}
        command: list[str | Path] = [programs.folder / "postgres", "-D", data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for file in (data / "postmaster.pid", quarters.socket_folder / ".s.PGSQL.5432.lock"):
                _own_lock_file(file)
            written = self._log.stat().st_size if self._log.exists() else 0
            self._process = processes.start(
                command, log=self._log, account=quarters.account, death_signal=signal.SIGINT, folder=quarters.folder
            )
            if self._answers(deadline):
                return
            self._process.wait()
            if "shared memory block" not in _since(self._log, written):
                break
            time.sleep(0.2)  # the killed predecessor's sessions are still noticing that it is gone
        raise LocalStartError(f"PostgreSQL did not start ({self._log}):\n{processes.last_lines(self._log)}")

    def _answers(self, deadline: float) -> bool:
        """Wait until the server takes connections; false when it has ended instead."""
        while time.monotonic() < deadline:
            try:
                self.connect().close()
            except psycopg.OperationalError as problem:
                if "password authentication failed" in str(problem):
                    raise LocalStartError(
                        f"The password in {self._state}/secrets is not that of the data in {self._state}/postgres. "
                        "Put the two back together from one backup, or move both away to begin anew."
                    ) from None
                if self.ended():
                    return False
                time.sleep(processes.POLL_SECONDS)
            else:
                return True
        raise LocalStartError(f"PostgreSQL took more than {START_SECONDS} s to start; {self._log} says why.")


def _locale(major: int) -> list[str]:
    """Sorting that is the same on every machine; the built-in provider came with PostgreSQL 17."""
    if major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _own_lock_file(file: Path) -> None:
    """Put our process id where a dead server's stands in its lock file.

    PostgreSQL refuses to start while a process with the id in the file exists, be it a zombie or a stranger with a
    recycled number, but it takes its own parent's id as stale. The rest of the file stays, because the shared memory
    named there tells PostgreSQL whether sessions of the dead server still run.
    """
    if file.exists() and (lines := file.read_text(encoding="utf-8").split("\n")):
        lines[0] = str(os.getpid())
        file.write_text("\n".join(lines), encoding="utf-8")


def _since(log: Path, position: int) -> str:
    with log.open("rb") as file:
        file.seek(position)
        return file.read().decode(errors="replace")
