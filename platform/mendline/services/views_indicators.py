"""Beginning an indicator at a service, and setting what it is measured from and aimed at."""

import uuid
from dataclasses import replace
from typing import cast

from flask import Response, flash, redirect, request

from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.past import standings_at
from mendline.indicators.queries import standings
from mendline.indicators.running import change_target, freeze_baseline, start_indicator
from mendline.places.head import address, address_then, crumbs_to
from mendline.places.queries import find_place
from mendline.recovery.queries import FOREVER
from mendline.services.aimed_page import aimed_page
from mendline.services.aimed_queries import aimed_at
from mendline.services.indicator_forms import add_form, aims_form, read_aims, read_start
from mendline.web.components import Link
from mendline.web.frame import as_at, on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError, RefusedError

indicators = Section("indicators", url_prefix="/services/<uuid:service_id>/indicators")

TEMPLATE = "indicators/observation_form.html"


@indicators.page("/new", access="change_indicators")
def new(service_id: uuid.UUID) -> str:
    """The form that begins an indicator."""
    return _add_form(service_id)


@indicators.page("", access="change_indicators", methods=("POST",))
def add(service_id: uuid.UUID) -> Response | tuple[str, int]:
    """Begins an indicator; its page then asks for figures and evidence."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            key, owner, target = read_start(request.form)
            indicator_id = start_indicator(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                definition_key=key,
                review_owner=owner,
                target=target,
                today=on_day(),
            )
    except RefusedError as refused:
        return _add_form(service_id, refused), 422
    flash(
        "The indicator is added. Enter or import its figures, and freeze its baseline when there are enough.", "success"
    )
    return cast(
        "Response", redirect(address("services.indicator", service_id=service_id, indicator_id=indicator_id), 303)
    )


@indicators.page("/<uuid:indicator_id>/aims", access="change_indicators")
def aims(service_id: uuid.UUID, indicator_id: uuid.UUID) -> str:
    """The form that freezes a baseline and sets a target."""
    return _aims_form(service_id, indicator_id)


@indicators.page("/<uuid:indicator_id>/aims/history", access="see_indicators")
def aimed(service_id: uuid.UUID, indicator_id: uuid.UUID) -> str:
    """Each time that its target was set or its baseline frozen: who, when and why; now or as at an earlier moment."""
    then, number = as_at(), request.args.get("page", "0")
    turned = int(number) if number.isdecimal() and len(number) < 5 else 0
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_indicators", place.provider_id, place.service_id)
        here = (place.provider_id, place.service_id, indicator_id)
        found = standings(session, *here) if then is None else standings_at(session, *here, day=on_day(), moment=then)
        if not found:
            raise NotFoundError("There is no such indicator at this service.")
        rows = aimed_at(session, place, indicator_id, day=on_day(), page=turned, as_at=then or FOREVER)
    view = aimed_page(place, found[0], rows, page=turned, address=address_then())
    indicator = Link(
        indicator_definition(found[0].definition_key).short_name,
        address_then()("services.indicator", service_id=service_id, indicator_id=indicator_id),
    )
    crumbs = crumbs_to(place, indicator, Link("Baseline and target"))
    return page("indicators/aimed.html", title=view.head.heading, crumbs=crumbs, section="services.listing", view=view)


@indicators.page("/<uuid:indicator_id>/aims", access="change_indicators", methods=("POST",))
def set_aims(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response | tuple[str, int]:
    """Freezes a baseline, sets a target, or both; all of it or nothing."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            here = {
                "provider_id": place.provider_id,
                "service_id": place.service_id,
                "indicator_id": indicator_id,
            }
            typed = read_aims(request.form)
            if typed.last_period is not None:
                freeze_baseline(
                    session,
                    reach(),
                    **here,
                    last_period=typed.last_period,
                    periods=typed.periods,
                    reason=typed.reason,
                    today=on_day(),
                )
            if typed.target is not None:
                target = replace(typed.target, reason=typed.reason)
                change_target(session, reach(), **here, target=target, today=on_day())
    except RefusedError as refused:
        return _aims_form(service_id, indicator_id, refused), 422
    flash("Saved. What stood before stays visible.", "success")
    return cast(
        "Response", redirect(address("services.indicator", service_id=service_id, indicator_id=indicator_id), 303)
    )


def _add_form(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("change_indicators", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id)
    running = frozenset(each.definition_key for each in found)
    view = add_form(place, running, address=address, given=request.form, refused=refused)
    crumbs = crumbs_to(place, Link("Add an indicator"))
    return page(TEMPLATE, title=view.head.heading, crumbs=crumbs, section="services.listing", view=view)


def _aims_form(service_id: uuid.UUID, indicator_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("change_indicators", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, indicator_id)
        if not found:
            raise NotFoundError("There is no such indicator at this service.")
    view = aims_form(place, found[0], today=on_day(), address=address, given=request.form, refused=refused)
    crumbs = crumbs_to(place, Link("Baseline and target"))
    return page(TEMPLATE, title=view.head.heading, crumbs=crumbs, section="services.listing", view=view)
