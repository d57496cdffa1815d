"""Lets somebody sign in for whom a role is about to be written, known to Mendline or not; nobody learns which."""

import json
import uuid
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.clock import now
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.signin.links import link_secret, secret_hash

LASTS = timedelta(days=7)


def invite(
    session: Session, key: bytes, *, provider_id: uuid.UUID, email: str, name: str, provider: str, service: str
) -> uuid.UUID:
    """Writes to an address that a role waits there; gives the person's identifier.

    Args:
        session: a transaction of whoever manages people at the provider.
        key: the server's key, from which the letter's link is derived.
        provider_id: the provider.
        email: where the letter goes.
        name: whom it greets.
        provider: the provider's name, for the letter.
        service: the service's name; empty for the whole provider.

    Raises:
        RefusedError: that is no address, or there is no name.
    """
    address, named = email.strip().lower(), " ".join(name.split())
    problems = {}
    before, _, after = address.partition("@")
    if not before or "." not in after or any(letter.isspace() for letter in address) or len(address) > 254:
        problems["email"] = "Give an email address, such as a.other@example.org."
    if len(named.split()) < 2:
        problems["name"] = "Give a first name and a surname."
    if problems:
        raise RefusedError("The invitation was not sent.", problems)
    mail_id = new_id()
    found = session.execute(
        text(
            "select reach.invite_person(:provider, :person, :email, :name, :mail, :token, :expires,"
            " cast(:facts as jsonb))"
        ),
        {
            "provider": provider_id,
            "person": new_id(),
            "email": address,
            "name": named,
            "mail": mail_id,
            "token": secret_hash(link_secret(key, mail_id)),
            "expires": now() + LASTS,
            "facts": json.dumps({"provider": provider, "service": service}),
        },
    ).scalar_one()
    return uuid.UUID(str(found))
