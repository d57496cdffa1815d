"""Pages of the regulator's clocks: of a service, across services, one clock, and the numbers in force."""

import uuid
from datetime import UTC, date, datetime, time
from typing import cast

from flask import Response, flash, redirect, request

from mendline.catalogue.calendar import LONDON
from mendline.catalogue.clocks import Count, clock_kinds
from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.recovery.clocks import queries
from mendline.recovery.clocks.commands import GivenClockChange, GivenEvent, change_clock, set_count, start_clocks
from mendline.recovery.clocks.presenting import clock_page, clocks_page, provider_clocks_page
from mendline.recovery.clocks.presenting_starting import ABOUT_WORDS, kinds_of_event, new_clock_page, numbers_page
from mendline.recovery.registers.forms import day_of
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError

clocks = Section("clocks", url_prefix="/services/<uuid:service_id>/clocks")
clock_numbers = Section("clock_numbers", url_prefix="/clocks")

SECTION = "services.listing"
_FORM = "recovery/register_form.html"


@clocks.page("", access="see_clocks")
def listing(service_id: uuid.UUID) -> str:
    """The clocks of a service."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_clocks", place.provider_id, place.service_id)
        lines = queries.clocks_of(session, place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
    may_start = reach().may("manage_clocks", place.provider_id, place.service_id)
    offers = offers_at(reach(), place)
    view = clocks_page(place, lines, found, at=now(), offers=offers, may_start=may_start, address=address)
    crumbs = crumbs_to(place, Link("Clocks"))
    return page("recovery/escalations.html", title=f"Clocks, {place.name}", crumbs=crumbs, section=SECTION, view=view)


@clocks.page("/new", access="manage_clocks")
def new(service_id: uuid.UUID) -> str:
    """What came in; then the form that starts its clocks."""
    return _new(service_id, request.args.get("about", ""))


@clocks.page("/new", access="manage_clocks", methods=("POST",))
def start(service_id: uuid.UUID) -> Response | tuple[str, int]:
    """Records the event with the clocks that it starts."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            reference = start_clocks(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, given=_given_event()
            )
    except RefusedError as refused:
        return _new(service_id, request.form.get("about", ""), refused), 422
    flash(f"{reference} is recorded, and its clocks run.", "success")
    return cast("Response", redirect(address("clocks.listing", service_id=service_id), 303))


@clocks.page("/<uuid:clock_id>", access="see_clocks")
def one(service_id: uuid.UUID, clock_id: uuid.UUID) -> str:
    """One clock with everything that happened to it."""
    return _one(service_id, clock_id)


@clocks.page("/<uuid:clock_id>", access="manage_clocks", methods=("POST",))
def change(service_id: uuid.UUID, clock_id: uuid.UUID) -> Response | tuple[str, int]:
    """Records that it was sent, moved, handed on, ended or opened again."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            change_clock(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, clock_id=clock_id,
                given=_given_change(),
            )  # fmt: skip
    except RefusedError as refused:
        return _one(service_id, clock_id, refused), 422
    flash("It is recorded. What stood before stays visible.", "success")
    return cast("Response", redirect(address("clocks.one", service_id=service_id, clock_id=clock_id), 303))


@clock_numbers.page("", access="see_clocks")
def everywhere() -> str:
    """What runs at every service in reach."""
    with transaction() as session:
        lines = queries.running_clocks(session, reach().provider_ids)
    may_set = bool(reach().providers_with("manage_clocks"))
    view = provider_clocks_page(lines, at=now(), may_set=may_set, address=address)
    crumbs = (Link("The regulator's clocks"),)
    return page(
        "recovery/escalations.html", title="Clocks", crumbs=crumbs, section="clock_numbers.everywhere", view=view
    )


@clock_numbers.page("/numbers", access="manage_clocks")
def listing_() -> str:
    """Every kind of clock with its number in force."""
    return _numbers()


@clock_numbers.page("/numbers", access="manage_clocks", methods=("POST",))
def set_number() -> Response | tuple[str, int]:
    """Confirms or changes the provider's number for a kind of clock."""
    form = request.form
    kind = clock_kinds().get(form.get("kind", ""))
    typed = form.get("number", "").strip()
    number = int(typed) if typed.isdecimal() and len(typed) < 4 else 0
    unit = kind.counts.unit if kind and kind.counts else "calendar_days"
    sign = -1 if kind and kind.counts and kind.counts.number < 0 else 1
    try:
        with transaction() as session:
            set_count(
                session, reach(), provider_id=_provider(), kind=form.get("kind", ""), count=Count(unit, sign * number),
                reason=form.get("reason", ""),
            )  # fmt: skip
    except RefusedError as refused:
        return _numbers(refused), 422
    flash("The number is in force for clocks that start from now on.", "success")
    return cast("Response", redirect(address("clock_numbers.listing_"), 303))


