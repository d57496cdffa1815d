"""Pages of single actions and risks, and the forms that add one."""

import uuid
from collections.abc import Callable
from typing import cast

from flask import Response, flash, redirect, request

from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to
from mendline.places.queries import find_place
from mendline.recovery.effects.presenting import effect_note
from mendline.recovery.effects.queries import checks_at
from mendline.recovery.queries import actions_of, risks_of
from mendline.recovery.registers import queries
from mendline.recovery.registers.action_commands import change_action as alter_action
from mendline.recovery.registers.action_commands import open_action
from mendline.recovery.registers.action_quality import suggestions
from mendline.recovery.registers.actions import ActionEdit, find_action
from mendline.recovery.registers.forms import day_of, maybe_identifier, needed_day, number_of
from mendline.recovery.registers.presenting_entries import action_page, new_action_page, new_risk_page, risk_page
from mendline.recovery.registers.queries import maybe_indicator
from mendline.recovery.registers.risks import GivenRisk, GivenRiskChange, GivenScore, change_risk, score_risk
from mendline.recovery.registers.risks import add_risk as record_risk
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError, RefusedError

registers = Section("registers", url_prefix="/services/<uuid:service_id>")

SECTION = "services.listing"


@registers.page("/actions/new", access="manage_actions")
def new_action(service_id: uuid.UUID) -> str:
    """The form that opens an action."""
    return _new_action(service_id)


@registers.page("/actions/new", access="manage_actions", methods=("POST",))
def add_action(service_id: uuid.UUID) -> Response | tuple[str, int]:
    """Opens an action and says what in it could be clearer; that blocks nothing."""
    form = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            reference = open_action(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id,
                title=form.get("title", ""), owner=form.get("owner", ""), due_on=needed_day(form, "due_on"),
                source=form.get("source") or None, today=on_day(), indicator_id=maybe_indicator(session, place, maybe_identifier(form, "indicator_id")), measure=form.get("measure", ""),
                high_risk=form.get("high_risk") == "yes",
            )  # fmt: skip
            marks = find_action(session, place.provider_id, place.service_id, reference).marks
    except RefusedError as refused:
        return _new_action(service_id, refused), 422
    clearer = " ".join(suggestions(marks))
    flash(f"{reference} is open.{f' It could be clearer. {clearer}' if clearer else ''}", "success")
    return _to("registers.action", service_id=service_id, reference=reference)


@registers.page("/actions/<reference>", access="see_actions")
def action(service_id: uuid.UUID, reference: str) -> str:
    """One action with everything that happened to it."""
    return _action(service_id, reference)


@registers.page("/actions/<reference>", access="manage_actions", methods=("POST",))
def change_action(service_id: uuid.UUID, reference: str) -> Response | tuple[str, int]:
    """Moves, changes, closes or opens it again."""
    form = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            done = alter_action(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, reference=reference,
                kind=form.get("kind", ""), today=on_day(), due_on=day_of(form, "due_on"), words=form.get("note", ""),
                evidence_reference=form.get("evidence_reference", ""),
                edit=ActionEdit(form.get("title", ""), form.get("owner", ""), form.get("measure", "")),
            )  # fmt: skip
    except RefusedError as refused:
        return _action(service_id, reference, refused), 422
    flash(
        "You proposed to close it. It is high risk: a second person closes it."
        if done == "closure_proposed"
        else "It is recorded. What stood before stays visible.",
        "success",
    )
    return _to("registers.action", service_id=service_id, reference=reference)


@registers.page("/risks/new", access="manage_actions")
def new_risk(service_id: uuid.UUID) -> str:
    """The form that puts a risk on the register."""
    return _new_risk(service_id)


@registers.page("/risks/new", access="manage_actions", methods=("POST",))
def add_risk(service_id: uuid.UUID) -> Response | tuple[str, int]:
    """Puts a risk on the register with its first score."""
    form = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            given = GivenRisk(
                form.get("title", ""),
                form.get("owner", ""),
                form.get("controls", ""),
                maybe_indicator(session, place, maybe_identifier(form, "indicator_id")),
            )
            here = {"provider_id": place.provider_id, "service_id": place.service_id}
            reference = record_risk(session, reach(), **here, given=given, score=_score(), today=on_day())
    except RefusedError as refused:
        return _new_risk(service_id, refused), 422
    flash(f"{reference} is on the register.", "success")
    return _to("registers.risk", service_id=service_id, risk=reference)


