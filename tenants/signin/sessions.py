"""Sessions on the server: opened, renewed under a new name, listed, ended. The cookie's value is stored nowhere."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from tenants.database import Database
from tenants.errors import NotFoundError
from tenants.signin.level import Level
from tenants.signin.limits import QUICK, UNFINISHED, USUAL, SessionLimits, limits_of
from tenants.signin.links import beginning_of, secret_hash, ticket_hash, ticket_of

LONGEST = USUAL.longest
IDLE = USUAL.idle
# What a quick re-entry with a PIN reaches: making records and seeing one's own.
CAPTURE_CLASSES = ("service", "capture")


@dataclass(frozen=True)
class Browser:
    """What is known of the browser that asks.

    Attributes:
        user_agent: as it calls itself.
        device: the value of its long-lived cookie; empty where it keeps none.
        shared: whether it is a home's tablet.
    """

    user_agent: str = ""
    device: str = ""
    shared: bool = False

    @property
    def device_hash(self) -> bytes | None:
        """What PostgreSQL keeps of the device's cookie."""
        return secret_hash(self.device) if self.device else None


@dataclass(frozen=True)
class Opened:
    """A session that was just opened.

    Attributes:
        cookie: its value, 256 random bits that nothing stores.
    """

    cookie: str
    level: Level


@dataclass(frozen=True)
class LiveSession:
    """A session as its owner sees it."""

    session_id: uuid.UUID
    user_agent: str
    way: str
    level: str
    started_at: datetime
    last_seen_at: datetime
    is_this_one: bool


def open_session(
    connection: Connection,
    key: bytes,
    person_id: uuid.UUID,
    browser: Browser,
    *,
    way: str,
    at: datetime,
    level: Level = "full",
    factor_at: datetime | None = None,
    service_ids: Sequence[uuid.UUID] | None = None,
) -> Opened:
    """A session under a name of its own, with the limits of the person's roles.

    Args:
        connection: of role `signin`.
        key: the server's key.
        person_id: whose.
        browser: where.
        way: how they came in, in words for the list of sessions and the ledger.
        at: the moment.
        level: `enrol` reaches nothing, `capture` makes records and sees one's own.
        factor_at: when a factor was shown.
        service_ids: the only services that it reaches.
    """
    limits = _limits(connection, person_id, level, shared=browser.shared)
    classes = {"full": None, "capture": list(CAPTURE_CLASSES), "enrol": []}[level]
    cookie = secrets.token_urlsafe(32)
    hashed = ticket_hash(ticket_of(key, cookie))
    idle = int(limits.idle.total_seconds())
    connection.execute(
        text(
            "select reach.issue_ticket(:hash, :person, :expires, :idle, true, :level, :classes, :services, :factor_at)"
        ),
        {
            "hash": hashed,
            "person": person_id,
            "expires": at + limits.longest,
            "idle": idle,
            "level": level,
            "classes": classes,
            "services": None if service_ids is None else list(service_ids),
            "factor_at": factor_at,
        },
    )
    remember_beginning(connection, hashed, beginning_of(key, cookie, "session"))
    connection.execute(
        text(
            "insert into signin.session (session_hash, ticket_hash, person_id, started_at, expires_at, user_agent, way,"
            " level, idle_seconds, device_hash)"
            " values (:session, :ticket, :person, :at, :expires, :agent, :way, :level, :idle, :device)"
        ),
        {
            "session": secret_hash(cookie),
            "ticket": hashed,
            "person": person_id,
            "at": at,
            "expires": at + limits.longest,
            "agent": browser.user_agent.replace("\0", "")[:200],
            "way": way,
            "level": level,
            "idle": idle,
            "device": browser.device_hash,
        },
    )
    if level != "enrol":
        note(connection, person_id, "signed in", way=way, level=level)
    return Opened(cookie, level)


def remember_beginning(connection: Connection, hashed: bytes, beginning: bytes | None) -> None:
    """Keeps by what a cookie or token is known where it is shown cut off or altered."""
    connection.execute(
        text("select reach.remember_beginning(:ticket, :beginning)"), {"ticket": hashed, "beginning": beginning}
    )


def replace_session(
    connection: Connection, key: bytes, cookie: str, person_id: uuid.UUID, browser: Browser, *, way: str, at: datetime
) -> Opened:
    """After a factor was shown: a new name for the session, and the old one is worth nothing."""
    end(connection, ticket_hash(ticket_of(key, cookie)), at=at)
    return open_session(connection, key, person_id, browser, way=way, at=at, factor_at=at)


def sign_out(db: Database, key: bytes, cookie: str, *, at: datetime) -> None:
    """Ends a session at once: the next statement with its ticket sees nothing."""
    hashed = ticket_hash(ticket_of(key, cookie))
    with db.as_role("signin") as connection:
        holder = connection.execute(
            text("select person_id, level from reach.ticket_holder(:hash)"), {"hash": hashed}
        ).one_or_none()
        end(connection, hashed, at=at)
        if holder is not None and holder.level != "enrol":
            note(connection, holder.person_id, "signed out")


