"""Records that the work of an action wrote: the register of actions speaks for them, so nobody corrects them by hand."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.evidence.model import Record
from mendline.evidence.records.rows import StoredRecord
from tenants.errors import RefusedError

REGISTER = "Register of actions"  # named as the source of each record that workers write of an action


def action_behind(revisions: Sequence[StoredRecord]) -> str | None:
    """The reference of the action that a record was written of; None for a record that somebody entered."""
    return next((one.source_reference for one in revisions if one.source_system == REGISTER), None)


@dataclass(frozen=True, slots=True)
class Source:
    """The system that a record came from, and what it is called there."""

    system: str
    reference: str | None


def own_source(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, record_id: uuid.UUID) -> Source | None:
    """Where a record came from that is about to be changed by hand; None where somebody entered it here.

    Raises:
        RefusedError: it was written of an action: record and action would tell two stories.
    """
    r = Record
    found = session.execute(
        select(r.source_system, r.source_reference)
        .where(
            r.provider_id == provider_id,
            r.service_id == service_id,
            r.record_id == record_id,
            r.source_system.is_not(None),
        )
        .order_by(r.revision.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    if found.source_system == REGISTER:
        raise RefusedError(written_words(found.source_reference))
    return Source(found.source_system, found.source_reference)


def written_words(reference: str) -> str:
    """Why it cannot be corrected here, and where it can."""
    return (
        f"This record follows action {reference}, so it is not corrected by hand. Change action {reference}: the record"
        " follows it, with what stood before."
    )
