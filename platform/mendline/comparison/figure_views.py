"""Down to the source: the page behind one figure, for those who work with it and for those it is shared with."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, cast

from flask import Response, flash, make_response, redirect, request

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_types
from mendline.comparison.differencing import differs_by_few
from mendline.comparison.looking import note_look
from mendline.comparison.suppression import FEWEST_PEOPLE, is_shared, is_small, kept_apart, must_withhold, told_counts
from mendline.evidence.measuring.commands import take_measured
from mendline.evidence.measuring.presenting import figure_page
from mendline.evidence.measuring.queries import figure_sources
from mendline.evidence.measuring.rows import FigureRevision, FigureSources, MeasurementRow
from mendline.evidence.queries import evidence_behind
from mendline.evidence.records.commands import note_look as note_records
from mendline.indicators.queries import standings
from mendline.indicators.standing import Standing
from mendline.places.head import address, address_then, crumbs_to
from mendline.places.queries import find_granted_place, find_place
from mendline.places.rows import Place
from mendline.web.components import Link
from mendline.web.frame import as_at, ground, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import day_or_none
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError

figures = Section("figures", url_prefix="/services/<uuid:service_id>/indicators/<uuid:indicator_id>/figures")

_NO_FIGURE = "There is no figure of this indicator for that period."
_SHOWN = frozenset({"counted", "left_out"})


@figures.page("/<period_start>", access="see_indicators")
def one(service_id: uuid.UUID, indicator_id: uuid.UUID, period_start: str) -> str:
    """A figure with the records that were counted, those that were not and why, and each revision."""
    return _drawn(service_id, indicator_id, _day(period_start))


@figures.page("/<period_start>/take", access="enter_observation", methods=("POST",))
def take(service_id: uuid.UUID, indicator_id: uuid.UUID, period_start: str) -> Response:
    """Takes what the records say in place of the figure that was entered."""
    day = _day(period_start)
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            take_measured(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                indicator_id=indicator_id,
                period_start=day,
                reason=request.form.get("reason", ""),
                at=now(),
            )
    except RefusedError as refused:
        return make_response(_drawn(service_id, indicator_id, day, refused), 422)
    flash("The records' figure stands now. The earlier one is kept beside it.", "success")
    here = address("figures.one", service_id=service_id, indicator_id=indicator_id, period_start=period_start)
    return cast("Response", redirect(here, 303))


def _drawn(service_id: uuid.UUID, indicator_id: uuid.UUID, day: date, refused: RefusedError | None = None) -> str:
    held, then = reach(), as_at()
    number = request.args.get("page", "0")
    show = request.args.get("show")
    turned = int(number) if number.isdecimal() and len(number) < 5 else 0
    verdict = show if show in _SHOWN else None
    revision = request.args.get("revision", "")
    outside = held.is_external
    with transaction() as session:
        place = (find_granted_place if outside else find_place)(session, held, service_id)
        here = (place.provider_id, place.service_id)
        held.require("see_indicators", *here)
        found = figure_sources(
            session,
            *here,
            indicator_id,
            day,
            revision=int(revision) if revision.isdecimal() and len(revision) < 5 else None,
            verdict=verdict,
            page=turned,
            as_at=then,
        )
        if outside:
            found = _for_outsiders(found, place, standings(session, *here))
        see_records = not outside and held.may("see_records", *here)
        evidence = (
            () if outside or not held.may("see_evidence", *here) else evidence_behind(session, *here, indicator_id)
        )
        if see_records:
            _note_records(session, here, found)
    if outside:
        note_look(ground().database, held, [here], f"figure {found.indicator_id} {day.isoformat()}")
    indicator = Link(
        indicator_definition(found.definition_key).short_name,
        "" if outside else address_then()("services.indicator", service_id=service_id, indicator_id=indicator_id),
    )
    view = figure_page(
        place,
        found,
        evidence,
        address=address_then(),
        see_records=see_records,
        may_take=then is None and held.may("enter_observation", *here),
        page=turned,
        verdict=verdict,
        may_check=then is None and held.may("carry_out_check", *here),
        indicator_page=indicator,
    )
    crumbs = (
        (Link("Services you commission", address("commissioner.portfolio")), Link("Behind a figure"))
        if outside
        else crumbs_to(place, indicator, Link("Behind the figure"))
    )
    return page(
        "evidence/figure.html",
        title=view.head.heading,
        crumbs=crumbs,
        section="commissioner.portfolio" if outside else "services.listing",
        view=view,
        refused=str(refused) if refused else "",
    )


def _day(given: str) -> date:
    day = day_or_none(given)
    if day is None:
        raise NotFoundError(_NO_FIGURE)
    return day


def _for_outsiders(found: FigureSources, place: Place, stands: Sequence[Standing]) -> FigureSources:
    """What an outsider may not see of a figure is not shown through its sources either."""
    definition = indicator_definition(found.definition_key, found.definition_version)
    few = place.people_count is not None and place.people_count < FEWEST_PEOPLE
    gone = {
        each.indicator_id
        for each, then in zip(kept_apart(stands, place.people_count), stands, strict=True)
        if each.value is None and then.value is not None
    }
    withheld = not is_shared(definition) or few or found.indicator_id in gone
    told: list[FigureRevision | MeasurementRow] = [*found.revisions, *([found.measured] if found.measured else [])]
    withheld |= any(must_withhold(definition, row.value, row.numerator, row.denominator) for row in told)
    counts = [told_counts(definition, row.value, row.numerator, row.denominator) for row in found.revisions]
    withheld |= any(differs_by_few(now, counts[place + 1 :]) for place, now in enumerate(counts))
    if withheld:
        raise NotFoundError("This figure is too small to be shown outside the provider, and so is what is behind it.")
    plain = tuple(replace(row, recorded_initials=None, reason=None, pointer=None) for row in found.revisions)
    measured = found.measured
    if measured is not None:
        parts = [count for group in measured.kinds.values() for count in group.values()]
        if any(is_small(count) for count in [*parts, measured.left_out]):
            counted = measured.kinds.get("counted", {})
            shown = {} if any(is_small(count) for count in counted.values()) else {"counted": counted}
            measured = replace(measured, kinds=shown, left_out=0)
    return replace(found, revisions=plain, measured=measured, newest=measured, lines=())


def _note_records(session: Any, here: tuple[uuid.UUID, uuid.UUID], found: FigureSources) -> None:
    """A list of records that may lead to people is a look at them."""
    by_kind: dict[str, list[uuid.UUID]] = {}
    for line in found.lines:
        by_kind.setdefault(line.record_type, []).append(line.record_id)
    for key, records in by_kind.items():
        kind = record_types().get(key)
        if kind is not None:
            note_records(session, reach(), kind, provider_id=here[0], service_id=here[1], records=records)
