"""Browsers that somebody has signed in from, a home's tablets, and the PIN that brings people back in on one of them.

A PIN is set after a full sign-in, on that tablet, for that person; anywhere else it is nothing. It opens a short session
that makes records and sees one's own.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, text

from tenants.database import Database
from tenants.errors import NotPermittedError, RefusedError
from tenants.signin import attempts
from tenants.signin.attempts import Source
from tenants.signin.limits import PIN_LIVES
from tenants.signin.links import secret_hash
from tenants.signin.passwords import hash_password, password_matches
from tenants.signin.sessions import Browser, Opened, end, note, open_session

PIN_DIGITS = 6
WRONG_PINS = 5  # of one person on one tablet; then only a full sign-in helps

NO_PIN = "That PIN is not right, or is not set on this tablet. After five wrong ones, sign in with your password."
PIN_ENDED = "Sign in with your password and second step on this tablet, then the PIN works again."


@dataclass(frozen=True)
class Tablet:
    """A device that a manager trusts for a service."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    shared_device_id: uuid.UUID
    label: str
    service: str


@dataclass(frozen=True)
class Returning:
    """Somebody who may come back in with a PIN."""

    person_id: uuid.UUID
    name: str
    initials: str


def is_known(connection: Connection, person_id: uuid.UUID, device: bytes | None) -> bool:
    """Whether the person has signed in fully in this browser before."""
    found = connection.execute(
        text("select 1 from signin.device where device_hash = :device and person_id = :person"),
        {"device": device or b"", "person": person_id},
    ).first()
    return found is not None


def know(connection: Connection, person_id: uuid.UUID, device: bytes | None, *, at: datetime) -> None:
    """Remembers that the person signed in fully in this browser."""
    if device is None:
        return
    connection.execute(
        text(
            "insert into signin.device (device_hash, person_id, known_since, last_full_sign_in, pin_tries)"
            " values (:device, :person, :at, :at, 0)"
            " on conflict (device_hash, person_id) do update set last_full_sign_in = :at, pin_tries = 0"
        ),
        {"device": device, "person": person_id, "at": at},
    )


def forget_devices(connection: Connection, person_id: uuid.UUID) -> None:
    """No browser is known any more, and no PIN brings them back."""
    connection.execute(text("delete from signin.device where person_id = :person"), {"person": person_id})


def tablet_of(db: Database, device: str) -> Tablet | None:
    """The home's tablet that a browser is; None for any other device."""
    if not device:
        return None
    with db.as_role("signin") as connection:
        return _tablet(connection, secret_hash(device))


def returning_people(db: Database, device: str, *, at: datetime) -> Sequence[Returning]:
    """Who may come back in on a tablet with a PIN, by name; nobody on any other device."""
    hashed = secret_hash(device)
    with db.as_role("signin") as connection:
        tablet = _tablet(connection, hashed)
        if tablet is None:
            return ()
        rows = connection.execute(
            text(
                "select d.person_id, w.display_name, w.initials from signin.device d"
                " cross join lateral reach.works_at(d.person_id, :provider, :service) w"
                " where d.device_hash = :device and d.pin_hash is not null and d.pin_tries < :most"
                " and d.last_full_sign_in > :since order by w.display_name"
            ),
            {
                "provider": tablet.provider_id,
                "service": tablet.service_id,
                "device": hashed,
                "most": WRONG_PINS,
                "since": at - PIN_LIVES,
            },
        ).all()
    return tuple(Returning(row.person_id, row.display_name, row.initials) for row in rows)


def set_pin(db: Database, person_id: uuid.UUID, device: str, pin: str, *, at: datetime) -> None:
    """Sets the PIN of somebody who has just signed in fully on a home's tablet.

    Raises:
        NotPermittedError: the device is none that a manager trusts, or the person does not work at its service.
        RefusedError: the PIN is not six digits, or is one that everybody would try.
    """
    digits = pin.strip()
    if len(digits) != PIN_DIGITS or not digits.isascii() or not digits.isdigit():
        problem = f"A PIN has {PIN_DIGITS} digits."
        raise RefusedError(problem, {"pin": problem})
    if _is_plain(digits):
        problem = "Choose a PIN that is no row and no repetition, such as 123456 or 111111."
        raise RefusedError(problem, {"pin": problem})
    hashed = secret_hash(device)
    with db.as_role("signin") as connection:
        tablet = _tablet(connection, hashed)
        if tablet is None or not _works_here(connection, person_id, tablet):
            raise NotPermittedError("A PIN is set on a tablet that the manager of your service has registered.")
        done = connection.execute(
            text(
                "update signin.device set pin_hash = :pin, pin_set_at = :at, pin_tries = 0"
                " where device_hash = :device and person_id = :person returning 1"
            ),
            {"pin": hash_password(digits), "at": at, "device": hashed, "person": person_id},
        ).first()
        if done is None:
            raise NotPermittedError(PIN_ENDED)
        note(connection, person_id, "PIN set on a tablet", tablet=tablet.label)


