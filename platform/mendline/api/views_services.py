"""Services, the comparison of a provider's services, and packs."""

import uuid
from dataclasses import replace
from datetime import date
from typing import cast

from flask import Response, request, url_for

from mendline.api import cursors
from mendline.api.asking import MOST_LISTED, answer, answer_list, answer_slice, as_at, body_of, day, limit
from mendline.api.bodies import NEW_PACK
from mendline.api.queries import own_place, works_at
from mendline.api.resources import (
    ComparedOut,
    ComparisonOut,
    Counts,
    NeighbourOut,
    NewestPlanOut,
    PackOut,
    PooledOut,
    RatingOut,
    RequirementOut,
    ServiceLineOut,
    ServiceOut,
)
from mendline.api.table import AS_AT, CURSOR, LIMIT, Query, api
from mendline.api.wire import picked
from mendline.api.writing import written
from mendline.catalogue.indicators import indicator_definition, indicator_definitions
from mendline.comparison.comparing import Then, compared, most_common
from mendline.comparison.one_period import OfPeriod, of_period
from mendline.comparison.queries import MOST_COLUMNS, StatusCell
from mendline.packs.commands import request_pack
from mendline.packs.composing_story import KINDS
from mendline.packs.queries import PackLine, find_pack, packs_of_service
from mendline.packs.storage import fetch
from mendline.places.queries import service_lines
from mendline.places.rows import Place, ServiceLine
from mendline.web.frame import ground, reach, transaction
from mendline.web.readings import composite_reading, target_reading
from tenants.clock import LONDON, now
from tenants.errors import ConflictError, NotPermittedError, RefusedError
from tenants.ledger import note


@api.operation("GET", "/services", access="see_service", answer=ServiceLineOut, paged=True, query=(CURSOR, LIMIT))
def services() -> Response:
    """The services where you work, by name."""
    held, most = reach(), limit()
    if held.is_external:
        raise NotPermittedError("The API serves a provider's own people. Your portfolio page shows what is shared.")
    with transaction() as session:
        lines = [line for line in service_lines(session, held) if works_at(held, line.provider_id, line.service_id)]
    lines.sort(key=_place_in_list)
    after = request.args.get("cursor")
    if after:
        place = tuple(cursors.read(after, 2))
        lines = [line for line in lines if _place_in_list(line) > place]
    more = cursors.written(*_place_in_list(lines[most - 1])) if len(lines) > most else None
    return answer_list([_line(line) for line in lines[:most]], more)


@api.operation("GET", "/services/<uuid:service_id>", access="see_service", answer=ServiceOut)
def service(service_id: uuid.UUID) -> Response:
    """One service with the regulator's position and its plan."""
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_service", place.provider_id, place.service_id)
    return answer(_whole(place))


@api.operation(
    "GET",
    "/providers/<uuid:provider_id>/comparison",
    access="compare_services",
    answer=ComparisonOut,
    query=(
        Query("indicator", "text", "The catalogue's key; may be repeated. The most common ones otherwise.", many=True),
        Query("period", "date", "The first day of a period: figures are of that one. The newest of each otherwise."),
        AS_AT,
    ),
)
def comparison(provider_id: uuid.UUID) -> Response:
    """The services of a provider side by side, on chosen indicators, with pooled figures; readings are of the newest."""
    reach().require("compare_services", provider_id)
    asked = tuple(dict.fromkeys(request.args.getlist("indicator")))
    unknown = [key[:60] for key in asked if key not in indicator_definitions()]
    if unknown or len(asked) > MOST_COLUMNS:
        words = f"Name up to {MOST_COLUMNS} keys of the catalogue."
        raise RefusedError(words, {"indicator": f"{words} Unknown: {', '.join(unknown)}." if unknown else words})
    at, period = as_at(), day("period")
    then = Then(at.astimezone(LONDON).date(), at) if at and at < now() else None
    with transaction() as session:
        found = compared(session, provider_id, choose=lambda used: asked or most_common(used), then=then)
        chosen = of_period(session, provider_id, found.keys, period, at) if period else None
    cells = (
        found.cells if period is None or chosen is None else [_of_period(one, period, chosen) for one in found.cells]
    )
    pooled = chosen.pooled if chosen else found.pooled
    return answer(
        ComparisonOut(
            provider_id,
            tuple(_compared(cell) for cell in cells),
            tuple(picked(PooledOut, one, definition=one.definition_key) for one in pooled),
        )
    )


