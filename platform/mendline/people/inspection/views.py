"""What an inspector's link opens: the code, the pack, and the records behind its figures. Nothing here writes."""

import secrets
import time
import uuid
from datetime import date
from typing import cast

from flask import Response, make_response, redirect, request, url_for
from flask_login import current_user

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_types
from mendline.evidence.files.handing import handed
from mendline.evidence.files.keeping import keeper_of
from mendline.evidence.files.leaving import leaving, mark_words
from mendline.evidence.files.queries import file_of
from mendline.evidence.measuring.periods import windows
from mendline.evidence.measuring.reading import records_in
from mendline.packs.copies import copy_of
from mendline.packs.queries import find_pack
from mendline.packs.storage import fetch
from mendline.people.desk import DeskPage
from mendline.people.inspection import queries
from mendline.people.inspection.commands import ask_code, end_session, enter, new_browser
from mendline.people.inspection.presenting import behind_page, indicator_page, overview_page, record_page
from mendline.people.inspection.queries import Here, ShownIndicator
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import INSPECTOR, cookie_name, ground, network, origin, reach, transaction
from mendline.web.looks import add_to_look
from mendline.web.page import page
from mendline.web.section import INSPECTION, PUBLIC, Section
from mendline.web.security import start_form
from mendline.web.typed import day_or_none
from tenants.clock import now
from tenants.errors import NotFoundError
from tenants.reach import Inspecting

inspection = Section("inspection", url_prefix="/inspection")

BROWSER = "inspector"
WRONG = "That code is not right, or its time is over. Check the newest letter, or ask for another code."


@inspection.page("/open/<link_secret>", access=PUBLIC)
def arrive(link_secret: str) -> str:
    """Where a link leads; nothing is looked up before a press, so that a program that follows links uses nothing up."""
    start_form()
    return page(
        "people/inspection_open.html",
        title="Evidence pack",
        action=url_for("inspection.begin", link_secret=link_secret),
    )


@inspection.page("/open/<link_secret>", access=PUBLIC, methods=("POST",))
def begin(link_secret: str) -> Response:
    """Has a code sent to the address of the link; whoever asks is told the same, whatever becomes of it."""
    browser = request.cookies.get(cookie_name(BROWSER)) or new_browser()
    with ground().database.as_role("signin") as connection:
        ask_code(connection, ground().key, shown=link_secret[:128], browser=browser, network=network(), origin=origin())
    answer = redirect(url_for("inspection.code"), 303)
    answer.set_cookie(
        cookie_name(BROWSER), browser, httponly=True, samesite="Lax", secure=ground().settings.https, path="/",
        max_age=31 * 86_400,
    )  # fmt: skip
    return cast("Response", answer)


@inspection.page("/code", access=PUBLIC)
def code() -> str:
    """Where the code is typed; also where whoever's time through a link is over comes out."""
    start_form()
    return _code_form("", ended="ended" in request.args)


@inspection.page("/code/another", access=PUBLIC, methods=("POST",))
def another() -> Response:
    """Has another code sent, for the same browser."""
    with ground().database.as_role("signin") as connection:
        ask_code(
            connection, ground().key, shown="", browser=request.cookies.get(cookie_name(BROWSER), ""),
            network=network(), origin=origin(),
        )  # fmt: skip
    return cast("Response", redirect(url_for("inspection.code"), 303))


@inspection.page("/code", access=PUBLIC, methods=("POST",))
def check() -> Response:
    """Exchanges the code for a session of this link."""
    secret = INSPECTOR + secrets.token_urlsafe(32)
    with ground().database.as_role("signin") as connection:
        done = enter(
            connection,
            ground().key,
            browser=request.cookies.get(cookie_name(BROWSER), ""),
            code=request.form.get("code", ""),
            secret=secret,
            origin=origin(),
        )
    if not done:
        start_form()
        return make_response(_code_form(WRONG), 422)
    answer = redirect(url_for("inspection.overview"), 303)
    answer.set_cookie(cookie_name(), secret, httponly=True, samesite="Lax", secure=ground().settings.https, path="/")
    return cast("Response", answer)


@inspection.page("", access=INSPECTION)
def overview() -> str:
    """The pack, and each indicator with its figure at that moment."""
    here, place = _here()
    with transaction() as session:
        pack = find_pack(session, reach(), here.pack_id)
        shown = queries.indicators(session, place)
    return _page(overview_page(here, shown, pack, address=address), here.service)


