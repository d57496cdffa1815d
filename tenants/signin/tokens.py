"""Bearer tokens for the HTTP API: the reach of their owner or less, kept as fingerprints, ended by their owner."""

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from tenants.classes import CLASSES
from tenants.database import Database
from tenants.errors import NotFoundError, RefusedError
from tenants.signin.links import beginning_of, secret_hash, ticket_hash, ticket_of
from tenants.signin.sessions import end, note, remember_beginning

LONGEST_LIFE = timedelta(days=366)
MOST = 20  # live ones of one person


@dataclass(frozen=True)
class Scope:
    """What a token may be used for; never more than its owner may.

    Attributes:
        may_write: whether it writes at all.
        classes: classes of `tenants.classes.CLASSES`; None for all that its owner holds.
        service_ids: services; None for all that its owner reaches.
    """

    may_write: bool = True
    classes: frozenset[str] | None = None
    service_ids: frozenset[uuid.UUID] | None = None


@dataclass(frozen=True)
class LiveToken:
    """A token as its owner sees it."""

    token_id: uuid.UUID
    label: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    scope: Scope


@dataclass(frozen=True)
class ReachedService:
    """A service that a person reaches, to choose from."""

    service_id: uuid.UUID
    service: str
    provider: str


def create_token(
    db: Database,
    key: bytes,
    email: str,
    *,
    label: str,
    at: datetime,
    expires_at: datetime,
    may_write: bool = True,
    classes: Collection[str] | None = None,
    service_ids: Collection[uuid.UUID] | None = None,
) -> str:
    """A token for somebody who signs in, made on the command line; shown this once.

    Raises:
        RefusedError: nobody signs in with that address, or there is no such class.
    """
    scope = Scope(
        may_write,
        None if classes is None else frozenset(classes),
        None if service_ids is None else frozenset(service_ids),
    )
    with db.as_role("signin") as connection:
        person_id = connection.execute(
            text("select person_id from signin.person where email = :email and disabled_at is null"),
            {"email": email.strip().lower()},
        ).scalar_one_or_none()
        if person_id is None:
            raise RefusedError(f"Nobody signs in with {email}. Invite them first: mendline person invite.")
        return _make(connection, key, person_id, label, scope, at, expires_at)


def create_own_token(
    db: Database, key: bytes, person_id: uuid.UUID, *, label: str, at: datetime, expires_at: datetime, scope: Scope
) -> str:
    """A token that a signed-in person makes for themselves; shown this once.

    Raises:
        RefusedError: it has no label, lives too long, reaches nothing, or there are twenty already.
    """
    problems = {}
    if not label.strip():
        problems["label"] = "Say what the token is for."
    if not at < expires_at <= at + LONGEST_LIFE:
        problems["until"] = "Choose a last day from today to a year from now."
    reached = {one.service_id for one in services_of(db, person_id)}
    if scope.service_ids is not None and not scope.service_ids <= reached:
        problems["services"] = "Choose services that you reach yourself."
    if problems:
        raise RefusedError("The token was not made.", problems)
    if len(tokens_of(db, person_id)) >= MOST:
        raise RefusedError(f"You have {MOST} tokens. Take one away first.")
    with db.as_role("signin") as connection:
        return _make(connection, key, person_id, label.strip()[:100], scope, at, expires_at)


def tokens_of(db: Database, person_id: uuid.UUID) -> list[LiveToken]:
    """A person's live tokens, the newest first."""
    with db.as_role("signin") as connection:
        rows = connection.execute(
            text(
                "select a.*, t.last_seen_at from signin.api_token a"
                " join reach.tickets_of(:person) t on t.ticket_hash = a.ticket_hash"
                " where a.person_id = :person and t.is_live and a.revoked_at is null order by a.created_at desc"
            ),
            {"person": person_id},
        ).all()
    return [
        LiveToken(
            row.token_id, row.label, row.created_at, row.expires_at,
            row.last_seen_at if row.last_seen_at - row.created_at > timedelta(seconds=1) else None,
            Scope(
                row.may_write,
                None if row.classes is None else frozenset(row.classes),
                None if row.service_ids is None else frozenset(row.service_ids),
            ),
        )
        for row in rows
    ]  # fmt: skip


def end_token(db: Database, person_id: uuid.UUID, token_id: uuid.UUID, *, at: datetime) -> None:
    """Takes away one of a person's own tokens; it is worth nothing with the next request.

    Raises:
        NotFoundError: it is none of theirs.
    """
    with db.as_role("signin") as connection:
        hashed = connection.execute(
            text(
                "update signin.api_token set revoked_at = :at where token_id = :id and person_id = :person"
                " and revoked_at is null returning ticket_hash"
            ),
            {"at": at, "id": token_id, "person": person_id},
        ).scalar_one_or_none()
        if hashed is None:
            raise NotFoundError("There is no such token of yours.")
        end(connection, hashed, at=at)
        note(connection, person_id, "token taken away", token=str(token_id))


def services_of(db: Database, person_id: uuid.UUID) -> list[ReachedService]:
    """The services that a person reaches today."""
    with db.as_role("signin") as connection:
        rows = connection.execute(
            text("select service_id, service, provider from reach.places_of(:person) order by provider, service"),
            {"person": person_id},
        ).all()
    return [ReachedService(row.service_id, row.service, row.provider) for row in rows]


def _make(
    connection: Connection,
    key: bytes,
    person_id: uuid.UUID,
    label: str,
    scope: Scope,
    at: datetime,
    expires_at: datetime,
) -> str:
    if scope.classes is not None and (unknown := scope.classes - set(CLASSES)):
        raise RefusedError(f"There is no class {', '.join(sorted(unknown))}. The classes are: {', '.join(CLASSES)}.")
    if scope.classes is not None and not scope.classes:
        raise RefusedError("Choose what the token may be used for.")
    secret = "mnd_" + secrets.token_urlsafe(32)
    values = {
        "token": secret_hash(secret),
        "ticket": ticket_hash(ticket_of(key, secret, "token")),
        "person": person_id,
        "label": label,
        "at": at,
        "expires": expires_at,
        "may_write": scope.may_write,
        # Without the class of a service's name no place is found at all.
        "classes": None if scope.classes is None else sorted(scope.classes | {"service"}),
        "services": None if scope.service_ids is None else sorted(scope.service_ids),
    }
    connection.execute(
        text(
            "select reach.issue_ticket(:ticket, :person, :expires, null, :may_write, 'token', :classes, :services, null)"
        ),
        values,
    )
    remember_beginning(connection, ticket_hash(ticket_of(key, secret, "token")), beginning_of(key, secret, "token"))
    connection.execute(
        text(
            "insert into signin.api_token (token_hash, ticket_hash, person_id, label, created_at, expires_at, may_write,"
            " classes, service_ids) values (:token, :ticket, :person, :label, :at, :expires, :may_write, :classes, :services)"
        ),
        values,
    )
    note(connection, person_id, "token made", label=label)
    return secret
