"""Confirming that it is still the same person: a factor renews the session under a new name for ten minutes of acts."""

import uuid
from datetime import datetime

from sqlalchemy import text

from tenants.database import Database
from tenants.errors import RefusedError
from tenants.signin import attempts
from tenants.signin.attempts import Source
from tenants.signin.passwords import password_matches
from tenants.signin.sessions import Browser, Opened, note, replace_session
from tenants.signin.signing import TOO_MANY, WRONG_CODE, find_person, use_code

WRONG_PASSWORD = "That password is not right."  # noqa: S105 -- words for a person


def confirm_with_code(
    db: Database, key: bytes, person_id: uuid.UUID, cookie: str, code: str, browser: Browser, *, at: datetime
) -> Opened:
    """Renews the session of somebody who types the code of their authenticator, or a recovery code.

    Raises:
        RefusedError: the code is wrong or was used, or too many were.
    """
    with db.as_role("signin") as connection:
        counted = attempts.count(connection, key, f"step {person_id}", Source("", b"step"), at=at, kind="code")
        person = find_person(connection, "p.person_id = :id", id=person_id)
        way = None if person is None or counted.is_closed else use_code(connection, key, person, code, at=at)
        if way is not None:
            attempts.succeeded(connection, counted)
            note(connection, person_id, "confirmed with a factor", way=way)
            return replace_session(connection, key, cookie, person_id, browser, way=way, at=at)
        note(connection, person_id, "confirmation refused")
    raise RefusedError(TOO_MANY if counted.is_closed else WRONG_CODE)


def confirm_with_password(
    db: Database, key: bytes, person_id: uuid.UUID, cookie: str, password: str, browser: Browser, *, at: datetime
) -> Opened:
    """Renews the session of an invented person of the demonstration, who has no factor.

    Raises:
        RefusedError: the password is wrong, was tried too often, or the person is not one of those.
    """
    with db.as_role("signin") as connection:
        counted = attempts.count(connection, key, f"step {person_id}", Source("", b"step"), at=at, kind="code")
        row = connection.execute(
            text("select password_hash from signin.person where person_id = :id and second_factor_relaxed"),
            {"id": person_id},
        ).one_or_none()
    if counted.is_closed:
        raise RefusedError(TOO_MANY)
    if not password_matches(row.password_hash if row else None, password):
        raise RefusedError(WRONG_PASSWORD, {"password": WRONG_PASSWORD})
    with db.as_role("signin") as connection:
        attempts.succeeded(connection, counted)
        note(connection, person_id, "confirmed with the password", where="demonstration")
        return replace_session(connection, key, cookie, person_id, browser, way="password", at=at)


def password_is_right(db: Database, key: bytes, person_id: uuid.UUID, password: str, *, at: datetime) -> bool:
    """Whether somebody who is signed in knows their password, for changing it; ten wrong ones an hour.

    Raises:
        RefusedError: it was tried too often.
    """
    with db.as_role("signin") as connection:
        counted = attempts.count(connection, key, f"step {person_id}", Source("", b"step"), at=at, kind="code")
        stored = connection.execute(
            text("select password_hash from signin.person where person_id = :id"), {"id": person_id}
        ).scalar_one_or_none()
    if counted.is_closed:
        raise RefusedError(TOO_MANY)
    if not password_matches(stored, password):
        return False
    with db.as_role("signin") as connection:
        attempts.succeeded(connection, counted)
    return True
