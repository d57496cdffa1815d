"""The pages of source records: what may be entered, the form, the list and one record."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from flask import Response, flash, make_response, redirect, request

from mendline.catalogue.record_types import RecordType, record_types
from mendline.duties.commands import complete_with_record
from mendline.evidence.measuring.queries import counts_for
from mendline.evidence.measuring.rows import CountsFor
from mendline.evidence.pages import RecordFormPage
from mendline.evidence.records import forms, queries
from mendline.evidence.records.answers import happened_words
from mendline.evidence.records.commands import enter_record, note_look
from mendline.evidence.records.permits import enterable_at, known_type, may_enter, require_entry, seen_by
from mendline.evidence.records.presenting import list_page, record_page, types_page
from mendline.evidence.records.rows import StoredRecord, read_cursor
from mendline.places.head import address, crumbs_to
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.web.components import Button, Form, Head, Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import identifier_or_none
from tenants.clock import now
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id

records = Section("records", url_prefix="/services/<uuid:service_id>/records")


@records.page("", access="see_service")
def types(service_id: uuid.UUID) -> str:
    """The kinds of record of a service: those to enter, and those kept here."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        own = seen_by(reach(), *here)
        newest = () if own else queries.newest_of_types(session, *here, types=list(record_types()))
        entries = queries.own_entries(session, (place.provider_id,), reach().person_id, service_id=place.service_id)
    view = types_page(place, enterable_at(reach(), *here), newest, entries, own_only=own is not None, address=address)
    if reach().may("see_imports", *here):
        files = Button("Import a file", address("imports.of_service", service_id=service_id), "i-doc")
        view = replace(view, head=replace(view.head, buttons=(*view.head.buttons, files)))
    return page(
        "evidence/record_types.html",
        title=f"Records, {place.name}",
        crumbs=_crumbs(place),
        view=view,
        section=_section(),
    )


@records.page("/<record_type>", access="see_service")
def listing(service_id: uuid.UUID, record_type: str) -> str:
    """Records of one type, newest first."""
    kind = known_type(record_type)
    cursor = read_cursor(request.args.get("before", ""), request.args.get("after", ""))
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        own = seen_by(reach(), *here, kind)
        found = queries.records_of_type(session, *here, kind.key, own=own, cursor=cursor)
        answers = queries.answers_counted(session, *here, kind, on_day()) if own is None else ()
        note_look(
            session, reach(), kind, provider_id=here[0], service_id=here[1],
            records=[record.record_id for record in found.records],
        )  # fmt: skip
    view = list_page(
        place, kind, found, own_only=own is not None, can_enter=may_enter(reach(), *here, kind), address=address,
        answers=answers,
    )  # fmt: skip
    return page(
        "evidence/record_list.html",
        title=f"{kind.plural}, {place.name}",
        crumbs=_crumbs(place, Link(kind.plural)),
        section=_section(),
        view=view,
    )


@records.page("/<record_type>/new", access="enter_record")
def new(service_id: uuid.UUID, record_type: str) -> str:
    """The form of a new record."""
    kind = known_type(record_type)
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        require_entry(reach(), place.provider_id, place.service_id, kind)
    answers = forms.prefilled(kind, at=now(), initials=reach().initials)
    return _new_form(place, kind, new_id(), answers)


@records.page("/<record_type>", access="enter_record", methods=("POST",))
def create(service_id: uuid.UUID, record_type: str) -> Response:
    """Saves a new record; the same one sent again counts once."""
    kind = known_type(record_type)
    record_id = forms.read_record_id(request.form.get(forms.RECORD_ID, ""))
    answers = forms.read_answers(kind, request.form)
    place: Place | None = None
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            kept = enter_record(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                kind=kind,
                record_id=record_id,
                raw=answers,
                at=now(),
            )
            completes = _completes()
            if completes is not None:
                is_done = complete_with_record(
                    session, reach(), provider_id=place.provider_id, service_id=place.service_id,
                    work_item_id=completes, record_type=kind.key, record_id=record_id, today=on_day(),
                )  # fmt: skip
    except (RefusedError, ConflictError) as refused:
        if place is None:
            raise
        return make_response(_new_form(place, kind, record_id, answers, refused), status_of(refused))
    words = "is saved" if kept.is_new else "had arrived before and counts once"
    flash(f"{kind.title}: the record {words}.", "success")
    if completes is not None:
        flash("The work is done." if is_done else "It counts for the work, which asks for more of them.", "success")
        here = address("work.item", service_id=service_id, work_item_id=completes)
        return cast("Response", redirect(here, 303))
    return to_record(place, kind, record_id)


