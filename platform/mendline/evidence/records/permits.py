"""Who may enter and see which records at a place."""

import uuid

from mendline.catalogue.record_types import RecordType, record_types
from tenants.errors import NotFoundError, NotPermittedError
from tenants.reach import Reach


def known_type(key: str) -> RecordType:
    """The declaration of a record type.

    Raises:
        NotFoundError: the catalogue has no such type.
    """
    found = record_types().get(key)
    if found is None:
        raise NotFoundError("There is no such kind of record.")
    return found


def enterable_at(reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[RecordType, ...]:
    """The kinds of record that this person may enter at a service, in order of title."""
    found = (one for one in record_types().values() if may_enter(reach, provider_id, service_id, one))
    return tuple(sorted(found, key=lambda one: one.title))


def may_enter(reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, kind: RecordType) -> bool:
    """Whether the person makes records at the service, in a role that the declaration names."""
    return reach.may("enter_record", provider_id, service_id) and any(
        kind.may_enter(held.role)
        for held in reach.held
        if held.provider_id == provider_id and held.service_id in (None, service_id)
    )


def require_entry(reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, kind: RecordType) -> None:
    """Refuses whoever may not enter this kind of record here.

    Raises:
        NotFoundError: the place is not within reach.
        NotPermittedError: the place is, the act is not.
    """
    reach.require("enter_record", provider_id, service_id)
    if not may_enter(reach, provider_id, service_id, kind):
        raise NotPermittedError(
            f"Your role does not enter this kind of record: {kind.title.lower()}. Tell whoever is in charge."
        )


def seen_by(
    reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, kind: RecordType | None = None
) -> uuid.UUID | None:
    """Whose records the person sees: nobody's in particular (all of them), or only their own.

    Each kind of record is read by a class of its own: a medicines lead sees no staff file. Without a kind, the answer
    is whether everybody's records of any kind are seen; row-level security leaves out the kinds that are not.

    Row-level security holds the same line; naming the person lets PostgreSQL use an index.

    Raises:
        NotFoundError: the place is not within reach.
        NotPermittedError: the place is, its records are not.
    """
    keys = [kind.key] if kind else list(record_types())
    if any(reach.may_see_records(key, provider_id, service_id) for key in keys):
        return None
    reach.require("see_own_records", provider_id, service_id)
    return reach.person_id
