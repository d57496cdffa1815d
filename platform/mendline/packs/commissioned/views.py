"""Packs for commissioners at the provider: asking for one, sharing it, taking it back."""

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from flask import Response, flash, make_response, redirect, request

from mendline.packs import queries as packs
from mendline.packs.commissioned import queries
from mendline.packs.commissioned.commands import ask_for_commissioner, share, withdraw
from mendline.packs.commissioned.presenting import Sharing, ask_form, reason_of, sharing_part
from mendline.packs.commissioned.rows import LONGEST_PURPOSE, GrantChoice, MadeFor
from mendline.packs.presenting import pack_list, pack_page
from mendline.packs.queries import PackLine
from mendline.places.head import address, crumbs_to
from mendline.places.queries import find_place
from mendline.web.components import Button, Head, Link, Note
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError, RefusedError

commissioned = Section("commissioned_packs")

_NOTHING: Mapping[str, str] = MappingProxyType({})


@commissioned.page("/services/<uuid:service_id>/packs/commissioner", access="release_figures")
def new(service_id: uuid.UUID) -> str:
    """The form that asks for a pack for a commissioner; a request of theirs leads to it with the body that asked."""
    return _new(service_id, {"body": request.args.get("body", "")[:60]}, None)


@commissioned.page("/services/<uuid:service_id>/packs/commissioner", access="release_figures", methods=("POST",))
def ask(service_id: uuid.UUID) -> Response:
    """Asks for it; its page shows the progress."""
    given = {name: request.form.get(name, "")[:60] for name in ("grant", "weeks")}
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            grant = _chosen(queries.grants_of(session, place, on_day()), given["grant"])
            pack_id = ask_for_commissioner(session, reach(), place, grant, weeks=given["weeks"])
    except RefusedError as refused:
        return make_response(_new(service_id, given, refused), 422)
    flash("The pack is asked for. It is made in the background; nobody outside sees it until you share it.", "success")
    return cast("Response", redirect(address("packs.one", pack_id=pack_id), 303))


@commissioned.page("/packs/<uuid:pack_id>/shares", access="release_figures", methods=("POST",), step_up=True)
def share_it(pack_id: uuid.UUID) -> Response:
    """Shares a finished pack with one grant."""
    given = {"grant": request.form.get("grant", "")[:60], "purpose": request.form.get("purpose", "")[:LONGEST_PURPOSE]}
    try:
        with transaction() as session:
            line, made = _made(session, pack_id)
            place = find_place(session, reach(), line.service_id)
            grant = _chosen(queries.grants_of(session, place, on_day()), given["grant"])
            share(session, reach(), line, made, grant, given["purpose"])
    except RefusedError as refused:
        return make_response(_one(pack_id, given, refused), 422)
    flash("The pack is shared. Each look will be on this page.", "success")
    return cast("Response", redirect(address("packs.one", pack_id=pack_id), 303))


@commissioned.page("/packs/<uuid:pack_id>/shares/<uuid:share_id>/withdraw", access="release_figures", methods=("POST",))
def take_back(pack_id: uuid.UUID, share_id: uuid.UUID) -> Response:
    """Takes a share back at once; this needs no fresh factor, since it only ever makes things safer."""
    given = {"share": str(share_id)}
    try:
        with transaction() as session:
            line, _ = _made(session, pack_id)
            shares = queries.shares_of(session, line.provider_id, line.service_id, pack_id)
            shared = next((each for each in shares if each.share_id == share_id), None)
            if shared is None:
                raise NotFoundError("This pack is not shared so.")
            withdraw(session, reach(), line, shared, request.form.get(reason_of(share_id), "")[:LONGEST_PURPOSE])
    except RefusedError as refused:
        return make_response(_one(pack_id, given, refused), 422)
    flash("The pack is taken back. Their next press finds nothing.", "success")
    return cast("Response", redirect(address("packs.one", pack_id=pack_id), 303))


def sharing_of(
    line: PackLine, given: Mapping[str, str] = _NOTHING, refused: RefusedError | None = None
) -> Sharing | None:
    """What stands beside a pack on its page; nothing beside one for the regulator."""
    if line.for_body is None:
        return None
    with transaction() as session:
        made = queries.made_for(session, line.provider_id, line.service_id, line.pack_id)
        if made is None:
            return None
        place = find_place(session, reach(), line.service_id)
        shares = queries.shares_of(session, line.provider_id, line.service_id, line.pack_id)
        grants = queries.grants_of(session, place, on_day())
    may = reach().may("release_figures", line.provider_id, line.service_id)
    return sharing_part(
        line, made, shares, grants, may=may, today=on_day(), address=address, given=given, refused=refused
    )


def _new(service_id: uuid.UUID, given: Mapping[str, str], refused: RefusedError | None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("release_figures", place.provider_id, place.service_id)
        grants = queries.grants_of(session, place, on_day())
        released = queries.newest_release(session, place)
        lines = packs.packs_of_service(session, reach(), service_id)
    head = Head(
        "A pack for a commissioner",
        place.name,
        "It holds what was last released, as the officers of one grant see it: no names, no records, no small numbers.",
    )
    there, back = (
        address("commissioned_packs.ask", service_id=service_id),
        address("packs.of_service", service_id=service_id),
    )
    missing = _missing(grants, has_release=released is not None)
    asked_by = next((str(each.grant_id) for each in grants if str(each.body_id) == given.get("body")), "")
    form = ask_form(grants, there, back, {"grant": asked_by, **given}, refused) if missing is None else None
    view = pack_list(head, tuple(line for line in lines if line.for_body), address=address, form=form)
    crumbs = crumbs_to(place, Link("Packs", back), Link("For a commissioner"))
    return page("packs/list.html", title=head.heading, crumbs=crumbs, section="packs.listing", view=view, note=missing)


def _missing(grants: tuple[GrantChoice, ...], *, has_release: bool) -> Note | None:
    way = Button("Commissioners", address("grants.listing"), "i-eye")
    if not grants:
        return Note(
            "No grant covers this service", "A pack is made for the officers of a grant that opens figures.", button=way
        )
    if not has_release:
        return Note(
            "Nothing was released yet", "Release the figures first: a pack holds only what was released.", button=way
        )
    return None


def _one(pack_id: uuid.UUID, given: Mapping[str, str], refused: RefusedError) -> str:
    with transaction() as session:
        line = packs.find_pack(session, reach(), pack_id)
    view = pack_page(line, address=address)
    crumbs = (Link("Packs", address("packs.listing")), Link(line.reference))
    return page(
        "packs/pack.html", title=view.head.heading, crumbs=crumbs, section="packs.listing", view=view,
        sharing=sharing_of(line, given, refused),
    )  # fmt: skip


def _made(session: Any, pack_id: uuid.UUID) -> tuple[PackLine, MadeFor]:
    line = packs.find_pack(session, reach(), pack_id)
    made = queries.made_for(session, line.provider_id, line.service_id, pack_id)
    if made is None:
        raise NotFoundError("This pack is not made for a commissioner.")
    return line, made


def _chosen(grants: tuple[GrantChoice, ...], words: str) -> GrantChoice | None:
    return next((each for each in grants if str(each.grant_id) == words), None)
