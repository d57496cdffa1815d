"""The pages that look across services: a provider's comparison and a commissioner's portfolio."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from flask import Response, request

from mendline.catalogue.indicators import indicator_definition, indicator_definitions
from mendline.comparison.commissioned import commissioned_page, portfolio_page, with_ways
from mendline.comparison.comparing import InUse, Then, compared
from mendline.comparison.funnel_card import funnel_card, most_counted
from mendline.comparison.granted import grant_at, granted_facts, seen_of
from mendline.comparison.looking import note_look
from mendline.comparison.matrix import Asked, compare_page
from mendline.comparison.one_period import pool_of
from mendline.comparison.pool_page import pool_page
from mendline.comparison.queries import MOST_COLUMNS, StatusCell
from mendline.comparison.shared_packs import pack_item, shared_packs
from mendline.comparison.standing_out import standing_out
from mendline.evidence.files.handing import handed_outside
from mendline.evidence.files.keeping import keeper_of
from mendline.evidence.files.leaving import leaving
from mendline.evidence.files.presenting import shared_item
from mendline.evidence.files.queries import shared_files
from mendline.places.head import address, address_then
from mendline.places.queries import service_lines
from mendline.recovery.queries import FOREVER
from mendline.recovery.registers.queries import open_counts
from mendline.web.components import Button, Link
from mendline.web.frame import as_at, ground, on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import day_or_none
from tenants.clock import now
from tenants.errors import NotFoundError

comparison = Section("comparison", url_prefix="/compare")
commissioner = Section("commissioner", url_prefix="/portfolio")

_NO_POOL = "There is no figure of these services together for that period."


@comparison.page("/", access="compare_services")
def matrix() -> str:
    """The services of a provider side by side."""
    provider_id = _provider()
    asked = Asked(
        request.args.get("name", "")[:80],
        request.args.get("area", "")[:40],
        request.args.get("show", "")[:20],
        request.args.get("funnel", "")[:80],
    )
    moment = as_at()
    then = None if moment is None else Then(on_day(), moment)
    with transaction() as session:
        found = compared(session, provider_id, choose=partial(_columns, asked.area), then=then)
        lines = tuple(line for line in service_lines(session, reach()) if line.provider_id == provider_id)
        drawn = asked.funnel if asked.funnel in found.keys else most_counted(found.cells)
        counts = found.counts(session, provider_id)
        escalated = None
        if provider_id in reach().providers_with("see_escalations"):
            known = (then.day, then.moment) if then else (on_day(), FOREVER)
            escalated = open_counts(session, provider_id, *known)
    view = compare_page(
        next((line.provider for line in lines), ""),
        lines,
        found.keys,
        found.cells,
        found.pooled,
        provider_id=provider_id,
        areas=sorted({indicator_definition(key).domain for key, _ in found.used}),
        asked=asked,
        today=on_day(),
        address=address_then(),
        is_past=then is not None,
        escalated=escalated,
        funnel=funnel_card(drawn, counts.get(drawn, ()), lines, _figures_of(drawn, found.cells)) if drawn else None,
        outstanding=standing_out(counts, lines),
    )
    if provider_id in reach().providers_with("see_meetings"):
        ways = (Button("Oversight minutes", address("minutes.of_provider", provider_id=provider_id), "i-doc"),)
        view = replace(view, head=replace(view.head, buttons=(*view.head.buttons, *ways)))
    return page("comparison/compare.html", title="Compare services", section="comparison.matrix", view=view)


@comparison.page(
    "/<uuid:provider_id>/<definition_key>/<service_kind>/<period_start>",
    access="compare_services",
)
def pool(provider_id: uuid.UUID, definition_key: str, service_kind: str, period_start: str) -> str:
    """What a figure of several services together is made of: each service's own, now or as at an earlier moment."""
    moment, start = as_at(), day_or_none(period_start)
    if definition_key not in indicator_definitions() or start is None:
        raise NotFoundError(_NO_POOL)
    if provider_id not in reach().providers_with("compare_services"):
        raise NotFoundError(_NO_POOL)
    number = request.args.get("page", "0")
    with transaction() as session:
        found = pool_of(session, provider_id, definition_key, service_kind, start, moment)
    turned = int(number) if number.isdecimal() and len(number) < 5 else 0
    view = pool_page(found, page=turned, address=address_then())
    compared_at = Link("Compare services", address_then()("comparison.matrix", provider=provider_id))
    return page(
        "comparison/pool.html",
        title=view.head.heading,
        crumbs=(Link(found.provider), compared_at, Link("All services together")),
        section="comparison.matrix",
        view=view,
    )


