"""What a person does with their notices: reads them, and says how they want to be told."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, Table, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.telling.kinds import KINDS, WAYS
from mendline.telling.model import Notice, TellingSetting
from mendline.telling.stopping import Stop
from mendline.telling.timing import Wish
from tenants.clock import now
from tenants.database import Database
from tenants.errors import NotFoundError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach

_NOTICE = cast("Table", Notice.__table__)


def mark_read(
    session: Session, reach: Reach, providers: Sequence[uuid.UUID], notice_id: uuid.UUID | None = None
) -> int:
    """Marks one of a person's own notices as read, or all of them; says how many were unread."""
    wanted = [
        _NOTICE.c.provider_id.in_(providers),
        _NOTICE.c.person_id == reach.person_id,
        _NOTICE.c.read_at.is_(None),
    ]
    if notice_id is not None:
        wanted.append(_NOTICE.c.notice_id == notice_id)
    done = session.execute(update(_NOTICE).where(*wanted).values(read_at=now()))
    return cast("CursorResult[Any]", done).rowcount


def save_wish(session: Session, reach: Reach, provider_id: uuid.UUID, given: Wish) -> None:
    """Keeps how a person wants to be told by one provider.

    Raises:
        NotFoundError: they do not work there.
        RefusedError: a choice is none of those offered.
    """
    if reach.person_id is None or provider_id not in {held.provider_id for held in reach.held}:
        raise NotFoundError("There is no such page.")
    problems = wish_problems(given)
    if problems:
        raise RefusedError("Your choices were not saved.", problems)
    values: Mapping[str, Any] = {
        "ways": dict(given.ways),
        "quiet_from": given.quiet_from,
        "quiet_until": given.quiet_until,
        "presses_through": given.presses_through,
        "digest_hour": given.digest_hour,
        "digest_weekday": given.digest_weekday,
        "changed_at": now(),
    }
    session.execute(
        insert(TellingSetting)
        .values(provider_id=provider_id, person_id=reach.person_id, **values)
        .on_conflict_do_update(index_elements=["provider_id", "person_id"], set_=values)
    )
    note(session, reach, "choice of notices saved", provider_id=provider_id, subject="own notices")


def wish_problems(given: Wish) -> dict[str, str]:
    """Why a wish cannot be kept; empty where it can."""
    problems = {f"way_{kind}": "Choose one." for kind in KINDS if given.ways.get(kind) not in WAYS}
    hours = range(24)
    if (given.quiet_from is None) != (given.quiet_until is None):
        problems["quiet_until"] = "Choose both hours, or neither."
    if given.digest_hour not in hours:
        problems["digest_hour"] = "Choose an hour."
    if given.digest_weekday not in range(7):
        problems["digest_weekday"] = "Choose a day."
    return problems


def stop(database: Database, wanted: Stop) -> bool:
    """Ends a kind of mail for whoever holds the link of a mail; False where they are nobody of the provider's.

    The signature over the link was checked before; nobody needs to be signed in.
    """
    with database.as_role("signin") as connection:
        return bool(
            connection.execute(
                text("select reach.stop_telling(:provider, :person, :kind)"),
                {"provider": wanted.provider_id, "person": wanted.person_id, "kind": wanted.kind},
            ).scalar_one()
        )