@inspection.page("/pack.pdf", access=INSPECTION)
def pack_file() -> Response:
    """The pack itself, marked on each page with for whom and when; the ledger keeps the copy's fingerprint."""
    here, _ = _here()
    with transaction() as session:
        pack = find_pack(session, reach(), here.pack_id)
    if pack.object_key is None:
        raise NotFoundError("This pack is not ready.")
    copy = copy_of(fetch(ground().settings.state, pack.object_key), mark_words(reach().name, now()))
    add_to_look(copy.told)
    return copy.answer(pack.reference)


@inspection.page("/indicators/<uuid:indicator_id>", access=INSPECTION)
def indicator(indicator_id: uuid.UUID) -> str:
    """One indicator with its figures, evidence and decisions."""
    here, place = _here()
    with transaction() as session:
        shown = _shown(queries.indicators(session, place), indicator_id)
        figures = queries.figures(session, place, indicator_id)
        evidence = queries.evidence(session, place, indicator_id)
        decisions = queries.decisions(session, place, indicator_id)
        changes = queries.changes(session, place, indicator_id)
    view = indicator_page(here, shown, figures, evidence, decisions, changes, address=address)
    return _page(view, view.head.heading)


@inspection.page("/indicators/<uuid:indicator_id>/<period>", access=INSPECTION)
def behind(indicator_id: uuid.UUID, period: str) -> str:
    """The records behind one figure."""
    here, place = _here()
    start = day_or_none(period)
    with transaction() as session:
        shown = _shown(queries.indicators(session, place), indicator_id)
        measure = indicator_definition(shown.definition_key).measure
        if start is None or measure is None or not _has_figure(queries.figures(session, place, indicator_id), start):
            raise NotFoundError("No figure of this period is part of what was opened to you.")
        wanted = windows(measure, shown.cadence, start)  # type: ignore[arg-type]
        found = records_in(session, place.provider_id, place.service_id, wanted, here.as_at)
    view = behind_page(here, shown, start, found, address=address)
    return _page(view, view.head.heading)


@inspection.page("/records/<uuid:record_id>", access=INSPECTION)
def record(record_id: uuid.UUID) -> str:
    """One record as it stood."""
    here, place = _here()
    with transaction() as session:
        revisions = queries.record(session, place, record_id)
    kind = record_types().get(revisions[0].record_type) if revisions else None
    if kind is None:
        raise NotFoundError("No such record is part of what was opened to you.")
    view = record_page(here, kind, revisions)
    return _page(view, view.head.heading)


@inspection.page("/evidence/<uuid:evidence_id>/file", access=INSPECTION)
def file(evidence_id: uuid.UUID) -> Response:
    """An evidence file as it stood, as a download that says for whom it is and when it was taken."""
    _, place = _here()
    with transaction() as session:
        line = file_of(session, place.provider_id, place.service_id, evidence_id)
    if line is None:
        raise NotFoundError("No such file is part of what was opened to you.")
    given = handed(line, time.time())
    return leaving(given, keeper_of(ground().settings), reach().name, now())


@inspection.page("/leave", access=INSPECTION, methods=("POST",))
def leave() -> Response:
    """Ends this session; the link opens again with a new code, in this browser."""
    with ground().database.as_role("signin") as connection:
        end_session(connection, ground().key, current_user.secret)
    answer = redirect(url_for("inspection.code"), 303)
    answer.delete_cookie(cookie_name(), path="/", secure=ground().settings.https)
    return cast("Response", answer)


def _here() -> tuple[Inspecting, Here]:
    here = reach().inspecting
    if here is None:
        raise NotFoundError("There is nothing here.")
    return here, Here(here.provider_id, here.service_id)


def _shown(shown: tuple[ShownIndicator, ...], indicator_id: uuid.UUID) -> ShownIndicator:
    found = next((each for each in shown if each.indicator_id == indicator_id), None)
    if found is None:
        raise NotFoundError("No such indicator is part of what was opened to you.")
    return found


def _has_figure(figures: tuple[queries.ShownFigure, ...], start: date) -> bool:
    return any(each.period_start == start for each in figures)


def _page(view: DeskPage, title: str) -> str:
    crumbs = (Link("Evidence pack", address("inspection.overview")), Link(title))
    return page("people/desk.html", title=title, crumbs=crumbs, view=view, mark=mark_words(reach().name, now()))


def _code_form(message: str, *, ended: bool = False) -> str:
    return page(
        "people/inspection_code.html",
        title="Type your code",
        action=url_for("inspection.check"),
        another=url_for("inspection.another"),
        message=message,
        ended=ended,
    )
