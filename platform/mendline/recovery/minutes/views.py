"""Oversight minutes of a provider: the months, one month's minutes, notes, signing, corrections, printing."""

import uuid
from datetime import date
from typing import cast

from flask import Response, flash, redirect, request

from mendline.places.head import address
from mendline.recovery.minutes import queries
from mendline.recovery.minutes.assembling import month_of
from mendline.recovery.minutes.commands import correct_minutes, save_notes, sign_minutes
from mendline.recovery.minutes.presenting import given_notes, minutes_list, minutes_page
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError, RefusedError

minutes = Section("minutes")

SECTION = "comparison.matrix"


@minutes.page("/minutes", access="see_meetings")
def listing() -> str | Response:
    """The minutes of the provider that one works for; of several, the first by name."""
    found = sorted(reach().providers_with("see_meetings"), key=_name)
    if not found:
        raise NotFoundError("There are no minutes in your reach.")
    return of_provider(found[0])


@minutes.page("/providers/<uuid:provider_id>/minutes", access="see_meetings")
def of_provider(provider_id: uuid.UUID) -> str:
    """The months of a provider."""
    _must_see(provider_id)
    with transaction() as session:
        signed = queries.signed_months(session, provider_id)
    name = _name(provider_id)
    view = minutes_list(provider_id, name, signed, today=on_day(), address=address)
    crumbs = (Link(name), Link("Minutes"))
    return page("recovery/minutes_list.html", title="Oversight minutes", crumbs=crumbs, section=SECTION, view=view)


@minutes.page("/providers/<uuid:provider_id>/minutes/<month>", access="see_meetings")
def one(provider_id: uuid.UUID, month: str) -> str:
    """The minutes of a month."""
    return _one(provider_id, month)


@minutes.page("/providers/<uuid:provider_id>/minutes/<month>", access="keep_minutes", methods=("POST",))
def save(provider_id: uuid.UUID, month: str) -> Response | tuple[str, int]:
    """Keeps the notes, or signs the minutes with them."""
    start = _month(month)
    given = given_notes(request.form)
    draft = request.form.get("act") == "draft"
    try:
        with transaction() as session:
            if draft:
                save_notes(session, reach(), provider_id=provider_id, month=start, given=given)
            else:
                sign_minutes(session, reach(), provider_id=provider_id, month=start, given=given, today=on_day())
    except RefusedError as refused:
        return _one(provider_id, month, refused), 422
    flash("The notes are kept. Nothing is signed yet." if draft else "The minutes are signed and closed.", "success")
    return _to(provider_id, month)


@minutes.page("/providers/<uuid:provider_id>/minutes/<month>/corrections", access="keep_minutes", methods=("POST",))
def correct(provider_id: uuid.UUID, month: str) -> Response | tuple[str, int]:
    """Adds a correction to signed minutes."""
    try:
        with transaction() as session:
            words = request.form.get("correction", "")
            correct_minutes(session, reach(), provider_id=provider_id, month=_month(month), words=words)
    except RefusedError as refused:
        return _one(provider_id, month, refused), 422
    flash("The correction is added. What was signed stays.", "success")
    return _to(provider_id, month)


def _one(provider_id: uuid.UUID, month: str, refused: RefusedError | None = None) -> str:
    _must_see(provider_id)
    start = _month(month)
    with transaction() as session:
        signed = queries.signed_minutes(session, provider_id, start)
        lines = () if signed else queries.month_lines(session, provider_id, start)
        draft = None if signed else queries.notes_draft(session, provider_id, start)
    name = _name(provider_id)
    view = minutes_page(
        provider_id, name, start, lines, draft, signed, may_keep=reach().may("keep_minutes", provider_id),
        typed=request.form, address=address, refused=refused,
    )  # fmt: skip
    crumbs = (Link(name), Link("Minutes", address("minutes.of_provider", provider_id=provider_id)), Link(month))
    return page("recovery/minutes.html", title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


def _must_see(provider_id: uuid.UUID) -> None:
    """Nobody learns from the answer whether a provider exists."""
    if provider_id not in reach().providers_with("see_meetings"):
        raise NotFoundError("There are no minutes in your reach.")


def _month(written: str) -> date:
    found = month_of(written)
    if found is None:
        raise NotFoundError("There is no such month.")
    return found


def _name(provider_id: uuid.UUID) -> str:
    return next((held.provider for held in reach().held if held.provider_id == provider_id), "")


def _to(provider_id: uuid.UUID, month: str) -> Response:
    return cast("Response", redirect(address("minutes.one", provider_id=provider_id, month=month), 303))
