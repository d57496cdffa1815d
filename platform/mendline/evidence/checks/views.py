"""Pages of spot checks and inspection drills."""

import secrets
import uuid
from datetime import date
from typing import cast

from flask import Response, flash, redirect, request

from mendline.evidence.checks import queries
from mendline.evidence.checks.commands import compare_record, draw_check, end_check
from mendline.evidence.checks.drilling import answer_claim, start_drill
from mendline.evidence.checks.presenting import (
    check_page,
    checks_page,
    draw_page,
)
from mendline.evidence.checks.presenting_drills import drill_page
from mendline.evidence.checks.wording import VERDICT_WORDS, claim_name
from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError

checks = Section("checks", url_prefix="/services/<uuid:service_id>")

SECTION = "services.listing"
_ONE = "evidence/check.html"


@checks.page("/checks", access="see_checks")
def listing(service_id: uuid.UUID) -> str:
    """Spot checks and drills of a service."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_checks", *here)
        lines, drills = queries.checks_of(session, *here), queries.drills_of(session, *here)
        found = standings(session, *here, periods="none")
    view = checks_page(
        place, lines, drills, found, offers=offers_at(reach(), place), may_check=reach().may("carry_out_check", *here),
        address=address,
    )  # fmt: skip
    crumbs = crumbs_to(place, Link("Checks"))
    return page("evidence/checks.html", title=f"Checks, {place.name}", crumbs=crumbs, section=SECTION, view=view)


@checks.page("/checks/new", access="carry_out_check")
def new(service_id: uuid.UUID) -> str:
    """Says what would be drawn for a figure."""
    indicator_id, period = _asked(request.args.get("indicator", ""), request.args.get("period", ""))
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("carry_out_check", place.provider_id, place.service_id)
        claim = _claim(place, session, indicator_id, period)
        records, _ = queries.records_behind(session, place.provider_id, place.service_id, indicator_id, period)
    view = draw_page(place, indicator_id, claim, period, population=len(records), address=address)
    return _page(place, view, "Test this claim")


@checks.page("/checks/new", access="carry_out_check", methods=("POST",))
def draw(service_id: uuid.UUID) -> Response:
    """Draws the sample."""
    indicator_id, period = _asked(request.form.get("indicator", ""), request.form.get("period", ""))
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        check_id = draw_check(
            session, reach(), provider_id=place.provider_id, service_id=place.service_id, indicator_id=indicator_id,
            period_start=period, seed=secrets.token_hex(8), purpose=request.form.get("purpose", ""), today=on_day(),
            at=now(),
        )  # fmt: skip
    flash("The sample is drawn. Take each record to its original.", "success")
    return _to("checks.one", service_id=service_id, check_id=check_id)


@checks.page("/checks/<uuid:check_id>", access="see_checks")
def one(service_id: uuid.UUID, check_id: uuid.UUID) -> str:
    """One check: the next record, and what was found."""
    return _check(service_id, check_id)


@checks.page("/checks/<uuid:check_id>", access="carry_out_check", methods=("POST",))
def compare(service_id: uuid.UUID, check_id: uuid.UUID) -> Response | tuple[str, int]:
    """Records what the comparison of one record found."""
    form = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            compare_record(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, check_id=check_id,
                record_id=_identifier(form.get("record", "")), finding=form.get("finding", ""), words=form.get("note", ""),
                at=now(),
            )  # fmt: skip
    except RefusedError as refused:
        return _check(service_id, check_id, refused), 422
    return _to("checks.one", service_id=service_id, check_id=check_id)


@checks.page("/checks/<uuid:check_id>/end", access="carry_out_check", methods=("POST",))
def end(service_id: uuid.UUID, check_id: uuid.UUID) -> Response | tuple[str, int]:
    """Ends the check and puts its result where figures are judged."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            found = end_check(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, check_id=check_id,
                today=on_day(), at=now(),
            )  # fmt: skip
    except RefusedError as refused:
        return _check(service_id, check_id, refused), 422
    flash(f"{VERDICT_WORDS[found.verdict or 'unsure']}. The figure is judged again.", "success")
    return _to("checks.one", service_id=service_id, check_id=check_id)


