"""Changing a source record: its correction, and its withdrawal. Each is a revision with its reason; none overwrites."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response, flash, make_response, request

from mendline.catalogue.record_types import RecordType
from mendline.evidence.records import forms
from mendline.evidence.records.answers import happened_words, typed
from mendline.evidence.records.commands import correct_record, withdraw_record
from mendline.evidence.records.permits import require_entry
from mendline.evidence.records.register import action_behind, written_words
from mendline.evidence.records.rows import WITHDRAWN, StoredRecord
from mendline.evidence.records.views import form_page, look_at, records, status_of, to_record
from mendline.places.head import address
from mendline.places.rows import Place
from mendline.web.components import Link
from mendline.web.frame import reach, transaction
from tenants.clock import now
from tenants.errors import ConflictError, RefusedError

__all__ = ["records"]  # the section with the routes of this module added


@records.page("/<record_type>/<uuid:record_id>/correction", access="enter_record")
def correction(service_id: uuid.UUID, record_type: str, record_id: uuid.UUID) -> str | Response:
    """The form of a correction, with what stands now; what an action wrote leads to its action instead."""
    place, kind, revisions = look_at(service_id, record_type, record_id)
    require_entry(reach(), place.provider_id, place.service_id, kind)
    if _is_settled(revisions):
        return to_record(place, kind, record_id)  # whose page says why
    newest = revisions[0]
    return _correction_form(place, kind, newest, typed(kind, newest.payload), newest.revision)


@records.page("/<record_type>/<uuid:record_id>", access="enter_record", methods=("POST",))
def correct(service_id: uuid.UUID, record_type: str, record_id: uuid.UUID) -> Response:
    """Saves a correction as the next revision."""
    place, kind, revisions = look_at(service_id, record_type, record_id)
    _refuse_settled(revisions)
    answers = forms.read_answers(kind, request.form)
    seen = _seen(revisions, request.form.get(forms.REVISION, ""))
    reason = request.form.get(forms.REASON, "")
    try:
        with transaction() as session:
            correct_record(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                kind=kind,
                record_id=record_id,
                seen_revision=seen.revision,
                before=seen.payload,
                raw=answers,
                reason=reason,
                at=now(),
            )
    except (RefusedError, ConflictError) as refused:
        drawn = _correction_form(place, kind, seen, answers, seen.revision, refused=refused, reason=reason)
        return make_response(drawn, status_of(refused))
    flash("The correction is saved. What stood before is kept with it.", "success")
    return to_record(place, kind, record_id)


@records.page("/<record_type>/<uuid:record_id>/withdrawal", access="enter_record")
def withdrawal(service_id: uuid.UUID, record_type: str, record_id: uuid.UUID) -> str | Response:
    """The form that withdraws a record which should not be there."""
    place, kind, revisions = look_at(service_id, record_type, record_id)
    require_entry(reach(), place.provider_id, place.service_id, kind)
    if _is_settled(revisions):
        return to_record(place, kind, record_id)  # whose page says why
    return _withdrawal_form(place, kind, revisions[0])


@records.page("/<record_type>/<uuid:record_id>/withdrawal", access="enter_record", methods=("POST",))
def withdraw(service_id: uuid.UUID, record_type: str, record_id: uuid.UUID) -> Response:
    """Withdraws a record; the figures that counted it are measured again without it."""
    place, kind, revisions = look_at(service_id, record_type, record_id)
    _refuse_settled(revisions)
    seen = _seen(revisions, request.form.get(forms.REVISION, ""))
    reason = request.form.get(forms.REASON, "")
    try:
        with transaction() as session:
            withdraw_record(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, kind=kind, seen=seen,
                reason=reason, at=now(),
            )  # fmt: skip
    except (RefusedError, ConflictError) as refused:
        return make_response(_withdrawal_form(place, kind, seen, refused, reason), status_of(refused))
    flash("The record is withdrawn. It is kept, and the figures that counted it are measured again.", "success")
    return to_record(place, kind, record_id)


def _is_settled(revisions: tuple[StoredRecord, ...]) -> bool:
    """Whether nobody changes the record by hand: it is withdrawn, or an action speaks for it."""
    return revisions[0].withdrawn_at is not None or action_behind(revisions) is not None


def _refuse_settled(revisions: tuple[StoredRecord, ...]) -> None:
    written = action_behind(revisions)
    if written:
        raise RefusedError(written_words(written))
    if revisions[0].withdrawn_at is not None:
        raise RefusedError(WITHDRAWN)


def _seen(revisions: tuple[StoredRecord, ...], given: str) -> StoredRecord:
    """The revision that the person had before them when they began."""
    for record in revisions:
        if str(record.revision) == given:
            return record
    raise RefusedError("This form is out of date. Open the record again and correct it from there.")


def _correction_form(
    place: Place,
    kind: RecordType,
    seen: StoredRecord,
    answers: Mapping[str, Any],
    revision: int,
    *,
    refused: RefusedError | ConflictError | None = None,
    reason: str = "",
) -> str:
    here = {"service_id": place.service_id, "record_type": kind.key, "record_id": seen.record_id}
    form = forms.record_form(
        kind,
        action=address("records.correct", **here),
        record_id=seen.record_id,
        answers=answers,
        refused=refused,
        correcting=revision,
        reason=reason,
    )
    heading = f"Correct: {kind.title}, {happened_words(kind, seen.happened_at)}"
    return form_page(place, kind, form, heading, Link("Back to the record", address("records.one", **here)))


def _withdrawal_form(
    place: Place,
    kind: RecordType,
    seen: StoredRecord,
    refused: RefusedError | ConflictError | None = None,
    reason: str = "",
) -> str:
    here = {"service_id": place.service_id, "record_type": kind.key, "record_id": seen.record_id}
    form = forms.withdrawal_form(address("records.withdraw", **here), seen.revision, refused, reason)
    heading = f"Withdraw: {kind.title}, {happened_words(kind, seen.happened_at)}"
    return form_page(place, kind, form, heading, Link("Back to the record", address("records.one", **here)))
