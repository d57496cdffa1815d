"""By which mapping a file is read: one that is there already, or what a person chose, saved as the next version."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mendline.evidence.importing import every_mapping
from mendline.evidence.imports.model import ImportMapping
from mendline.evidence.imports.moving import ask_work, move, require
from mendline.evidence.imports.own import Chosen, declared
from mendline.evidence.imports.queries import own_mappings
from mendline.evidence.imports.sent import ImportPlace, OwnMapping, SentFile
from tenants.errors import NotPermittedError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach


def mapping_named(
    session: Session, place: ImportPlace, mapping: str
) -> tuple[str | None, uuid.UUID | None, int | None]:
    """A mapping by the value of a choice: its name, or the number of one of the provider's own."""
    if not mapping:
        return None, None, None
    if mapping in every_mapping():
        return mapping, None, None
    found: OwnMapping | None = next(
        (one for one in own_mappings(session, place.provider_id, place.service_id) if str(one.mapping_id) == mapping),
        None,
    )
    if found is None:
        raise RefusedError("The file was not taken.", {"mapping": "Choose a mapping from the list."})
    return found.name, found.mapping_id, found.version


def use_mapping(session: Session, reach: Reach, sent: SentFile, mapping: str, at: datetime) -> None:
    """Says by which known mapping a file is read, and asks for its check.

    Raises:
        RefusedError: there is no such mapping.
        ConflictError: the file has moved on.
    """
    place = _place(sent)
    name, mapping_id, version = mapping_named(session, place, mapping)
    if name is None:
        raise RefusedError("The file was not checked.", {"mapping": "Choose a mapping, or match the columns yourself."})
    _check(session, reach, sent, at, mapping=name, mapping_id=mapping_id, mapping_version=version)


def save_mapping(
    session: Session, reach: Reach, sent: SentFile, chosen: Chosen, *, mapping_id: uuid.UUID, at: datetime
) -> int:
    """Saves what was chosen as the next version of a mapping, and asks for the file to be checked by it.

    Args:
        session: a transaction in the reach.
        reach: who chose.
        sent: the file whose columns were matched.
        chosen: what was chosen.
        mapping_id: of a mapping that is changed, or new.
        at: the moment, in UTC.

    Returns:
        The version.

    Raises:
        RefusedError: something that is needed has no column; `problems` names the questions.
        ConflictError: the file has moved on.
    """
    require(reach, sent)
    written = declared(chosen, sent.found.get("header", ()))
    known = own_mappings(session, sent.provider_id, sent.service_id)
    earlier = next((one for one in known if one.mapping_id == mapping_id), None)
    same_name = [one for one in known if one.name.casefold() == chosen.name.casefold() and one.mapping_id != mapping_id]
    if same_name or chosen.name in every_mapping():
        raise RefusedError(
            "The mapping was not saved.", {"name": "There is a mapping of this name. Choose another, or use that one."}
        )
    if earlier is not None and earlier.service_id is None and sent.service_id is not None:
        raise NotPermittedError("This mapping is the whole provider's. Save yours under another name.")
    version = earlier.version if earlier else 0
    if earlier is None or earlier.declared != written:
        version += 1
        session.add(
            ImportMapping(
                provider_id=sent.provider_id,
                mapping_id=mapping_id,
                version=version,
                service_id=earlier.service_id if earlier else sent.service_id,
                name=chosen.name,
                declared=written,
                recorded_by=reach.person_id,
                recorded_initials=reach.initials,
                recorded_at=at,
            )
        )
        session.flush()
        note(
            session, reach, "import mapping saved", provider_id=sent.provider_id, service_id=sent.service_id,
            subject=f"mapping {mapping_id}", detail={"version": version},
        )  # fmt: skip
    _check(session, reach, sent, at, mapping=chosen.name, mapping_id=mapping_id, mapping_version=version)
    return version


def _check(session: Session, reach: Reach, sent: SentFile, at: datetime, **mapping: Any) -> None:
    require(reach, sent)
    job = ask_work(session, sent.provider_id, sent.service_id, sent.import_id, "check")
    states = ("unmapped", "checked", "refused", "checking")
    move(session, sent, states, at, state="checking", job_id=job, said=None, decisions={}, **mapping)


def _place(sent: SentFile) -> ImportPlace:
    return ImportPlace(sent.provider_id, sent.provider, sent.service_id, sent.service)
