"""Secrets that are derived and never kept: what a mailed link carries, and what a cookie or token stands for."""

import hashlib
import hmac
import uuid
from collections.abc import Callable

from sqlalchemy import Connection, text

from tenants.signin.keys import accepted


def knowing(connection: Connection, what: str, key: bytes, hashed: Callable[[bytes], bytes]) -> bytes:
    """The key under which PostgreSQL keeps something: the one that signs, unless a former one alone is known there.

    Args:
        connection: a transaction of the sign-in role.
        what: `ticket`, `link` or `browser`.
        key: the server's key.
        hashed: what is kept, by a key.
    """
    for each in accepted(key)[1:]:
        known = text("select reach.knows(:what, :hash)")
        if connection.execute(known, {"what": what, "hash": hashed(each)}).scalar_one():
            return each
    return key


def ticket_of(key: bytes, secret: str, purpose: str = "session") -> str:
    """The reach ticket that a cookie (`session`) or bearer token (`token`) stands for; without the key, unguessable."""
    return hmac.new(key, f"{purpose}:{secret}".encode(), hashlib.sha256).hexdigest()


# How many letters of a secret its beginning is: enough to tell whose it is, and 200 random bits are left to be guessed.
_BEGINNING = 8
_MARKS = ("mnd_", "insp_")


def beginning_of(key: bytes, secret: str, purpose: str) -> bytes | None:
    """What is kept of the first letters of a secret, so that one that was cut off or altered is known as whose it was.

    Worth nothing without the server's key. None where too little is left.
    """
    bare = secret
    for mark in _MARKS:
        bare = bare.removeprefix(mark)
    return keyed_hash(key, f"beginning of {purpose}", bare[:_BEGINNING]) if len(bare) >= _BEGINNING else None


def ticket_hash(ticket: str) -> bytes:
    """What PostgreSQL keeps of a ticket."""
    return hashlib.sha256(ticket.encode()).digest()


def link_secret(key: bytes, mail_id: uuid.UUID) -> str:
    """What the link of a letter carries. Derived from the letter's identifier, so that the outbox holds no secret."""
    return hmac.new(key, f"link:{mail_id}".encode(), hashlib.sha256).hexdigest()


def secret_hash(secret: str) -> bytes:
    """What PostgreSQL keeps of a secret of 128 random bits or more; a shorter one would need salt and work."""
    return hashlib.sha256(secret.encode("utf-8", errors="replace")).digest()


def keyed_hash(key: bytes, purpose: str, words: str) -> bytes:
    """A fingerprint of words that could be guessed, such as an address: worth nothing without the server's key."""
    return hmac.new(key, f"{purpose}:{words}".encode("utf-8", errors="replace"), hashlib.sha256).digest()