def end(connection: Connection, hashed: bytes, *, at: datetime) -> None:
    """Ends the session or token of a ticket."""
    connection.execute(text("select reach.revoke(:hash)"), {"hash": hashed})
    connection.execute(
        text("update signin.session set ended_at = :at where ticket_hash = :hash and ended_at is null"),
        {"at": at, "hash": hashed},
    )


def end_all(
    connection: Connection, person_id: uuid.UUID, *, at: datetime, kept: bytes | None = None, tokens: bool = False
) -> int:
    """Ends every session of a person but one, and their tokens where asked; says how many."""
    ended: int = connection.execute(
        text("select reach.revoke_of(:person, :kept, :tokens)"),
        {"person": person_id, "kept": kept, "tokens": tokens},
    ).scalar_one()
    connection.execute(
        text(
            "update signin.session set ended_at = :at where person_id = :person and ended_at is null"
            " and ticket_hash is distinct from :kept"
        ),
        {"at": at, "person": person_id, "kept": kept},
    )
    if tokens:
        connection.execute(
            text("update signin.api_token set revoked_at = :at where person_id = :person and revoked_at is null"),
            {"at": at, "person": person_id},
        )
    return ended


def sessions_of(db: Database, key: bytes, person_id: uuid.UUID, cookie: str) -> list[LiveSession]:
    """A person's live sessions, the newest first."""
    own = ticket_hash(ticket_of(key, cookie))
    with db.as_role("signin") as connection:
        rows = connection.execute(
            text(
                "select s.session_id, coalesce(s.user_agent, '') as user_agent, coalesce(s.way, '') as way, s.level,"
                " s.started_at, t.last_seen_at, s.ticket_hash = :own as own"
                " from signin.session s join reach.tickets_of(:person) t on t.ticket_hash = s.ticket_hash"
                " where s.person_id = :person and t.is_live order by s.started_at desc"
            ),
            {"person": person_id, "own": own},
        ).all()
    return [LiveSession(r.session_id, r.user_agent, r.way, r.level, r.started_at, r.last_seen_at, r.own) for r in rows]


def end_session(db: Database, person_id: uuid.UUID, session_id: uuid.UUID, *, at: datetime) -> None:
    """Ends one of a person's own sessions.

    Raises:
        NotFoundError: it is none of theirs.
    """
    with db.as_role("signin") as connection:
        hashed = connection.execute(
            text("select ticket_hash from signin.session where session_id = :id and person_id = :person"),
            {"id": session_id, "person": person_id},
        ).scalar_one_or_none()
        if hashed is None:
            raise NotFoundError("There is no such sign-in of yours.")
        end(connection, hashed, at=at)
        note(connection, person_id, "sign-in ended by its owner")


def end_other_sessions(db: Database, key: bytes, person_id: uuid.UUID, cookie: str, *, at: datetime) -> None:
    """Ends all of a person's sessions but the one that asks."""
    with db.as_role("signin") as connection:
        end_all(connection, person_id, at=at, kept=ticket_hash(ticket_of(key, cookie)))
        note(connection, person_id, "other sign-ins ended by their owner")


def note(connection: Connection, person_id: uuid.UUID | None, act: str, **detail: str | int) -> None:
    """An act of signing in, in the ledger of each provider that the person reaches.

    For nobody it looks up as much and writes nothing, so that an unknown address takes as long as a known one.
    """
    connection.execute(
        text("select reach.note_sign_in(:person, :act, jsonb_strip_nulls(jsonb_object(cast(:detail as text[]))))"),
        {"person": person_id, "act": act, "detail": [str(part) for pair in detail.items() for part in pair]},
    )


def roles_of(connection: Connection, person_id: uuid.UUID) -> tuple[str, ...]:
    """The roles that a person holds today."""
    held: list[str] = connection.execute(text("select reach.roles_of(:person)"), {"person": person_id}).scalar_one()
    return tuple(held)


def _limits(connection: Connection, person_id: uuid.UUID, level: Level, *, shared: bool) -> SessionLimits:
    if level == "capture":
        return QUICK
    if level == "enrol":
        return UNFINISHED
    return limits_of(roles_of(connection, person_id), shared=shared)


__all__ = [
    "CAPTURE_CLASSES",
    "IDLE",
    "LONGEST",
    "Browser",
    "LiveSession",
    "Opened",
    "end",
    "end_all",
    "end_other_sessions",
    "end_session",
    "note",
    "open_session",
    "remember_beginning",
    "replace_session",
    "roles_of",
    "sessions_of",
    "sign_out",
    "ticket_of",
]