@records.page("/<record_type>/<uuid:record_id>", access="see_service")
def one(service_id: uuid.UUID, record_type: str, record_id: uuid.UUID) -> str:
    """One record with its answers, both clocks and its corrections."""
    place, kind, revisions = look_at(service_id, record_type, record_id)
    can_change = may_enter(reach(), place.provider_id, place.service_id, kind)
    figures = _figures_of(place, kind, record_id)
    view = record_page(place, kind, revisions, can_change=can_change, figures=figures, address=address)
    if reach().may("see_concerns", place.provider_id, place.service_id):
        about = {"place": str(place.service_id), "about_kind": "record", "about": str(record_id)}
        cut = Button("This is about somebody who works here", address("access.conflicts", **about), "i-lock")
        view = replace(view, head=replace(view.head, buttons=(*view.head.buttons, cut)))
    listing_of = Link(kind.plural, address("records.listing", service_id=service_id, record_type=kind.key))
    return page(
        "evidence/record.html",
        title=f"{view.head.heading}, {place.name}",
        crumbs=_crumbs(place, listing_of, Link(happened_words(kind, revisions[0].happened_at))),
        section=_section(),
        view=view,
    )


def _figures_of(place: Place, kind: RecordType, record_id: uuid.UUID) -> tuple[CountsFor, ...] | None:
    """The figures that a record is behind; None for whoever sees no figures, or not which records they count."""
    here = (place.provider_id, place.service_id)
    knows = reach().may("see_records", *here) or reach().may("see_checks", *here)
    if not knows or not reach().may("see_indicators", *here) or seen_by(reach(), *here, kind) is not None:
        return None
    with transaction() as session:
        return counts_for(session, *here, record_id)


def look_at(
    service_id: uuid.UUID, record_type: str, record_id: uuid.UUID
) -> tuple[Place, RecordType, tuple[StoredRecord, ...]]:
    """A record within reach; the look is noted."""
    kind = known_type(record_type)
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        revisions = queries.revisions_of(session, *here, kind.key, record_id, own=seen_by(reach(), *here, kind))
        if not revisions:
            raise NotFoundError("There is no such record within your sign-in.")
        note_look(session, reach(), kind, provider_id=here[0], service_id=here[1], records=[record_id])
    return place, kind, revisions


def _new_form(
    place: Place,
    kind: RecordType,
    record_id: uuid.UUID,
    answers: Mapping[str, Any],
    refused: RefusedError | ConflictError | None = None,
) -> str:
    form = forms.record_form(
        kind,
        action=address("records.create", service_id=place.service_id, record_type=kind.key),
        record_id=record_id,
        answers=answers,
        refused=refused,
    )
    completes = _completes()
    if completes is not None:
        form = replace(form, action=f"{form.action}?completes={completes}")
    back = Link("Back to records", address("records.types", service_id=place.service_id))
    if isinstance(refused, ConflictError):
        sent = {"service_id": place.service_id, "record_type": kind.key, "record_id": record_id}
        back = Link("Open the record that was sent", address("records.one", **sent))
    return form_page(place, kind, form, kind.title, back)


def form_page(place: Place, kind: RecordType, form: Form, heading: str, back: Link) -> str:
    """A form about a record, with who will have signed it."""
    view = RecordFormPage(
        head=Head(heading, sub=place.name, sentence=kind.description),
        form=form,
        safety=kind.safety or "",
        signed=f"Recorded as {reach().initials}, {reach().role_label.lower()}. Your initials and the time are saved.",
        back=back,
    )
    return page("evidence/record_form.html", title=f"{heading}, {place.name}", view=view, section=_section())


def _crumbs(place: Place, *here: Link) -> tuple[Link, ...]:
    """The way here; whoever sees no indicators comes from their own work."""
    types_here = Link("Records", address("records.types", service_id=place.service_id) if here else "")
    if reach().may("see_indicators", place.provider_id, place.service_id):
        return crumbs_to(place, types_here, *here)
    return (Link("My work", address("work.mine")), Link(place.name), types_here, *here)


def _completes() -> uuid.UUID | None:
    """The work item that this record is made for, where the form was opened from one."""
    return identifier_or_none(request.args.get("completes", ""))


def _section() -> str:
    return "services.listing" if reach().may_anywhere("see_indicators") else "work.mine"


def status_of(refused: RefusedError | ConflictError) -> int:
    """The status of a form that comes back."""
    return 409 if isinstance(refused, ConflictError) else 422


def to_record(place: Place, kind: RecordType, record_id: uuid.UUID) -> Response:
    """On to the page of a record."""
    here = address("records.one", service_id=place.service_id, record_type=kind.key, record_id=record_id)
    return cast("Response", redirect(here, 303))
