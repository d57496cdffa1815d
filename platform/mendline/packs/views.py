"""Packs: the list, asking for one, its progress, its file."""

import uuid
from dataclasses import replace
from datetime import date
from typing import cast

from flask import Response, flash, redirect, request

from mendline.indicators.queries import standings
from mendline.packs import queries
from mendline.packs.commands import request_pack
from mendline.packs.commissioned.views import sharing_of
from mendline.packs.composing_story import KINDS
from mendline.packs.presenting import pack_list, pack_page
from mendline.packs.storage import fetch
from mendline.places.head import address, crumbs_to, offers_at, service_head
from mendline.places.queries import find_place
from mendline.recovery.story.rows import KINDS as STORY_KINDS
from mendline.web.asking import Asking
from mendline.web.components import Button, Form, Head, Link, Option
from mendline.web.frame import ground, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError, RefusedError
from tenants.ledger import note

packs = Section("packs")


@packs.page("/packs", access="see_packs")
def listing() -> str:
    """The newest packs within reach."""
    with transaction() as session:
        lines = queries.packs_in_reach(session, reach())
    head = Head(
        "Packs",
        "Evidence of recovery for CQC, one pack for each service.",
        "A pack shows a service as it stood at one moment, with every figure led back to its records.",
    )
    view = pack_list(head, lines, address=address, form=None, name_service=True)
    return page("packs/list.html", title="Packs", section="packs.listing", view=view)


@packs.page("/services/<uuid:service_id>/packs", access="see_packs")
def of_service(service_id: uuid.UUID) -> str:
    """The packs of a service, with the form that asks for the next."""
    return _of_service(service_id)


def _of_service(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_packs", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
        lines = queries.packs_of_service(session, reach(), service_id)
    may_ask = reach().may("request_pack", place.provider_id, place.service_id)
    head = service_head(
        place,
        found,
        offers=offers_at(reach(), place),
        address=address,
        current="packs.of_service",
        sentence="A pack shows this service as it stands now: position, story, what is not yet good enough, evidence.",
    )
    view = pack_list(head, lines, address=address, form=_form(service_id, refused) if may_ask else None)
    crumbs = crumbs_to(place, Link("Packs"))
    may_release = may_ask and reach().may("release_figures", place.provider_id, place.service_id)
    return page(
        "packs/list.html",
        title=f"Packs, {place.name}",
        crumbs=crumbs,
        section="packs.listing",
        view=view,
        for_commissioner=address("commissioned_packs.new", service_id=service_id) if may_release else "",
    )


def _form(service_id: uuid.UUID, refused: RefusedError | None) -> Form:
    """What a pack is asked for with; as it was typed where it was refused."""
    ask = Asking(request.form if refused else {}, refused)
    return Form(
        action=address("packs.ask", service_id=service_id),
        fields=(
            ask.field(
                "as_at",
                "As at the end of",
                "date",
                "Leave it empty for now. A past day shows what had been recorded by then.",
                required=False,
            ),
            ask.field(
                "drills",
                "With inspection drills?",
                "yes_no",
                "How quickly evidence was on the table, and what was not.",
                value="yes",
            ),
            ask.field(
                "story",
                "What does the story tell?",
                "choices",
                "The pack says what is left out.",
                required=False,
                options=tuple(Option(kind, STORY_KINDS[kind]) for kind in KINDS),
                values=tuple(request.form.getlist("story")) if refused else KINDS,
            ),
        ),
        submit="Make a pack",
        trouble=ask.trouble,
        footnote="It takes about a minute. You can leave the page meanwhile.",
    )


@packs.page("/services/<uuid:service_id>/packs", access="request_pack", methods=("POST",))
def ask(service_id: uuid.UUID) -> Response | tuple[str, int]:
    """Asks for a pack; its page shows the progress."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            pack_id = request_pack(
                session,
                reach(),
                place,
                day=_day(request.form.get("as_at", "")),
                drills=request.form.get("drills") != "no",
                story=request.form.getlist("story"),
            )
    except RefusedError as refused:
        return _of_service(service_id, refused), 422
    flash("The pack is asked for. It is made in the background.", "success")
    return cast("Response", redirect(address("packs.one", pack_id=pack_id), 303))


@packs.page("/packs/<uuid:pack_id>", access="see_packs")
def one(pack_id: uuid.UUID) -> str:
    """One pack: its progress, then its file."""
    with transaction() as session:
        line = queries.find_pack(session, reach(), pack_id)
        reach().require("see_packs", line.provider_id, line.service_id)
    view = pack_page(line, address=address)
    if line.object_key and line.for_body is None and reach().may("invite_inspector", line.provider_id, line.service_id):
        link = Button("Link for an inspector", address("inspectors.new", pack=str(pack_id)), "i-eye")
        view = replace(view, head=replace(view.head, buttons=(link,)))
    crumbs = (Link("Packs", address("packs.listing")), Link(line.reference))
    return page(
        "packs/pack.html",
        title=view.head.heading,
        crumbs=crumbs,
        section="packs.listing",
        view=view,
        sharing=sharing_of(line),
    )


@packs.page("/packs/<uuid:pack_id>.pdf", access="see_packs")
def file(pack_id: uuid.UUID) -> Response:
    """The PDF, as a download that is written into the ledger."""
    with transaction() as session:
        line = queries.find_pack(session, reach(), pack_id)
        reach().require("see_packs", line.provider_id, line.service_id)
        if line.object_key is None:
            raise NotFoundError("This pack is not ready yet. Its page shows how far it is.")
        note(
            session,
            reach(),
            "pack downloaded",
            provider_id=line.provider_id,
            service_id=line.service_id,
            subject=line.reference,
        )
    content = fetch(ground().settings.state, line.object_key)
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{line.reference}.pdf"'
    return response


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as wrong:
        words = "Give the day as a date, such as 2026-11-09."
        raise RefusedError("The pack was not asked for.", {"as_at": words}) from wrong