def _provider() -> uuid.UUID:
    found = reach().providers_with("manage_clocks")
    if not found:
        raise NotFoundError("There is no such page.")
    return min(found)


def _numbers(refused: RefusedError | None = None) -> str:
    provider_id = _provider()
    with transaction() as session:
        settings = queries.settings_of(session, provider_id)
    view = numbers_page(settings, may_set=True, given=request.form, refused=refused, address=address)
    crumbs = (Link("The regulator's clocks", address("clock_numbers.everywhere")), Link("Numbers"))
    return page("recovery/triggers.html", title="Numbers of the clocks", crumbs=crumbs, section=SECTION, view=view)


def _new(service_id: uuid.UUID, about: str, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("manage_clocks", place.provider_id, place.service_id)
        own = queries.counts_in_force(session, place.provider_id)
    crumbs = crumbs_to(place, Link("Clocks", address("clocks.listing", service_id=service_id)), Link("Start a clock"))
    if about not in ABOUT_WORDS:
        view = kinds_of_event(place, address)
        return page("recovery/triggers.html", title="Start a clock", crumbs=crumbs, section=SECTION, view=view)
    form = new_clock_page(
        place, about, own=own, today=on_day(), given=request.form, chosen=request.form.getlist("kinds"), refused=refused,
        address=address,
    )  # fmt: skip
    return page(_FORM, title="Start a clock", crumbs=crumbs, section=SECTION, view=form)


def _one(service_id: uuid.UUID, clock_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_clocks", place.provider_id, place.service_id)
        line, events = queries.clock_of(session, place.provider_id, place.service_id, clock_id)
    view = clock_page(
        place, line, events, at=now(), may_change=reach().may("manage_clocks", place.provider_id, place.service_id),
        given=request.form, refused=refused, address=address,
    )  # fmt: skip
    crumbs = crumbs_to(place, Link("Clocks", address("clocks.listing", service_id=service_id)), Link(line.reference))
    title = f"{view.head.heading}, {place.name}"
    return page("recovery/register_entry.html", title=title, crumbs=crumbs, section=SECTION, view=view)


def _given_event() -> GivenEvent:
    form = request.form
    kinds = form.getlist("kinds")
    said = {key: day for key in clock_kinds() if (day := day_of(form, f"said_{key}")) is not None}
    return GivenEvent(
        about=form.get("about", ""),
        summary=form.get("summary", ""),
        started_at=_moment(day_of(form, "started_on"), form.get("started_time", "")),
        kinds=kinds,
        owner=form.get("owner", ""),
        said=said,
        record_reference=form.get("record_reference", ""),
    )


def _given_change() -> GivenClockChange:
    form = request.form
    kind = form.get("kind", "")

    def told(name: str) -> str:
        return form.get(f"{kind}_{name}", "")

    return GivenClockChange(
        kind=kind,
        happened_at=_moment(day_of(form, f"{kind}_happened_on"), ""),
        method=told("method"),
        proof=told("proof"),
        evidence_reference=told("evidence_reference"),
        due_on=day_of(form, f"{kind}_due_on"),
        owner=told("owner"),
        reason=told("reason"),
    )


def _moment(day: date | None, typed: str) -> datetime | None:
    """A day and a time in London as an instant; the start of the day where no time was given."""
    if day is None:
        return None
    try:
        at = time.fromisoformat(typed.strip()) if typed.strip() else time()
    except ValueError:
        raise RefusedError("No clock was started.", {"started_time": "Give a time such as 14:30."}) from None
    return datetime.combine(day, at, LONDON).astimezone(UTC)
