"""OpenID Connect as a client: what a provider's sign-in says of itself, and whether an ID token may be believed.

The issuer is named by a provider's administrator, so its addresses are asked for with care: over HTTPS, at public addresses
that were resolved once and are then held, without redirects, briefly, and no more than a little is read.
"""

import hmac
import json
import socket
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import urllib3
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tenants.addresses import is_public
from tenants.errors import RefusedError, UnavailableError
from tenants.signin.patience import SECONDS, within

# Signatures with a key pair alone: a shared secret or none at all would let others sign.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512")
CLOCK_SECONDS = 60  # how far clocks may differ
LARGEST_ANSWER = 256 * 1024
TIMEOUT = urllib3.Timeout(connect=3, read=5)
BAD_TOKEN = "Your organisation's sign-in gave an answer that cannot be believed. Try again; if it goes on, tell your administrator."  # noqa: S105
AWAY = "Your organisation's sign-in does not answer. Try again in a minute, or sign in with your password."


class BadTokenError(RefusedError):
    """An ID token that may not be believed; `why` is for the log and the tests, never for the page."""

    def __init__(self, why: str) -> None:
        super().__init__(BAD_TOKEN)
        self.why = why


@dataclass(frozen=True)
class Endpoints:
    """Where an issuer is asked, as its own description says."""

    issuer: str
    authorization: str
    token: str
    keys: str


@dataclass(frozen=True)
class Expected:
    """What an ID token has to say.

    Attributes:
        longest_seconds: how old the sign-in there may be.
        algorithms: signatures that are taken.
    """

    issuer: str
    client_id: str
    nonce: str
    algorithms: Sequence[str]
    longest_seconds: int


@dataclass(frozen=True)
class Claims:
    """What a believed token says.

    Attributes:
        values: its `acr` and all of its `amr`: how the person showed who they are.
        signed_in_at: when they did.
    """

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    values: frozenset[str]
    signed_in_at: datetime


class Asker:
    """Asks issuers over the network.

    Attributes:
        private: hosts that may be in a private network and without HTTPS, as the installation's settings name them.
        seconds: how long an answer is waited for in all.
    """

    def __init__(self, private: Sequence[str] = (), *, seconds: float = SECONDS) -> None:
        self.private = frozenset(private)
        self.seconds = seconds

    def describe(self, issuer: str) -> Endpoints:
        """An issuer's own description (OpenID Connect Discovery 1.0, section 4).

        Raises:
            RefusedError: it is none, or describes another issuer.
            UnavailableError: it does not answer.
        """
        found = self._json("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise RefusedError(
                "That address describes another issuer.", {"issuer": "The address describes another issuer."}
            )
        try:
            described = Endpoints(
                issuer, str(found["authorization_endpoint"]), str(found["token_endpoint"]), str(found["jwks_uri"])
            )
        except KeyError as problem:
            raise RefusedError("That address is not that of an OpenID provider.") from problem
        self._parts(described.authorization)  # a browser is sent there: to a page, and to no script
        return described

    def keys(self, endpoints: Endpoints) -> KeySet:
        """The keys that an issuer signs with."""
        try:
            return KeySet.import_key_set(self._json("GET", endpoints.keys))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as problem:
            raise BadTokenError("keys cannot be read") from problem

    def exchange(
        self, endpoints: Endpoints, client_id: str, client_secret: str, *, code: str, verifier: str, redirect_uri: str
    ) -> Mapping[str, Any]:
        """The tokens for a code (RFC 6749, section 4.1.3, with RFC 7636)."""
        body = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier,
        }  # fmt: skip
        headers = urllib3.make_headers(basic_auth=f"{client_id}:{client_secret}")
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._json("POST", endpoints.token, body=urlencode(body), headers=headers)

    def _json(
        self, method: str, url: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        parts = self._parts(url)
        status, content = within(
            str(parts.hostname),
            lambda: self._asked(method, parts, body, headers or {}),
            seconds=self.seconds,
            told=AWAY,
        )
        if status >= 500:
            raise UnavailableError(AWAY)
        if status != 200 or len(content) > LARGEST_ANSWER:
            raise RefusedError(BAD_TOKEN)
        try:
            found = json.loads(content)
        except ValueError as problem:
            raise RefusedError(BAD_TOKEN) from problem
        if not isinstance(found, dict):
            raise RefusedError(BAD_TOKEN)
        return found

    def _asked(
        self, method: str, parts: SplitResult, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """The status of an answer and what it says, or a little more of it than is read."""
        pool = self._pool(str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80), parts.scheme)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {"Host": parts.netloc, "Accept": "application/json", **headers}
        try:
            answer = pool.request(
                method, path, body=body, headers=sent, redirect=False, retries=False, timeout=TIMEOUT,
                preload_content=False,
            )  # fmt: skip
            return answer.status, answer.read(LARGEST_ANSWER + 1, decode_content=False)
        except urllib3.exceptions.HTTPError as problem:
            raise UnavailableError(AWAY) from problem
        finally:
            pool.close()

    def _parts(self, url: str) -> SplitResult:
        """The parts of an address over HTTPS, or of one that the settings name."""
        try:
            parts = urlsplit(url)
            known = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in self.private)
            named = bool(parts.hostname) and parts.username is None and parts.port != 0
        except ValueError:
            known = named = False
        if not (known and named):
            raise RefusedError("An OpenID provider is asked over https:// alone.", {"issuer": "Begin with https://."})
        return parts

    def _pool(self, host: str, port: int, scheme: str) -> urllib3.HTTPConnectionPool:
        """A connection to an address that was judged, under the name that was asked for."""
        try:
            found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except (OSError, UnicodeError) as problem:
            raise UnavailableError(AWAY) from problem
        if host not in self.private and not all(is_public(one) for one in found):
            raise RefusedError(
                "That address is not a public one.", {"issuer": "Give the public address of your OpenID provider."}
            )
        address = min(found)
        if scheme == "http":
            return urllib3.HTTPConnectionPool(address, port)
        return urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host)


