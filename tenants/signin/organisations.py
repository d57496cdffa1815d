"""Organisations whose people sign in through an OpenID provider of their own, as each stands now."""

import uuid
from dataclasses import dataclass

from sqlalchemy import text

from tenants.database import Database


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


def for_address(db: Database, email: str) -> SignOn | None:
    """The sign-in of an address's organisation, by the domain that it has proven; None where there is none."""
    _, _, domain = email.strip().lower().rpartition("@")
    return _one(db, None, domain) if domain else None


def by_identifier(db: Database, connection_id: uuid.UUID) -> SignOn | None:
    """A sign-in as it stands; None where it is off or its domain not proven."""
    return _one(db, connection_id, None)


def of_person(db: Database, person_id: uuid.UUID) -> SignOn | None:
    """The sign-in through which somebody comes in, where they do; for confirming that it is them."""
    with db.as_role("signin") as connection:
        used = connection.execute(
            text(
                "select connection_id from signin.identity where person_id = :person order by last_used_at desc limit 1"
            ),
            {"person": person_id},
        ).scalar_one_or_none()
    return None if used is None else by_identifier(db, used)


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
