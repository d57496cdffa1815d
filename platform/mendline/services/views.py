"""The pages of one service: the list, the dashboard, an indicator, and entering a figure."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import cast

from flask import Response, flash, redirect, request

from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.commands import enter_observation
from mendline.indicators.past import standings_at
from mendline.indicators.queries import standings
from mendline.places.head import Offers, address, address_then, crumbs_to, offers_at
from mendline.places.queries import find_place, service_lines
from mendline.places.rows import Place
from mendline.recovery.queries import FOREVER
from mendline.services.dashboard import dashboard_page
from mendline.services.figure_form import figure_form as draw_form
from mendline.services.figure_form import read_figure
from mendline.services.indicator_page import history_rows, indicator_page
from mendline.services.indicator_queries import behind
from mendline.services.kept_rows import kept_rows
from mendline.services.listing import listing_page
from mendline.services.queries import open_work
from mendline.web.components import Button, Link
from mendline.web.frame import as_at, as_at_day, on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError, RefusedError

services = Section("services", url_prefix="/services")

HISTORY = timedelta(weeks=104)


@services.page("/", access="see_indicators")
def listing() -> str:
    """The services within reach."""
    with transaction() as session:
        lines = service_lines(session, reach())
    view = listing_page(lines, today=on_day(), address=address)
    if reach().may_anywhere("see_imports"):
        files = Button("Imports", address("imports.listing"), "i-doc")
        view = replace(view, head=replace(view.head, buttons=(*view.head.buttons, files)))
    return page("indicators/service_list.html", title="Services", section="services.listing", view=view)


@services.page("/<uuid:service_id>", access="see_indicators")
def dashboard(service_id: uuid.UUID) -> str:
    """A service at a glance, today or as it stood at the end of a day."""
    then = as_at()
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_indicators", place.provider_id, place.service_id)
        if then is None:
            found = standings(session, place.provider_id, place.service_id, periods="drawn")
        else:
            found = standings_at(session, place.provider_id, place.service_id, day=on_day(), moment=then)
        actions, escalations = open_work(session, place, then or FOREVER)
    offers = _offers(place)
    view = dashboard_page(
        place,
        found,
        actions,
        escalations,
        today=on_day(),
        offers=offers,
        address=address_then(),
        row=kept_rows(place, offers, on_day()) if then is None else None,
    )
    return page(
        "indicators/dashboard.html",
        title=view.head.heading,
        crumbs=(*crumbs_to(place)[:2], Link(place.name)),
        section="services.listing",
        view=view,
    )


@services.page("/<uuid:service_id>/indicators/<uuid:indicator_id>", access="see_indicators")
def indicator(service_id: uuid.UUID, indicator_id: uuid.UUID) -> str:
    """One indicator with all that stands behind it, today or as it stood at the end of a day."""
    then = as_at()
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_indicators", place.provider_id, place.service_id)
        here = (place.provider_id, place.service_id, indicator_id)
        found = standings(session, *here) if then is None else standings_at(session, *here, day=on_day(), moment=then)
        if not found:
            raise NotFoundError("There is no such indicator at this service.")
        rows = behind(session, place, indicator_id, since=on_day() - HISTORY, as_at=then or FOREVER)
    view = indicator_page(place, found[0], rows, today=on_day(), offers=_offers(place), address=address_then())
    return page(
        "indicators/indicator.html",
        title=f"{view.head.heading}, {place.name}",
        crumbs=crumbs_to(place, Link(indicator_definition(found[0].definition_key).short_name)),
        section="services.listing",
        view=view,
    )


@services.page("/<uuid:service_id>/indicators/<uuid:indicator_id>/figures/new", access="enter_observation")
def figure_form(service_id: uuid.UUID, indicator_id: uuid.UUID) -> str:
    """The form that enters or corrects a figure."""
    return _figure_form(service_id, indicator_id)


@services.page(
    "/<uuid:service_id>/indicators/<uuid:indicator_id>/figures", access="enter_observation", methods=("POST",)
)
def save_figure(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response | tuple[str, int]:
    """Saves a figure and asks for what follows from it; the page after it shows the figure at once."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            typed = read_figure(request.form)
            enter_observation(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                indicator_id=indicator_id,
                period_start=typed.period_start,
                numerator=typed.numerator,
                denominator=typed.denominator,
                value=typed.value,
                state=typed.state,
                reason=typed.reason,
                today=on_day(),
            )
    except RefusedError as refused:
        return _figure_form(service_id, indicator_id, refused), 422
    flash("The figure is saved. Trend and comparison are being worked out and will follow in a moment.", "success")
    here = address("services.indicator", service_id=service_id, indicator_id=indicator_id)
    return cast("Response", redirect(here, 303))


def _offers(place: Place) -> Offers:
    """What may be done from here; from a page that is drawn as at a past day, nothing is entered."""
    offers = offers_at(reach(), place)
    if as_at_day() is None:
        return offers
    return replace(offers, decide=False, pack=False, enter=False, change=False)


def _figure_form(service_id: uuid.UUID, indicator_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("enter_observation", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, indicator_id)
        if not found:
            raise NotFoundError("There is no such indicator at this service.")
        rows = behind(session, place, indicator_id, since=on_day() - HISTORY, most=6)
    view = draw_form(
        place,
        found[0],
        history_rows(rows, found[0], place, address),
        today=on_day(),
        address=address,
        given=request.form if refused else None,
        refused=refused,
    )
    return page(
        "indicators/observation_form.html",
        title=view.head.heading,
        crumbs=crumbs_to(place, Link("Enter a figure")),
        section="services.listing",
        view=view,
    )
