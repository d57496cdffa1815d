"""What stands behind or against a figure: contradictions and their answers, exemptions, a new way of counting."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any, cast

from flask import Response, flash, make_response, redirect, request

from mendline.indicators.contradicting import answer_contradiction, exempt_letter, record_contradiction
from mendline.indicators.pages import ObservationFormPage
from mendline.indicators.queries import standings
from mendline.indicators.redefining import redefine_indicator
from mendline.indicators.standing import Standing
from mendline.places.head import address, crumbs_to
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.services import behind_forms
from mendline.services.indicator_queries import opposing_of
from mendline.services.indicator_rows import Opposing
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import ConflictError, NotFoundError, RefusedError

behind = Section("behind", url_prefix="/services/<uuid:service_id>/indicators/<uuid:indicator_id>")

TEMPLATE = "indicators/observation_form.html"
Refused = RefusedError | ConflictError | None
Drawing = Callable[[Place, Standing, tuple[Opposing, ...], Refused], ObservationFormPage]


@behind.page("/contradictions/new", access="add_evidence")
def contradict(service_id: uuid.UUID, indicator_id: uuid.UUID) -> str:
    """The form that records what points the other way."""
    return _form(service_id, indicator_id, "add_evidence", _contradiction)


@behind.page("/contradictions", access="add_evidence", methods=("POST",))
def save_contradiction(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response:
    """Records what points the other way; the figure is contradicted until it is answered."""

    def save(session: Any, here: dict[str, Any]) -> str:
        given = request.form
        record_contradiction(
            session, reach(), **here, source=given.get("source", ""), says=given.get("says", ""),
            noticed_on=_day(given.get("noticed_on", ""), "noticed_on"), today=on_day(),
        )  # fmt: skip
        return "It is recorded. The figure counts as contradicted until somebody answers it in writing."

    return _saved(service_id, indicator_id, save, "add_evidence", _contradiction)


@behind.page("/contradictions/<uuid:contradiction_id>/answer", access="manage_actions")
def answer(service_id: uuid.UUID, indicator_id: uuid.UUID, contradiction_id: uuid.UUID) -> str:
    """The form that answers a contradiction."""
    return _form(service_id, indicator_id, "manage_actions", _answer(contradiction_id))


@behind.page("/contradictions/<uuid:contradiction_id>/answer", access="manage_actions", methods=("POST",))
def save_answer(service_id: uuid.UUID, indicator_id: uuid.UUID, contradiction_id: uuid.UUID) -> Response:
    """Answers a contradiction in writing."""

    def save(session: Any, here: dict[str, Any]) -> str:
        words = request.form.get("answer", "")
        answer_contradiction(session, reach(), **here, contradiction_id=contradiction_id, answer=words)
        return "The answer is recorded beside what it answers."

    return _saved(service_id, indicator_id, save, "manage_actions", _answer(contradiction_id))


@behind.page("/exemption", access="add_evidence")
def exempt(service_id: uuid.UUID, indicator_id: uuid.UUID) -> str:
    """The form that says that a kind of evidence cannot exist."""
    return _form(service_id, indicator_id, "add_evidence", _exemption)


@behind.page("/exemption", access="add_evidence", methods=("POST",))
def save_exemption(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response:
    """Says that a kind of evidence cannot exist for the figure here, or that it can after all."""

    def save(session: Any, here: dict[str, Any]) -> str:
        given = request.form
        exempt_letter(
            session, reach(), **here, letter=given.get("letter", ""), applies=given.get("applies") != "yes",
            reason=given.get("exempt_reason", ""),
        )  # fmt: skip
        return "Saved. The evidence is judged again in a moment."

    return _saved(service_id, indicator_id, save, "add_evidence", _exemption)


@behind.page("/definition", access="change_indicators")
def redefine(service_id: uuid.UUID, indicator_id: uuid.UUID) -> str:
    """The form that says that something else is counted, or in another way."""
    return _form(service_id, indicator_id, "change_indicators", _redefinition)


@behind.page("/definition", access="change_indicators", methods=("POST",))
def save_redefinition(service_id: uuid.UUID, indicator_id: uuid.UUID) -> Response:
    """Begins a new series, with a visible break."""

    def save(session: Any, here: dict[str, Any]) -> str:
        given = request.form
        redefine_indicator(
            session, reach(), **here, from_period=_day(given.get("from_period", ""), "from_period"),
            what_changed=given.get("what_changed", ""), reason=given.get("reason", ""), today=on_day(),
        )  # fmt: skip
        return "The series is broken there. What stood before is kept and shown."

    return _saved(service_id, indicator_id, save, "change_indicators", _redefinition)


def _contradiction(place: Place, standing: Standing, _: tuple[Opposing, ...], refused: Refused) -> ObservationFormPage:
    return behind_forms.contradiction_form(
        place, standing, today=on_day(), address=address, given=request.form, refused=refused
    )


def _answer(contradiction_id: uuid.UUID) -> Drawing:
    def draw(place: Place, standing: Standing, rows: tuple[Opposing, ...], refused: Refused) -> ObservationFormPage:
        found = next((row for row in rows if row.contradiction_id == contradiction_id), None)
        if found is None:
            raise NotFoundError("There is no such contradiction here.")
        return behind_forms.answer_form(place, standing, found, address=address, given=request.form, refused=refused)

    return draw


def _exemption(place: Place, standing: Standing, _: tuple[Opposing, ...], refused: Refused) -> ObservationFormPage:
    return behind_forms.exemption_form(place, standing, address=address, given=request.form, refused=refused)


def _redefinition(place: Place, standing: Standing, _: tuple[Opposing, ...], refused: Refused) -> ObservationFormPage:
    return behind_forms.redefinition_form(
        place, standing, today=on_day(), address=address, given=request.form, refused=refused
    )


def _saved(
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    save: Callable[[Any, dict[str, Any]], str],
    permission: str,
    draw: Drawing,
) -> Response:
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            here = {"provider_id": place.provider_id, "service_id": place.service_id, "indicator_id": indicator_id}
            words = save(session, here)
    except (RefusedError, ConflictError) as refused:
        status = 409 if isinstance(refused, ConflictError) else 422
        return make_response(_form(service_id, indicator_id, permission, draw, refused), status)
    flash(words, "success")
    back = address("services.indicator", service_id=service_id, indicator_id=indicator_id)
    return cast("Response", redirect(back, 303))


def _form(
    service_id: uuid.UUID, indicator_id: uuid.UUID, permission: str, draw: Drawing, refused: Refused = None
) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require(permission, place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, indicator_id)
        if not found:
            raise NotFoundError("There is no such indicator at this service.")
        rows = opposing_of(session, place, indicator_id)
    view = draw(place, found[0], rows, refused)
    crumbs = crumbs_to(place, Link(view.head.heading.split(":", maxsplit=1)[0]))
    return page(TEMPLATE, title=view.head.heading, crumbs=crumbs, section="services.listing", view=view)


def _day(typed: str, name: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise RefusedError("Nothing was saved.", {name: "Give a date as day, month and year."}) from None
