"""Roles that are offered to somebody, as that person reads and answers them: signed in, or by the link of an invitation."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tenants.database import Database
from tenants.signin.links import secret_hash

_COLUMNS = "offer_id, provider, service, role, kind, reason, valid_from, valid_until, offered_by, expires_at"


@dataclass(frozen=True, slots=True)
class Offered:
    """A role that waits for an answer: what, where, from when until when, and by whom."""

    offer_id: uuid.UUID
    provider: str
    service: str | None
    role: str
    kind: str
    reason: str | None
    valid_from: date
    valid_until: date | None
    offered_by: str | None
    expires_at: datetime


def own_offers(session: Session) -> tuple[Offered, ...]:
    """What is offered to the person of a reach, oldest first."""
    return _offered(session.execute(text(f"select {_COLUMNS} from reach.own_offers()")).mappings())  # noqa: S608


def answer_offer(session: Session, offer_id: uuid.UUID, *, accept: bool, why: str) -> bool:
    """Accepts or declines; the ledger of the provider keeps either. False where the offer is over or somebody else's.

    Accepting ends every sign-in of the person: the role may ask for a stronger one.
    """
    done: bool = session.execute(
        text("select reach.answer_offer(:offer, :accept, :why)"),
        {"offer": offer_id, "accept": accept, "why": why or None},
    ).scalar_one()
    return done


def offers_of_invitation(db: Database, secret: str) -> tuple[Offered, ...]:
    """What the provider that wrote an invitation offers to whoever holds its link, for the page that the link opens."""
    with db.as_role("signin") as connection:
        rows = connection.execute(
            text(f"select {_COLUMNS} from reach.invitation_offers(:hash)"),  # noqa: S608
            {"hash": secret_hash(secret)},
        )
        return _offered(rows.mappings())


def answer_invitation(connection: Connection, secret: str, *, accept: bool) -> int:
    """Answers every offer of the provider that wrote the invitation; says how many there were."""
    answered: int = connection.execute(
        text("select reach.answer_invitation(:hash, :accept)"), {"hash": secret_hash(secret), "accept": accept}
    ).scalar_one()
    return answered


def _offered(rows: Iterable[Any]) -> tuple[Offered, ...]:
    return tuple(Offered(**row) for row in rows)
