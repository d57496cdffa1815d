"""Recovery codes: each works once, for one person, and none can be read where they are kept."""

import uuid

import pytest
from sqlalchemy import text
from support.tenancy import add_person

from tenants.clock import now
from tenants.database import Database
from tenants.signin.recovery import HOW_MANY, new_recovery_codes, recovery_codes_left, use_recovery_code

KEY = b"a key of this test only, long enough to sign with"


@pytest.fixture
def person(database: Database) -> uuid.UUID:
    return add_person(database)


def test_nothing_that_is_kept_shows_a_code(database: Database, person: uuid.UUID) -> None:
    with database.as_role("signin") as connection:
        codes = new_recovery_codes(connection, KEY, person, at=now())
    with database.administration() as session:
        kept = "\n".join(session.execute(text("select c::text from signin.recovery_code c")).scalars())
    assert len(set(codes)) == HOW_MANY
    for code in codes:
        for written in (code, code.replace("-", "")):
            assert written not in kept
            assert written.encode().hex() not in kept


def test_a_code_works_once_and_for_its_own_person_alone(database: Database, person: uuid.UUID) -> None:
    other = add_person(database)
    with database.as_role("signin") as connection:
        first, second, *_ = new_recovery_codes(connection, KEY, person, at=now())
        assert not use_recovery_code(connection, KEY, other, first, at=now())
        assert use_recovery_code(connection, KEY, person, first.upper(), at=now())
        assert not use_recovery_code(connection, KEY, person, first, at=now())
        assert not use_recovery_code(connection, b"another key of the server", person, second, at=now())
        assert recovery_codes_left(connection, person) == HOW_MANY - 1
        new_recovery_codes(connection, KEY, person, at=now())
        assert not use_recovery_code(connection, KEY, person, second, at=now())
