"""Sending a file as evidence, and saving one. Whoever saves one stands in the ledger."""

import time
import uuid
from contextlib import suppress
from typing import BinaryIO, cast

from flask import Response, flash, make_response, redirect, request
from werkzeug.datastructures import MultiDict

from mendline.evidence import forms
from mendline.evidence.files.commands import add_file, open_file
from mendline.evidence.files.handing import Handed, answer_with, handed, read_address, written_address
from mendline.evidence.files.keeping import keeper_of
from mendline.evidence.files.kinds import LARGEST_BYTES
from mendline.evidence.files.queries import file_of
from mendline.evidence.files.verdict import RefusedFileError
from mendline.evidence.pages import EvidenceFormPage
from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to
from mendline.places.queries import find_place
from mendline.web.components import Head, Link
from mendline.web.frame import ground, on_day, reach, transaction
from mendline.web.looks import count_refused
from mendline.web.page import page
from mendline.web.section import PUBLIC, Section
from tenants.clock import now
from tenants.errors import ConflictError, MendlineError, NotFoundError, RefusedError
from tenants.ids import new_id

evidence_files = Section("evidence_files")

_AROUND = 1024 * 1024  # what a form adds to the file that it carries
LARGEST_SENT = LARGEST_BYTES + _AROUND
_UNDER = "/services/<uuid:service_id>/evidence"


@evidence_files.page(f"{_UNDER}/files/new", access="add_file")
def add(service_id: uuid.UUID) -> str:
    """The form that sends a file; an indicator's page names the figure that it is for."""
    asked = request.args
    given = MultiDict({"supports": asked.get("indicator", ""), "letter": asked.get("letter", "")})
    return _form(service_id, new_id(), given)


@evidence_files.page(f"{_UNDER}/files", access="add_file", methods=("POST",), largest=LARGEST_SENT)
def create(service_id: uuid.UUID) -> Response:
    """Takes a file in; a worker examines it, and the page of the evidence shows how far that is."""
    evidence_id = forms.read_evidence_id(request.form.get(forms.EVIDENCE_ID, ""))
    try:
        reference = take_in(service_id, evidence_id)
    except (RefusedError, ConflictError) as refused:
        status = 409 if isinstance(refused, ConflictError) else 422
        return make_response(_form(service_id, evidence_id, request.form, _named(refused)), status)
    flash(f"{reference} is in the index. Its file is examined now; nobody can open it before that.", "success")
    here = address("evidence.one", service_id=service_id, evidence_id=evidence_id)
    return cast("Response", redirect(here, 303))


def take_in(service_id: uuid.UUID, evidence_id: uuid.UUID) -> str:
    """Takes in the file of this request, with what was said of it; the evidence's reference.

    The file is kept before the transaction that tells of it, and removed again where that does not come about.

    Raises:
        RefusedError: there is no file, or it or what was said of it cannot be taken.
        ConflictError: the form was sent before with other answers.
    """
    given = forms.read_evidence(request.form)
    sent = request.files.get(forms.FILE)
    if sent is None or not sent.filename:
        raise RefusedFileError("Choose a file to send.")
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("add_file", place.provider_id, place.service_id)
    keeper = keeper_of(ground().settings)
    kept = keeper.keep(reach(), place.provider_id, sent.filename, cast("BinaryIO", sent.stream))
    added = False
    try:
        with transaction() as session:
            reference, is_new = add_file(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, evidence_id=evidence_id,
                given=given, kept=kept, today=on_day(), at=now(),
            )  # fmt: skip
        added = is_new
    finally:
        if not added:
            with suppress(MendlineError):
                keeper.store.remove(kept.object_key)
    return reference


@evidence_files.page(f"{_UNDER}/<uuid:evidence_id>/file", access="see_files")
def file(service_id: uuid.UUID, evidence_id: uuid.UUID) -> Response:
    """The file of a piece of evidence, as a download from the files' own host where there is one."""
    return given_file(service_id, evidence_id)


def given_file(service_id: uuid.UUID, evidence_id: uuid.UUID) -> Response:
    """Hands out the file of a piece of evidence to whoever asks and may have it.

    Raises:
        NotFoundError: there is none that is given out.
    """
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_files", place.provider_id, place.service_id)
        line = open_file(session, reach(), file_of(session, place.provider_id, place.service_id, evidence_id))
    return hand_over(handed(line, time.time()))


def hand_over(given: Handed) -> Response:
    """The file as a download, by way of the files' own host where there is one."""
    settings = ground().settings
    if settings.files_host:
        scheme = "https" if settings.https else "http"
        elsewhere = f"{scheme}://{settings.files_host}/files/{written_address(given, ground().key)}"
        return cast("Response", redirect(elsewhere, 303))
    return answer_with(given, keeper_of(settings))


@evidence_files.page("/files/<sealed>", access=PUBLIC)
def hand_out(sealed: str) -> Response:
    """A file on the host name that is for files alone; the address itself says who may have it, for a minute."""
    settings = ground().settings
    if not settings.files_host or request.host.lower() != settings.files_host:
        raise NotFoundError("There is nothing under this address.")
    try:
        found = read_address(sealed, ground().key, time.time())
    except NotFoundError:
        count_refused("address of a file")
        raise
    return answer_with(found, keeper_of(settings))


def _named(refused: RefusedError | ConflictError) -> RefusedError | ConflictError:
    """A refusal of the file itself stands at the question that asks for it."""
    if isinstance(refused, RefusedFileError) and not refused.problems:
        return RefusedError("The file was not added.", {forms.FILE: str(refused)})
    return refused


def _form(
    service_id: uuid.UUID,
    evidence_id: uuid.UUID,
    given: MultiDict[str, str],
    refused: RefusedError | ConflictError | None = None,
) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("add_file", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id)
    head = Head(
        "Send a file as evidence",
        place.name,
        "It is examined first, kept encrypted, and given out only to save. Leave out names of people where you can.",
    )
    form = forms.evidence_form(
        place,
        found,
        evidence_id=evidence_id,
        given=given,
        supports=tuple(given.getlist("supports")),
        today=on_day(),
        address=address,
        refused=refused,
        as_file=True,
    )
    index = Link("Evidence", address("evidence.listing", service_id=service_id))
    return page(
        "evidence/evidence_form.html",
        title=f"Send a file, {place.name}",
        crumbs=crumbs_to(place, index, Link("Send a file")),
        section="services.listing",
        view=EvidenceFormPage(head=head, form=form),
    )
