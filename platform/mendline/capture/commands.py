"""Taking what phones send, exactly once, and choosing between two versions of one draft."""

import uuid
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.capture.model import Arrival, Choice, Conflict, Draft
from mendline.capture.rows import ConflictRow, Sending, Taken
from mendline.capture.rules import Clocks, clocks, digest, open_questions, set_back
from mendline.catalogue.capture_forms import CaptureForm
from mendline.duties.commands import complete_with_record
from mendline.evidence.records.commands import correct_record, enter_record
from mendline.evidence.records.permits import require_entry
from tenants.database import in_turn
from tenants.errors import ConflictError, RefusedError
from tenants.ledger import note
from tenants.reach import Reach

CHOSEN = "Two versions were sent; a manager chose the second."


def take(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    form: CaptureForm,
    sending: Sending,
    at: datetime,
    today: date,
) -> Taken:
    """Takes one draft: as a record, as a draft with open questions, or as a second version beside the first.

    The same draft sent again changes nothing, however often and from however many devices it comes.

    Args:
        session: a transaction in the reach.
        reach: who sends.
        provider_id: the provider.
        service_id: the service.
        form: the shift form that was filled in.
        sending: what came.
        at: the moment it came, in UTC, by our clock.
        today: the date in England.

    Raises:
        RefusedError: an answer is missing or cannot be; `problems` names the fields.
    """
    require_entry(reach, provider_id, service_id, form.kind)
    in_turn(session, str(sending.record_id))  # so that the second sending of a draft sees what the first did
    here = {"provider_id": provider_id, "service_id": service_id, "record_id": sending.record_id}
    mark = digest(sending.answers)
    before = session.execute(select(Arrival.digest, Arrival.is_late, Arrival.is_clock_wrong).filter_by(**here)).first()
    if before is not None and before.digest == mark:
        return Taken("again", is_late=before.is_late, is_clock_wrong=before.is_clock_wrong)
    found = clocks(sending.finished_at, sending.sent_at, at)
    left = open_questions(form, sending.answers, sending.unknown)
    if left and before is None:
        _keep_draft(session, reach, here, form, sending, left, at)
        return Taken("open", left)
    answers = set_back(form, sending.answers, found, at)
    try:
        enter_record(
            session, reach, provider_id=provider_id, service_id=service_id, kind=form.kind,
            record_id=sending.record_id, raw=answers, at=at,
        )  # fmt: skip
    except ConflictError:
        _keep_second(session, reach, here, form, sending, mark, at)
        return Taken("conflict")
    if sending.completes is not None:
        complete_with_record(
            session, reach, provider_id=provider_id, service_id=service_id, work_item_id=sending.completes,
            record_type=form.record_type, record_id=sending.record_id, today=today,
        )  # fmt: skip
    _note_arrival(session, reach, here, form, sending, found, moved=answers != dict(sending.answers), at=at)
    session.execute(delete(Draft).filter_by(**here, recorded_by=reach.person_id))
    return Taken("sent", is_late=found.is_late, is_clock_wrong=found.is_wrong)


def choose(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    form: CaptureForm,
    conflict: ConflictRow,
    chosen: str,
    at: datetime,
) -> None:
    """Says which of two versions stands; the second becomes a correction of the first, and both stay on record.

    Raises:
        RefusedError: neither was chosen, or the second cannot stand.
        NotPermittedError: the person does not lead work here.
    """
    reach.require("manage_actions", provider_id, service_id)
    if chosen not in ("first", "second"):
        raise RefusedError("Nothing was chosen.", {"chosen": "Choose one of the two."})
    here = {"provider_id": provider_id, "service_id": service_id, "record_id": conflict.record_id}
    in_turn(session, str(conflict.record_id))
    added = session.execute(
        insert(Choice)
        .values(
            **here, digest=conflict.digest, chosen=chosen, recorded_by=reach.person_id, recorded_label=reach.initials,
            recorded_at=at,
        )
        .on_conflict_do_nothing()
        .returning(Choice.chosen)
    )  # fmt: skip
    if added.first() is None:
        raise RefusedError("Somebody chose already. Open the page again to see which one stands.")
    if chosen == "second":
        correct_record(
            session, reach, provider_id=provider_id, service_id=service_id, kind=form.kind,
            record_id=conflict.record_id, seen_revision=conflict.first_revision, before=conflict.first or {},
            raw=conflict.answers, reason=CHOSEN, at=at,
        )  # fmt: skip
    note(
        session, reach, "version chosen", provider_id=provider_id, service_id=service_id,
        subject=f"record {conflict.record_id}", detail={"chosen": chosen},
    )  # fmt: skip


def drop_draft(
    session: Session, reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, record_id: uuid.UUID
) -> None:
    """Removes a draft of the person's own that will not be finished."""
    session.execute(
        delete(Draft).filter_by(
            provider_id=provider_id, service_id=service_id, record_id=record_id, recorded_by=reach.person_id
        )
    )


def _keep_draft(
    session: Session,
    reach: Reach,
    here: dict[str, uuid.UUID],
    form: CaptureForm,
    sending: Sending,
    left: tuple[str, ...],
    at: datetime,
) -> None:
    changed = {"answers": dict(sending.answers), "open_questions": list(left), "saved_at": at}
    session.execute(
        insert(Draft)
        .values(**here, recorded_by=reach.person_id, form=form.key, **changed)
        .on_conflict_do_update(index_elements=["provider_id", "service_id", "record_id", "recorded_by"], set_=changed)
    )


def _keep_second(
    session: Session,
    reach: Reach,
    here: dict[str, uuid.UUID],
    form: CaptureForm,
    sending: Sending,
    mark: str,
    at: datetime,
) -> None:
    session.execute(
        insert(Conflict)
        .values(
            **here, digest=mark, form=form.key, record_type=form.record_type, answers=dict(sending.answers),
            finished_at=sending.finished_at, received_at=at, device=sending.device, recorded_by=reach.person_id,
            recorded_label=reach.initials,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def _note_arrival(
    session: Session,
    reach: Reach,
    here: dict[str, uuid.UUID],
    form: CaptureForm,
    sending: Sending,
    found: Clocks,
    *,
    moved: bool,
    at: datetime,
) -> None:
    session.execute(
        insert(Arrival)
        .values(
            **here, form=form.key, record_type=form.record_type, digest=digest(sending.answers),
            finished_at=sending.finished_at, sent_at=sending.sent_at, received_at=at, clock_seconds=found.seconds,
            is_clock_wrong=found.is_wrong, is_moved=moved, is_late=found.is_late, device=sending.device,
            recorded_by=reach.person_id, recorded_label=reach.initials,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
