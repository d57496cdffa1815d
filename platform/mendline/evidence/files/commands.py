"""What is done with evidence files: one is added, an examination says what it found, somebody opens one."""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mendline.evidence.commands import add_evidence, run_here
from mendline.evidence.files.keeping import KeptFile
from mendline.evidence.files.model import EvidenceFile, EvidenceFileVerdict, FileShare
from mendline.evidence.files.rows import READY, FileLine, WaitingFile
from mendline.evidence.files.verdict import Examined
from mendline.evidence.model import EvidenceCheck, EvidenceLink
from mendline.evidence.rules import LONGEST, GivenEvidence
from mendline.indicators.marking import mark_many_stale
from mendline.indicators.model import ServiceIndicator
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.jobs import Job, enqueue
from tenants.ledger import note
from tenants.reach import Reach

SYSTEM = "Mendline"
KIND = "examine_file"
SHORTEST_TITLE, LONGEST_TITLE = 5, 120
SCANNER_PAUSE = timedelta(minutes=2)


def add_file(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    evidence_id: uuid.UUID,
    given: GivenEvidence,
    kept: KeptFile,
    today: date,
    at: datetime,
) -> tuple[str, bool]:
    """Adds evidence whose original is a file that is kept here; a worker examines it before anybody can open it.

    Figures are supported by it once it was found harmless.

    Args:
        session: a transaction in the reach.
        reach: who adds it.
        provider_id: the provider.
        service_id: the service.
        evidence_id: made with the form, so that a form sent twice adds one.
        given: what was said of it; where it is kept is put in here.
        kept: the file, as `Keeper.keep` left it.
        today: the day in England.
        at: the moment, in UTC.

    Returns:
        The evidence's reference, and whether this sending added it; the caller removes the object otherwise.

    Raises:
        RefusedError: something is missing or cannot be; `problems` names the field.
        ConflictError: the form was sent before with other answers.
    """
    reach.require("add_file", provider_id, service_id)
    if not run_here(session, provider_id, service_id, given.supports):
        words = "One of these indicators does not run at this service any more. Choose again."
        raise RefusedError("The file was not added.", {"supports": words})
    pointer = replace(given, system=SYSTEM, where_to_look=f"File {shown(kept.name)}", sha256=kept.sha256, supports=())
    reference = add_evidence(
        session, reach, provider_id=provider_id, service_id=service_id, evidence_id=evidence_id, given=pointer,
        today=today, at=at,
    )  # fmt: skip
    here = {"provider_id": provider_id, "service_id": service_id}
    before = session.execute(
        select(EvidenceFile.sha256).filter_by(**here, evidence_id=evidence_id)
    ).scalar_one_or_none()
    if before is not None and before != kept.sha256:
        raise ConflictError("This form was sent before with another file. Nothing was changed. Open a new form.")
    if before is not None:
        return reference, False
    file_id = new_id()
    session.add(
        EvidenceFile(
            **here,
            file_id=file_id,
            evidence_id=evidence_id,
            name=shown(kept.name),
            sha256=kept.sha256,
            bytes=kept.size,
            object_key=kept.object_key,
            supports=list(given.supports),
            recorded_by=reach.person_id,
            recorded_initials=reach.initials,
            recorded_at=at,
        )
    )
    ask_for_examination(session, provider_id, service_id, file_id)
    detail = {"sha256": kept.sha256, "bytes": kept.size}
    note(
        session, reach, "evidence file added", provider_id=provider_id, service_id=service_id,
        subject=f"evidence {reference}", detail=detail,
    )  # fmt: skip
    session.flush()
    return reference, True


def ask_for_examination(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    file_id: uuid.UUID,
    *,
    due: datetime | None = None,
    requested_by: uuid.UUID | None = None,
) -> None:
    """Asks a worker to examine a file, at once, or later where the scanner is away; for whoever sent it."""
    arguments = {"file_id": str(file_id)}
    job_id = enqueue(
        session, KIND, provider_id=provider_id, service_id=service_id, arguments=arguments, requested_by=requested_by
    )
    if due is not None:
        session.flush()
        waits = "The virus scanner does not answer. The file waits for it and is not shown yet."
        session.execute(
            update(Job)
            .where(Job.provider_id == provider_id, Job.job_id == job_id)
            .values(due_at=due, progress_text=waits)
        )


