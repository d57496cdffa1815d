"""What PostgreSQL's refusals and absences mean to a person, in words that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy.exc import DBAPIError, MultipleResultsFound
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tenants.errors import ConflictError, NotFoundError, NotPermittedError, UnavailableError

AWAY = (
    "The database does not answer. Nothing was saved. Wait a minute and try again; if it goes on, tell whoever runs "
    "Mendline."
)
BUSY = "Too much is being asked of the database at this moment. Nothing was saved. Try again in a minute."
TOO_LONG = "This took too long and was stopped. Nothing was saved. Try again with less at once, or in a minute."
CHANGED = (
    "Somebody else changed the same thing at the same moment. Nothing was saved. Look again and repeat your change."
)
TWICE = "Two providers where you work keep this under one address. Open it from the list of services."
REFUSED = "Your sign-in does not cover this. Nothing was saved."

# SQLSTATE codes and classes (PostgreSQL manual, appendix A).
_TOO_LONG = {"57014", "55P03", "25P03", "25P04"}  # statement, lock, idle in transaction, whole transaction
_CHANGED = {"40001", "40P01"}  # serialisation failure, deadlock
_AWAY = ("08", "57P", "58", "XX")  # connection, shutdown and crash, system, internal
_FULL = ("53",)  # disk, memory, connections


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns what is nobody's mistake in the program into an error that a person can act on.

    Raises:
        UnavailableError: the database is away, full, restarting, or took too long.
        ConflictError: another transaction was in the way.
        NotPermittedError: the database refused a write: a role ended while a form was open, or only reading was allowed.
        NotFoundError: an identifier stands at two providers of somebody who works for both, so it says too little.
    """
    try:
        yield
    except PoolTimeoutError as problem:
        raise UnavailableError(BUSY) from problem
    except MultipleResultsFound as problem:
        raise NotFoundError(TWICE) from problem
    except DBAPIError as problem:
        told = _told(problem)
        if told is None:
            raise
        raise told from problem


def _told(problem: DBAPIError) -> Exception | None:
    """The error for a person, or None for a fault of ours, which goes to the log as it is."""
    original = cast("Any", problem.orig)
    state: str | None = getattr(original, "sqlstate", None)
    if state in _TOO_LONG:
        return UnavailableError(TOO_LONG)
    if state in _CHANGED:
        return ConflictError(CHANGED)
    # The code is shared with a missing privilege, which is a fault of ours; only the message tells them apart.
    if state == "25006" or (state == "42501" and "row-level security" in str(original)):
        return NotPermittedError(REFUSED)
    if state is not None and state.startswith(_FULL):
        return UnavailableError(BUSY)
    lost = problem.connection_invalidated or (state is None and type(original).__name__ in _WITHOUT_STATE)
    return UnavailableError(AWAY) if lost or (state or "").startswith(_AWAY) else None


# psycopg names no code where the connection could not be made, or broke before an answer came.
_WITHOUT_STATE = {"OperationalError", "InterfaceError", "ConnectionTimeout", "PipelineAborted"}