@checks.page("/drills/new", access="carry_out_check", methods=("POST",))
def start_drill_(service_id: uuid.UUID) -> Response:
    """Draws claims and starts the clock."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        drill_id = start_drill(
            session, reach(), provider_id=place.provider_id, service_id=place.service_id, seed=secrets.token_hex(8),
            at=now(),
        )  # fmt: skip
    return _to("checks.drill", service_id=service_id, drill_id=drill_id)


@checks.page("/drills/<uuid:drill_id>", access="see_checks")
def drill(service_id: uuid.UUID, drill_id: uuid.UUID) -> str:
    """One drill: the next claim, and the answers."""
    return _drill(service_id, drill_id)


@checks.page("/drills/<uuid:drill_id>", access="carry_out_check", methods=("POST",))
def answer(service_id: uuid.UUID, drill_id: uuid.UUID) -> Response | tuple[str, int]:
    """Answers the next claim."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            answer_claim(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, drill_id=drill_id,
                given=request.form, at=now(),
            )  # fmt: skip
    except RefusedError as refused:
        return _drill(service_id, drill_id, refused), 422
    return _to("checks.drill", service_id=service_id, drill_id=drill_id)


def _check(service_id: uuid.UUID, check_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    chosen = request.form.get("record") or request.args.get("record", "")
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_checks", *here)
        line, drawn = queries.check_of(session, *here, check_id, reach().person_id)
    sees_records = reach().may("see_records", *here)
    hrefs = {
        one.record_id: address(
            "records.one", service_id=service_id, record_type=one.record_type, record_id=one.record_id
        )
        for one in drawn
        if sees_records
    }
    view = check_page(
        place, line, drawn, chosen=_identifier(chosen) if chosen else None,
        may_check=reach().may("carry_out_check", *here), given=request.form, refused=refused, record_href=hrefs,
        address=address,
    )  # fmt: skip
    return _page(place, view, f"Spot check {line.reference}")


def _drill(service_id: uuid.UUID, drill_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_checks", *here)
        found = queries.drills_of(session, *here, drill_id)
        cadences = {str(each.indicator_id): each.cadence for each in standings(session, *here, periods="none")}
    if not found:
        raise NotFoundError("There is no such drill here.")
    view = drill_page(
        place, found[0], cadences=cadences, may_check=reach().may("carry_out_check", *here), given=request.form,
        refused=refused, now=now(), address=address,
    )  # fmt: skip
    return _page(place, view, f"Inspection drill {found[0].reference}")


def _page(place: Place, view: object, title: str) -> str:
    back = Link("Checks", address("checks.listing", service_id=place.service_id))
    crumbs = crumbs_to(place, back, Link(title))
    return page(_ONE, title=f"{title}, {place.name}", crumbs=crumbs, section=SECTION, view=view)


def _claim(place: Place, session: object, indicator_id: uuid.UUID, period: date) -> str:
    found = standings(session, place.provider_id, place.service_id, indicator_id, periods="none")  # type: ignore[arg-type]
    if not found:
        raise NotFoundError("There is no such indicator here.")
    return claim_name(found[0].definition_key, found[0].cadence, period)


def _asked(indicator: str, period: str) -> tuple[uuid.UUID, date]:
    try:
        return uuid.UUID(indicator), date.fromisoformat(period)
    except ValueError:
        raise NotFoundError("There is no such figure.") from None


def _identifier(typed: str) -> uuid.UUID:
    try:
        return uuid.UUID(typed)
    except ValueError:
        raise NotFoundError("There is no such record.") from None


def _to(endpoint: str, **values: uuid.UUID) -> Response:
    return cast("Response", redirect(address(endpoint, **values), 303))
