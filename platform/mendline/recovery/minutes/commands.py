"""Keeps the notes of a month's meeting, signs its minutes once, and adds corrections."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.recovery.minutes.assembling import GivenNotes, assembled, note_problems
from mendline.recovery.minutes.model import Minutes, MinutesAddendum, MinutesDraft
from mendline.recovery.minutes.queries import month_lines
from mendline.recovery.registers.action_commands import signature
from tenants.clock import now
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_CORRECTION = 10


def save_notes(session: Session, reach: Reach, *, provider_id: uuid.UUID, month: date, given: GivenNotes) -> None:
    """Keeps attendance and notes; nothing is signed by it.

    Raises:
        ConflictError: the minutes of the month are signed.
    """
    reach.require("keep_minutes", provider_id)
    _must_be_open(session, provider_id, month)
    kept: dict[str, Any] = {
        "attendance": [{"name": name, "role": role} for name, role in given.attendance],
        "notes": {"challenge": given.challenge.strip(), "notes": given.notes.strip()},
        "saved_label": signature(reach),
        "saved_at": now(),
    }
    session.execute(
        insert(MinutesDraft)
        .values(provider_id=provider_id, month=month, **kept)
        .on_conflict_do_update(index_elements=["provider_id", "month"], set_=kept)
    )


def sign_minutes(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, month: date, given: GivenNotes, today: date
) -> uuid.UUID:
    """Signs the minutes of a month with the decisions as they stand; nobody can change them from then on.

    Raises:
        RefusedError: the month has not begun, nobody attended, or nothing was challenged.
        ConflictError: they are signed already.
    """
    reach.require("keep_minutes", provider_id)
    problems = note_problems(given)
    if problems:
        raise RefusedError("The minutes were not signed.", problems)
    if month > today:
        raise RefusedError("The minutes were not signed. This month has not begun.")
    minutes_id = new_id()
    added = session.execute(
        insert(Minutes)
        .values(
            provider_id=provider_id,
            minutes_id=minutes_id,
            month=month,
            content=assembled(month_lines(session, provider_id, month), given),
            signed_by=reach.person_id,
            signed_label=signature(reach),
            signed_role=reach.role_label,
            recorded_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(Minutes.minutes_id)
    )
    if added.first() is None:
        raise ConflictError("The minutes of this month are signed already. Add a correction.")
    note(session, reach, "minutes signed", provider_id=provider_id, subject=f"minutes {month:%Y-%m}")
    return minutes_id


def correct_minutes(session: Session, reach: Reach, *, provider_id: uuid.UUID, month: date, words: str) -> uuid.UUID:
    """Adds a correction to signed minutes, which stay as they are.

    Raises:
        NotFoundError: there are none for the month.
        RefusedError: the correction says too little.
    """
    reach.require("keep_minutes", provider_id)
    m = Minutes
    found = session.scalar(select(m.minutes_id).where(m.provider_id == provider_id, m.month == month))
    if found is None:
        raise NotFoundError("There are no signed minutes of this month.")
    if len(words.strip()) < SHORTEST_CORRECTION:
        raise RefusedError("The correction was not added.", {"correction": "Say what is corrected, in a sentence."})
    added = new_id()
    session.add(
        MinutesAddendum(
            provider_id=provider_id,
            minutes_id=found,
            addendum_id=added,
            words=words.strip(),
            added_by=reach.person_id,
            added_label=signature(reach),
            added_role=reach.role_label,
            recorded_at=now(),
        )
    )
    note(session, reach, "minutes corrected", provider_id=provider_id, subject=f"minutes {month:%Y-%m}")
    session.flush()
    return added


def _must_be_open(session: Session, provider_id: uuid.UUID, month: date) -> None:
    m = Minutes
    if session.scalar(select(m.minutes_id).where(m.provider_id == provider_id, m.month == month)) is not None:
        raise ConflictError("The minutes of this month are signed. Add a correction.")
