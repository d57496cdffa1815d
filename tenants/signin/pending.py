"""Steps of signing in that wait for their next: short-lived, bound to one browser by a cookie, each used once."""

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, text

from tenants.signin.links import secret_hash

LIVES = timedelta(minutes=10)
MOST_TRIES = 5

Purpose = Literal["second_factor", "passkey", "enrol_passkey", "enrol_code", "single_sign_on"]


@dataclass(frozen=True)
class Step:
    """A step that waits.

    Attributes:
        person_id: whose it is, where that is known already.
        way: how they came this far, in words.
        state: what the next step needs: a challenge, a seed, a nonce.
    """

    person_id: uuid.UUID | None
    way: str
    state: Mapping[str, Any]


def begin(
    connection: Connection,
    purpose: Purpose,
    *,
    at: datetime,
    person_id: uuid.UUID | None = None,
    way: str = "",
    state: Mapping[str, Any] | None = None,
) -> str:
    """Writes a step down and gives its secret, which only the browser keeps."""
    secret = secrets.token_urlsafe(32)
    connection.execute(
        text(
            "insert into signin.pending (pending_hash, purpose, person_id, way, state, made_at, expires_at, tries)"
            " values (:hash, :purpose, :person, :way, cast(:state as jsonb), :at, :expires, 0)"
        ),
        {
            "hash": secret_hash(secret),
            "purpose": purpose,
            "person": person_id,
            "way": way,
            "state": json.dumps(dict(state or {})),
            "at": at,
            "expires": at + LIVES,
        },
    )
    return secret


def try_once(connection: Connection, purpose: Purpose, secret: str, *, at: datetime) -> Step | None:
    """The step, with one of its five tries counted; None where there is none, or it is over."""
    row = connection.execute(
        text(
            "update signin.pending set tries = tries + 1 where pending_hash = :hash and purpose = :purpose"
            " and used_at is null and expires_at > :at and tries < :most returning person_id, way, state"
        ),
        {"hash": secret_hash(secret), "purpose": purpose, "at": at, "most": MOST_TRIES},
    ).one_or_none()
    return None if row is None else Step(row.person_id, row.way or "", row.state)


def look(connection: Connection, purpose: Purpose, secret: str, *, at: datetime) -> Step | None:
    """The step without counting a try, for showing its page."""
    row = connection.execute(
        text(
            "select person_id, way, state from signin.pending where pending_hash = :hash and purpose = :purpose"
            " and used_at is null and expires_at > :at and tries < :most"
        ),
        {"hash": secret_hash(secret), "purpose": purpose, "at": at, "most": MOST_TRIES},
    ).one_or_none()
    return None if row is None else Step(row.person_id, row.way or "", row.state)


def use(connection: Connection, secret: str, *, at: datetime) -> bool:
    """Ends the step; false where somebody else did in the meantime."""
    used = connection.execute(
        text("update signin.pending set used_at = :at where pending_hash = :hash and used_at is null returning 1"),
        {"hash": secret_hash(secret), "at": at},
    ).first()
    return used is not None
