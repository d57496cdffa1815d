"""Pages of escalations: those of a service, those of all services within reach, one with its decision."""

import uuid
from datetime import date
from typing import cast

from flask import Response, flash, redirect, request

from mendline.duties.queries import colleagues
from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.recovery.queries import risks_of
from mendline.recovery.registers import queries
from mendline.recovery.registers.commands import (
    GivenEscalation,
    decide_escalation,
    open_escalation,
    reply_to_oversight,
)
from mendline.recovery.registers.forms import day_of, identifier_of, maybe_identifier, number_of
from mendline.recovery.registers.outcomes import GivenOutcome
from mendline.recovery.registers.presenting import escalations_page, everywhere_page
from mendline.recovery.registers.presenting_one import escalation_page, new_escalation_page
from mendline.recovery.registers.presenting_rules import matter_page, rules_page
from mendline.recovery.registers.queries import indicator_of
from mendline.recovery.triggers.thresholds import rules_in_force, set_threshold
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import ConflictError, NotFoundError, RefusedError

escalations = Section("escalations")

SECTION = "services.listing"


@escalations.page("/escalations", access="see_escalations")
def everywhere() -> str:
    """What was escalated at every service within reach."""
    with transaction() as session:
        lines = queries.every_escalation(session, reach())
        matters = queries.oversight_of(session, reach())
    mine = frozenset(line.escalation_id for line in lines if line.is_open and queries.decides(reach(), line))
    view = everywhere_page(
        lines, matters, mine=mine, today=on_day(), may_set=reach().may_anywhere("see_escalations"), address=address
    )
    return page(
        "recovery/escalations.html",
        title="Escalations",
        crumbs=(Link("Escalations"),),
        section="escalations.everywhere",
        view=view,
    )


@escalations.page("/escalations/rules", access="see_escalations")
def rules() -> str:
    """Every rule with its thresholds, and how often it fired."""
    return _rules()


@escalations.page("/escalations/rules", access="manage_actions", methods=("POST",))
def set_rule() -> Response | tuple[str, int]:
    """Sets a provider's own threshold within the limits of the rule."""
    form = request.form
    try:
        with transaction() as session:
            set_threshold(
                session,
                reach(),
                provider_id=_one_provider(),
                rule_key=form.get("rule", ""),
                name=form.get("name", ""),
                typed=form.get("value", ""),
                reason=form.get("reason", ""),
            )
    except RefusedError as refused:
        return _rules(refused), 422
    flash("The threshold is changed. It holds from the next time the rule is asked.", "success")
    return cast("Response", redirect(address("escalations.rules"), 303))


@escalations.page("/services/<uuid:service_id>/escalations", access="see_escalations")
def listing(service_id: uuid.UUID) -> str:
    """What was escalated at a service."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_escalations", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
        lines = queries.escalations_of(session, place.provider_id, place.service_id)
        episodes = queries.episodes_of(session, place.provider_id, place.service_id)
    mine = frozenset(line.escalation_id for line in lines if line.is_open and queries.decides(reach(), line))
    view = escalations_page(
        place, found, lines, episodes, mine=mine, today=on_day(), offers=offers_at(reach(), place),
        may_open=reach().may("manage_actions", place.provider_id, place.service_id), address=address,
    )  # fmt: skip
    crumbs = crumbs_to(place, Link("Escalations"))
    return page(
        "recovery/escalations.html", title=f"Escalations, {place.name}", crumbs=crumbs, section=SECTION, view=view
    )


@escalations.page("/services/<uuid:service_id>/escalations/new", access="manage_actions")
def new(service_id: uuid.UUID) -> str:
    """The form that puts something before somebody."""
    return _new(service_id)


@escalations.page("/services/<uuid:service_id>/escalations/new", access="manage_actions", methods=("POST",))
def open_one(service_id: uuid.UUID) -> Response | tuple[str, int]:
    """Puts something before somebody."""
    form = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            indicator_id = indicator_of(session, place, identifier_of(form, "indicator_id"))
            found = open_escalation(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                given=GivenEscalation(
                    indicator_id=indicator_id,
                    to_role=form.get("to_role", ""),
                    kind=form.get("kind", ""),
                    asked=form.get("asked", ""),
                    due_on=day_of(form, "due_on"),
                    interim_control=form.get("interim_control", ""),
                    subject_person_id=maybe_identifier(form, "subject"),
                ),
                today=on_day(),
            )
    except RefusedError as refused:
        return _new(service_id, refused), 422
    flash("It is escalated. It ends only by a recorded decision.", "success")
    return cast("Response", redirect(address("escalations.one", service_id=service_id, escalation_id=found), 303))


@escalations.page("/services/<uuid:service_id>/escalations/<uuid:escalation_id>", access="see_escalations")
def one(service_id: uuid.UUID, escalation_id: uuid.UUID) -> str:
    """One escalation with the facts that fired it."""
    return _one(service_id, escalation_id)


@escalations.page(
    "/services/<uuid:service_id>/escalations/<uuid:escalation_id>", access="answer_escalation", methods=("POST",)
)
def decide(service_id: uuid.UUID, escalation_id: uuid.UUID) -> Response | tuple[str, int]:
    """Records how it ends, and makes what that decides."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            made = decide_escalation(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                escalation_id=escalation_id,
                given=_given(),
                today=on_day(),
            )
    except RefusedError as refused:
        return _one(service_id, escalation_id, refused), 422
    except ConflictError as conflict:
        return _one(service_id, escalation_id, RefusedError(str(conflict), {"escalation": str(conflict)})), 409
    told = f" It made {', '.join(made)}." if made else ""
    flash(f"The decision is recorded.{told}", "success")
    return cast(
        "Response", redirect(address("escalations.one", service_id=service_id, escalation_id=escalation_id), 303)
    )


