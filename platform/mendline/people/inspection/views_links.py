"""Links for inspectors, as the manager makes, watches and revokes them."""

import uuid
from datetime import datetime, time, timedelta
from typing import cast

from flask import Response, flash, make_response, redirect, request

from mendline.catalogue.calendar import from_london
from mendline.packs.queries import PackLine, packs_in_reach
from mendline.people.inspection import queries_links as queries
from mendline.people.inspection.commands import SECTIONS, GivenLink, make_link, revoke_link
from mendline.people.inspection.presenting_links import link_form, link_page, links_page, sections_of
from mendline.people.members.forms import read_words
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import ground, on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import day_or_none, identifier_or_none
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError

inspectors = Section("inspectors", url_prefix="/inspectors")
FIELDS = ("pack", "named", "email", "purpose", "opens", "days")


@inspectors.page("", access="see_inspectors")
def listing() -> str:
    """Every link with how it stands."""
    with transaction() as session:
        found = queries.links(session, reach().provider_ids)
    view = links_page(reach(), found, at=now(), address=address)
    return page(
        "people/desk.html", title="Inspectors", crumbs=(Link("Inspectors"),), section="members.listing", view=view
    )


@inspectors.page("/new", access="invite_inspector", step_up=True)
def new() -> str:
    """The form that makes a link."""
    return _form({"pack": request.args.get("pack", "")[:40]}, tuple(SECTIONS))


@inspectors.page("", access="invite_inspector", methods=("POST",), step_up=True)
def create() -> Response:
    """Makes a link and sends it to the named address."""
    given = {name: read_words(request.form, name) for name in FIELDS}
    sections = sections_of(request.form.getlist("sections"))
    try:
        with transaction() as session:
            pack = _chosen(packs_in_reach(session, reach()), given["pack"])
            link_id = make_link(session, reach(), ground().key, pack, _link(given, sections))
    except RefusedError as refused:
        return make_response(_form(given, sections, refused), 422)
    flash("The link is on its way to the inspector. Each look will stand here.", "success")
    return cast("Response", redirect(address("inspectors.one", link_id=link_id), 303))


@inspectors.page("/<uuid:link_id>", access="see_inspectors")
def one(link_id: uuid.UUID) -> str:
    """One link with every look through it."""
    with transaction() as session:
        link = _found(queries.find_link(session, reach().provider_ids, link_id))
        looks = queries.looks(session, link, link.opens_at - timedelta(days=31))
    view = link_page(reach(), link, looks, at=now(), address=address)
    crumbs = (Link("Inspectors", address("inspectors.listing")), Link(link.named))
    return page("people/desk.html", title=f"Link for {link.named}", crumbs=crumbs, section="members.listing", view=view)


@inspectors.page("/<uuid:link_id>/revoke", access="invite_inspector", methods=("POST",))
def revoke(link_id: uuid.UUID) -> Response:
    """Ends a link at once."""
    with transaction() as session:
        link = _found(queries.find_link(session, reach().provider_ids, link_id))
        revoke_link(session, reach(), provider_id=link.provider_id, service_id=link.service_id, link_id=link_id)
    flash("The link opens nothing any more.", "success")
    return cast("Response", redirect(address("inspectors.one", link_id=link_id), 303))


def _form(given: dict[str, str], sections: tuple[str, ...], refused: RefusedError | None = None) -> str:
    with transaction() as session:
        packs = [each for each in packs_in_reach(session, reach()) if each.object_key is not None]
    packs = [
        each
        for each in packs
        if each.for_body is None and reach().may("invite_inspector", each.provider_id, each.service_id)
    ]
    view = link_form(reach(), packs, given, sections, today=on_day(), address=address, refused=refused)
    crumbs = (Link("Inspectors", address("inspectors.listing")), Link("A link for an inspector"))
    return page(
        "people/desk.html", title="A link for an inspector", crumbs=crumbs, section="members.listing", view=view
    )


def _link(given: dict[str, str], sections: tuple[str, ...]) -> GivenLink:
    opens = day_or_none(given["opens"]) or on_day()
    begins: datetime = now() if opens <= on_day() else from_london(opens, time())
    days = int(given["days"]) if given["days"].isascii() and given["days"].isdigit() and len(given["days"]) < 4 else 0
    return GivenLink(given["named"], given["email"], given["purpose"], begins, days, sections)


def _chosen(packs: tuple[PackLine, ...], words: str) -> PackLine:
    wanted = identifier_or_none(words)
    found = next((each for each in packs if each.pack_id == wanted), None)
    if found is None:
        raise RefusedError("The link was not made.", {"pack": "Choose a pack that is finished."})
    return found


def _found(link: queries.LinkLine | None) -> queries.LinkLine:
    if link is None:
        raise NotFoundError("There is no such link within your sign-in.")
    return link
