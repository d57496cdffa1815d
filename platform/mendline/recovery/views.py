"""Actions, risks, reviews and decisions of a service."""

import uuid
from typing import Any, cast

from flask import Response, flash, redirect, request

from mendline.evidence.queries import evidence_behind
from mendline.indicators.queries import standings
from mendline.indicators.standing import Standing
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.recovery import queries
from mendline.recovery.commands import record_decision
from mendline.recovery.decisions import GivenDecision
from mendline.recovery.presenting import actions_page, reviews_page, risks_page
from mendline.recovery.presenting_decision import decision_page
from mendline.recovery.reviews.commands import KEPT, save_draft
from mendline.recovery.reviews.queries import Draft, draft_of
from mendline.recovery.reviews.rhythm import forum_of
from mendline.recovery.story.queries import story_of
from mendline.recovery.story.rows import Asked
from mendline.recovery.triggers.queries import open_warnings
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import read_day
from tenants.errors import NotFoundError, RefusedError

recovery = Section("recovery", url_prefix="/services/<uuid:service_id>")

SECTION = "services.listing"


@recovery.page("/actions", access="see_actions")
def actions(service_id: uuid.UUID) -> str:
    """The actions of a service."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_actions", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
        rows = queries.actions_of(session, place.provider_id, place.service_id)
    offers = offers_at(reach(), place)
    view = actions_page(place, found, rows, today=on_day(), offers=offers, address=address)
    crumbs = crumbs_to(place, Link("Actions"))
    return page("recovery/actions.html", title=f"Actions, {place.name}", crumbs=crumbs, section=SECTION, view=view)


@recovery.page("/risks", access="see_actions")
def risks(service_id: uuid.UUID) -> str:
    """The risk register of a service."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_actions", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
        rows = queries.risks_of(session, place.provider_id, place.service_id)
    view = risks_page(place, found, rows, offers=offers_at(reach(), place), address=address)
    crumbs = crumbs_to(place, Link("Risks"))
    return page("recovery/actions.html", title=f"Risks, {place.name}", crumbs=crumbs, section=SECTION, view=view)


@recovery.page("/reviews", access="see_actions")
def reviews(service_id: uuid.UUID) -> str:
    """Reviews due and decisions recorded."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_actions", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
        rows = queries.decisions_of(session, place.provider_id, place.service_id)
    offers = offers_at(reach(), place)
    view = reviews_page(place, found, rows, today=on_day(), offers=offers, address=address)
    crumbs = crumbs_to(place, Link("Reviews"))
    return page("recovery/reviews.html", title=f"Reviews, {place.name}", crumbs=crumbs, section=SECTION, view=view)


@recovery.page("/indicators/<uuid:indicator_id>/decision", access="record_decision")
def decide(service_id: uuid.UUID, indicator_id: uuid.UUID) -> str:
    """The form that ends a review in a decision."""
    return _decision_form(service_id, indicator_id)


@recovery.page("/indicators/<uuid:indicator_id>/decision", access="record_decision", methods=("POST",))
def record(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response | tuple[str, int]:
    """Records the decision with what it makes: an action or an escalation; or keeps what was written as a draft."""
    if request.form.get("act") == "draft":
        return _keep(service_id, indicator_id)
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            standing = _one(standings(session, place.provider_id, place.service_id, indicator_id))
            record_decision(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                standing=standing,
                given=_read_decision(),
                forum=_forum(place),
                today=on_day(),
            )
    except RefusedError as refused:
        return _decision_form(service_id, indicator_id, refused), 422
    flash("The decision is recorded. It cannot be edited; a correction is added as a new entry.", "success")
    here = address("services.indicator", service_id=service_id, indicator_id=indicator_id)
    return cast("Response", redirect(here, 303))


def _keep(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("record_decision", *here)
        _one(standings(session, *here, indicator_id))
        save_draft(
            session, reach(), provider_id=place.provider_id, service_id=place.service_id, indicator_id=indicator_id,
            answers=request.form, relied_on=request.form.getlist("relied_on"),
        )  # fmt: skip
    flash("The draft is kept. Only you see it, and it decides nothing.", "success")
    here_href = address("recovery.decide", service_id=service_id, indicator_id=indicator_id)
    return cast("Response", redirect(here_href, 303))


def _decision_form(service_id: uuid.UUID, indicator_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("record_decision", place.provider_id, place.service_id)
        standing = _one(standings(session, place.provider_id, place.service_id, indicator_id))
        evidence = evidence_behind(session, place.provider_id, place.service_id, indicator_id)
        earlier = queries.decisions_of(session, place.provider_id, place.service_id, indicator_id=indicator_id)
        last = next((one.held_on for one in earlier if one.decision != "addendum"), None)
        asked = Asked(indicator_id=indicator_id, since=last, most=20)
        since, _ = story_of(session, place.provider_id, place.service_id, asked)
        warnings = open_warnings(session, place.provider_id, place.service_id, indicator_id)
        draft = None if request.form else _draft(session, place, indicator_id)
    relied_on = request.form.getlist("relied_on") or (draft.answers.get("relied_on", []) if draft else [])
    view = decision_page(
        place,
        standing,
        evidence,
        earlier,
        today=on_day(),
        address=address,
        given=request.form or {name: value for name, value in (draft.answers if draft else {}).items() if name in KEPT},
        relied_on=tuple(relied_on),
        refused=refused,
        since=since,
        drafted_at=draft.saved_at if draft else None,
        warnings=warnings,
    )
    return page(
        "recovery/decision.html",
        title=view.head.heading,
        crumbs=_crumbs(place, standing),
        section=SECTION,
        view=view,
    )


def _draft(session: Any, place: Place, indicator_id: uuid.UUID) -> Draft | None:
    person_id = reach().person_id
    if person_id is None:
        return None
    return draft_of(session, place.provider_id, place.service_id, indicator_id, person_id)


def _read_decision() -> GivenDecision:
    form = request.form
    problems: dict[str, str] = {}
    dates = {name: read_day(form.get(name, ""), name, problems) for name in ("action_due_on", "reply_due_on")}
    if problems:
        raise RefusedError("The decision was not recorded.", problems)
    return GivenDecision(
        decision=form.get("decision", ""),
        what_changed=form.get("what_changed", "").strip(),
        why=form.get("why", "").strip(),
        what_follows=form.get("what_follows", "").strip(),
        relied_on=tuple(form.getlist("relied_on")),
        exception_reason=form.get("exception_reason", "").strip(),
        action_title=form.get("action_title", "").strip(),
        action_owner=form.get("action_owner", "").strip(),
        escalate_to=form.get("escalate_to", ""),
        action_due_on=dates["action_due_on"],
        reply_due_on=dates["reply_due_on"],
        reporting_effect=form.get("reporting_effect") == "yes",
    )


def _forum(place: Place) -> str:
    """Where whoever decides sits: their own review, or the provider's oversight."""
    mine = [held for held in reach().held if held.provider_id == place.provider_id]
    forum = forum_of(held.role for held in mine if held.service_id in (None, place.service_id))
    if forum:
        return forum.key
    return "weekly_review" if mine and mine[0].service_id else "provider_oversight"


def _one(found: tuple[Standing, ...]) -> Standing:
    if not found:
        raise NotFoundError("There is no such indicator at this service.")
    return found[0]


def _crumbs(place: Place, standing: Standing) -> tuple[Link, ...]:
    here = address("services.indicator", service_id=place.service_id, indicator_id=standing.indicator_id)
    return crumbs_to(place, Link("Indicator", here), Link("Record a decision"))
