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
from mendline.evidence.imports.choosing import mapping_named
from mendline.evidence.imports.model import ImportFile
from mendline.evidence.imports.moving import MOVED_ON, ask_work, move, require
from mendline.evidence.imports.proposals import counts_of, forget_proposals
from mendline.evidence.imports.sent import LEAVES_OUT, ImportPlace, SentFile
from mendline.evidence.imports.weighing import ON_CONFLICT
from tenants.errors import ConflictError, RefusedError
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
    name, mapping_id, version = mapping_named(session, place, mapping)
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
        "job_id": ask_work(session, place.provider_id, place.service_id, import_id, "check" if name else "read"),
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


def leave_out(session: Session, reach: Reach, sent: SentFile, at: datetime) -> None:
    """Says that rows which contradict another row of the file are left out, all of them, and asks for its check.

    Raises:
        ConflictError: the file has moved on, or it is kept out by something else too.
    """
    require(reach, sent)
    if not sent.may_leave_out:
        raise ConflictError(MOVED_ON)
    job = ask_work(session, sent.provider_id, sent.service_id, sent.import_id, "check")
    move(session, sent, ("refused",), at, state="checking", job_id=job, said=None, decisions={LEAVES_OUT: True})
    note(
        session, reach, "contradicting rows of an import left out", provider_id=sent.provider_id,
        service_id=sent.service_id, subject=f"import file {sent.import_id}",
        detail={"rows": int(sent.found["contradictions"])},
    )  # fmt: skip


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
    job = ask_work(session, sent.provider_id, sent.service_id, sent.import_id, "save")
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
    job = ask_work(session, sent.provider_id, sent.service_id, sent.import_id, "undo", reason=words)
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
