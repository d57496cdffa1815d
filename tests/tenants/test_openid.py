"""Which ID tokens are believed: a good one, and none that is expired, foreign, forged, replayed, cut short or too old."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from tenants.errors import RefusedError
from tenants.signin.openid import Asker, BadTokenError, Expected, believed

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOW = int(AT.timestamp())
KEY = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
STRANGER = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
CURVE = ECKey.generate_key("P-384", {"kid": "curve"}, private=True)
KEYS = KeySet([KEY, CURVE])
EXPECTED = Expected("https://login.example", "mendline", "the nonce", ("RS256", "ES256"), 3600)


def claims(**changed: Any) -> dict[str, Any]:
    good = {
        "iss": "https://login.example", "aud": "mendline", "sub": "person-1", "nonce": "the nonce", "iat": NOW,
        "exp": NOW + 300, "auth_time": NOW - 60, "email": "Joy@Alderway.example", "email_verified": True,
        "amr": ["pwd", "mfa"], "acr": "level-2",
    }  # fmt: skip
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(given: dict[str, Any], *, key: Any = KEY, alg: str = "RS256", kid: str = "one") -> str:
    return jwt.encode({"alg": alg, "kid": kid}, given, key, algorithms=[alg])


def unsigned(given: dict[str, Any]) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in ({"alg": "none"}, given)
    ]
    return ".".join([*parts, ""])


def with_public_key_as_secret() -> str:
    """What a library that took HS256 with an issuer's public key would believe."""
    parts = [_part({"alg": "HS256", "kid": "one"}), _part(claims())]
    made = hmac.new(KEY.as_pem(private=False), ".".join(parts).encode(), sha256).digest()
    return ".".join([*parts, base64.urlsafe_b64encode(made).decode().rstrip("=")])


def _part(given: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(given).encode()).decode().rstrip("=")


def tampered() -> str:
    head, _, signature = signed(claims()).split(".")
    body = _part(claims(sub="somebody-else"))
    return f"{head}.{body}.{signature}"


BAD: dict[str, tuple[Callable[[], str], str]] = {
    "expired": (lambda: signed(claims(exp=NOW - 120)), "expired"),
    "without an end": (lambda: signed(claims(exp=None)), "exp is missing"),
    "not valid yet": (lambda: signed(claims(nbf=NOW + 600)), "not valid yet"),
    "issued in the future": (lambda: signed(claims(iat=NOW + 600)), "issued in the future"),
    "of another issuer": (lambda: signed(claims(iss="https://login.example.evil")), "issuer"),
    "for another client": (lambda: signed(claims(aud="another")), "audience"),
    "for several without a party": (lambda: signed(claims(aud=["mendline", "another"])), "several audiences"),
    "for another party": (lambda: signed(claims(azp="another")), "authorised party"),
    "of another sign-in": (lambda: signed(claims(nonce="an older nonce")), "nonce"),
    "without a nonce": (lambda: signed(claims(nonce=None)), "nonce"),
    "without a subject": (lambda: signed(claims(sub=None)), "subject"),
    "not signed": (lambda: unsigned(claims()), "signature"),
    "signed with the public key as a secret": (with_public_key_as_secret, "signature"),
    "signed by a stranger": (lambda: signed(claims(), key=STRANGER), "signature"),
    "signed in a way that is not listed": (lambda: signed(claims(), key=CURVE, alg="ES384", kid="curve"), "signature"),
    "tampered with": (tampered, "signature"),
    "cut short": (lambda: signed(claims())[:-20], "signature"),
    "of an old sign-in": (lambda: signed(claims(auth_time=NOW - 4000)), "too long ago"),
    "that says not when": (lambda: signed(claims(auth_time=None)), "auth_time is missing"),
    "of a sign-in to come": (lambda: signed(claims(auth_time=NOW + 600)), "in the future"),
    "beside another access token": (lambda: signed(claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA")), "at_hash"),
    "nothing": (lambda: "", "signature"),
}


def test_a_good_token_is_believed() -> None:
    found = believed(signed(claims()), KEYS, EXPECTED, at=AT)
    assert (found.issuer, found.subject, found.email) == ("https://login.example", "person-1", "joy@alderway.example")
    assert found.email_verified
    assert found.values == {"pwd", "mfa", "level-2"}


def test_a_token_that_names_its_access_token_agrees_with_it() -> None:
    half = base64.urlsafe_b64encode(sha256(b"the access token").digest()[:16]).decode().rstrip("=")
    assert believed(signed(claims(at_hash=half)), KEYS, EXPECTED, at=AT, access_token="the access token").subject


def test_clocks_may_differ_by_a_minute() -> None:
    assert believed(signed(claims(exp=NOW - 30, iat=NOW + 30)), KEYS, EXPECTED, at=AT)


def why_refused(token: str) -> str:
    """What is said against a token; empty where it is believed."""
    try:
        believed(token, KEYS, EXPECTED, at=AT)
    except BadTokenError as refused:
        return refused.why
    return ""


def test_each_bad_token_is_refused(figure: Callable[[str], None]) -> None:
    said = {name: why_refused(make()) for name, (make, _why) in BAD.items()}
    figure(f"bad tokens of single sign-on: {len(said)} tried, {sum(map(bool, said.values()))} refused")
    assert {name: told for name, told in said.items() if not told or BAD[name][1] not in told} == {}


def test_an_unproven_address_is_known_as_such() -> None:
    assert not believed(signed(claims(email_verified=None)), KEYS, EXPECTED, at=AT).email_verified


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.example", "https://127.0.0.1", "https://localhost:5432", "https://169.254.169.254", "https://[::1]",
        "https://10.0.0.1", "https://0.0.0.0", "file:///etc/passwd", "ftp://login.example", "https://", "gopher://x",
        "https://[64:ff9b::a9fe:a9fe]", "https://[fec0::1]", "https://login.example:99999", "https://login.example:0",
        "https://[::1", "https://a:b@93.184.215.14",
    ],
)  # fmt: skip
def test_an_issuer_in_a_private_network_is_not_asked(issuer: str) -> None:
    with pytest.raises(RefusedError):
        Asker().describe(issuer)
