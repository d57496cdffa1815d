"""Puts a letter into the outbox, in the transaction of what it tells of. A worker sends it after the commit."""

import json
import uuid
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.telling.mail_text import known_templates
from tenants.ids import new_id

Fact = str | int | bool | None | list[dict[str, str]]


def send(
    session: Session,
    template: str,
    *,
    provider_id: uuid.UUID,
    person_id: uuid.UUID | None = None,
    address: str | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> uuid.UUID:
    """Adds a letter to the transaction; it goes out once after the commit, however long the mail server is away.

    Args:
        session: a transaction in a reach over the provider: of a page, a job or a command.
        template: a file of `templates/mail/`, without `.txt`. Its first line is the subject.
        provider_id: the provider on whose behalf it goes out.
        person_id: who gets it: somebody who works or worked for the provider, or an officer whom it granted something.
        address: where it goes instead, for somebody who does not sign in; only whoever works for the provider may.
        facts: what the template shows: names of places and paths of pages (shown by `{{ url(path) }}`), no content of
            records and no secret.

    Returns:
        The letter's identifier; its Message-ID is made from it.

    Raises:
        ValueError: there is no such template, or not exactly one recipient.
        NotPermittedError: the recipient is nobody of this provider's, or it has sent 500 letters within the hour.
    """
    if template not in known_templates():
        raise ValueError(f"there is no letter templates/mail/{template}.txt")
    if (person_id is None) == (address is None):
        raise ValueError("a letter goes to a person or to an address")
    mail_id = new_id()
    session.execute(
        text("select reach.send_mail(:mail, :provider, :person, :address, :template, cast(:facts as jsonb))"),
        {
            "mail": mail_id,
            "provider": provider_id,
            "person": person_id,
            "address": address,
            "template": template,
            "facts": json.dumps(dict(facts or {})),
        },
    )
    return mail_id