def believed(token: str, keys: KeySet, expected: Expected, *, at: datetime, access_token: str = "") -> Claims:
    """The claims of an ID token (OpenID Connect Core 1.0, section 3.1.3.7), with the age of the sign-in.

    Args:
        token: as the issuer gave it.
        keys: the issuer's.
        expected: what it has to say.
        at: the moment.
        access_token: that came along; where the token names its hash, it has to agree.

    Raises:
        BadTokenError: it may not be believed.
    """
    try:
        read = jwt.decode(token, keys, algorithms=[one for one in expected.algorithms if one in ALGORITHMS])
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, UnicodeError) as problem:
        raise BadTokenError(f"signature: {type(problem).__name__}") from problem
    claims = read.claims
    _require(claims.get("iss") == expected.issuer, "issuer")
    _require_audience(claims, expected.client_id)
    _require_times(claims, at.timestamp(), expected.longest_seconds)
    nonce = claims.get("nonce")
    _require(isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), expected.nonce.encode()), "nonce")
    subject = claims.get("sub")
    _require(isinstance(subject, str) and 0 < len(subject) <= 255, "subject")
    if "at_hash" in claims:
        _require(claims["at_hash"] == _half_hash(access_token, str(read.header.get("alg"))), "at_hash")
    return _claims(claims)


def _claims(claims: Mapping[str, Any]) -> Claims:
    amr = claims.get("amr")
    values = {one for one in amr if isinstance(one, str)} if isinstance(amr, list) else set()
    if isinstance(claims.get("acr"), str):
        values.add(claims["acr"])
    return Claims(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=str(claims.get("email") or "").strip().lower(),
        email_verified=claims.get("email_verified") in (True, "true"),
        name=" ".join(str(claims.get("name") or "").split())[:120],
        values=frozenset(values),
        signed_in_at=datetime.fromtimestamp(float(claims["auth_time"]), UTC),
    )


def _require_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    _require(isinstance(named, list) and client_id in named, "audience")
    if isinstance(named, list) and len(named) > 1:
        _require(claims.get("azp") == client_id, "several audiences without an authorised party")
    _require(claims.get("azp", client_id) == client_id, "authorised party")


def _require_times(claims: Mapping[str, Any], moment: float, longest_seconds: int) -> None:
    times = {name: claims.get(name) for name in ("exp", "iat", "auth_time")}
    for name, value in times.items():
        _require(isinstance(value, int | float) and not isinstance(value, bool), f"{name} is missing")
    _require(float(times["exp"] or 0) > moment - CLOCK_SECONDS, "expired")
    _require(float(times["iat"] or 0) < moment + CLOCK_SECONDS, "issued in the future")
    _require(float(claims.get("nbf", 0)) < moment + CLOCK_SECONDS, "not valid yet")
    signed_in = float(times["auth_time"] or 0)
    _require(signed_in < moment + CLOCK_SECONDS, "signed in in the future")
    _require(moment - signed_in <= longest_seconds + CLOCK_SECONDS, "signed in too long ago")


def _half_hash(access_token: str, algorithm: str) -> str:
    """The left half of the access token's hash (section 3.1.3.6); only the 256-bit ones are in use with it here."""
    if not algorithm.endswith("256"):
        return ""
    return urlsafe_b64encode(sha256(access_token.encode()).digest()[:16]).decode().rstrip("=")


def _require(holds: bool, why: str) -> None:
    if not holds:
        raise BadTokenError(why)
