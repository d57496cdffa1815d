import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Argon2id with 19 MiB, 2 passes, 1 lane: the least that OWASP's password storage guidance allows.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# What an unknown person's guess is compared with, so that it costs the same work as a known one's.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(24))

SHORTEST = 12


def hash_password(password: str) -> str:
    """The Argon2id hash, with its own salt and settings inside."""
    return _HASHER.hash(password)


def password_matches(stored: str | None, given: str) -> bool:
    """Whether a password is right; takes as long for a person who does not exist."""
    try:
        right = _HASHER.verify(stored or _NOBODY, given)
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None