@api.operation(
    "GET", "/services/<uuid:service_id>/packs", access="see_packs", answer=PackOut, paged=True, query=(CURSOR, LIMIT)
)
def packs_of(service_id: uuid.UUID) -> Response:
    """The newest packs of a service."""
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_packs", place.provider_id, place.service_id)
        lines = packs_of_service(session, reach(), service_id, most=MOST_LISTED)
    own = [line for line in lines if line.provider_id == place.provider_id]
    return answer_slice(own, lambda line: line.pack_id, _pack)


@api.operation(
    "POST", "/services/<uuid:service_id>/packs", access="request_pack", answer=PackOut, status=202, body=NEW_PACK
)
def ask_for_pack(service_id: uuid.UUID) -> Response:
    """Asks for a pack as things stand now or stood at a day's end; a worker makes it, its address shows the progress."""
    wanted = body_of(NEW_PACK) if request.get_data() else {}
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("request_pack", place.provider_id, place.service_id)

        def make() -> PackOut:
            pack_id = request_pack(
                session,
                reach(),
                place,
                day=wanted.get("as_at"),
                drills=wanted.get("drills", True),
                story=wanted.get("story", KINDS),
            )
            return _pack(find_pack(session, reach(), pack_id))

        response = written(session, place.provider_id, 202, make)
    response.headers["Location"] = url_for("api.pack", pack_id=cast("dict[str, str]", response.get_json())["pack_id"])
    return response


@api.operation("GET", "/packs/<uuid:pack_id>", access="see_packs", answer=PackOut)
def pack(pack_id: uuid.UUID) -> Response:
    """One pack with how far it is."""
    with transaction() as session:
        line = find_pack(session, reach(), pack_id)
        reach().require("see_packs", line.provider_id, line.service_id)
    return answer(_pack(line))


@api.operation("GET", "/packs/<uuid:pack_id>.pdf", access="see_packs", media="application/pdf")
def pack_file(pack_id: uuid.UUID) -> Response:
    """The finished PDF; each download is written into the ledger."""
    with transaction() as session:
        line = find_pack(session, reach(), pack_id)
        reach().require("see_packs", line.provider_id, line.service_id)
        if line.object_key is None:
            raise ConflictError("This pack is not ready yet. Ask again in a while.")
        note(
            session, reach(), "pack downloaded", provider_id=line.provider_id, service_id=line.service_id,
            subject=line.reference,
        )  # fmt: skip
    response = Response(fetch(ground().settings.state, line.object_key), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{line.reference}.pdf"'
    return response


def _place_in_list(line: ServiceLine) -> tuple[str, str]:
    return line.name.casefold(), str(line.service_id)


def _line(line: ServiceLine) -> ServiceLineOut:
    """Counts are left out for whoever does not see indicators: nothing is not the same as none."""
    sees = reach().may("see_indicators", line.provider_id, line.service_id)
    counts = Counts(line.improving, line.stable, line.deteriorating, line.insufficient, line.unescalated)
    return picked(ServiceLineOut, line, indicators=counts if sees else None)


def _whole(place: Place) -> ServiceOut:
    return picked(
        ServiceOut,
        place,
        rating=picked(RatingOut, place.rating) if place.rating else None,
        requirements=tuple(picked(RequirementOut, one) for one in place.requirements),
        plan=picked(NewestPlanOut, place.plan) if place.plan else None,
        follows=picked(NeighbourOut, place.before) if place.before else None,
        followed_by=picked(NeighbourOut, place.after) if place.after else None,
    )


def _of_period(cell: StatusCell, period: date, chosen: OfPeriod) -> StatusCell:
    figure = chosen.figures.get((cell.service_id, cell.definition_key))
    return replace(
        cell,
        last_period=period,
        numerator=figure.numerator if figure else None,
        denominator=figure.denominator if figure else None,
        value=figure.value if figure else None,
    )


def _compared(cell: StatusCell) -> ComparedOut:
    definition = indicator_definition(cell.definition_key)
    trend = composite_reading(cell.composite, lower_is_better=definition.direction == "lower_is_better")
    return picked(
        ComparedOut,
        cell,
        definition=cell.definition_key,
        period_start=cell.last_period,
        reading=trend.word,
        target_reading=target_reading(cell.assurance, supported=cell.composite != "not_supported").word,
        is_supported=cell.composite != "not_supported",
        days_without_decision=cell.unescalated_days,
    )


def _pack(line: PackLine) -> PackOut:
    state = "done" if line.object_key else line.job_state or "queued"
    progress = 100 if line.object_key else line.progress or 0
    return picked(PackOut, line, state=state, progress=progress, made_for=line.for_body)
