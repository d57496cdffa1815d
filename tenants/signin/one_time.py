"""What happens by a mailed link: a new password, a proven address, the acceptance of an invitation.

Asking reveals nothing: a letter for nobody is written down as one for somebody is, and the page says the same words. The
link carries a secret that is derived from the letter's identifier; only its hash is kept, and it works once.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tenants.database import Database
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.signin import attempts, outbox
from tenants.signin.attempts import Source
from tenants.signin.devices import forget_devices
from tenants.signin.links import link_secret, secret_hash
from tenants.signin.offers import answer_invitation
from tenants.signin.passwords import hash_password, require_good
from tenants.signin.sessions import Browser, Opened, end_all, note
from tenants.signin.signing import SecondStep, after_first_factor, find_person

Purpose = Literal["reset", "verify", "invitation"]

LIVES = {"reset": timedelta(minutes=30), "verify": timedelta(hours=24), "invitation": timedelta(days=7)}
OVER = "This link is over: it works once and only for a while. Ask for a new one."
LONGEST_ADDRESS = 254  # characters, of an address that mail can be sent to (RFC 5321)
CHANGED = "Your password was changed, and every other sign-in was ended."


@dataclass(frozen=True)
class Invited:
    """Whom a link belongs to."""

    person_id: uuid.UUID
    name: str
    email: str


def ask_for_reset(db: Database, key: bytes, email: str, *, address: str, at: datetime) -> None:
    """Sends a link to choose a new password, to whoever signs in with the address; says nothing of whether anybody does.

    Ten an hour for one address of mail; those beyond are left out in silence.
    """
    account = email.replace("\0", "").strip().lower()
    mail_id = new_id()
    with db.as_role("signin") as connection:
        counted = attempts.count(connection, key, account, Source(address), at=at, kind="reset")
        person_id = connection.execute(
            text("select person_id from signin.person where email = :email and disabled_at is null"), {"email": account}
        ).scalar_one_or_none()
        recipient = None if counted.is_closed else person_id
        _write(connection, key, mail_id, "reset", recipient, account, at)
        outbox.put(connection, "reset", person_id=recipient, at=at, mail_id=mail_id)


def ask_for_proof(db: Database, key: bytes, person_id: uuid.UUID, *, at: datetime) -> None:
    """Sends a link that proves that letters reach the person."""
    mail_id = new_id()
    with db.as_role("signin") as connection:
        email = connection.execute(
            text("select email from signin.person where person_id = :id"), {"id": person_id}
        ).scalar_one()
        if attempts.count(connection, key, f"verify {email}", Source("", b""), at=at, kind="reset").is_closed:
            return
        _write(connection, key, mail_id, "verify", person_id, email, at)
        outbox.put(connection, "verify", person_id=person_id, at=at, mail_id=mail_id)


def person_for(session: Session, *, provider_id: uuid.UUID, email: str, name: str) -> uuid.UUID:
    """Somebody to whom a role is being given, by their address: alike for people known and new.

    Args:
        session: the transaction that writes the role.
        provider_id: the provider.
        email: their address.
        name: first name and surname.

    Returns:
        The person's identifier, for the role that is written next.

    Raises:
        RefusedError: the address is none, or there is no full name.
        NotPermittedError: the transaction's reach does not manage people at the provider.
    """
    account, named = email.strip().lower(), " ".join(name.split())
    problems = {}
    before, _, after = account.partition("@")
    if (
        not before
        or "." not in after
        or len(account) > LONGEST_ADDRESS
        or any(letter.isspace() or letter in '<>",;\\\0' for letter in account)
    ):
        problems["email"] = "Give an email address, such as a.other@example.org."
    if len(named.split()) < 2:
        problems["name"] = "Give a first name and a surname."
    if problems:
        raise RefusedError("The invitation was not sent.", problems)
    found = session.execute(
        text("select reach.person_for(:provider, :person, :email, :name)"),
        {"provider": provider_id, "person": new_id(), "email": account, "name": named[:120]},
    ).scalar_one()
    return uuid.UUID(str(found))


def write_to_invited(
    session: Session, key: bytes, *, provider_id: uuid.UUID, person_id: uuid.UUID, told: Mapping[str, str], at: datetime
) -> None:
    """The letter to somebody who was just given or offered a role; alike for people known and new.

    Args:
        session: the transaction that wrote the role, which stands in it already.
        key: the server's key, from which the letter's link is derived.
        provider_id: the provider.
        person_id: to whom.
        told: what the letter says: `provider`, `service`, `role`, `from`, `until`.
        at: the moment.

    Raises:
        NotPermittedError: the transaction's reach does not manage people there, or the person is nobody of the provider.
    """
    mail_id = new_id()
    session.execute(
        text("select reach.write_to_invited(:provider, :person, :mail, :token, :expires, cast(:told as jsonb))"),
        {
            "provider": provider_id,
            "person": person_id,
            "mail": mail_id,
            "token": secret_hash(link_secret(key, mail_id)),
            "expires": at + LIVES["invitation"],
            "told": json.dumps(dict(told)),
        },
    )


def whose(db: Database, purpose: Purpose, secret: str, *, at: datetime) -> Invited | None:
    """Whom a link belongs to, for its page; None where it is over."""
    with db.as_role("signin") as connection:
        return _find(connection, purpose, secret, at)


def note_over(db: Database, secret: str, *, at: datetime) -> None:
    """Writes down, once for each link, that one which is over was shown: in the ledger of every provider of its person."""
    with db.as_role("signin") as connection:
        told = connection.execute(
            text(
                "update signin.one_time set told_at = :at where token_hash = :hash and told_at is null"
                " returning person_id, purpose"
            ),
            {"at": at, "hash": secret_hash(secret)},
        ).one_or_none()
        if told is not None:
            note(connection, told.person_id, "mailed link refused", link=told.purpose)


def prove(db: Database, secret: str, *, at: datetime) -> bool:
    """Takes a link that proves an address; false where it is over."""
    with db.as_role("signin") as connection:
        found = _find(connection, "verify", secret, at)
        if found is None or not _use(connection, secret, at):
            return False
        connection.execute(
            text("update signin.person set email_verified_at = :at where person_id = :id and email = :email"),
            {"at": at, "id": found.person_id, "email": found.email},
        )
        note(connection, found.person_id, "email address confirmed")
        return True


def choose_password(
    db: Database,
    key: bytes,
    purpose: Literal["reset", "invitation"],
    secret: str,
    password: str,
    browser: Browser,
    *,
    at: datetime,
) -> Opened | SecondStep:
    """A new password by a mailed link: every session ends, and the second factor is still asked for.

    By an invitation it also accepts what the provider offers that wrote the letter, and says so beforehand.

    Raises:
        RefusedError: the link is over, or the password could be guessed.
    """
    found = whose(db, purpose, secret, at=at)
    if found is None:
        raise RefusedError(OVER)
    require_good(password, about=(found.name, found.email))
    hashed = hash_password(password)
    with db.as_role("signin") as connection:
        if not _use(connection, secret, at):
            raise RefusedError(OVER)
        _set_password(connection, found.person_id, hashed, at)
        connection.execute(
            text("update signin.person set email_verified_at = :at where person_id = :id"),
            {"at": at, "id": found.person_id},
        )
        end_all(connection, found.person_id, at=at, tokens=True)
        forget_devices(connection, found.person_id)
        note(connection, found.person_id, "password chosen by a mailed link", link=purpose)
        if purpose == "invitation":
            answer_invitation(connection, secret, accept=True)
        else:
            outbox.put(connection, "account_changed", person_id=found.person_id, facts={"what": CHANGED}, at=at)
        person = find_person(connection, "p.person_id = :id", id=found.person_id)
        if person is None:
            raise RefusedError(OVER)
        return after_first_factor(connection, key, person, browser, way=f"mailed link ({purpose})", at=at)


def decline_invitation(db: Database, secret: str, *, at: datetime) -> bool:
    """Declines what an invitation offers; its link is then over. False where it was over already."""
    with db.as_role("signin") as connection:
        if _find(connection, "invitation", secret, at) is None or not _use(connection, secret, at):
            return False
        answer_invitation(connection, secret, accept=False)
        return True


def change_password(db: Database, person_id: uuid.UUID, password: str, *, kept: bytes, at: datetime) -> None:
    """A new password for somebody who is signed in: every other session ends.

    Raises:
        RefusedError: the password could be guessed.
    """
    with db.as_role("signin") as connection:
        row = connection.execute(
            text("select name, email from signin.person where person_id = :id"), {"id": person_id}
        ).one()
    require_good(password, about=(row.name, row.email))
    hashed = hash_password(password)
    with db.as_role("signin") as connection:
        _set_password(connection, person_id, hashed, at)
        end_all(connection, person_id, at=at, kept=kept)
        note(connection, person_id, "password changed")
        outbox.put(connection, "account_changed", person_id=person_id, facts={"what": CHANGED}, at=at)


def _set_password(connection: Connection, person_id: uuid.UUID, hashed: str, at: datetime) -> None:
    connection.execute(
        text("update signin.person set password_hash = :hash, password_changed_at = :at where person_id = :id"),
        {"hash": hashed, "at": at, "id": person_id},
    )
    # Links that were sent before are over with the password that they were asked for.
    connection.execute(
        text(
            "update signin.one_time set used_at = :at where person_id = :id and purpose = 'reset' and used_at is null"
        ),
        {"at": at, "id": person_id},
    )


def _write(
    connection: Connection, key: bytes, mail_id: uuid.UUID, purpose: Purpose, person_id: uuid.UUID | None, email: str,
    at: datetime,
) -> None:  # fmt: skip
    """Keeps the hash of a link; for nobody the same statement keeps nothing."""
    connection.execute(
        text(
            "insert into signin.one_time (token_hash, purpose, person_id, email, made_at, expires_at)"
            " select :hash, :purpose, p.person_id, :email, :at, :expires from signin.person p where p.person_id = :person"
        ),
        {
            "hash": secret_hash(link_secret(key, mail_id)),
            "purpose": purpose,
            "person": person_id,
            "email": email,
            "at": at,
            "expires": at + LIVES[purpose],
        },
    )


def _find(connection: Connection, purpose: Purpose, secret: str, at: datetime) -> Invited | None:
    row = connection.execute(
        text(
            "select p.person_id, p.name, o.email from signin.one_time o"
            " join signin.person p on p.person_id = o.person_id and p.disabled_at is null and p.email = o.email"
            " where o.token_hash = :hash and o.purpose = :purpose and o.used_at is null and o.expires_at > :at"
            # An invitation is for somebody who has no password yet: to everybody else it gives nothing.
            " and (o.purpose <> 'invitation' or p.password_hash is null)"
        ),
        {"hash": secret_hash(secret), "purpose": purpose, "at": at},
    ).one_or_none()
    return None if row is None else Invited(row.person_id, row.name, row.email)


def _use(connection: Connection, secret: str, at: datetime) -> bool:
    used = connection.execute(
        text("update signin.one_time set used_at = :at where token_hash = :hash and used_at is null returning 1"),
        {"at": at, "hash": secret_hash(secret)},
    ).first()
    return used is not None