@registers.page("/risks/<risk>", access="see_actions")
def risk(service_id: uuid.UUID, risk: str) -> str:
    """One risk with all its scores."""
    return _risk(service_id, risk)


@registers.page("/risks/<risk>", access="manage_actions", methods=("POST",))
def change_risk_(service_id: uuid.UUID, risk: str) -> Response | tuple[str, int]:
    """Scores it again, changes, reviews or closes it."""
    form = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            if form.get("kind") == "scored":
                score_risk(
                    session, reach(), provider_id=place.provider_id, service_id=place.service_id, reference=risk,
                    given=_score(), today=on_day(),
                )  # fmt: skip
            else:
                change = GivenRiskChange(
                    form.get("kind", ""), form.get("note", ""), form.get("title", ""), form.get("owner", ""),
                    form.get("controls", ""), day_of(form, "next_look_on"),
                )  # fmt: skip
                change_risk(
                    session, reach(), provider_id=place.provider_id, service_id=place.service_id, reference=risk,
                    given=change, today=on_day(),
                )  # fmt: skip
    except RefusedError as refused:
        return _risk(service_id, risk, refused), 422
    flash("It is recorded. Earlier scores stay visible.", "success")
    return _to("registers.risk", service_id=service_id, risk=risk)


def _score() -> GivenScore:
    form = request.form
    likelihood, impact = number_of(form, "likelihood") or 0, number_of(form, "impact") or 0
    return GivenScore(likelihood, impact, form.get("reason", ""), day_of(form, "look_again_on"))


def _new_action(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    return _form(
        service_id, new_action_page, "New action", Link("Actions", _list("recovery.actions", service_id)), refused
    )


def _new_risk(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    return _form(service_id, new_risk_page, "New risk", Link("Risks", _list("recovery.risks", service_id)), refused)


def _form(
    service_id: uuid.UUID, draw: Callable[..., object], title: str, above: Link, refused: RefusedError | None
) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("manage_actions", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
    view = draw(place, found, given=request.form, refused=refused, today=on_day(), address=address)
    crumbs = crumbs_to(place, above, Link(title))
    return page(
        "recovery/register_form.html", title=f"{title}, {place.name}", crumbs=crumbs, section=SECTION, view=view
    )


def _action(service_id: uuid.UUID, reference: str, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_actions", *here)
        found = next((one for one in actions_of(session, *here) if one.reference == reference), None)
        if found is None:
            raise NotFoundError("There is no such action at this service.")
        history = queries.action_history(session, *here, reference)
        looks = checks_at(session, *here, reference)
    view = action_page(
        place, found, history, effect=effect_note(looks, on_day(), address), may_change=reach().may("manage_actions", *here), given=request.form, refused=refused,
        today=on_day(), address=address,
    )  # fmt: skip
    crumbs = crumbs_to(place, Link("Actions", _list("recovery.actions", service_id)), Link(reference))
    title = f"{reference}, {place.name}"
    return page("recovery/register_entry.html", title=title, crumbs=crumbs, section=SECTION, view=view)


def _risk(service_id: uuid.UUID, reference: str, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_actions", *here)
        found = next((one for one in risks_of(session, *here) if one.reference == reference), None)
        if found is None:
            raise NotFoundError("There is no such risk at this service.")
        history = queries.risk_history(session, *here, reference)
    view = risk_page(
        place, found, history, may_change=reach().may("manage_actions", *here), given=request.form, refused=refused,
        today=on_day(), address=address,
    )  # fmt: skip
    crumbs = crumbs_to(place, Link("Risks", _list("recovery.risks", service_id)), Link(reference))
    title = f"{reference}, {place.name}"
    return page("recovery/register_entry.html", title=title, crumbs=crumbs, section=SECTION, view=view)


def _list(endpoint: str, service_id: uuid.UUID) -> str:
    return address(endpoint, service_id=service_id)


def _to(endpoint: str, **values: object) -> Response:
    return cast("Response", redirect(address(endpoint, **values), 303))
