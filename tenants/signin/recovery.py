"""Recovery codes for a lost authenticator: ten, each works once, kept as fingerprints under the server's key."""

import secrets
import uuid
from datetime import datetime

from sqlalchemy import Connection, text

from tenants.signin.keys import accepted
from tenants.signin.links import keyed_hash

HOW_MANY = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for another
_LENGTH = 12  # 59 bits


def new_recovery_codes(connection: Connection, key: bytes, person_id: uuid.UUID, *, at: datetime) -> tuple[str, ...]:
    """Ten fresh codes, shown once; earlier ones are worth nothing from now on."""
    codes = tuple("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(HOW_MANY))
    connection.execute(text("delete from signin.recovery_code where person_id = :person"), {"person": person_id})
    connection.execute(
        text("insert into signin.recovery_code (person_id, code_hash, made_at) values (:person, :hash, :at)"),
        [{"person": person_id, "hash": _hash(key, person_id, code), "at": at} for code in codes],
    )
    return tuple("-".join((code[:4], code[4:8], code[8:])) for code in codes)


def use_recovery_code(connection: Connection, key: bytes, person_id: uuid.UUID, code: str, *, at: datetime) -> bool:
    """Takes a code that was not used yet, however it is spaced or written."""
    plain = "".join(letter for letter in code.casefold() if letter in _LETTERS)
    used = connection.execute(
        text(
            "update signin.recovery_code set used_at = :at"
            " where person_id = :person and code_hash = any (:hashes) and used_at is null returning 1"
        ),
        {"at": at, "person": person_id, "hashes": [_hash(each, person_id, plain) for each in accepted(key)]},
    ).first()
    return len(plain) == _LENGTH and used is not None


def recovery_codes_left(connection: Connection, person_id: uuid.UUID) -> int:
    """How many a person has not used."""
    left: int = connection.execute(
        text("select count(*) from signin.recovery_code where person_id = :person and used_at is null"),
        {"person": person_id},
    ).scalar_one()
    return left


def _hash(key: bytes, person_id: uuid.UUID, code: str) -> bytes:
    return keyed_hash(key, "recovery", f"{person_id}:{code}")
