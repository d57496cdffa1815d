"""Letters that wait in PostgreSQL until they are sent, however long the mail server is away.

A letter is written with the change that it tells of. A message through Valkey only rings the bell; whoever claims the
letter has it for a lease. Its identifier is the Message-ID, so that a second delivery after a crash is recognised.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from tenants.database import Database
from tenants.ids import new_id

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=3)


@dataclass(frozen=True)
class Letter:
    """A claimed letter.

    Attributes:
        address: where it goes; None where nobody is to get it.
        attempt: which try this is, from 1; it tells a lapsed claim from ours.
    """

    mail_id: uuid.UUID
    template: str
    facts: Mapping[str, Any]
    address: str | None
    name: str
    attempt: int
    created_at: datetime


def put(
    connection: Connection,
    template: str,
    *,
    person_id: uuid.UUID | None,
    address: str | None = None,
    facts: Mapping[str, Any] | None = None,
    at: datetime,
    mail_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Adds a letter of signing in itself to the transaction (role `signin`); it goes out after the commit.

    A letter to nobody is written down all the same, so that asking for one takes as long for an unknown address.
    """
    made = mail_id or new_id()
    connection.execute(
        text(
            "insert into signin.mail (mail_id, person_id, address, template, facts, state, attempts, due_at, created_at)"
            " values (:id, :person, :address, :template, cast(:facts as jsonb), :state, 0, :at, :at)"
        ),
        {
            "id": made,
            "person": person_id,
            "address": address,
            "template": template,
            "facts": json.dumps(dict(facts or {})),
            "state": "waiting" if person_id or address else "nobody",
            "at": at,
        },
    )
    connection.execute(text("select pg_notify('mendline_job', '')"))
    return made


def claim(db: Database, mail_id: uuid.UUID, *, at: datetime, lease: timedelta) -> Letter | None:
    """Takes a letter for the length of a lease; None where there is nothing to do, or somebody else has it."""
    with db.as_role("signin") as connection:
        row = connection.execute(
            text(
                "update signin.mail m set state = 'sending', attempts = attempts + 1, lease_until = :until"
                " where mail_id = :id and ((state = 'waiting' and due_at <= :at) or (state = 'sending' and lease_until < :at))"
                " returning mail_id, template, facts, attempts, created_at,"
                " coalesce(address, (select p.email from signin.person p where p.person_id = m.person_id"
                " and p.disabled_at is null)) as address,"
                " (select p.name from signin.person p where p.person_id = m.person_id) as name"
            ),
            {"id": mail_id, "at": at, "until": at + lease},
        ).one_or_none()
    if row is None:
        return None
    return Letter(row.mail_id, row.template, row.facts, row.address, row.name or "", row.attempts, row.created_at)


def sent(db: Database, letter: Letter, receipt: str, *, at: datetime) -> bool:
    """Writes down that it is delivered, with the server's answer; False where the claim had lapsed."""
    return _end(db, letter, "sent", {"sent_at": at, "receipt": receipt[:500]})


def refused(db: Database, letter: Letter, why: str) -> bool:
    """The server takes it from nobody: no such mailbox, or the letter cannot be written. No further try will help."""
    return _end(db, letter, "refused", {"error": why[:500]})


def put_off(db: Database, letter: Letter, why: str, *, at: datetime, jitter: float) -> bool:
    """The server is away: tried again after 15 s, doubling to an hour; given up after three days.

    Args:
        db: the database.
        letter: what could not be sent.
        why: what the server or the network said.
        at: the moment.
        jitter: 0 to 1, spreads letters that failed together.
    """
    if at - letter.created_at >= GIVEN_UP_AFTER:
        return _end(db, letter, "dead", {"error": why[:500]})
    due = at + pause_after(letter.attempt, jitter)
    return _end(db, letter, "waiting", {"error": why[:500], "due_at": due, "published_at": None})


def pause_after(attempt: int, jitter: float) -> timedelta:
    """How long a letter waits after a failed try; jitter (0 to 1) adds up to a quarter."""
    doubled = FIRST_PAUSE * (2.0 ** min(attempt - 1, 16) * (1 + jitter / 4))
    return min(doubled, LONGEST_PAUSE)


def _end(db: Database, letter: Letter, state: str, more: Mapping[str, Any]) -> bool:
    columns = "".join(f", {name} = :{name}" for name in more)  # names stand above
    with db.as_role("signin") as connection:
        done = connection.execute(
            text(
                f"update signin.mail set state = :state, lease_until = null{columns}"  # noqa: S608
                " where mail_id = :id and state = 'sending' and attempts = :attempt returning 1"
            ),
            {"state": state, "id": letter.mail_id, "attempt": letter.attempt, **more},
        ).first()
    return done is not None
