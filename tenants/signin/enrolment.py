"""Setting up and taking away second factors: an authenticator app, recovery codes."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from tenants.database import Database
from tenants.errors import NotPermittedError, RefusedError
from tenants.signin import outbox, pending
from tenants.signin.factors import enrolment_address, matching_step, new_seed
from tenants.signin.limits import needs_factor
from tenants.signin.links import ticket_hash, ticket_of
from tenants.signin.recovery import new_recovery_codes, recovery_codes_left
from tenants.signin.sessions import Browser, Opened, end_all, note, replace_session, roles_of

WRONG_CODE = (
    "That code does not belong to this picture. Check the time on your phone and type the code that it shows now."
)


@dataclass(frozen=True)
class KnownPasskey:
    """A passkey as its owner sees it."""

    passkey_id: uuid.UUID
    label: str
    added_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class Factors:
    """What a person has set up.

    Attributes:
        has_code: whether an authenticator app is.
        recovery_left: recovery codes that were not used.
        relaxed: whether they are an invented person, who confirms with the password in the demonstration.
    """

    email: str
    has_password: bool
    has_code: bool
    passkeys: tuple[KnownPasskey, ...]
    recovery_left: int
    relaxed: bool
    email_is_proven: bool

    @property
    def count(self) -> int:
        """How many second factors there are."""
        return len(self.passkeys) + self.has_code


@dataclass(frozen=True)
class CodeToScan:
    """A seed that waits to be proven.

    Attributes:
        secret: of the step, for a hidden field; the seed itself stays on the server.
        address: what the picture says to an authenticator app.
        typed: the seed in groups of four, for whoever cannot scan.
    """

    secret: str
    address: str
    typed: str


def factors_of(db: Database, person_id: uuid.UUID) -> Factors:
    """What a person has set up."""
    with db.as_role("signin") as connection:
        row = connection.execute(
            text(
                "select email, password_hash is not null as has_password, totp_seed is not null as has_code,"
                " second_factor_relaxed, email_verified_at from signin.person where person_id = :id"
            ),
            {"id": person_id},
        ).one()
        keys = connection.execute(
            text(
                "select passkey_id, label, added_at, last_used_at from signin.passkey"
                " where person_id = :id and removed_at is null order by added_at"
            ),
            {"id": person_id},
        ).all()
        left = recovery_codes_left(connection, person_id)
    passkeys = tuple(KnownPasskey(one.passkey_id, one.label, one.added_at, one.last_used_at) for one in keys)
    return Factors(
        row.email, row.has_password, row.has_code, passkeys, left, row.second_factor_relaxed,
        row.email_verified_at is not None,
    )  # fmt: skip


def begin_code(db: Database, person_id: uuid.UUID, *, at: datetime) -> CodeToScan:
    """A new seed for an authenticator app, which counts only once a code of it was typed."""
    seed = new_seed()
    with db.as_role("signin") as connection:
        email = connection.execute(
            text("select email from signin.person where person_id = :id"), {"id": person_id}
        ).scalar_one()
        secret = pending.begin(connection, "enrol_code", person_id=person_id, state={"seed": seed}, at=at)
    return _to_scan(secret, seed, email)


def code_in_hand(db: Database, person_id: uuid.UUID, secret: str, *, at: datetime) -> CodeToScan | None:
    """The seed that waits, to show its picture again after a wrong code; None where it is over."""
    with db.as_role("signin") as connection:
        step = pending.look(connection, "enrol_code", secret, at=at)
        email = connection.execute(
            text("select email from signin.person where person_id = :id"), {"id": person_id}
        ).scalar_one()
    return None if step is None or step.person_id != person_id else _to_scan(secret, step.state["seed"], email)


def finish_code(
    db: Database,
    key: bytes,
    person_id: uuid.UUID,
    cookie: str,
    secret: str,
    code: str,
    browser: Browser,
    *,
    at: datetime,
) -> tuple[Opened, tuple[str, ...]]:
    """Takes the first code of a new authenticator; gives the renewed session and recovery codes, shown once.

    Raises:
        RefusedError: the code does not belong to the picture, or the picture is too old.
    """
    with db.as_role("signin") as connection:
        step = pending.try_once(connection, "enrol_code", secret, at=at)
    if step is None or step.person_id != person_id:
        raise RefusedError("This picture is over. Begin again with a new one.")
    matched = matching_step(step.state["seed"], code, at.timestamp(), None)
    if matched is None:
        raise RefusedError(WRONG_CODE, {"code": WRONG_CODE})
    with db.as_role("signin") as connection:
        pending.use(connection, secret, at=at)
        connection.execute(
            text("update signin.person set totp_seed = :seed, totp_last_step = :step where person_id = :id"),
            {"seed": step.state["seed"], "step": matched, "id": person_id},
        )
        codes = new_recovery_codes(connection, key, person_id, at=at)
        opened = factor_added(connection, key, person_id, cookie, browser, what="an authenticator app", at=at)
    return opened, codes


def factor_added(
    connection: Connection, key: bytes, person_id: uuid.UUID, cookie: str, browser: Browser, *, what: str, at: datetime
) -> Opened:
    """What follows a new factor: other sessions end, this one goes on in full under a new name, and a letter tells."""
    end_all(connection, person_id, at=at, kept=ticket_hash(ticket_of(key, cookie)))
    note(connection, person_id, "second factor added", factor=what)
    outbox.put(
        connection, "account_changed", person_id=person_id, at=at,
        facts={"what": f"A second sign-in step was added: {what}. Every other sign-in was ended."},
    )  # fmt: skip
    return replace_session(connection, key, cookie, person_id, browser, way=f"new second step: {what}", at=at)


def fresh_recovery_codes(db: Database, key: bytes, person_id: uuid.UUID, *, at: datetime) -> tuple[str, ...]:
    """Ten new recovery codes; the earlier ones are worth nothing."""
    with db.as_role("signin") as connection:
        codes = new_recovery_codes(connection, key, person_id, at=at)
        note(connection, person_id, "recovery codes made anew")
        outbox.put(
            connection, "account_changed", person_id=person_id, facts={"what": "New recovery codes were made."}, at=at
        )
    return codes


def remove_code(db: Database, key: bytes, person_id: uuid.UUID, cookie: str, *, at: datetime) -> None:
    """Takes the authenticator app away.

    Raises:
        NotPermittedError: it is the last factor of somebody who needs one.
    """
    with db.as_role("signin") as connection:
        _require_another(connection, person_id)
        connection.execute(
            text("update signin.person set totp_seed = null, totp_last_step = null where person_id = :id"),
            {"id": person_id},
        )
        _factor_gone(connection, key, person_id, cookie, "the authenticator app", at)


def remove_passkey(
    db: Database, key: bytes, person_id: uuid.UUID, cookie: str, passkey_id: uuid.UUID, *, at: datetime
) -> None:
    """Takes a passkey away.

    Raises:
        NotPermittedError: it is the last factor of somebody who needs one.
        RefusedError: it is none of theirs.
    """
    with db.as_role("signin") as connection:
        _require_another(connection, person_id)
        gone = connection.execute(
            text(
                "update signin.passkey set removed_at = :at where passkey_id = :key and person_id = :person"
                " and removed_at is null returning label"
            ),
            {"at": at, "key": passkey_id, "person": person_id},
        ).scalar_one_or_none()
        if gone is None:
            raise RefusedError("There is no such passkey of yours.")
        _factor_gone(connection, key, person_id, cookie, f"passkey {gone}", at)


def _factor_gone(
    connection: Connection, key: bytes, person_id: uuid.UUID, cookie: str, what: str, at: datetime
) -> None:
    end_all(connection, person_id, at=at, kept=ticket_hash(ticket_of(key, cookie)))
    note(connection, person_id, "second factor removed", factor=what)
    outbox.put(
        connection, "account_changed", person_id=person_id, at=at,
        facts={"what": f"A second sign-in step was taken away: {what}."},
    )  # fmt: skip


def _require_another(connection: Connection, person_id: uuid.UUID) -> None:
    """Held with the person's row, so that two factors are not taken away side by side."""
    has_code = connection.execute(
        text("select totp_seed is not null from signin.person where person_id = :id for update"), {"id": person_id}
    ).scalar_one()
    keys = connection.execute(
        text("select count(*) from signin.passkey where person_id = :id and removed_at is null"), {"id": person_id}
    ).scalar_one()
    if keys + bool(has_code) < 2 and needs_factor(roles_of(connection, person_id)):
        raise NotPermittedError("This is your only second step. Set up another one first, then take this one away.")


def _to_scan(secret: str, seed: str, email: str) -> CodeToScan:
    groups = " ".join(seed[place : place + 4] for place in range(0, len(seed), 4))
    return CodeToScan(secret, enrolment_address(seed, email), groups)
