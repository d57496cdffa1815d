"""The pages of evidence: the index of a service, one piece, adding one, recording a look at an original."""

import uuid
from typing import cast

from flask import Response, flash, make_response, redirect, request
from werkzeug.datastructures import MultiDict

from mendline.evidence import forms, queries
from mendline.evidence.commands import add_evidence, record_check
from mendline.evidence.files.commands import share_file
from mendline.evidence.files.pages import SharingCard
from mendline.evidence.files.presenting import file_card, sharing_card
from mendline.evidence.files.queries import file_of, share_of
from mendline.evidence.files.rows import FileLine, Share
from mendline.evidence.pages import EvidenceFormPage
from mendline.evidence.presenting import evidence_list_page, evidence_page
from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.web.components import Button, Head, Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.readings import LETTERS
from mendline.web.section import Section
from tenants.clock import now
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id

evidence = Section("evidence", url_prefix="/services/<uuid:service_id>/evidence")

SECTION = "services.listing"


@evidence.page("", access="see_evidence")
def listing(service_id: uuid.UUID) -> str:
    """The evidence index of a service, all of it or of one indicator or kind."""
    indicator, letter, number = _asked_for()
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_evidence", *here)
        found = standings(session, *here)
        rows, more = queries.evidence_of(session, *here, indicator_id=indicator, letter=letter, number=number)
        totals = queries.evidence_totals(session, *here)
    view = evidence_list_page(
        place,
        found,
        rows,
        totals,
        chosen={"indicator": str(indicator or ""), "letter": letter or ""},
        number=number,
        more=more,
        offers=offers_at(reach(), place),
        buttons=_buttons(place),
        address=address,
    )
    crumbs = crumbs_to(place, Link("Evidence"))
    return page(
        "evidence/evidence_list.html", title=f"Evidence, {place.name}", crumbs=crumbs, section=SECTION, view=view
    )


@evidence.page("/new", access="add_evidence")
def add(service_id: uuid.UUID) -> str:
    """The form that adds evidence; an indicator's page names the figure that it is for."""
    asked = request.args
    given = MultiDict({"supports": asked.get("indicator", ""), "letter": asked.get("letter", "")})
    return _form(service_id, new_id(), given)


@evidence.page("", access="add_evidence", methods=("POST",))
def create(service_id: uuid.UUID) -> Response:
    """Adds evidence; the figures that it supports are judged again in the background."""
    evidence_id = forms.read_evidence_id(request.form.get(forms.EVIDENCE_ID, ""))
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            reach().require("add_evidence", place.provider_id, place.service_id)
            reference = add_evidence(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                evidence_id=evidence_id,
                given=forms.read_evidence(request.form),
                today=on_day(),
                at=now(),
            )
    except (RefusedError, ConflictError) as refused:
        status = 409 if isinstance(refused, ConflictError) else 422
        return make_response(_form(service_id, evidence_id, request.form, refused), status)
    flash(f"{reference} is in the index. The figures that it supports are judged again in a moment.", "success")
    here = address("evidence.one", service_id=service_id, evidence_id=evidence_id)
    return cast("Response", redirect(here, 303))


@evidence.page("/<uuid:evidence_id>", access="see_evidence")
def one(service_id: uuid.UUID, evidence_id: uuid.UUID) -> str:
    """One piece of evidence."""
    return _one(service_id, evidence_id)


