"""Signing in with a password and a second factor, in one step or two. Wrong, unknown and disabled are told alike."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from tenants.database import Database
from tenants.errors import RefusedError
from tenants.signin import attempts, pending
from tenants.signin.attempts import Counted, Source
from tenants.signin.devices import is_known, know
from tenants.signin.factors import matching_step
from tenants.signin.limits import needs_factor
from tenants.signin.passwords import password_matches
from tenants.signin.recovery import use_recovery_code
from tenants.signin.sessions import Browser, Opened, note, open_session, roles_of

WRONG = "That email address, password or code is not right. Check them and try again."
WRONG_CODE = "That code is not right, or was used already. Wait for the next one and try again."
TOO_MANY = (
    "There were too many tries. Wait an hour, or sign in now with a passkey, in a browser that you have used before, or "
    "with your password and the code from your authenticator together."
)
START_AGAIN = "This took too long, or there were too many wrong codes. Sign in again from the start."
NOBODY = uuid.UUID(int=0)

_PERSON = (
    "select p.person_id, p.email, p.password_hash, p.totp_seed, p.totp_last_step, p.second_factor_relaxed,"
    " exists (select 1 from signin.passkey k where k.person_id = p.person_id and k.removed_at is null) as has_passkey"
    " from signin.person p where p.disabled_at is null and "
)


@dataclass(frozen=True)
class Guess:
    """What somebody typed, and from where.

    Attributes:
        device: the value of the browser's long-lived cookie, where it has one.
        shared: whether the browser is a home's tablet.
    """

    email: str
    password: str
    code: str
    address: str
    user_agent: str
    device: str = ""
    shared: bool = False

    @property
    def browser(self) -> Browser:
        """The browser that it was typed in."""
        return Browser(self.user_agent, self.device, self.shared)


@dataclass(frozen=True)
class SecondStep:
    """The password is right; a factor is still to be shown.

    Attributes:
        secret: for a short-lived cookie; it stands for nothing but this step.
        has_code: whether an authenticator app is set up.
        has_passkey: whether a passkey is.
    """

    secret: str
    has_code: bool
    has_passkey: bool


def sign_in(
    db: Database, key: bytes, guess: Guess, *, at: datetime, demonstration: bool = False
) -> Opened | SecondStep:
    """Checks a guess and opens a session, or asks for the second factor.

    Args:
        db: the database.
        key: the server's key.
        guess: what was typed.
        at: the moment.
        demonstration: whether invented people may come in without a second factor; nowhere else.

    Returns:
        A session (of level `enrol` for somebody who has no factor yet: it reaches nothing until one is set up), or the
        second step.

    Raises:
        RefusedError: wrong, unknown, disabled, or tried too often; the words and the work are the same whoever it is.
    """
    email = guess.email.replace("\0", "").strip().lower()  # PostgreSQL stores no NUL
    with db.as_role("signin") as connection:
        person = find_person(connection, "p.email = :email", email=email)
        known = is_known(connection, person.person_id if person else NOBODY, guess.browser.device_hash)
        source = Source(guess.address, guess.browser.device_hash if known else None)
        counted = attempts.count(connection, key, email, source, at=at)
        heard = not counted.is_closed or _shows_a_code(connection, key, email, source, guess, person, at)
    if not heard:
        raise RefusedError(TOO_MANY)
    right = password_matches(person.password_hash if person else None, guess.password)
    with db.as_role("signin") as connection:
        if not right or person is None:
            _note_refusal(connection, person, counted)
        elif (done := _after_password(connection, key, guess, person, counted, at, demonstration)) is not None:
            return done
    raise RefusedError(WRONG)


def second_step(
    db: Database, key: bytes, secret: str, code: str, browser: Browser, *, address: str, at: datetime
) -> Opened:
    """Takes the code of the second step, or a recovery code, and opens the session.

    Raises:
        RefusedError: the code is wrong or was used, or the step took too long; after five wrong ones it starts again.
    """
    with db.as_role("signin") as connection:
        step = pending.try_once(connection, "second_factor", secret, at=at)
        person = None if step is None else find_person(connection, "p.person_id = :id", id=step.person_id)
        if step is None or person is None:
            raise RefusedError(START_AGAIN)
        known = is_known(connection, person.person_id, browser.device_hash)
        source = Source(address, browser.device_hash if known else None)
        counted = attempts.count(connection, key, person.email, source, at=at, kind="code")
    with db.as_role("signin") as connection:
        way = None if counted.is_closed else use_code(connection, key, person, code, at=at)
        if way is not None and pending.use(connection, secret, at=at):
            attempts.succeeded(connection, counted)
            return opened_after_factor(connection, key, person.person_id, browser, way=f"{step.way} and {way}", at=at)
        _note_refusal(connection, person, counted)
    raise RefusedError(TOO_MANY if counted.is_closed else WRONG_CODE)


def find_person(connection: Connection, where: str, **values: Any) -> Row[Any] | None:
    """Somebody who may sign in, with what their sign-in is checked by; None for nobody and for somebody disabled."""
    return connection.execute(text(_PERSON + where), values).one_or_none()


def after_first_factor(
    connection: Connection, key: bytes, person: Row[Any], browser: Browser, *, way: str, at: datetime
) -> Opened | SecondStep:
    """What follows a password, a mailed link or a sign-in elsewhere: the second factor, or first setting one up."""
    if person.totp_seed or person.has_passkey:
        secret = pending.begin(connection, "second_factor", person_id=person.person_id, way=way, at=at)
        return SecondStep(secret, bool(person.totp_seed), person.has_passkey)
    if needs_factor(roles_of(connection, person.person_id)):
        return open_session(connection, key, person.person_id, browser, way=way, at=at, level="enrol")
    return opened_after_factor(connection, key, person.person_id, browser, way=way, at=at)


def opened_after_factor(
    connection: Connection, key: bytes, person_id: uuid.UUID, browser: Browser, *, way: str, at: datetime,
    factor_at: datetime | None = None,
) -> Opened:  # fmt: skip
    """A full session; the browser is known from now on. `factor_at` is when the factor was shown, where not just now."""
    know(connection, person_id, browser.device_hash, at=at)
    return open_session(connection, key, person_id, browser, way=way, at=at, factor_at=factor_at or at)


def use_code(connection: Connection, key: bytes, person: Row[Any], code: str, *, at: datetime) -> str | None:
    """Takes a code of the authenticator, or a recovery code, which each work once; the way in words, None where wrong."""
    step = matching_step(person.totp_seed or "", code, at.timestamp(), person.totp_last_step)
    if step is not None:
        return "code" if _use_step(connection, person.person_id, step) else None
    return "recovery code" if use_recovery_code(connection, key, person.person_id, code, at=at) else None


def _after_password(
    connection: Connection,
    key: bytes,
    guess: Guess,
    person: Row[Any],
    counted: Counted,
    at: datetime,
    demonstration: bool,
) -> Opened | SecondStep | None:
    """The password is right. None where a code was typed beside it that is not."""
    if person.second_factor_relaxed:
        if not demonstration:
            return None  # invented people come in nowhere else, and set up no factor there either
        attempts.succeeded(connection, counted)
        return opened_after_factor(connection, key, person.person_id, guess.browser, way="password", at=at)
    if guess.code.strip():
        way = use_code(connection, key, person, guess.code, at=at)
        if way is None:
            _note_refusal(connection, person, counted)
            return None
        attempts.succeeded(connection, counted)
        return opened_after_factor(connection, key, person.person_id, guess.browser, way=f"password and {way}", at=at)
    attempts.succeeded(connection, counted)
    return after_first_factor(connection, key, person, guess.browser, way="password", at=at)


def _shows_a_code(
    connection: Connection, key: bytes, email: str, source: Source, guess: Guess, person: Row[Any] | None, at: datetime
) -> bool:
    """Whether the right code of the authenticator stands beside a password at an account that is closed to strangers.

    Guessing a code that is good for 90 seconds takes 300,000 tries, and an address has twenty an hour.
    """
    seed, last = (person.totp_seed or "", person.totp_last_step) if person else ("", None)
    given = guess.code.strip()
    if not given or attempts.count(connection, key, f"code {email}", source, at=at, kind="code").is_closed:
        return False
    return matching_step(seed, given, at.timestamp(), last) is not None


def _note_refusal(connection: Connection, person: Row[Any] | None, counted: Counted) -> None:
    failures = counted.failures + 1
    if attempts.is_worth_noting(failures):
        note(connection, person.person_id if person else None, "sign-in refused", wrong_within_the_hour=failures)


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
