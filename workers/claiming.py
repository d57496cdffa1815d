"""How a job is done: claimed in PostgreSQL, worked with the reach of its one provider, finished with its effect.

A message is only a hint. The job's row says whether there is anything to do, and a claim gives the reach. An actor that
has no claim does not run: the middleware raises, since Dramatiq logs an ordinary exception in a hook and runs on.
"""

import importlib
import logging
import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

import dramatiq
from dramatiq.middleware import Middleware, SkipMessage
from sqlalchemy import CursorResult, Table, update
from sqlalchemy.orm import Session

from tenants.clock import now
from tenants.database import Database
from tenants.errors import ConflictError, MendlineError, NoReachError, UnavailableError
from tenants.jobs import QUEUES, Job
from tenants.reach import Reach

log = logging.getLogger("mendline.workers")

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 8
PAUSES_TO_CLAIM = (0.2, 0.5, 1.0, 2.0)  # seconds
_JOB = cast("Table", Job.__table__)
_TRY_AGAIN = (UnavailableError, ConflictError, NoReachError)


class NoClaimError(SkipMessage):
    """An actor was about to run without the reach of a claimed job.

    Of the middleware errors it is a skip, so that a flood of forged messages fills no log with stack traces.
    """


class LostLeaseError(Exception):
    """The attempt is no longer our own: its lease lapsed and somebody else took it. Nothing of it may be kept."""


