"""The two servers of `mendline up`: those that are named in the settings, else the embedded ones."""

from contextlib import suppress
from pathlib import Path

import psycopg

from mendline.config import Settings
from mendline.local import running
from mendline.local.errors import LocalStartError
from mendline.local.postgres import EmbeddedPostgres
from mendline.local.progress import say, step
from mendline.local.valkey import EmbeddedValkey


class Servers:
    """PostgreSQL and Valkey, brought up together and kept up.

    Attributes:
        database_url: the administrator's address, once started.
        redis_url: the address of Valkey or Redis, once started.
    """

    def __init__(self, settings: Settings) -> None:
        """Decide which servers are embedded."""
        self.database_url = settings.database or ""
        self.redis_url = settings.messages or ""
        self._postgres = None if settings.database else EmbeddedPostgres(settings.state)
        self._valkey = None if settings.messages else EmbeddedValkey(settings.state)
        self._down: set[str] = set()
        self._state = settings.state

    def start(self) -> None:
        """Bring the embedded ones up.

        Raises:
            LocalStartError: One did not come up.
        """
        if self._postgres is not None:
            with step("Starting PostgreSQL"):
                self.database_url = self._postgres.start()
        if self._valkey is not None:
            with step("Starting Valkey"):
                self.redis_url = self._valkey.start()
        running.tell(self._state, {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url})

    def revive(self) -> None:
        """Start an embedded server again that has ended by itself; one that does not come up is tried again later."""
        for name, server in (("PostgreSQL", self._postgres), ("Valkey", self._valkey)):
            if server is None or not (server.ended() or name in self._down):
                continue
            if name not in self._down:
                say(f"{name} has ended; starting it again. Nothing that was saved is lost.")
                self._down.add(name)
                server.stop()
            with suppress(LocalStartError):
                server.start()
                self._down.remove(name)

    def stop(self) -> None:
        """End the embedded ones, in order."""
        running.forget(self._state)
        for server in (self._valkey, self._postgres):
            if server is not None:
                server.stop()

    def identity(self) -> str:
        """What tells this database from every other, a copy or a fresh one at the same address included.

        Raises:
            LocalStartError: The database cannot be reached.
        """
        plain = self.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        try:
            with psycopg.connect(plain, connect_timeout=5) as connection:
                row = connection.execute(
                    "select (select system_identifier from pg_control_system()), oid, datname "
                    "from pg_database where datname = current_database()"
                ).fetchone()
        except psycopg.Error as problem:
            raise LocalStartError(
                f"The database cannot be used: {str(problem).strip()}\n"
                "Check DATABASE_URL, or unset it to use the one that is brought along."
            ) from None
        return " ".join(map(str, row or ()))


def log_of(state: Path, name: str) -> Path:
    """Where a part writes what it has to say."""
    return state / "log" / f"{name}.log"
