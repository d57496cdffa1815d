"""Counts the SQL statements that a piece of work sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tenants.database import Database


@contextmanager
def statements_of(db: Database, role: str) -> Iterator[list[str]]:
    """The statements that one database role sends while the block runs."""
    sent: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    engine = db.engine(role)
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", hear)


class KilledError(BaseException):
    """What a kill is to the code: nothing after it runs."""


@contextmanager
def killed_at(db: Database, role: str, number: int) -> Iterator[None]:
    """Kills whoever sends the statement of this number, counted from 1, before the server hears of it."""
    sent = 0

    def hear(*_: Any) -> None:
        nonlocal sent
        sent += 1
        if sent == number:
            raise KilledError

    engine = db.engine(role)
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", hear)
