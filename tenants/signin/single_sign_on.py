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
from sqlalchemy import text

from tenants.clock import now
from tenants.database import Database
from tenants.errors import RefusedError
from tenants.signin import pending
from tenants.signin.arriving import let_in
from tenants.signin.keys import accepted
from tenants.signin.level import FRESH
from tenants.signin.links import keyed_hash, secret_hash
from tenants.signin.openid import Asker, BadTokenError, Claims, Expected, believed
from tenants.signin.organisations import SignOn, by_identifier
from tenants.signin.sessions import Browser, Opened
from tenants.signin.signing import START_AGAIN, SecondStep

UNKNOWN = "Nobody signs in through an organisation with that address. Sign in with your password."


@dataclass(frozen=True)
class Sent:
    """Where a browser is sent to sign in.

    Attributes:
        url: at the issuer.
        secret: for a cookie, so that only this browser may come back.
    """

    url: str
    secret: str


def send_away(
    db: Database, asker: Asker, sign_on: SignOn, *, redirect_uri: str, next_path: str, email: str, at: datetime,
    fresh: bool = False,
) -> Sent:  # fmt: skip
    """Begins a sign-in: code with PKCE, a nonce, and a state that is bound to the browser.

    Where it is to be `fresh`, the issuer is told to ask the person again, and what it says has to be of the last ten minutes.

    Raises:
        UnavailableError: the issuer does not answer.
    """
    endpoints = asker.describe(sign_on.issuer)
    verifier, nonce, state = (secrets.token_urlsafe(48) for _ in range(3))
    kept = {
        "connection": str(sign_on.connection_id), "verifier": verifier, "nonce": nonce,
        "state": secret_hash(state).hex(), "next": next_path, "redirect_uri": redirect_uri, "fresh": fresh,
    }  # fmt: skip
    with db.as_role("signin") as connection:
        secret = pending.begin(connection, "single_sign_on", state=kept, at=at)
    url: str = prepare_grant_uri(
        endpoints.authorization, sign_on.client_id, "code", redirect_uri, "openid email profile", state,
        nonce=nonce, code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256",
        max_age="0" if fresh else str(sign_on.longest_minutes * 60), login_hint=email,
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
            return let_in(connection, key, sign_on, claims, browser, at), str(kept["next"])
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
    longest = FRESH.total_seconds() if kept.get("fresh") else sign_on.longest_minutes * 60
    expected = Expected(sign_on.issuer, sign_on.client_id, kept["nonce"], sign_on.algorithms, int(longest))
    return believed(
        str(tokens.get("id_token", "")), asker.keys(endpoints), expected, at=at,
        access_token=str(tokens.get("access_token", "")),
    )  # fmt: skip


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
