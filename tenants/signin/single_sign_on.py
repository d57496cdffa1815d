"""Signing in through a provider's own OpenID provider. Who somebody is there is issuer and subject, never an email address."""

import hmac
import secrets
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, text

from tenants.clock import now
from tenants.database import Database
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.signin import pending
from tenants.signin.keys import accepted
from tenants.signin.links import keyed_hash, secret_hash
from tenants.signin.openid import Asker, BadTokenError, Claims, Expected, believed
from tenants.signin.sessions import Browser, Opened, note
from tenants.signin.signing import START_AGAIN, SecondStep, after_first_factor, find_person, opened_after_factor

UNKNOWN = "Nobody signs in through an organisation with that address. Sign in with your password."
NOT_INVITED = "Your organisation's sign-in knows you, but you have no role in Mendline. Ask its administrator for one."
LINK_FIRST = (
    "Somebody signs in to Mendline with this address already. Sign in as you did before; to use your organisation's sign-in "
    "instead, ask your administrator to end that access first."
)


@dataclass(frozen=True)
class SignOn:
    """A provider's own sign-in as it stands, its domain proven."""

    provider_id: uuid.UUID
    connection_id: uuid.UUID
    label: str
    issuer: str
    client_id: str
    algorithms: tuple[str, ...]
    domain: str
    strong_values: frozenset[str]
    longest_minutes: int


@dataclass(frozen=True)
class Sent:
    """Where a browser is sent to sign in.

    Attributes:
        url: at the issuer.
        secret: for a cookie, so that only this browser may come back.
    """

    url: str
    secret: str


def for_address(db: Database, email: str) -> SignOn | None:
    """The sign-in of an address's organisation, by the domain that it has proven; None where there is none."""
    _, _, domain = email.strip().lower().rpartition("@")
    return _one(db, None, domain) if domain else None


def by_identifier(db: Database, connection_id: uuid.UUID) -> SignOn | None:
    """A sign-in as it stands; None where it is off or its domain not proven."""
    return _one(db, connection_id, None)


def send_away(
    db: Database, asker: Asker, sign_on: SignOn, *, redirect_uri: str, next_path: str, email: str, at: datetime
) -> Sent:
    """Begins a sign-in: code with PKCE, a nonce, and a state that is bound to the browser.

    Raises:
        UnavailableError: the issuer does not answer.
    """
    endpoints = asker.describe(sign_on.issuer)
    verifier, nonce, state = (secrets.token_urlsafe(48) for _ in range(3))
    kept = {
        "connection": str(sign_on.connection_id), "verifier": verifier, "nonce": nonce,
        "state": secret_hash(state).hex(), "next": next_path, "redirect_uri": redirect_uri,
    }  # fmt: skip
    with db.as_role("signin") as connection:
        secret = pending.begin(connection, "single_sign_on", state=kept, at=at)
    url: str = prepare_grant_uri(
        endpoints.authorization, sign_on.client_id, "code", redirect_uri, "openid email profile", state,
        nonce=nonce, code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256",
        max_age=str(sign_on.longest_minutes * 60), login_hint=email,
    )  # fmt: skip
    return Sent(url, secret)


def come_back(
    db: Database, key: bytes, asker: Asker, secret: str, answer: Mapping[str, str], browser: Browser, *, at: datetime,
    network: str = "",
) -> tuple[Opened | SecondStep, str]:  # fmt: skip
    """Ends a sign-in with the issuer's answer; gives the session or the second step, and the page that was asked for.

    An answer that is not believed stands in the ledger of the provider whose sign-in was begun; where none was, it is
    counted in the platform's own, by `network`, a fingerprint.

    Raises:
        RefusedError: the browser, the state, the code or the token is not the one that was begun with; or nobody may come.
        UnavailableError: the issuer does not answer.
    """
    with db.as_role("signin") as connection:
        step = pending.try_once(connection, "single_sign_on", secret, at=at)
        used = step is not None and pending.use(connection, secret, at=at)
    if step is None or not used:
        _note_refused(db, None, "no sign-in was begun", network)
        raise RefusedError(START_AGAIN)
    kept = step.state
    begun = uuid.UUID(kept["connection"])
    try:
        sign_on, claims = _believed(db, key, asker, kept, answer, at)
        with db.as_role("signin") as connection:
            return _let_in(connection, key, sign_on, claims, browser, at), str(kept["next"])
    except RefusedError as refused:
        _note_refused(db, begun, refused.why if isinstance(refused, BadTokenError) else str(refused), network)
        raise


