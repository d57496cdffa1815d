"""Examines evidence files: scanned, read in a process of its own, pictures drawn anew; only then can anybody open one."""

import tempfile
import uuid
from pathlib import Path

from mendline.config import Settings
from mendline.evidence.files.apart import examine_apart
from mendline.evidence.files.commands import SCANNER_PAUSE, ask_for_examination, decide
from mendline.evidence.files.keeping import Keeper, keeper_of
from mendline.evidence.files.queries import waiting_file
from mendline.evidence.files.rows import HELD_BACK, INFECTED, READY, REFUSED, WaitingFile
from mendline.evidence.files.scanning import ScannerAwayError, scan
from mendline.evidence.files.verdict import HeldBackError, RefusedFileError
from tenants.clock import now
from tenants.errors import NotFoundError
from workers.claiming import Work


def examine_file(work: Work) -> None:
    """The actor of `examine_file` jobs; safe to run twice, since a file is decided on once."""
    settings = Settings.from_environment()
    file_id = uuid.UUID(work.arguments["file_id"])
    service_id = work.service_id
    if service_id is None:
        raise NotFoundError("An examination names the service of its file.")
    with work.transaction() as session:
        file = waiting_file(session, work.provider_id, service_id, file_id)
    if file is None or file.is_decided:
        with work.completing():
            return
    keeper = keeper_of(settings)
    with tempfile.TemporaryDirectory(prefix="mendline-") as folder, work.renewed():
        sent = Path(folder) / "sent"
        work.tell(10, "Fetching the file")
        keeper.fetch(file.object_key, sent)
        work.tell(30, "Looking for viruses" if settings.scanner else "Opening it apart from everything else")
        try:
            found = scan(sent, settings.scanner)
        except ScannerAwayError:
            with work.completing() as session:
                ask_for_examination(
                    session, work.provider_id, file.service_id, file_id, due=now() + SCANNER_PAUSE,
                    requested_by=work.requested_by,
                )  # fmt: skip
            return
        if found.verdict == "infected":
            _refuse(work, keeper, file_id, file, INFECTED, f"The virus scanner found {found.found} in it.", "infected")
            return
        work.tell(60, "Reading it")
        _examine(work, keeper, file_id, file, sent, found.verdict)


def _examine(work: Work, keeper: Keeper, file_id: uuid.UUID, file: WaitingFile, sent: Path, scanned: str) -> None:
    clean = sent.with_name("kept")
    try:
        examined = examine_apart(file.name, sent, clean)
    except HeldBackError as harmful:
        _refuse(work, keeper, file_id, file, HELD_BACK, str(harmful), scanned)
        return
    except RefusedFileError as refused:
        _refuse(work, keeper, file_id, file, REFUSED, str(refused), scanned)
        return
    key = file.object_key
    if examined.cleaned:
        work.tell(90, "Keeping it without hidden data")
        key = keeper.keep_again(work.reach, work.provider_id, clean)
    with work.completing() as session:
        decide(
            session,
            work.reach,
            provider_id=work.provider_id,
            file_id=file_id,
            file=file,
            verdict=READY,
            at=now(),
            examined=examined,
            object_key=key,
            scan=scanned,
        )
    if key != file.object_key:
        keeper.store.remove(file.object_key)


def _refuse(
    work: Work, keeper: Keeper, file_id: uuid.UUID, file: WaitingFile, verdict: str, words: str, scanned: str
) -> None:
    """Says why, and keeps nothing of it but its fingerprint."""
    with work.completing() as session:
        decide(
            session,
            work.reach,
            provider_id=work.provider_id,
            file_id=file_id,
            file=file,
            verdict=verdict,
            at=now(),
            words=words,
            scan=scanned,
        )
    keeper.store.remove(file.object_key)
