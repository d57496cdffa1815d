"""Passkeys (WebAuthn level 2): registered and shown with user verification; as the only step, or as the second one."""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tenants.database import Database
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.signin import pending
from tenants.signin.enrolment import factor_added
from tenants.signin.recovery import new_recovery_codes, recovery_codes_left
from tenants.signin.sessions import Browser, Opened, note, replace_session
from tenants.signin.signing import START_AGAIN, find_person, opened_after_factor

REFUSED = "That passkey was not accepted. Try again, or use another way to sign in."
MOST = 10
LONGEST = 64 * 1024  # characters of a browser's answer


@dataclass(frozen=True)
class Site:
    """Whom a passkey is for: the host's name, and the address in the browser's bar."""

    host: str
    origin: str


@dataclass(frozen=True)
class Asked:
    """A challenge for the browser.

    Attributes:
        options: what the script hands to the browser, as JSON.
        secret: of the step, for a hidden field.
    """

    options: str
    secret: str


def ask_to_register(db: Database, person_id: uuid.UUID, site: Site, *, at: datetime) -> Asked:
    """A challenge for a new passkey, which may not be one that the person has already."""
    with db.as_role("signin") as connection:
        person = connection.execute(
            text("select email, name from signin.person where person_id = :id"), {"id": person_id}
        ).one()
        known = _credentials(connection, person_id)
        challenge = secrets.token_bytes(32)
        options = generate_registration_options(
            rp_id=site.host,
            rp_name="Mendline",
            user_id=person_id.bytes,
            user_name=person.email,
            user_display_name=person.name,
            challenge=challenge,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        )
        state = {"challenge": bytes_to_base64url(challenge)}
        secret = pending.begin(connection, "enrol_passkey", person_id=person_id, state=state, at=at)
    return Asked(options_to_json(options), secret)


def register(
    db: Database, key: bytes, person_id: uuid.UUID, cookie: str, asked: str, answer: str, label: str, site: Site,
    browser: Browser, *, at: datetime,
) -> tuple[Opened, tuple[str, ...]]:  # fmt: skip
    """Keeps a new passkey; gives the renewed session and, with the first factor, recovery codes that are shown once.

    Raises:
        RefusedError: the answer does not belong to the challenge, or there are ten passkeys.
    """
    with db.as_role("signin") as connection:
        step = pending.try_once(connection, "enrol_passkey", asked, at=at)
        count = len(_credentials(connection, person_id))
    if step is None or step.person_id != person_id:
        raise RefusedError("This took too long. Begin again.")
    if count >= MOST:
        raise RefusedError(f"You have {MOST} passkeys. Take one away first.")
    try:
        made = verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=base64url_to_bytes(step.state["challenge"]),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
        raise RefusedError(REFUSED) from problem
    with db.as_role("signin") as connection:
        pending.use(connection, asked, at=at)
        kept = connection.execute(
            text(
                "insert into signin.passkey (passkey_id, person_id, credential_id, public_key, sign_count, label, added_at)"
                " values (:id, :person, :credential, :key, :count, :label, :at)"
                " on conflict (credential_id) do nothing returning 1"
            ),
            {
                "id": new_id(),
                "person": person_id,
                "credential": made.credential_id,
                "key": made.credential_public_key,
                "count": made.sign_count,
                "label": " ".join(label.split())[:60] or "Passkey",
                "at": at,
            },
        ).first()
        if kept is None:
            raise RefusedError(REFUSED)
        codes: tuple[str, ...] = ()
        if recovery_codes_left(connection, person_id) == 0:
            codes = new_recovery_codes(connection, key, person_id, at=at)
        opened = factor_added(connection, key, person_id, cookie, browser, what="a passkey", at=at)
    return opened, codes


def ask_to_sign_in(db: Database, site: Site, *, person_id: uuid.UUID | None = None, at: datetime) -> Asked:
    """A challenge for signing in: any passkey of this site, or only those of somebody who is known already."""
    with db.as_role("signin") as connection:
        challenge = secrets.token_bytes(32)
        known = _credentials(connection, person_id) if person_id else []
        options = generate_authentication_options(
            rp_id=site.host,
            challenge=challenge,
            user_verification=UserVerificationRequirement.REQUIRED,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        )
        state = {"challenge": bytes_to_base64url(challenge)}
        secret = pending.begin(connection, "passkey", person_id=person_id, state=state, at=at)
    return Asked(options_to_json(options), secret)


def sign_in_with_passkey(
    db: Database, key: bytes, asked: str, answer: str, site: Site, browser: Browser, *, at: datetime
) -> Opened:
    """Opens a session for whoever holds the passkey: it is in the person's hand and verified them itself.

    Nothing can be guessed here, so nothing is limited: a flood of wrong passwords does not keep its owner out.

    Raises:
        RefusedError: the answer does not belong to the challenge, or the passkey is none of ours.
    """
    with db.as_role("signin") as connection:
        person_id = _shown(connection, asked, answer, site, at)
        if person_id is not None:
            return opened_after_factor(connection, key, person_id, browser, way="passkey", at=at)
    raise RefusedError(REFUSED)


def step_up_with_passkey(
    db: Database, key: bytes, person_id: uuid.UUID, cookie: str, asked: str, answer: str, site: Site, browser: Browser, *,
    at: datetime,
) -> Opened:  # fmt: skip
    """Renews the session of somebody who is signed in and shows one of their passkeys.

    Raises:
        RefusedError: the answer does not belong to the challenge, or the passkey is not theirs.
    """
    with db.as_role("signin") as connection:
        if _shown(connection, asked, answer, site, at) == person_id:
            note(connection, person_id, "confirmed with a factor", way="passkey")
            return replace_session(connection, key, cookie, person_id, browser, way="passkey", at=at)
    raise RefusedError(REFUSED)


def _shown(connection: Connection, asked: str, answer: str, site: Site, at: datetime) -> uuid.UUID | None:
    """Whose passkey a browser's answer shows; None where it does not hold."""
    step = pending.try_once(connection, "passkey", asked, at=at)
    if step is None or not pending.use(connection, asked, at=at):
        raise RefusedError(START_AGAIN)
    try:
        given = _parsed(answer)
        known = _passkey(connection, base64url_to_bytes(str(given["rawId"])))
        if known is None or (step.person_id is not None and known.person_id != step.person_id):
            return None
        verified = verify_authentication_response(
            credential=given,
            expected_challenge=base64url_to_bytes(step.state["challenge"]),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    connection.execute(
        text("update signin.passkey set sign_count = :count, last_used_at = :at where passkey_id = :id"),
        {"count": verified.new_sign_count, "at": at, "id": known.passkey_id},
    )
    person = find_person(connection, "p.person_id = :id", id=known.person_id)
    return None if person is None else person.person_id


def _passkey(connection: Connection, credential_id: bytes) -> Row[Any] | None:
    return connection.execute(
        text(
            "select passkey_id, person_id, public_key, sign_count from signin.passkey"
            " where credential_id = :id and removed_at is null for update"
        ),
        {"id": credential_id},
    ).one_or_none()


def _credentials(connection: Connection, person_id: uuid.UUID) -> list[bytes]:
    rows = connection.execute(
        text("select credential_id from signin.passkey where person_id = :id and removed_at is null"), {"id": person_id}
    )
    return [bytes(one) for one in rows.scalars()]


def _parsed(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST:
        raise ValueError("longer than any browser answers")
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise TypeError("not what a browser answers")
    return found
