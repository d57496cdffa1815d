"""Jobs of custody: what was asked about a person's data, a provider's day, and a service that changes hands."""

import hashlib
import uuid

from mendline.config import Settings
from mendline.custody.archive import archive_of, object_key
from mendline.custody.erasing import (
    Wanted,
    erase,
    forget_old_files,
    propose_what_is_due,
    read_request,
    remove_objects,
    write_anchor,
)
from mendline.custody.model import CustodyFile, CustodyStep
from mendline.custody.outside import anchored_heads
from mendline.custody.rows import EXPORT
from mendline.custody.transferring import (
    carry_over_files,
    copy_objects,
    copy_some,
    crossing_of_job,
    finish,
    object_keys,
)
from mendline.evidence.files.keeping import keeper_of
from mendline.packs.storage import keep
from tenants.chain import seal, verify
from tenants.clock import now, today
from tenants.ledger import note
from workers.claiming import Work
from workers.sealing import tell_that_it_does_not_hold


def answer_request(work: Work) -> None:
    """The actor of `custody_request` jobs: makes an archive, or erases what was approved."""
    request_id = uuid.UUID(work.arguments["request_id"])
    with work.transaction() as session:
        wanted = read_request(session, work.provider_id, request_id)
        while seal(session, work.provider_id):  # so that words in the ledger stand under links that let them go
            pass
    if wanted is None or wanted.is_ended or (wanted.kind == EXPORT and wanted.person_reference is None):
        with work.completing():
            return
    if wanted.kind == EXPORT:
        _make_archive(work, request_id, wanted)
        return
    settings = Settings.from_environment()
    with work.renewed(), work.completing() as session:
        gone = erase(session, work.reach, work.provider_id, request_id, wanted, settings.outside_folder)
    remove_objects(settings.state, keeper_of(settings), gone)


def _make_archive(work: Work, request_id: uuid.UUID, wanted: Wanted) -> None:
    settings, at = Settings.from_environment(), now()
    work.tell(10, "Looking through the records")
    with work.renewed(), work.transaction() as session:
        made = archive_of(
            session,
            work.provider_id,
            service_id=wanted.service_id,
            reference=wanted.person_reference or "",
            also_named=wanted.also_named,
            keeper=keeper_of(settings),
            at=at,
        )
    key = object_key(work.reach, work.provider_id, request_id)
    keep(settings.state, key, made.content)
    with work.completing() as session:
        session.add(
            CustodyFile(
                provider_id=work.provider_id,
                request_id=request_id,
                object_key=key,
                sha256=hashlib.sha256(made.content).hexdigest(),
                bytes=len(made.content),
                made_at=at,
            )
        )
        session.add(
            CustodyStep(
                provider_id=work.provider_id,
                request_id=request_id,
                kind="done",
                detail=dict(made.counts),
                recorded_at=at,
            )
        )
        note(
            session,
            work.reach,
            "archive of a person's data made",
            provider_id=work.provider_id,
            service_id=wanted.service_id,
            subject=f"request {request_id}",
            detail={"rows": sum(made.counts.values())},
        )


def keep_day(work: Work) -> None:
    """The actor of `custody_day` jobs: the ledger walked whole and its head outside, what is due by the schedule, old archives away."""
    settings, at = Settings.from_environment(), now()
    with work.transaction() as session:
        while seal(session, work.provider_id):
            pass
    with work.renewed(), work.transaction() as session:
        verdict = verify(session, work.provider_id, anchored_heads(settings.outside_folder, work.provider_id))
    with work.completing() as session:
        if not verdict.holds:
            tell_that_it_does_not_hold(session, work)
        write_anchor(session, work.provider_id, settings.outside_folder, at, today())
        propose_what_is_due(session, work.reach, work.provider_id, today())
        gone = forget_old_files(session, work.reach, work.provider_id, at)
    remove_objects(settings.state, keeper_of(settings), gone)


def transfer_service(work: Work) -> None:
    """The actor of `transfer_service` jobs; killed anywhere, the next try goes on where this one was."""
    settings = Settings.from_environment()
    with work.transaction() as session:
        crossing = crossing_of_job(session)
    for number, table in enumerate(crossing.tables):
        copied = True
        while copied:
            with work.transaction() as session:
                copied = bool(copy_some(session, table))
        work.tell(5 + 80 * (number + 1) // len(crossing.tables), f"Copying {table.replace('_', ' ')}")
    with work.transaction() as session:
        keys = list(object_keys(session, crossing))
    copy_objects(settings.state, iter(keys), crossing)
    with work.renewed():
        carry_over_files(keeper_of(settings), keys, crossing)
    with work.renewed(), work.completing() as session:
        finish(session, crossing)
