"""Ends what somebody opened: after a change of role, and when they may sign in no more."""

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.database import Database
from tenants.errors import NotFoundError
from tenants.signin.devices import forget_devices
from tenants.signin.sessions import end_all, note


def end_sessions_of(session: Session, person_id: uuid.UUID, *, provider_id: uuid.UUID) -> int:
    """Ends every session of somebody whose role at a provider was given, changed or taken away; says how many.

    Call it in the transaction of the change. Tokens stay: they never reach more than their owner does at the moment.

    Raises:
        NotPermittedError: the transaction's reach does not manage people where the person works or worked.
    """
    ended: int = session.execute(
        text("select reach.end_sessions(:person, :provider)"), {"person": person_id, "provider": provider_id}
    ).scalar_one()
    return ended


def disable(db: Database, email: str, *, at: datetime) -> uuid.UUID:
    """Nobody signs in with this address any more, and everything that was open ends: sessions, tokens, devices, links.

    Their jobs are refused when they are claimed, since a job does no more than its requester may do then.

    Raises:
        NotFoundError: nobody signs in with it.
    """
    with db.as_role("signin") as connection:
        person_id: uuid.UUID | None = connection.execute(
            text(
                "update signin.person set disabled_at = :at where email = :email and disabled_at is null"
                " returning person_id"
            ),
            {"at": at, "email": email.strip().lower()},
        ).scalar_one_or_none()
        if person_id is None:
            raise NotFoundError("Nobody signs in with that address.")
        end_all(connection, person_id, at=at, tokens=True)
        forget_devices(connection, person_id)
        connection.execute(
            text("update signin.one_time set used_at = :at where person_id = :id and used_at is null"),
            {"at": at, "id": person_id},
        )
        note(connection, person_id, "person may sign in no more")
    return person_id