def decide(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    file_id: uuid.UUID,
    file: WaitingFile,
    verdict: str,
    at: datetime,
    words: str | None = None,
    examined: Examined | None = None,
    object_key: str | None = None,
    scan: str = "not_asked",
) -> None:
    """Writes down what an examination found. Whatever is not ready counts as withdrawn, and its page says why."""
    here = {"provider_id": provider_id, "service_id": file.service_id}
    session.add(
        EvidenceFileVerdict(
            **here,
            file_id=file_id,
            verdict=verdict,
            words=words,
            kind=examined.kind if examined else None,
            object_key=object_key,
            sha256=examined.kept_sha256 if examined else None,
            bytes=examined.kept_size if examined else None,
            is_cleaned=bool(examined and examined.cleaned),
            pages=examined.pages if examined else None,
            scan=scan,
            decided_at=at,
        )
    )
    if verdict == READY:
        _support(session, reach, here, file, at)
    else:
        session.add(
            EvidenceCheck(
                **here, evidence_id=file.evidence_id, check_id=new_id(), result="withdrawn", checked_at=at, reason=words
            )
        )
    detail = {"verdict": verdict, "scan": scan}
    note(
        session, reach, "evidence file examined", provider_id=provider_id, service_id=file.service_id,
        subject=f"evidence {file.evidence_id}", detail=detail,
    )  # fmt: skip


def _support(session: Session, reach: Reach, here: dict[str, uuid.UUID], file: WaitingFile, at: datetime) -> None:
    """Links the file's evidence to the figures that it was sent for and that still run."""
    runs = session.execute(
        select(ServiceIndicator.indicator_id)
        .filter_by(**here)
        .where(ServiceIndicator.ended_on.is_(None), ServiceIndicator.indicator_id.in_(file.supports))
    ).scalars()
    linked = sorted(runs)
    for indicator_id in linked:
        session.add(EvidenceLink(**here, indicator_id=indicator_id, evidence_id=file.evidence_id, recorded_at=at))
    keys = [(here["service_id"], indicator_id, None) for indicator_id in linked]
    mark_many_stale(session, here["provider_id"], keys, reach.person_id)


def open_file(session: Session, reach: Reach, line: FileLine | None) -> FileLine:
    """Lets somebody open a file, and writes down that they did.

    Raises:
        NotFoundError: there is no file, or it is not given out; the message says why.
    """
    if line is None:
        raise NotFoundError("There is no file here.")
    reach.require("see_files", line.provider_id, line.service_id)
    if not line.is_given:
        said = (
            "This file was withdrawn." if line.is_withdrawn else "This file is being examined. Its page shows how far."
        )
        raise NotFoundError(line.words or said)
    note(
        session,
        reach,
        "evidence file opened",
        provider_id=line.provider_id,
        service_id=line.service_id,
        subject=f"evidence {line.reference}",
        detail={"sha256": line.given_sha256},
    )
    return line


def share_file(
    session: Session, reach: Reach, line: FileLine | None, *, share: bool, shown_as: str, looked: bool, at: datetime
) -> None:
    """Lets commissioners whose grant covers files open one, or no longer; each next press asks again.

    Args:
        session: a transaction in the reach.
        reach: who decides; they release figures here and see the file themselves.
        line: the file.
        share: whether it may be opened from now on.
        shown_as: its title outside; that of the index may name people.
        looked: whether they said that they looked through it and nobody is named in it.
        at: the moment.

    Raises:
        NotFoundError: there is no file that is given out.
        RefusedError: no title, or nobody looked.
    """
    if line is None or not line.is_given:
        raise NotFoundError("There is no file here that can be shared.")
    reach.require("release_figures", line.provider_id, line.service_id)
    reach.require("see_files", line.provider_id, line.service_id)
    words = " ".join(shown_as.split())
    problems = {}
    if share and not SHORTEST_TITLE <= len(words) <= LONGEST_TITLE:
        problems["shown_as"] = f"Give a title of {SHORTEST_TITLE} to {LONGEST_TITLE} characters without any name."
    if share and not looked:
        problems["looked"] = "Look through the file first. A file that names anybody is not shared."
    if problems:
        raise RefusedError("The file was not shared.", problems)
    session.add(
        FileShare(
            provider_id=line.provider_id,
            service_id=line.service_id,
            file_id=line.file_id,
            share_id=new_id(),
            is_shared=share,
            shown_as=words,
            recorded_by=reach.person_id,
            recorded_label=reach.name,
            recorded_at=at,
        )
    )
    act = "evidence file shared with commissioners" if share else "evidence file no longer shared with commissioners"
    note(
        session, reach, act, provider_id=line.provider_id, service_id=line.service_id,
        subject=f"evidence {line.reference}", detail={"sha256": line.given_sha256},
    )  # fmt: skip
    session.flush()


def shown(name: str) -> str:
    """A file's name without folders and control characters, short enough to be shown and kept."""
    last = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    plain = "".join(letter for letter in last if letter.isprintable()).strip()
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: LONGEST - 60]}{dot}{ending[:20]}" if dot else plain[: LONGEST - 60]