@dataclass(frozen=True)
class Work:
    """A claimed job and everything that may be done with it.

    Attributes:
        reach: over the job's provider alone, and no longer than the lease and ten minutes.
        attempt: which try this is, from 1; it tells a lapsed claim from ours.
    """

    database: Database
    reach: Reach
    job_id: uuid.UUID
    kind: str
    provider_id: uuid.UUID
    service_id: uuid.UUID | None
    requested_by: uuid.UUID | None
    arguments: Mapping[str, Any]
    attempt: int
    lease_seconds: int

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction with the job's reach that leaves the job open, for reading and for preparing."""
        with self.database.transaction(self.reach) as session:
            yield session

    @contextmanager
    def completing(self) -> Iterator[Session]:
        """The transaction of the effect: effect and `done` are written together, or neither.

        Raises:
            LostLeaseError: the attempt is no longer our own; the effect is rolled back.
        """
        with self.database.transaction(self.reach) as session:
            yield session
            self._change(session, state="done", finished_at=now(), progress=100, error=None)

    def tell(self, progress: int, words: str) -> None:
        """Says how far the work is, and renews the lease."""
        with self.database.transaction(self.reach) as session:
            lease = now() + timedelta(seconds=self.lease_seconds)
            self._change(session, progress=progress, progress_text=words, lease_until=lease)

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Renews the lease from a thread of its own while the block works, for renders that take long."""
        ended = threading.Event()

        def renew() -> None:
            while not ended.wait(self.lease_seconds / 3):
                try:
                    with self.database.transaction(self.reach) as session:
                        self._change(session, lease_until=now() + timedelta(seconds=self.lease_seconds))
                except (LostLeaseError, MendlineError):
                    return

        thread = threading.Thread(target=renew, name=f"lease of {self.job_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def failed(self, words: str) -> None:
        """The input is wrong and no further try will help; the words are for whoever asked."""
        with self.database.transaction(self.reach) as session:
            self._change(session, state="failed", finished_at=now(), error=words)

    def postponed(self, at: datetime, jitter: float) -> None:
        """Puts the job off after a failure, or gives up after the eighth try.

        Args:
            at: the moment of the failure.
            jitter: 0 to 1, spreads tries that failed together.
        """
        with self.database.transaction(self.reach) as session:
            if self.attempt >= MOST_TRIES:
                words = f"This was tried {MOST_TRIES} times and did not finish. Whoever runs Mendline has been told."
                self._change(session, state="dead", finished_at=at, error=words)
            else:
                due = at + pause_after(self.attempt, jitter)
                words = f"This did not finish and is tried again soon (try {self.attempt} of {MOST_TRIES})."
                self._change(session, state="queued", due_at=due, published_at=None, lease_until=None, error=words)

    def _change(self, session: Session, **columns: Any) -> None:
        done = session.execute(
            update(_JOB)
            .where(
                _JOB.c.provider_id == self.provider_id,
                _JOB.c.job_id == self.job_id,
                _JOB.c.state == "running",
                _JOB.c.attempts == self.attempt,
            )
            .values(**columns)
        )
        if cast("CursorResult[Any]", done).rowcount != 1:
            raise LostLeaseError(f"job {self.job_id}: try {self.attempt} is no longer ours")


def pause_after(attempt: int, jitter: float) -> timedelta:
    """How long a job waits after a failed try: 15 s, doubling, an hour at most; jitter (0 to 1) adds up to a quarter."""
    return min(FIRST_PAUSE * (2.0 ** (attempt - 1) * (1 + jitter / 4)), LONGEST_PAUSE)


Handler = Callable[[Work], None]


def do(work: Work, handler: Handler) -> None:
    """Runs a handler and writes down how it ended. The handler itself completes the job with its effect."""
    try:
        handler(work)
    except LostLeaseError:
        log.warning(
            "job %s (%s): somebody else took it over; what this worker did was not kept", work.job_id, work.kind
        )
    except _TRY_AGAIN as problem:
        _put_off(work, problem)
    except MendlineError as problem:
        log.warning("job %s (%s): refused its input", work.job_id, work.kind)
        _last_words(work, partial(work.failed, str(problem)))
    except Exception as problem:
        log.exception("job %s (%s): try %d failed", work.job_id, work.kind, work.attempt)
        _put_off(work, problem)


def _put_off(work: Work, problem: Exception) -> None:
    log.warning("job %s (%s): try %d put off: %s", work.job_id, work.kind, work.attempt, type(problem).__name__)
    _last_words(work, lambda: work.postponed(now(), random.random()))  # noqa: S311 -- jitter, no secret


def _last_words(work: Work, write: Callable[[], None]) -> None:
    """Where even the ending cannot be written, the lease lapses and the relay sends the job again."""
    try:
        write()
    except (LostLeaseError, MendlineError) as problem:
        log.warning("job %s (%s): left to its lease: %s", work.job_id, work.kind, type(problem).__name__)


class ClaimFirst(Middleware):
    """Claims the job that a message names before its actor runs; without a claim the actor does not run."""

    def __init__(self, database: Database, tasks: Sequence["Task"]) -> None:
        """Works for the kinds of these tasks."""
        self._database = database
        self._tasks = {task.kind: task for task in tasks}
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._here = threading.local()

    def before_worker_boot(self, _broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Loads what the queues of this process need, before it takes messages."""
        for task in self._tasks.values():
            if worker.consumer_whitelist is None or task.queue in worker.consumer_whitelist:
                try:
                    task.get_ready()
                except ImportError as problem:
                    log.warning("jobs of kind %s cannot be done here: %s", task.kind, problem)

    def before_process_message(self, _broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        """Takes the lease.

        Raises:
            SkipMessage: there is nothing to do: unknown, finished, refused or under way elsewhere.
            NoClaimError: the message is no job of ours, or PostgreSQL is away; the relay will send again.
        """
        self._here.work = None
        job_id = _job_id(message)
        task = self._tasks.get(message.actor_name)
        if job_id is None or task is None:
            raise NoClaimError("the message does not name a job")
        if task.is_letter:
            return
        claimed = self._claim(job_id, task)
        if claimed is None:
            raise SkipMessage
        self._here.work = _work(self._database, *claimed, task.lease_seconds)

    def _claim(self, job_id: uuid.UUID, task: "Task") -> "tuple[Reach, dict[str, Any]] | None":
        """Claims, and waits out a PostgreSQL that is away for a moment: a dropped message is sent again only later."""
        for pause in (*PAUSES_TO_CLAIM, None):
            try:
                return self._database.claim(job_id, worker=self._name, lease_seconds=task.lease_seconds, kind=task.kind)
            except MendlineError as problem:
                log.warning("job %s: not claimed: %s", job_id, type(problem).__name__)
                if pause is None:
                    raise NoClaimError("the job could not be claimed; it will be sent again") from problem
                time.sleep(pause)
        return None

    def claimed(self) -> Work:
        """The claim of the message that this thread works on.

        Raises:
            NoClaimError: there is none.
        """
        work: Work | None = getattr(self._here, "work", None)
        if work is None:
            raise NoClaimError("an actor ran without the reach of a claimed job")
        self._here.work = None
        return work


def _job_id(message: dramatiq.MessageProxy) -> uuid.UUID | None:
    try:
        (given,) = message.args
        return uuid.UUID(given)
    except (TypeError, ValueError, AttributeError):
        return None


def _work(database: Database, reach: Reach, job: Mapping[str, Any], lease: int) -> Work:
    service, person = job["service_id"], job["requested_by"]
    return Work(
        database,
        reach,
        uuid.UUID(job["job_id"]),
        job["kind"],
        uuid.UUID(job["provider_id"]),
        uuid.UUID(service) if service else None,
        uuid.UUID(person) if person else None,
        job["arguments"],
        job["attempts"],
        lease,
    )


@dataclass(frozen=True)
class Task:
    """What answers a kind of job.

    Attributes:
        kind: the kind, and the actor's name.
        handler: module and function, loaded by the processes that serve its queue: others do not pay for it.
        lease_seconds: how long a claim holds without being renewed.
        prepare: a function that is called once before the first job, so that this does not wait for it.
        is_letter: whether the message names a letter of the outbox, which is claimed there, rather than a job.
    """

    kind: str
    handler: str
    lease_seconds: int
    prepare: str | None = None
    is_letter: bool = False

    @property
    def queue(self) -> str:
        """The Dramatiq queue that carries it."""
        return QUEUES[self.kind]

    def load(self) -> Handler:
        """The function that does the work."""
        return cast("Handler", _named(self.handler))

    def get_ready(self) -> None:
        """Loads what the first job would have to wait for."""
        self.load()
        if self.prepare:
            _named(self.prepare)()


def _named(place: str) -> Any:
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)


def declare(broker: dramatiq.Broker, database: Database, tasks: Sequence[Task]) -> None:
    """Makes an actor of each task; an actor's name is the kind of job that it answers."""
    claims = ClaimFirst(database, tasks)
    broker.add_middleware(claims)
    for task in tasks:
        make = dramatiq.actor(actor_name=task.kind, queue_name=task.queue, broker=broker)
        make(_answer_letter(task, database) if task.is_letter else _answer(task, claims))


def _answer(task: Task, claims: ClaimFirst) -> Callable[[str], None]:
    def answer(_job_id: str) -> None:
        do(claims.claimed(), task.load())

    return answer


def _answer_letter(task: Task, database: Database) -> Callable[[str], None]:
    def answer(mail_id: str) -> None:
        cast("Callable[[Database, uuid.UUID], None]", task.load())(database, uuid.UUID(mail_id))

    return answer
