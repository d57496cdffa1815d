"""Opening a service's records for a while, by somebody who otherwise works with pseudonyms."""

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.people.opening.queries import Opening
from tenants.classes import LONGEST_OPENING_MINUTES, OPENED_ON_NEED
from tenants.errors import NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_MINUTES = 5
SHORTEST_REASON = 10


def open_records(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    classes: tuple[str, ...],
    why: str,
    minutes: int,
) -> datetime:
    """Opens records of one service to oneself; whoever answers for the service is written to, and each look is noted.

    Args:
        session: a transaction in the reach.
        reach: who opens them.
        provider_id: the provider.
        service_id: the service.
        classes: which kinds of record.
        why: what cannot be done with pseudonyms.
        minutes: for how long, 5 to 60.

    Returns:
        The moment at which it ends by itself.

    Raises:
        RefusedError: something is missing, or it is for too long.
        NotPermittedError: the role does not open records.
    """
    reach.require("open_records", provider_id)
    wrong = (
        (not classes or not set(classes) <= set(OPENED_ON_NEED), "classes", "Choose which records."),
        (
            len(why.strip()) < SHORTEST_REASON,
            "reason",
            "Say what you need them for, in a sentence that the manager reads too.",
        ),
        (
            not SHORTEST_MINUTES <= minutes <= LONGEST_OPENING_MINUTES,
            "minutes",
            f"Give {SHORTEST_MINUTES} to {LONGEST_OPENING_MINUTES} minutes.",
        ),
    )
    problems = {field: words for is_wrong, field, words in wrong if is_wrong}
    if problems:
        raise RefusedError("The records stay closed.", problems)
    opening_id = new_id()
    until: datetime | None = session.execute(
        text("select reach.open_records(:provider, :service, :opening, :classes, :why, :minutes)"),
        {
            "provider": provider_id,
            "service": service_id,
            "opening": opening_id,
            "classes": list(dict.fromkeys(classes)),
            "why": why.strip(),
            "minutes": minutes,
        },
    ).scalar_one()
    if until is None:
        raise NotPermittedError("Your role does not open records here.")
    note(
        session,
        reach,
        "records opened on need",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"opening {opening_id}",
        detail={"classes": list(classes), "minutes": minutes},
        why=why.strip(),
    )
    return until


def close_records(session: Session, reach: Reach, opening: Opening) -> None:
    """Closes them before their time: by whoever opened them, or whoever answers for the service.

    Raises:
        NotPermittedError: they are closed already.
    """
    done = session.execute(
        text("select reach.close_records(:provider, :service, :opening)"),
        {"provider": opening.provider_id, "service": opening.service_id, "opening": opening.opening_id},
    ).scalar_one()
    if not done:
        raise NotPermittedError("These records are closed already.")
    note(
        session,
        reach,
        "opened records closed",
        provider_id=opening.provider_id,
        service_id=opening.service_id,
        subject=f"opening {opening.opening_id}",
    )