@evidence.page("/<uuid:evidence_id>/checks", access="add_evidence", methods=("POST",))
def check(service_id: uuid.UUID, evidence_id: uuid.UUID) -> Response:
    """Records a look at the original."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            reference = record_check(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                evidence_id=evidence_id,
                result=request.form.get("result", ""),
                at=now(),
                reason=" ".join(request.form.get("reason", "").split()),
            )
    except RefusedError as refused:
        return make_response(_one(service_id, evidence_id, refused), 422)
    flash(f"The check of {reference} is recorded. The figures that lean on it are judged again in a moment.", "success")
    here = address("evidence.one", service_id=service_id, evidence_id=evidence_id)
    return cast("Response", redirect(here, 303))


@evidence.page("/<uuid:evidence_id>/sharing", access="release_figures", methods=("POST",), step_up=True)
def share(service_id: uuid.UUID, evidence_id: uuid.UUID) -> Response:
    """Lets commissioners open the file, or no longer."""
    wanted, words = request.form.get("share") == "yes", request.form.get("shown_as", "")[:200]
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            line = file_of(session, place.provider_id, place.service_id, evidence_id)
            looked = request.form.get("looked") == "yes"
            share_file(session, reach(), line, share=wanted, shown_as=words, looked=looked, at=now())
    except RefusedError as refused:
        return make_response(_one(service_id, evidence_id, sharing_refused=refused), 422)
    flash(
        "Commissioners whose grant covers files can open it now. Each look will be on the page of their grant."
        if wanted
        else "It is shared no more. Their next press finds nothing.",
        "success",
    )
    here = address("evidence.one", service_id=service_id, evidence_id=evidence_id)
    return cast("Response", redirect(here, 303))


def _one(
    service_id: uuid.UUID,
    evidence_id: uuid.UUID,
    refused: RefusedError | None = None,
    sharing_refused: RefusedError | None = None,
) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_evidence", place.provider_id, place.service_id)
        whole = queries.evidence_whole(session, place.provider_id, place.service_id, evidence_id)
        line = file_of(session, place.provider_id, place.service_id, evidence_id)
        shared = share_of(session, place.provider_id, place.service_id, line.file_id) if line else None
    if whole is None:
        raise NotFoundError("There is no such evidence at this service.")
    may_check = reach().may("add_evidence", place.provider_id, place.service_id)
    action = address("evidence.check", service_id=service_id, evidence_id=evidence_id)
    form = forms.check_form(action, refused) if may_check and whole.evidence.result != "withdrawn" else None
    view = evidence_page(
        place,
        whole,
        form=form,
        file=file_card(line, address=address),
        sharing=_sharing(place, line, shared, evidence_id, sharing_refused),
        address=address,
    )
    index = Link("Evidence", address("evidence.listing", service_id=service_id))
    crumbs = crumbs_to(place, index, Link(whole.evidence.reference))
    return page("evidence/evidence.html", title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


def _sharing(
    place: Place,
    line: FileLine | None,
    shared: Share | None,
    evidence_id: uuid.UUID,
    refused: RefusedError | None,
) -> SharingCard | None:
    """The card that shares a file with commissioners, for whoever releases figures here."""
    if not reach().may("release_figures", place.provider_id, place.service_id):
        return None
    action = address("evidence.share", service_id=place.service_id, evidence_id=evidence_id)
    return sharing_card(line, shared, action, refused, request.form.get("shown_as", "")[:200])


def _form(
    service_id: uuid.UUID,
    evidence_id: uuid.UUID,
    given: MultiDict[str, str],
    refused: RefusedError | ConflictError | None = None,
) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("add_evidence", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id)
    view = EvidenceFormPage(
        head=Head(
            "Add evidence",
            place.name,
            "Say what it is and where the original is kept. Mendline keeps the pointer and does not replace the original.",
        ),
        form=forms.evidence_form(
            place,
            found,
            evidence_id=evidence_id,
            given=given,
            supports=tuple(given.getlist("supports")),
            today=on_day(),
            address=address,
            refused=refused,
        ),
    )
    index = Link("Evidence", address("evidence.listing", service_id=service_id))
    crumbs = crumbs_to(place, index, Link("Add evidence"))
    return page(
        "evidence/evidence_form.html", title=f"Add evidence, {place.name}", crumbs=crumbs, section=SECTION, view=view
    )


def _asked_for() -> tuple[uuid.UUID | None, str | None, int]:
    """The filters and the page; what cannot be read is as if it were not there."""
    letter = request.args.get("letter")
    number = request.args.get("page", 1, type=int)
    return (
        request.args.get("indicator", type=uuid.UUID),
        letter if letter in LETTERS else None,
        min(max(number, 1), 500),
    )


def _buttons(place: Place) -> tuple[Button, ...]:
    here = (place.provider_id, place.service_id)
    buttons = []
    if reach().may("see_records", *here) or reach().may("see_own_records", *here):
        buttons.append(Button("Records", address("records.types", service_id=place.service_id), "i-doc"))
    elif reach().may("open_records", *here):
        buttons.append(Button("Open records", address("opening.listing"), "i-eye"))
    if reach().may("add_file", *here):
        buttons.append(Button("Send a file", address("evidence_files.add", service_id=place.service_id), "i-up"))
    if reach().may("add_evidence", *here):
        buttons.append(
            Button("Add evidence", address("evidence.add", service_id=place.service_id), "i-plus", "primary")
        )
    return tuple(buttons)
