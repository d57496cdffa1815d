"""Passwords: hashed with Argon2id, long rather than contrived, and none that the whole world has used before.

The rules are those of the National Cyber Security Centre's guidance for system owners: a least length, a list of refused
passwords, no rules about kinds of characters, no expiry.
"""

import secrets
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tenants.errors import RefusedError
from tenants.signin.breached import is_breached

# Argon2id with 19 MiB, 2 passes, 1 lane: the least that OWASP's password storage guidance allows.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# What an unknown person's guess is compared with, so that it costs the same work as a known one's.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(24))

SHORTEST = 12
LONGEST = 200  # more is no password, and hashing it is work that somebody else pays for


def hash_password(password: str) -> str:
    """The Argon2id hash, with its own salt and settings inside."""
    return _HASHER.hash(password)


def password_matches(stored: str | None, given: str) -> bool:
    """Whether a password is right; takes as long for a person who does not exist."""
    try:
        right = _HASHER.verify(stored or _NOBODY, given[: LONGEST * 4])
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return right and stored is not None


def require_good(password: str, *, about: Iterable[str] = ()) -> None:
    """Refuses a password that could be guessed.

    Args:
        password: what was chosen.
        about: the person's name and address, and their provider's name: what a guesser tries first.

    Raises:
        RefusedError: with the reason under `password`.
    """
    problem = _problem(password, about)
    if problem:
        raise RefusedError(problem, {"password": problem})


def _problem(password: str, about: Iterable[str]) -> str | None:
    if len(password) < SHORTEST:
        return f"Choose a password of at least {SHORTEST} characters. Three words that do not belong together are good."
    if len(password) > LONGEST:
        return f"Choose a password of at most {LONGEST} characters."
    folded = password.casefold()
    if len(set(folded)) < 5:
        return "Choose a password with more than a few different characters."
    if is_breached(password):
        return "This password is on the list of those that are guessed first. Choose another."
    left = folded
    for word in sorted(_words(about), key=len, reverse=True):
        left = left.replace(word, "")
    if len([letter for letter in left if letter.isalpha()]) < 5 and left != folded:
        return "Do not make the password from your name, your email address or your provider's name."
    return None


def _words(about: Iterable[str]) -> set[str]:
    """Parts of at least four letters, such as a surname or the name of a home."""
    text = " ".join(about).casefold()
    return {
        word for word in "".join(letter if letter.isalnum() else " " for letter in text).split() if len(word) >= 4
    } | {"mendline", "password", "welcome"}
