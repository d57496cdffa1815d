"""Settling a chart: looking at it, setting it by hand, asking for new limits, deciding on them."""

import uuid
from typing import cast

from flask import Response, flash, redirect, request

from mendline.indicators.chart_commands import Chart, ask_new_base, choose_chart, decide_new_base, leave_out
from mendline.indicators.chart_queries import bases_of, choices_of
from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.services.chart_page import Typed, chart_page, read_asked, read_decision
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import day_or_none
from tenants.errors import NotFoundError, RefusedError

charts = Section("charts", url_prefix="/services/<uuid:service_id>/indicators")


@charts.page("/<uuid:indicator_id>/chart", access="see_indicators")
def one(service_id: uuid.UUID, indicator_id: uuid.UUID) -> str:
    """Which chart it is, why, and what its limits rest on."""
    return _page(service_id, indicator_id)


@charts.page("/<uuid:indicator_id>/chart", access="change_indicators", methods=("POST",))
def choose(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response | tuple[str, int]:
    """Sets a chart by hand, or gives the choice back to the figures."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            given = request.form
            choose_chart(
                session,
                reach(),
                _chart(place, indicator_id),
                kind=given.get("chart", ""),
                reason=given.get("chart_reason", ""),
                today=on_day(),
            )
    except RefusedError as refused:
        return _page(service_id, indicator_id, Typed("choose", request.form, refused)), 422
    return _back(service_id, indicator_id, "The chart is set. It is worked out anew in a moment.")


@charts.page("/<uuid:indicator_id>/limits", access="change_indicators", methods=("POST",))
def ask(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response | tuple[str, int]:
    """Asks for limits to be set anew."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            ask_new_base(session, reach(), _chart(place, indicator_id), read_asked(request.form))
    except RefusedError as refused:
        return _page(service_id, indicator_id, Typed("ask", request.form, refused)), 422
    return _back(service_id, indicator_id, "Asked for. Another person decides; until then the old limits hold.")


@charts.page("/<uuid:indicator_id>/limits/<uuid:base_id>", access="record_decision", methods=("POST",))
def decide(service_id: uuid.UUID, indicator_id: uuid.UUID, base_id: uuid.UUID) -> Response | tuple[str, int]:
    """Agrees to new limits, or refuses them."""
    try:
        approve = read_decision(request.form)
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            decide_new_base(
                session,
                reach(),
                _chart(place, indicator_id),
                base_id,
                approve=approve,
                words=request.form.get("note", ""),
            )
    except RefusedError as refused:
        return _page(service_id, indicator_id, Typed("decide", request.form, refused)), 422
    words = "The limits are set anew. They are worked out in a moment." if approve else "Refused. The old limits hold."
    return _back(service_id, indicator_id, words)


@charts.page("/<uuid:indicator_id>/left-out", access="change_indicators", methods=("POST",))
def leave(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response | tuple[str, int]:
    """Leaves an exceptional period out of the limits, or puts it back."""
    given = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            out = leave_out(
                session,
                reach(),
                _chart(place, indicator_id),
                period=day_or_none(given.get("period", "")),
                reason=given.get("out_reason", ""),
            )
    except RefusedError as refused:
        return _page(service_id, indicator_id, Typed("leave", given, refused)), 422
    words = "Left out of the limits." if out else "Put back into the limits."
    return _back(service_id, indicator_id, f"{words} They are worked out anew in a moment.")


def _chart(place: Place, indicator_id: uuid.UUID) -> Chart:
    return Chart(place.provider_id, place.service_id, indicator_id)


def _back(service_id: uuid.UUID, indicator_id: uuid.UUID, words: str) -> Response:
    flash(words, "success")
    return cast("Response", redirect(address("charts.one", service_id=service_id, indicator_id=indicator_id), 303))


def _page(service_id: uuid.UUID, indicator_id: uuid.UUID, typed: Typed | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_indicators", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, indicator_id)
        if not found:
            raise NotFoundError("There is no such indicator at this service.")
        choices = choices_of(session, place.provider_id, place.service_id, indicator_id)
        bases = bases_of(session, place.provider_id, place.service_id, indicator_id)
    view = chart_page(
        place,
        found[0],
        choices,
        bases,
        reach=reach(),
        offers=offers_at(reach(), place),
        address=address,
        typed=typed or Typed(),
    )
    return page(
        "indicators/chart_base.html",
        title=view.head.heading,
        crumbs=crumbs_to(place, Link("Chart and limits")),
        section="services.listing",
        view=view,
    )