@escalations.page("/services/<uuid:service_id>/oversight/<matter>", access="see_escalations")
def matter(service_id: uuid.UUID, matter: str) -> str:
    """Something that is before the provider's level."""
    return _matter(service_id, matter)


@escalations.page("/services/<uuid:service_id>/oversight/<matter>", access="answer_escalation", methods=("POST",))
def reply(service_id: uuid.UUID, matter: str) -> Response | tuple[str, int]:
    """Answers it."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            reply_to_oversight(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                reference=matter,
                reply=request.form.get("reply", ""),
                today=on_day(),
            )
    except RefusedError as refused:
        return _matter(service_id, matter, refused), 422
    flash("The reply is recorded.", "success")
    return cast("Response", redirect(address("escalations.everywhere"), 303))


def _one(service_id: uuid.UUID, escalation_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_escalations", *here)
        found = queries.one_escalation(session, *here, escalation_id)
        risks = [risk.reference for risk in risks_of(session, *here) if risk.state != "closed"]
    view = escalation_page(
        place, found, decides=queries.decides(reach(), found.line), may_manage=reach().may("manage_actions", *here),
        today=on_day(), given=request.form, risks=risks, refused=refused, address=address,
    )  # fmt: skip
    return page(
        "recovery/register_entry.html",
        title=f"{view.head.heading}, {place.name}",
        crumbs=_crumbs(place),
        section=SECTION,
        view=view,
    )


def _new(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("manage_actions", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
        people = colleagues(session, place.provider_id, place.service_id)
    view = new_escalation_page(place, found, people, given=request.form, refused=refused, address=address)
    return page(
        "recovery/register_form.html",
        title=f"Escalate, {place.name}",
        crumbs=_crumbs(place),
        section=SECTION,
        view=view,
    )


def _matter(service_id: uuid.UUID, reference: str, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_escalations", place.provider_id, place.service_id)
        lines = queries.oversight_of(session, reach(), place.service_id)
    found = next((line for line in lines if line.reference == reference), None)
    if found is None:
        raise NotFoundError("There is no such matter before the provider at this service.")
    provider_level = any(held.service_id is None for held in reach().held)
    may_reply = provider_level and reach().may("answer_escalation", place.provider_id, place.service_id)
    view = matter_page(
        place, found, may_reply=may_reply, given=request.form, refused=refused, today=on_day(), address=address
    )
    return page(
        "recovery/register_entry.html", title=view.head.heading, crumbs=_crumbs(place), section=SECTION, view=view
    )


def _rules(refused: RefusedError | None = None) -> str:
    with transaction() as session:
        provider_id = _one_provider()
        found = rules_in_force(session, provider_id)
    may_set = provider_id in reach().providers_with("manage_actions")
    view = rules_page(found, may_set=may_set, given=request.form, refused=refused, address=address)
    crumbs = (Link("Escalations", address("escalations.everywhere")), Link("Rules"))
    return page("recovery/triggers.html", title="Rules and thresholds", crumbs=crumbs, view=view)


def _one_provider() -> uuid.UUID:
    held = [row.provider_id for row in reach().held]
    if not held:
        raise NotFoundError("There is nothing here that your sign-in covers.")
    return held[0]


def _given() -> GivenOutcome:
    form = request.form
    day: date | None = day_of(form, "due_on")
    return GivenOutcome(
        outcome=form.get("outcome", ""),
        reason=form.get("reason", ""),
        title=form.get("title", ""),
        owner=form.get("owner", ""),
        due_on=day,
        likelihood=number_of(form, "likelihood"),
        impact=number_of(form, "impact"),
        controls=form.get("controls", ""),
        risk_reference=form.get("risk_reference", ""),
        from_shift=form.get("from_shift", ""),
    )


def _crumbs(place: Place) -> tuple[Link, ...]:
    here = address("escalations.listing", service_id=place.service_id)
    return crumbs_to(place, Link("Escalations", here), Link("An escalation"))
