"""What a person does with a file for import: send it, say what it holds, decide, let it in, take it back, put it aside.

Each act changes the state of the file and asks for the work in one transaction; the work itself is a worker's.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.evidence.files.keeping import KeptFile
from mendline.evidence.importing import every_mapping
from mendline.evidence.imports.model import ImportFile, ImportMapping
from mendline.evidence.imports.moving import MOVED_ON, move, require
from mendline.evidence.imports.own import Chosen, declared
from mendline.evidence.imports.proposals import counts_of, forget_proposals
from mendline.evidence.imports.queries import own_mappings
from mendline.evidence.imports.sent import LEAVES_OUT, ImportPlace, OwnMapping, SentFile
from mendline.evidence.imports.weighing import ON_CONFLICT
from tenants.errors import ConflictError, NotPermittedError, RefusedError
from tenants.jobs import Job, enqueue
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_REASON = 8


def send_file(
    session: Session,
    reach: Reach,
    place: ImportPlace,
    *,
    import_id: uuid.UUID,
    kept: KeptFile,
    mapping: str,
    at: datetime,
) -> bool:
    """Takes a file in and asks for it to be read; whether it is new, since a form that is sent twice adds one.

    Args:
        session: a transaction in the reach.
        reach: who sends it.
        place: the provider, or its one service that the file speaks of.
        import_id: made with the form.
        kept: the file in its store.
        mapping: what its columns mean, by name or number; empty for columns that are still to be matched.
        at: the moment, in UTC.

    Raises:
        RefusedError: there is no such mapping.
    """
    reach.require("import_facts", place.provider_id, place.service_id)
    name, mapping_id, version = _mapping_named(session, place, mapping)
    state = "checking" if name else "reading"
    values: dict[str, Any] = {
        "provider_id": place.provider_id,
        "import_id": import_id,
        "service_id": place.service_id,
        "file_name": kept.name,
        "object_key": kept.object_key,
        "sha256": kept.sha256,
        "bytes": kept.size,
        "mapping": name,
        "mapping_id": mapping_id,
        "mapping_version": version,
        "on_conflict": "stop",
        "state": state,
        "said": None,
        "found": {},
        "problems": [],
        "proposals": [],
        "decisions": {},
        "job_id": _work(session, place.provider_id, place.service_id, import_id, "check" if name else "read"),
        "recorded_by": reach.person_id,
        "recorded_initials": reach.initials,
        "recorded_at": at,
        "changed_at": at,
    }
    added = session.execute(
        insert(ImportFile).values(**values).on_conflict_do_nothing().returning(ImportFile.import_id)
    ).first()
    if added is None:
        raise ConflictError("This form was sent before. Open the history to see its file.")
    note(
        session, reach, "file sent for import", provider_id=place.provider_id, service_id=place.service_id,
        subject=f"import file {import_id}", detail={"sha256": kept.sha256, "bytes": kept.size},
    )  # fmt: skip
    return True


def use_mapping(session: Session, reach: Reach, sent: SentFile, mapping: str, at: datetime) -> None:
    """Says by which known mapping a file is read, and asks for its check.

    Raises:
        RefusedError: there is no such mapping.
        ConflictError: the file has moved on.
    """
    place = _place(sent)
    name, mapping_id, version = _mapping_named(session, place, mapping)
    if name is None:
        raise RefusedError("The file was not checked.", {"mapping": "Choose a mapping, or match the columns yourself."})
    _check(session, reach, sent, at, mapping=name, mapping_id=mapping_id, mapping_version=version)


def leave_out(session: Session, reach: Reach, sent: SentFile, at: datetime) -> None:
    """Says that rows which contradict another row of the file are left out, all of them, and asks for its check.

    Raises:
        ConflictError: the file has moved on, or it is kept out by something else too.
    """
    require(reach, sent)
    if not sent.may_leave_out:
        raise ConflictError(MOVED_ON)
    job = _work(session, sent.provider_id, sent.service_id, sent.import_id, "check")
    move(session, sent, ("refused",), at, state="checking", job_id=job, said=None, decisions={LEAVES_OUT: True})
    note(
        session, reach, "contradicting rows of an import left out", provider_id=sent.provider_id,
        service_id=sent.service_id, subject=f"import file {sent.import_id}",
        detail={"rows": int(sent.found["contradictions"])},
    )  # fmt: skip


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


def let_in(session: Session, reach: Reach, sent: SentFile, *, on_conflict: str, at: datetime) -> None:
    """Asks for a checked file to be saved, all of it or nothing.

    Args:
        session: a transaction in the reach.
        reach: who decides.
        sent: the file.
        on_conflict: stop, skip or update.
        at: the moment, in UTC.

    Raises:
        RefusedError: something is not decided yet.
        ConflictError: the file has moved on.
    """
    require(reach, sent)
    problems = {}
    if on_conflict not in ON_CONFLICT or (on_conflict == "stop" and sent.found.get("counts", {}).get("conflict")):
        problems["on_conflict"] = "Choose what happens with the rows that differ from what somebody recorded by hand."
    if counts_of(session, sent).open:
        problems["decisions"] = "Say of each row whether it is the record that is kept already."
    if problems:
        raise RefusedError("Nothing was imported yet.", problems)
    job = _work(session, sent.provider_id, sent.service_id, sent.import_id, "save")
    move(session, sent, ("checked",), at, state="saving", on_conflict=on_conflict, job_id=job, said=None)


def ask_undo(session: Session, reach: Reach, sent: SentFile, reason: str, at: datetime) -> None:
    """Asks for everything that a file brought to be taken back.

    Raises:
        RefusedError: there is no reason.
        ConflictError: the file has moved on.
    """
    require(reach, sent)
    words = " ".join(reason.split())
    if not SHORTEST_REASON <= len(words) <= 300:
        raise RefusedError(
            "Nothing was taken back.", {"reason": "Say why, in a few words: it is shown beside each figure and record."}
        )
    job = _work(session, sent.provider_id, sent.service_id, sent.import_id, "undo", reason=words)
    move(session, sent, ("saved",), at, state="undoing", job_id=job, said=None)


def try_again(session: Session, reach: Reach, sent: SentFile, at: datetime) -> None:
    """Asks once more for the step of a file that was given up: the same step, with the same reason and choices.

    Raises:
        ConflictError: a worker has the file, or somebody asked again already.
    """
    require(reach, sent)
    if not sent.is_stuck:
        raise ConflictError(MOVED_ON)
    given_up = Job.provider_id == sent.provider_id, Job.job_id == sent.job_id
    arguments = session.execute(select(Job.arguments).where(*given_up)).scalar_one()
    job = enqueue(
        session, "import_facts", provider_id=sent.provider_id, service_id=sent.service_id, arguments=arguments
    )
    move(session, sent, (sent.state,), at, job_id=job)
    note(
        session, reach, "import tried again", provider_id=sent.provider_id, service_id=sent.service_id,
        subject=f"import file {sent.import_id}", detail={"step": arguments["step"]},
    )  # fmt: skip


def discard(session: Session, reach: Reach, sent: SentFile, at: datetime) -> None:
    """Puts a file aside that was not imported; only its fingerprint stays.

    Raises:
        ConflictError: the file has moved on.
    """
    require(reach, sent)
    states = ("reading", "unmapped", "checking", "checked", "refused", *(("saving",) if sent.is_stuck else ()))
    move(
        session,
        sent,
        states,
        at,
        state="discarded",
        object_key=None,
        problems=[],
        proposals=[],
        found={},
        said="Put aside.",
    )
    forget_proposals(session, sent.provider_id, sent.import_id)
    note(
        session, reach, "file for import put aside", provider_id=sent.provider_id, service_id=sent.service_id,
        subject=f"import file {sent.import_id}",
    )  # fmt: skip


def _check(session: Session, reach: Reach, sent: SentFile, at: datetime, **mapping: Any) -> None:
    require(reach, sent)
    job = _work(session, sent.provider_id, sent.service_id, sent.import_id, "check")
    states = ("unmapped", "checked", "refused", "checking")
    move(session, sent, states, at, state="checking", job_id=job, said=None, decisions={}, **mapping)


def _work(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID | None, import_id: uuid.UUID, step: str, **more: str
) -> uuid.UUID:
    arguments = {"import_id": str(import_id), "step": step, **more}
    return enqueue(session, "import_facts", provider_id=provider_id, service_id=service_id, arguments=arguments)


def _mapping_named(
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


def _place(sent: SentFile) -> ImportPlace:
    return ImportPlace(sent.provider_id, sent.provider, sent.service_id, sent.service)
