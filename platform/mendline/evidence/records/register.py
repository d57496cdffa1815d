"""Records that the work of an action wrote: the register of actions speaks for them, so nobody corrects them by hand."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.evidence.model import Record
from mendline.evidence.records.rows import StoredRecord
from tenants.errors import RefusedError

REGISTER = "Register of actions"  # named as the source of each record that workers write of an action


def action_behind(revisions: Sequence[StoredRecord]) -> str | None:
    """The reference of the action that a record was written of; None for a record that somebody entered."""
    return next((one.source_reference for one in revisions if one.source_system == REGISTER), None)


def refuse_written(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, record_id: uuid.UUID) -> None:
    """Refuses a correction by hand of what the register says: record and action would tell two stories.

    Raises:
        RefusedError: the record was written of an action.
    """
    r = Record
    found = session.execute(
        select(r.source_reference)
        .where(
            r.provider_id == provider_id,
            r.service_id == service_id,
            r.record_id == record_id,
            r.source_system == REGISTER,
        )
        .limit(1)
    ).scalar()
    if found is not None:
        raise RefusedError(written_words(found))


def written_words(reference: str) -> str:
    """Why it cannot be corrected here, and where it can."""
    return (
        f"This record follows action {reference}, so it is not corrected by hand. Change action {reference}: the record"
        " follows it, with what stood before."
    )