def _believed(
    db: Database, key: bytes, asker: Asker, kept: Mapping[str, Any], answer: Mapping[str, str], at: datetime
) -> tuple[SignOn, Claims]:
    if not hmac.compare_digest(secret_hash(answer.get("state", "")).hex(), kept["state"]) or not answer.get("code"):
        raise RefusedError(START_AGAIN)
    sign_on = by_identifier(db, uuid.UUID(kept["connection"]))
    if sign_on is None or answer.get("iss", sign_on.issuer) != sign_on.issuer:
        raise RefusedError(START_AGAIN)
    return sign_on, _claims(db, key, asker, sign_on, kept, answer["code"], at)


def _note_refused(db: Database, connection_id: uuid.UUID | None, why: str, network: str) -> None:
    with db.as_role("signin") as connection:
        connection.execute(
            text("select reach.note_sign_on_refused(:connection, :why, :network)"),
            {"connection": connection_id, "why": why, "network": network},
        )


def keep_client_secret(db: Database, key: bytes, connection_id: uuid.UUID, client_secret: str, *, at: datetime) -> None:
    """Keeps what Mendline shows the issuer, sealed with the server's key."""
    nonce = secrets.token_bytes(12)
    sealed = nonce + AESGCM(_sealing_key(key)).encrypt(nonce, client_secret.encode(), connection_id.bytes)
    with db.as_role("signin") as connection:
        connection.execute(
            text(
                "insert into signin.client_secret (connection_id, sealed, kept_at) values (:id, :sealed, :at)"
                " on conflict (connection_id) do update set sealed = :sealed, kept_at = :at"
            ),
            {"id": connection_id, "sealed": sealed, "at": at},
        )


def prove_domain(db: Database, secret: str) -> str | None:
    """Takes the link that went to whoever keeps a domain's mail; the domain, or None where the link is over."""
    with db.as_role("signin") as connection:
        found: str | None = connection.execute(
            text("select reach.prove_domain(:hash)"), {"hash": secret_hash(secret)}
        ).scalar_one()
    return found


def _claims(
    db: Database, key: bytes, asker: Asker, sign_on: SignOn, kept: Mapping[str, Any], code: str, at: datetime
) -> Claims:
    endpoints = asker.describe(sign_on.issuer)
    tokens = asker.exchange(
        endpoints, sign_on.client_id, _client_secret(db, key, sign_on.connection_id), code=code,
        verifier=kept["verifier"], redirect_uri=kept["redirect_uri"],
    )  # fmt: skip
    expected = Expected(
        sign_on.issuer, sign_on.client_id, kept["nonce"], sign_on.algorithms, sign_on.longest_minutes * 60
    )
    return believed(
        str(tokens.get("id_token", "")), asker.keys(endpoints), expected, at=at,
        access_token=str(tokens.get("access_token", "")),
    )  # fmt: skip


def _let_in(
    connection: Connection, key: bytes, sign_on: SignOn, claims: Claims, browser: Browser, at: datetime
) -> Opened | SecondStep:
    person_id = _person(connection, sign_on, claims, at)
    person = find_person(connection, "p.person_id = :id", id=person_id)
    if person is None:
        raise RefusedError(NOT_INVITED)
    words = _initials_and_name(claims, person.email)
    admitted = connection.execute(
        text("select reach.admit(:connection, :person, :name, :initials)"),
        {"connection": sign_on.connection_id, "person": person_id, "name": words[1], "initials": words[0]},
    ).scalar_one()
    if not admitted:
        raise RefusedError(NOT_INVITED)
    if claims.values & sign_on.strong_values:
        return opened_after_factor(connection, key, person_id, browser, way="single sign-on", at=at)
    return after_first_factor(connection, key, person, browser, way="single sign-on", at=at)