def enter_with_pin(
    db: Database, key: bytes, person_id: uuid.UUID, pin: str, browser: Browser, *, address: str, at: datetime
) -> Opened:
    """A short session for making records, for somebody whom the tablet knows.

    Raises:
        RefusedError: the PIN is wrong, was tried too often, or is not set on this device.
    """
    hashed = browser.device_hash or b""
    with db.as_role("signin") as connection:
        tablet = _tablet(connection, hashed)
        row = connection.execute(
            text(
                "update signin.device set pin_tries = pin_tries + 1 where device_hash = :device and person_id = :person"
                " and pin_hash is not null and pin_tries < :most and last_full_sign_in > :since returning pin_hash"
            ),
            {"device": hashed, "person": person_id, "most": WRONG_PINS, "since": at - PIN_LIVES},
        ).one_or_none()
        counted = attempts.count(connection, key, f"tablet {hashed.hex()}", Source(address, hashed), at=at, kind="pin")
    stored = row.pin_hash if row and tablet and not counted.is_closed else None
    right = password_matches(stored, pin.strip())
    with db.as_role("signin") as connection:
        if not right or tablet is None or not _works_here(connection, person_id, tablet):
            if tablet is not None and row is not None:
                note(connection, person_id, "PIN refused on a tablet", tablet=tablet.label)
            done = None
        else:
            attempts.succeeded(connection, counted)
            connection.execute(
                text("update signin.device set pin_tries = 0 where device_hash = :device and person_id = :person"),
                {"device": hashed, "person": person_id},
            )
            done = open_session(
                connection, key, person_id, Browser(browser.user_agent, browser.device, shared=True), way="PIN on a tablet",
                at=at, level="capture", service_ids=[tablet.service_id],
            )  # fmt: skip
    if done is None:
        raise RefusedError(NO_PIN)
    return done


def end_on_tablet(db: Database, device: bytes, *, kept: bytes, at: datetime) -> None:
    """Ends whatever is open on a device that is trusted no longer, and takes the PINs away that were set on it.

    Args:
        db: the database.
        device: the fingerprint of its browser.
        kept: the ticket of the sign-in that asks for it, which goes on.
        at: the moment.
    """
    with db.as_role("signin") as connection:
        open_there = connection.execute(
            text(
                "select ticket_hash, person_id from signin.session"
                " where device_hash = :device and ended_at is null and expires_at > :at and ticket_hash <> :kept"
            ),
            {"device": device, "at": at, "kept": kept},
        ).all()
        for one in open_there:
            end(connection, one.ticket_hash, at=at)
            note(connection, one.person_id, "sign-in ended with the trust in its tablet")
        connection.execute(
            text("update signin.device set pin_hash = null where device_hash = :device"), {"device": device}
        )


def _tablet(connection: Connection, hashed: bytes) -> Tablet | None:
    row = connection.execute(text("select * from reach.shared_device(:device)"), {"device": hashed}).one_or_none()
    if row is None:
        return None
    return Tablet(row.provider_id, row.service_id, row.shared_device_id, row.label, row.service)


def _works_here(connection: Connection, person_id: uuid.UUID, tablet: Tablet) -> bool:
    found = connection.execute(
        text("select 1 from reach.works_at(:person, :provider, :service)"),
        {"person": person_id, "provider": tablet.provider_id, "service": tablet.service_id},
    ).first()
    return found is not None


def _is_plain(digits: str) -> bool:
    """A repetition of one or two digits, or a row up or down."""
    steps = {int(after) - int(before) for before, after in pairwise(digits)}
    return len(set(digits)) <= 2 or steps in ({1}, {-1})
