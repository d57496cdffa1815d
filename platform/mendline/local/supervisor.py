"""Runs the whole application on one machine and keeps it running: `mendline up`.

Everything that it starts is its direct child. On Linux the kernel ends the children when the supervisor is killed; what
is still found running at the next start is recognised by its mark, and ended first.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import click

from mendline.config import PACKAGE, Settings, resources
from mendline.local import ready, smoke
from mendline.local.children import Children
from mendline.local.errors import LocalStartError, StoppedError
from mendline.local.leftovers import end_leftovers
from mendline.local.parts import Part, parts
from mendline.local.ports import require_free
from mendline.local.progress import say, step
from mendline.local.quarters import FolderLock
from mendline.local.servers import Servers
from mendline.local.stamps import Stamp, fingerprint

READY_SECONDS = 120
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says.

    Attributes:
        port: where the web server is to listen.
        check: stop after the smoke journey, with its outcome.
        empty: without demonstration data and demonstration mode.
    """

    port: int
    check: bool = False
    empty: bool = False


class Supervisor:
    """One run of the whole application over one state folder."""

    def __init__(self, settings: Settings, options: Options, wanted: tuple[Part, ...] | None = None) -> None:
        """Start nothing yet.

        Args:
            settings: the installation's.
            options: the command line's.
            wanted: the parts to run; all of them where not given.
        """
        self._settings = settings
        self._options = options
        self._wanted = parts(options.port) if wanted is None else wanted
        self._lock = FolderLock(settings.state / "run" / "up.lock", f"Mendline in {settings.state}")
        self._servers = Servers(settings)
        self._children = Children(settings.state, lambda: self._stopping)
        self._stopping = False
        self.url = f"http://127.0.0.1:{options.port}"

    def run(self) -> int:
        """Run until a signal says stop, or for a check until it is done, and then stop everything that was started.

        Returns:
            The exit status: 0, or 1 where a check did not hold.

        Raises:
            LocalStartError: Something did not come up; what had been started has been stopped again.
        """
        self._lock.take()
        with self._signals():  # also while stopping, so that a second Ctrl-C leaves nothing behind
            try:
                return self._run()
            except StoppedError:
                return 0
            finally:
                ready.remove(self._settings.state)
                self._children.stop()
                self._servers.stop()
                self._lock.release()

    def _run(self) -> int:
        started = time.monotonic()
        self._settings.state.mkdir(parents=True, exist_ok=True)
        ready.remove(self._settings.state)
        for command in end_leftovers(self._settings.state):
            say(f"  Ended what an earlier run left behind: {command[:100]}")
        require_free(self._options.port)
        self._servers.start()
        self._children.set_environment(self._environment())
        self._migrate()
        sign_ins = [] if self._options.empty else self._demonstration()
        self._start_parts()
        say(f"Ready after {time.monotonic() - started:.1f} s")
        if self._options.check:
            return smoke.walk(self.url, sign_ins, say)
        ready.write(self._settings.state, self.url, sign_ins)
        ready.announce(self.url, sign_ins, click.echo)
        self._watch()
        return 0

    def _environment(self) -> dict[str, str]:
        """What every part is told: where the servers are, and that this is one machine without HTTPS."""
        return {
            "DATABASE_URL": self._servers.database_url,
            "REDIS_URL": self._servers.redis_url,
            "MENDLINE_STATE": str(self._settings.state),
            "MENDLINE_PORT": str(self._options.port),
            "MENDLINE_DEMO": "0" if self._options.empty else "1",
            "MENDLINE_HTTPS": "0",
            "PYTHONUNBUFFERED": "1",
        }

    def _migrate(self) -> None:
        tenants = PACKAGE.parents[1] / "tenants"
        inputs = fingerprint(
            self._servers.identity(),
            repr(sorted(self._settings.role_passwords.items())),
            resources().migrations,
            *(file for file in (tenants / "roles.py", tenants / "migrate.py") if file.exists()),
        )
        stamp = Stamp(self._settings.state, "migrate")
        if not stamp.holds(inputs):
            with step("Bringing the database to the newest revision"):
                self._children.run_to_end("migrate")
            stamp.set(inputs)

    def _demonstration(self) -> list[ready.SignIn]:
        """Load the demonstration into a database that has not had it: a later start leaves people's changes alone."""
        stamp, identity = Stamp(self._settings.state, "demonstration"), fingerprint(self._servers.identity())
        sign_ins = ready.sign_ins_of(self._settings.state)
        if not (stamp.holds(identity) and sign_ins):
            with step("Loading the demonstration"):
                self._children.run_to_end("demo", "load")
            stamp.set(identity)
            sign_ins = ready.sign_ins_of(self._settings.state)
        return sign_ins

    def _start_parts(self) -> None:
        first = [part for part in self._wanted if part.first]
        with step("Starting " + ", ".join(part.name for part in first)):
            for part in first:
                self._children.start(part)
            deadline = time.monotonic() + READY_SECONDS
            while not smoke.answers(f"{self.url}/health/ready"):
                self._look()
                self._children.require_life()
                if time.monotonic() > deadline:
                    raise LocalStartError(
                        f"The web server was not ready within {READY_SECONDS} s: {smoke.reason(self.url)}\n"
                        f"{self._settings.state / 'log'} holds what each part had to say."
                    )
        for part in self._wanted:
            if not part.first:
                self._children.start(part)

    def _watch(self) -> None:
        while True:
            self._look()

    def _look(self) -> None:
        """One round: whatever ended by itself starts again.

        Raises:
            StoppedError: A signal said stop.
        """
        if self._stopping:
            raise StoppedError
        self._servers.revive()
        self._children.revive()
        time.sleep(LOOK_SECONDS)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Ctrl-C, a polite end and a closed terminal all mean: stop in order."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

        def stop(_number: int, _frame: FrameType | None) -> None:
            if not self._stopping:
                say("\nStopping …")
            self._stopping = True

        for number in before:
            signal.signal(number, stop)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