def _person(connection: Connection, sign_on: SignOn, claims: Claims, at: datetime) -> uuid.UUID:
    """Who it is: known by issuer and subject; or new, with a proven address of the organisation's domain."""
    known = connection.execute(
        text(
            "update signin.identity set last_used_at = :at where issuer = :issuer and subject = :subject"
            " returning person_id"
        ),
        {"at": at, "issuer": claims.issuer, "subject": claims.subject},
    ).scalar_one_or_none()
    if known is not None:
        return uuid.UUID(str(known))
    if not claims.email_verified or claims.email.rpartition("@")[2] != sign_on.domain:
        raise RefusedError(NOT_INVITED)
    person_id = _without_credentials(connection, claims, at)
    connection.execute(
        text(
            "insert into signin.identity (issuer, subject, person_id, connection_id, linked_at, last_used_at)"
            " values (:issuer, :subject, :person, :connection, :at, :at)"
        ),
        {
            "issuer": claims.issuer,
            "subject": claims.subject,
            "person": person_id,
            "connection": sign_on.connection_id,
            "at": at,
        },
    )
    note(connection, person_id, "single sign-on linked", organisation=sign_on.label)
    return person_id


def _without_credentials(connection: Connection, claims: Claims, at: datetime) -> uuid.UUID:
    """Somebody new, or somebody invited who has set up nothing yet. An account in use is never taken over by its address."""
    row: Row[Any] | None = connection.execute(
        text(
            "select p.person_id, p.disabled_at, p.password_hash is null and p.totp_seed is null"
            " and not exists (select 1 from signin.passkey k where k.person_id = p.person_id)"
            " and not exists (select 1 from signin.identity i where i.person_id = p.person_id) as is_bare"
            " from signin.person p where p.email = :email"
        ),
        {"email": claims.email},
    ).one_or_none()
    if row is not None:
        if not row.is_bare or row.disabled_at is not None:
            raise RefusedError(LINK_FIRST)
        return uuid.UUID(str(row.person_id))
    person_id = new_id()
    connection.execute(
        text(
            "insert into signin.person (person_id, email, name, second_factor_relaxed, created_at, email_verified_at)"
            " values (:id, :email, :name, false, :at, :at)"
        ),
        {"id": person_id, "email": claims.email, "name": _initials_and_name(claims, claims.email)[1], "at": at},
    )
    return person_id


def _initials_and_name(claims: Claims, email: str) -> tuple[str, str]:
    name = claims.name or email.partition("@")[0].replace(".", " ").title()
    return "".join(word[0] for word in name.split()[:2]).upper(), name


def _client_secret(db: Database, key: bytes, connection_id: uuid.UUID) -> str:
    with db.as_role("signin") as connection:
        sealed = connection.execute(
            text("select sealed from signin.client_secret where connection_id = :id"), {"id": connection_id}
        ).scalar_one_or_none()
    if sealed is None:
        raise RefusedError(START_AGAIN)
    for each in accepted(key):
        with suppress(InvalidTag):
            opened = AESGCM(_sealing_key(each)).decrypt(sealed[:12], sealed[12:], connection_id.bytes).decode()
            if each != key:  # sealed anew, so that it opens when the former key is believed no longer
                keep_client_secret(db, key, connection_id, opened, at=now())
            return opened
    raise BadTokenError("the client secret was sealed with another key")


def _sealing_key(key: bytes) -> bytes:
    return keyed_hash(key, "seal", "client secret")


def _one(db: Database, connection_id: uuid.UUID | None, domain: str | None) -> SignOn | None:
    with db.as_role("signin") as connection:
        row = connection.execute(
            text("select * from reach.single_sign_on(:id, :domain) limit 1"), {"id": connection_id, "domain": domain}
        ).one_or_none()
    if row is None:
        return None
    return SignOn(
        row.provider_id, row.connection_id, row.label, row.issuer, row.client_id, tuple(row.algorithms), row.domain,
        frozenset(row.strong_values), row.longest_minutes,
    )  # fmt: skip
