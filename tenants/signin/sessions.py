"""Signing in and out. A cookie's value and the ticket it stands for are derived by a server key, neither from the other."""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from tenants.database import Database
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.signin.factors import matching_step
from tenants.signin.passwords import password_matches

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=30)
GUESSES_AN_HOUR = 10  # of one account
GUESSES_OF_AN_ADDRESS = 100  # a whole care home may share one address

WRONG = "That email address, password or code is not right. Check them and try again."
TOO_MANY = "Too many tries. Wait an hour and try again, or ask your administrator to help."


@dataclass(frozen=True)
class Guess:
    """What somebody typed, and from where."""

    email: str
    password: str
    code: str
    address: str
    user_agent: str


def ticket_of(key: bytes, secret: str, purpose: str = "session") -> str:
    """The reach ticket that a cookie (`session`) or bearer token (`token`) stands for; without the key, unguessable."""
    return hmac.new(key, f"{purpose}:{secret}".encode(), hashlib.sha256).hexdigest()


def ticket_hash(ticket: str) -> bytes:
    """What PostgreSQL keeps of a ticket."""
    return hashlib.sha256(ticket.encode()).digest()


def sign_in(db: Database, key: bytes, guess: Guess, *, at: datetime, demonstration: bool = False) -> str:
    """Checks a guess and opens a session.

    Args:
        db: the database.
        key: the server's key.
        guess: what was typed.
        at: the moment.
        demonstration: whether invented people may come in without a second factor; nowhere else.

    Returns:
        The new cookie's value: 256 random bits that nothing stores.

    Raises:
        RefusedError: wrong, unknown, disabled, or tried too often; the words and the work are the same for all but the
            last, so that nobody learns which addresses exist.
    """
    email = guess.email.replace("\0", "").strip().lower()  # PostgreSQL stores no NUL
    with db.as_role("signin") as connection:
        attempt = _count(connection, email, guess.address, at)
        person = connection.execute(
            text(
                "select person_id, password_hash, totp_seed, totp_last_step, second_factor_relaxed"
                " from signin.person where email = :email and disabled_at is null"
            ),
            {"email": email},
        ).one_or_none()
    right = password_matches(person.password_hash if person else None, guess.password)
    step = None
    if right and person and not (person.second_factor_relaxed and demonstration):
        step = matching_step(person.totp_seed or "", guess.code, at.timestamp(), person.totp_last_step)
        right = step is not None
    if not right or person is None:
        raise RefusedError(WRONG)
    with db.as_role("signin") as connection:
        if step is not None and not _use_step(connection, person.person_id, step):
            raise RefusedError(WRONG)
        connection.execute(
            text("update signin.attempt set succeeded = true where attempt_id = :attempt"), {"attempt": attempt}
        )
        return _open_session(connection, key, person.person_id, guess.user_agent, at)


def sign_out(db: Database, key: bytes, cookie: str, *, at: datetime) -> None:
    """Ends a session at once: the next statement with its ticket sees nothing."""
    hashed = ticket_hash(ticket_of(key, cookie))
    with db.as_role("signin") as connection:
        connection.execute(text("select reach.revoke(:hash)"), {"hash": hashed})
        connection.execute(
            text("update signin.session set ended_at = :at where ticket_hash = :hash and ended_at is null"),
            {"at": at, "hash": hashed},
        )


def create_token(
    db: Database, key: bytes, email: str, *, label: str, at: datetime, expires_at: datetime, may_write: bool = True
) -> str:
    """A bearer token with its owner's reach; shown this once.

    Raises:
        RefusedError: nobody signs in with that address.
    """
    secret = "mnd_" + secrets.token_urlsafe(32)
    hashed = ticket_hash(ticket_of(key, secret, "token"))
    with db.as_role("signin") as connection:
        person_id = connection.execute(
            text("select person_id from signin.person where email = :email and disabled_at is null"),
            {"email": email.strip().lower()},
        ).scalar_one_or_none()
        if person_id is None:
            raise RefusedError(f"Nobody signs in with {email}. Invite them first: mendline person invite.")
        _issue(connection, hashed, person_id, expires_at, None, may_write=may_write)
        connection.execute(
            text(
                "insert into signin.api_token (token_hash, ticket_hash, person_id, label, created_at, expires_at)"
                " values (:token, :ticket, :person, :label, :at, :expires)"
            ),
            {
                "token": hashlib.sha256(secret.encode()).digest(),
                "ticket": hashed,
                "person": person_id,
                "label": label,
                "at": at,
                "expires": expires_at,
            },
        )
    return secret


def _count(connection: Connection, email: str, address: str, at: datetime) -> uuid.UUID:
    """Writes the try down as failed before it is judged, so that guesses sent side by side are counted too.

    Kept in PostgreSQL, so that the limit holds whether Redis is up or not.

    Raises:
        RefusedError: too many failed tries in the last hour, of this account or from this address.
    """
    words = {"email": _hash(email), "address": _hash(address)}
    connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended(encode(:email, 'hex'), 0))"), {"email": words["email"]}
    )
    row = connection.execute(
        text(
            "select count(*) filter (where email_hash = :email) as of_account,"
            " count(*) filter (where address_hash = :address) as of_address"
            " from signin.attempt where attempted_at > :since and not succeeded"
            " and (email_hash = :email or address_hash = :address)"
        ),
        {**words, "since": at - timedelta(hours=1)},
    ).one()
    if row.of_account >= GUESSES_AN_HOUR or row.of_address >= GUESSES_OF_AN_ADDRESS:
        raise RefusedError(TOO_MANY)
    attempt = new_id()
    connection.execute(
        text(
            "insert into signin.attempt (attempt_id, email_hash, address_hash, attempted_at, succeeded)"
            " values (:id, :email, :address, :at, false)"
        ),
        {**words, "id": attempt, "at": at},
    )
    return attempt


def _use_step(connection: Connection, person_id: uuid.UUID, step: int) -> bool:
    """Marks a code as used; false where the same code was used in the meantime."""
    used = connection.execute(
        text(
            "update signin.person set totp_last_step = :step"
            " where person_id = :person and coalesce(totp_last_step, -1) < :step returning 1"
        ),
        {"step": step, "person": person_id},
    ).first()
    return used is not None


def _open_session(connection: Connection, key: bytes, person_id: uuid.UUID, user_agent: str, at: datetime) -> str:
    cookie = secrets.token_urlsafe(32)
    hashed = ticket_hash(ticket_of(key, cookie))
    _issue(connection, hashed, person_id, at + LONGEST, int(IDLE.total_seconds()), may_write=True)
    connection.execute(
        text(
            "insert into signin.session"
            " (session_hash, ticket_hash, person_id, started_at, expires_at, user_agent)"
            " values (:session, :ticket, :person, :at, :expires, :agent)"
        ),
        {
            "session": hashlib.sha256(cookie.encode()).digest(),
            "ticket": hashed,
            "person": person_id,
            "at": at,
            "expires": at + LONGEST,
            "agent": user_agent.replace("\0", "")[:200],
        },
    )
    return cookie


def _issue(
    connection: Connection,
    hashed: bytes,
    person_id: uuid.UUID,
    expires_at: datetime,
    idle_seconds: int | None,
    *,
    may_write: bool,
) -> None:
    connection.execute(
        text("select reach.issue_person(:hash, :person, :expires, :idle, :may_write)"),
        {"hash": hashed, "person": person_id, "expires": expires_at, "idle": idle_seconds, "may_write": may_write},
    )


def _hash(words: str) -> bytes:
    return hashlib.sha256(words.encode()).digest()