def _columns(area: str, used: InUse) -> tuple[str, ...]:
    """The most common indicators of a plan area; of equals, in the order of the catalogue."""
    place_in = {key: place for place, key in enumerate(indicator_definitions())}
    ordered = sorted(used, key=lambda each: (-each[1], place_in.get(each[0], 0)))
    return tuple(key for key, _ in ordered if not area or indicator_definition(key).domain == area)[:MOST_COLUMNS]


@commissioner.page("/", access="see_service")
def portfolio() -> str:
    """The services that providers let this commissioner see, until when, and what they may not see."""
    held = reach()
    if not held.granted:
        raise NotFoundError("No provider shares a service with your organisation at present.")
    with transaction() as session:
        facts = granted_facts(session, held)
    note_look(ground().database, held, [(line.provider_id, line.service_id) for line, _ in facts], "portfolio")
    declines = [each for _, declined in facts for each in declined]
    view = portfolio_page(held, tuple(line for line, _ in facts), tuple(declines), today=on_day(), address=address)
    return page(
        "comparison/portfolio.html", title="Services you commission", section="commissioner.portfolio", view=view
    )


@commissioner.page("/<uuid:service_id>", access="see_service")
def service(service_id: uuid.UUID) -> str:
    """One service as its commissioner sees it: as it was last released, or as it stands where the grant says so."""
    held = reach()
    grant = grant_at(held, service_id)
    if grant is None:
        raise NotFoundError("There is no such service within your sign-in.")
    with transaction() as session:
        seen = seen_of(session, held, grant)
        files = shared_files(session, seen.place.provider_id, seen.place.service_id)
        packs = shared_packs(session, seen.place.provider_id, seen.place.service_id)
    here = (seen.place.provider_id, seen.place.service_id)
    note_look(ground().database, held, [here], "service")
    view = commissioned_page(
        seen.place,
        grant,
        seen.standings,
        seen.actions,
        seen.decisions,
        today=on_day(),
        released=seen.released,
        restated=seen.restated,
        told=seen.told,
        packs=tuple(pack_item(each, address) for each in packs),
        files=tuple(
            shared_item(each, address("commissioner.file", service_id=service_id, file_id=each.file_id))
            for each in files
        )
        if any("evidence_files" in each.classes for each in held.granted if each.service_id == service_id)
        else None,
    )
    ways = (Button("Requests and findings", address("visits.listing", service_id=service_id), "i-doc"),)
    view = replace(view, head=replace(view.head, buttons=(*view.head.buttons, *ways)))
    if seen.released is None:
        view = with_ways(view, seen.place, seen.standings, address)
    return page(
        "comparison/commissioned_service.html",
        title=view.head.heading,
        crumbs=(Link("Services you commission", address("commissioner.portfolio")), Link(view.head.heading)),
        section="commissioner.portfolio",
        view=view,
    )


@commissioner.page("/<uuid:service_id>/files/<uuid:file_id>", access="see_service")
def file(service_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    """A file that the provider shared, as a download under the words that it chose; it says for whom it is and when."""
    held = reach()
    grant = grant_at(held, service_id)
    if grant is None:
        raise NotFoundError("There is no such service within your sign-in.")
    with transaction() as session:
        shared = shared_files(session, grant.provider_id, grant.service_id)
    found = next((each for each in shared if each.file_id == file_id), None)
    if found is None:
        raise NotFoundError("There is no such file within your sign-in.")
    note_look(ground().database, held, [(grant.provider_id, grant.service_id)], f"file {file_id}")
    given = handed_outside(found, time.time())
    return leaving(given, keeper_of(ground().settings), held.name, now(), grant.body)


def _figures_of(key: str, cells: Sequence[StatusCell]) -> dict[uuid.UUID, str]:
    """From each service to the history of its figures of one indicator."""
    write = address_then()
    return {
        cell.service_id: write("services.indicator", service_id=cell.service_id, indicator_id=cell.indicator_id)
        + "#history-h"
        for cell in cells
        if cell.definition_key == key
    }


def _provider() -> uuid.UUID:
    """The provider that is compared: the one asked for, if it is in reach, else the first."""
    providers = reach().providers_with("compare_services")
    wanted = request.args.get("provider")
    if wanted is not None:
        found = next((each for each in providers if str(each) == wanted), None)
        if found is None:
            raise NotFoundError("There is no such provider within your sign-in.")
        return found
    if not providers:
        raise NotFoundError("There is no provider that your sign-in compares.")
    return providers[0]
