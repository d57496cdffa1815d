"""Carries what is to be done from PostgreSQL to the workers: listens, sends the ids of due jobs, marks them as sent.

Nothing is lost when it, PostgreSQL or Redis stops for a while: what was not marked as sent is sent again.
"""

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import redis
from sqlalchemy import text

from mendline.catalogue.status_rules import status_rules
from mendline.config import Settings
from mendline.log_lines import write_json_lines
from tenants.database import Database
from tenants.errors import MendlineError
from tenants.jobs import QUEUES
from workers.broker import PromptBroker, bell, make_broker
from workers.watching import Watch

log = logging.getLogger("mendline.relay")

CHANNEL = "mendline_job"
LOOK_SECONDS = 1.0  # how long a lost notification can go unseen
SWEEP_SECONDS = 10.0
AT_ONCE = 500
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0

_DUE = text("select job_id, kind from reach.due_jobs(:most)")
_SENT = text("select reach.mark_published(:sent)")
_SWEEPS = (
    text("select reach.sweep()"),
    text("select reach.sweep_custody()"),
    text("select reach.sweep_work()"),
    text("select reach.sweep_telling()"),
)
_SWEEP_RULES = text("select reach.sweep_rules(:rules)")
_DUE_MAIL = text("select mail_id from reach.due_mail(:most)")
_SWEEP_SIGN_IN = text("select reach.sweep_sign_in()")


def run(settings: Settings) -> None:
    """Works until a signal says stop."""
    write_json_lines()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    database = Database(
        settings.database_url, settings.role_passwords, pool_size=2, through_pooler=settings.through_pooler
    )
    watch = Watch(database, settings.outside_folder)
    Relay(database, make_broker(settings.redis_url), watch).work(stopping)
    database.dispose()


class Relay:
    """One relay; several may run beside each other, since each job is locked while it is sent."""

    def __init__(self, database: Database, broker: PromptBroker, watch: Watch | None = None) -> None:
        """Opens nothing yet.

        Args:
            database: with the role of the relay.
            broker: what carries the ids.
            watch: looks around after each sweep; none in trials of the relay alone.
        """
        self._database = database
        self._broker = broker
        self._watch = watch
        self._swept = 0.0

    def work(self, stopping: threading.Event) -> None:
        """Listens and sends until told to stop; an absence of PostgreSQL or Redis is waited out."""
        pause = FIRST_PAUSE
        while not stopping.is_set():
            try:
                with self._listening() as listener:
                    log.info("relay: listening")
                    pause = FIRST_PAUSE
                    self._rounds(listener, stopping)
            except (psycopg.OperationalError, MendlineError):
                log.warning("relay: PostgreSQL does not answer. Jobs wait there; trying again in %.1f s", pause)
            except redis.RedisError as problem:
                log.warning(
                    "relay: Redis does not take messages (%s). Jobs wait in PostgreSQL; trying again in %.1f s",
                    type(problem).__name__,
                    pause,
                )
            stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        log.info("relay: stopped")

    @contextmanager
    def _listening(self) -> Iterator[psycopg.Connection]:
        """A connection of its own that hears of new jobs; it needs no right but to connect."""
        url = self._database.url_of("relay")
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True, connect_timeout=5, application_name="mendline relay") as made:
            made.execute(f"listen {CHANNEL}")
            yield made

    def _rounds(self, listener: psycopg.Connection, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self.send_due()
            self.send_due_mail()
            if time.monotonic() - self._swept > SWEEP_SECONDS:
                self._swept = time.monotonic()
                self.sweep()
                if self._watch:
                    self._watch.pass_by()
            for _ in listener.notifies(timeout=LOOK_SECONDS, stop_after=1):
                pass

    def send_due(self) -> int:
        """Sends every job that is due, and says how many.

        First sent, then marked, in one transaction that holds the rows: a crash between the two sends twice, which a
        claim makes harmless, and never not at all.
        """
        count = 0
        while True:
            with self._database.as_role("relay") as connection:
                due = connection.execute(_DUE, {"most": AT_ONCE}).all()
                for job_id, kind in due:
                    self._broker.enqueue(bell(kind, QUEUES[kind], str(job_id)))
                if due:
                    connection.execute(_SENT, {"sent": [job_id for job_id, _ in due]})
            count += len(due)
            if not due:
                return count

    def send_due_mail(self) -> int:
        """Rings for every letter that is due, and says how many."""
        with self._database.as_role("relay") as connection:
            due = connection.execute(_DUE_MAIL, {"most": AT_ONCE}).scalars().all()
            for mail_id in due:
                self._broker.enqueue(bell("send_mail", QUEUES["send_mail"], str(mail_id)))
        return len(due)

    def sweep(self) -> None:
        """Asks PostgreSQL for jobs for whatever is stale, unsealed, or judged on an earlier day or by other rules."""
        with self._database.as_role("relay") as connection:
            for sweep in _SWEEPS:
                connection.execute(sweep)
            connection.execute(_SWEEP_RULES, {"rules": status_rules().identity})
            connection.execute(_SWEEP_SIGN_IN)
