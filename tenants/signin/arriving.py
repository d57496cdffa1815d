"""Who may come in from an organisation's own sign-in, as whom, and with which second step.

What an organisation says counts for itself: it gives a role to people of its own domain alone, and where somebody reaches
another provider too, that it saw a second factor does not stand in for their own.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.signin.openid import Claims
from tenants.signin.organisations import SignOn
from tenants.signin.sessions import Browser, Opened, note
from tenants.signin.signing import SecondStep, after_first_factor, find_person, opened_after_factor

NOT_INVITED = "Your organisation's sign-in knows you, but you have no role in Mendline. Ask its administrator for one."
LINK_FIRST = (
    "Somebody signs in to Mendline with this address already. Sign in as you did before; to use your organisation's sign-in "
    "instead, ask your administrator to end that access first."
)


def let_in(
    connection: Connection, key: bytes, sign_on: SignOn, claims: Claims, browser: Browser, at: datetime
) -> Opened | SecondStep:
    """Opens a session for whom a believed token names, or asks for their second step.

    Raises:
        RefusedError: they are nobody's here, or their address is that of an account in use.
    """
    person_id = _person(connection, sign_on, claims, at)
    person = find_person(connection, "p.person_id = :id", id=person_id)
    if person is None:
        raise RefusedError(NOT_INVITED)
    standing = connection.execute(
        text("select is_known, is_elsewhere from reach.arrives(:connection, :person)"),
        {"connection": sign_on.connection_id, "person": person_id},
    ).one()
    if not standing.is_known and not (
        _is_of_its_domain(claims, sign_on) and _is_admitted(connection, sign_on, claims, person)
    ):
        raise RefusedError(NOT_INVITED)
    if claims.values & sign_on.strong_values and not standing.is_elsewhere:
        return opened_after_factor(
            connection, key, person_id, browser, way="single sign-on", at=at, factor_at=min(claims.signed_in_at, at)
        )
    return after_first_factor(connection, key, person, browser, way="single sign-on", at=at)


def _is_of_its_domain(claims: Claims, sign_on: SignOn) -> bool:
    return claims.email_verified and claims.email.rpartition("@")[2] == sign_on.domain


def _is_admitted(connection: Connection, sign_on: SignOn, claims: Claims, person: Row[Any]) -> bool:
    """Gives the role that the organisation names for whoever comes for the first time; false where it names none."""
    initials, name = _initials_and_name(claims, person.email)
    admitted: bool = connection.execute(
        text("select reach.admit(:connection, :person, :name, :initials)"),
        {"connection": sign_on.connection_id, "person": person.person_id, "name": name, "initials": initials},
    ).scalar_one()
    return admitted


def _person(connection: Connection, sign_on: SignOn, claims: Claims, at: datetime) -> uuid.UUID:
    """Who it is: known by issuer and subject; or new, with a proven address of the organisation's domain."""
    known = connection.execute(
        text(
            "update signin.identity set last_used_at = :at, connection_id = :connection"
            " where issuer = :issuer and subject = :subject returning person_id"
        ),
        {"at": at, "connection": sign_on.connection_id, "issuer": claims.issuer, "subject": claims.subject},
    ).scalar_one_or_none()
    if known is not None:
        return uuid.UUID(str(known))
    if not _is_of_its_domain(claims, sign_on):
        raise RefusedError(NOT_INVITED)
    person_id = _without_credentials(connection, sign_on, claims, at)
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


def _without_credentials(connection: Connection, sign_on: SignOn, claims: Claims, at: datetime) -> uuid.UUID:
    """Somebody new, somebody invited who has set up nothing yet, or who came in by what the organisation used before alone.

    An account in use is never taken over by its address.
    """
    row: Row[Any] | None = connection.execute(
        text(
            "select p.person_id, p.disabled_at, p.password_hash is null and p.totp_seed is null"
            " and not exists (select 1 from signin.passkey k where k.person_id = p.person_id)"
            " and not exists (select 1 from signin.identity i where i.person_id = p.person_id"
            "   and i.connection_id <> all (reach.former_connections(:connection))) as is_bare"
            " from signin.person p where p.email = :email"
        ),
        {"email": claims.email, "connection": sign_on.connection_id},
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
