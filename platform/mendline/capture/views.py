"""The pages of capture: a carer's first page, the shift forms, and what phones send by script."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Any, cast

from flask import Response, current_app, flash, jsonify, make_response, redirect, request

from mendline.capture import queries
from mendline.capture.commands import choose, drop_draft, take
from mendline.capture.drawing import away_home, away_page, form_page, openings, person_tag
from mendline.capture.forms import read_form, read_sent
from mendline.capture.pages import Home
from mendline.capture.presenting import arrivals_page, conflict_items, draft_items, due_lists, sent_items, tiles_at
from mendline.capture.rows import DraftRow, Taken
from mendline.capture.rules import filled_in, followed_id
from mendline.catalogue.capture_forms import CaptureForm, capture_forms
from mendline.catalogue.wording import counted, day_and_date
from mendline.duties.queries import work_of
from mendline.evidence.records.permits import enterable_at, require_entry
from mendline.places.head import address, crumbs_to
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.web.components import Link
from mendline.web.frame import csrf_token, device_words, on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import PUBLIC, SIGNED_IN, Section
from mendline.web.typed import identifier_or_none
from tenants.clock import LONDON, now
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id

capture = Section("capture", url_prefix="/capture")

SECTION = "capture.home"
MOST_DUE = 12
MOST_PLACES = 12
ALL_PLACES = 5_000  # a draft for a place that is not among these would be cleared as no longer covered
# How long a device may open drafts without asking again who is there: a long shift, and on a home's tablet a moment.
OWN_DEVICE_MINUTES = 14 * 60
TABLET_MINUTES = 15


@capture.page("", access=SIGNED_IN)
def home() -> str:
    """What is due, what can be recorded, what is not finished, what was sent today.

    Open to whoever is signed in: a device clears drafts that a role covers no more only where this page still answers.
    """
    held = reach()
    midnight = datetime.combine(on_day(), time(0), LONDON).astimezone(UTC)
    roles = [(each.provider_id, each.service_id, each.role) for each in held.held]
    with transaction() as session:
        places = queries.workplaces(session, held, most=MOST_PLACES)
        lines = work_of(session, person_id=held.person_id, roles=roles, today=on_day(), soon=on_day(), most=MOST_DUE)
        drafts = queries.own_drafts(session, held.provider_ids, held.person_id)
        sent = queries.own_arrivals(session, held.provider_ids, held.person_id, since=midnight)
        twice = queries.conflicts(session, held.provider_ids, person_id=held.person_id)
    tiles = tuple(
        (each.name, tiles_at(each.service_id, enterable_at(held, each.provider_id, each.service_id), address))
        for each in places
    )
    leads = [each for each in places if held.may("manage_actions", each.provider_id, each.service_id)]
    due, due_later = due_lists(lines, on_day(), address, tell=len(places) != 1)
    view = Home(
        lead=f"{day_and_date(on_day())}. {', '.join(each.name for each in places)}.",
        tiles=tuple((name, found) for name, found in tiles if found),
        due=due,
        due_later=due_later,
        drafts=draft_items(drafts, address),
        sent=sent_items(sent, address),
        conflicts=conflict_items(twice),
        person=person_tag(held),
        places={str(each.service_id): each.name for each in places},
        arrivals=tuple(
            Link(f"Sent from phones, {each.name}", address("capture.arrivals", service_id=each.service_id))
            for each in leads
        ),
    )
    return page("capture/home.html", title="Record", section=SECTION, view=view)


@capture.page("/<uuid:service_id>/<form_key>", access="enter_record")
def form(service_id: uuid.UUID, form_key: str) -> str:
    """A shift form, new or gone on with."""
    asked = _known(form_key)
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        require_entry(reach(), place.provider_id, place.service_id, asked.kind)
        was = queries.what_was(session, place.provider_id, place.service_id)
        drafts = queries.own_drafts(session, (place.provider_id,), reach().person_id)
    draft = _draft(drafts)
    answers = filled_in(asked, at=now(), initials=reach().initials, people=was.people, unit=was.unit)
    if draft is not None:
        answers |= draft.answers
    record_id = (
        draft.record_id if draft else _followed() or identifier_or_none(request.args.get("draft", "")) or new_id()
    )
    return form_page(place, asked, record_id, answers, unknown=draft.open_questions if draft else ())


@capture.page("/<uuid:service_id>/<form_key>", access="enter_record", methods=("POST",))
def send_form(service_id: uuid.UUID, form_key: str) -> Response:
    """Takes a form that was sent without script."""
    asked = _known(form_key)
    sending = read_form(asked, request.form, device=_device(), at=now())
    place: Place | None = None
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            taken = take(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, form=asked,
                sending=sending, at=now(), today=on_day(),
            )  # fmt: skip
    except RefusedError as refused:
        if place is None:
            raise
        drawn = form_page(place, asked, sending.record_id, sending.answers, unknown=sending.unknown, refused=refused)
        return make_response(drawn, 422)
    flash(said_of(asked, taken), "success" if taken.outcome in ("sent", "again") else "message")
    return cast("Response", redirect(_next(asked, service_id, sending.record_id, sending.answers), 303))


@capture.page("/sendings", access="enter_record", methods=("POST",))
def send() -> Response:
    """Takes one draft that a phone kept; the answer says what became of it."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise RefusedError("What was sent could not be read.")
    asked = _known(str(given.get("form", "")))
    service_id = _uuid(str(given.get("service_id", "")))
    try:
        sending = read_sent(asked, given, device=_device())
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            taken = take(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, form=asked,
                sending=sending, at=now(), today=on_day(),
            )  # fmt: skip
    except RefusedError as refused:
        answer = jsonify({"outcome": "refused", "says": str(refused), "problems": dict(refused.problems)})
        answer.status_code = 422
        return answer
    return jsonify(
        {"outcome": taken.outcome, "says": said_of(asked, taken), "late": taken.is_late, "clock": taken.is_clock_wrong}
    )


@capture.page("/key", access=SIGNED_IN)
def key() -> Response:
    """What opens this person's drafts on this device, and where they may still record; never stored as it is."""
    held = reach()
    places: dict[str, str] = {}
    if held.may_anywhere("enter_record"):
        with transaction() as session:
            places = {
                str(each.service_id): each.name
                for each in queries.workplaces(session, held, most=ALL_PLACES)
                if held.may("enter_record", each.provider_id, each.service_id)
            }
    minutes = TABLET_MINUTES if held.sign_in.level == "capture" else OWN_DEVICE_MINUTES
    newest, *former = openings(held)
    return jsonify(
        {
            "person": newest.person,
            "secret": newest.secret,
            "former": [asdict(each) for each in former],
            "csrf": csrf_token(),
            "minutes": minutes,
            "initials": held.initials,
            "places": places,
        }
    )


@capture.page("/<uuid:service_id>/drafts/<uuid:record_id>/end", access="enter_record", methods=("POST",))
def end_draft(service_id: uuid.UUID, record_id: uuid.UUID) -> Response:
    """Removes a draft that will not be finished."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        drop_draft(session, reach(), place.provider_id, place.service_id, record_id)
    flash("The draft is removed.", "success")
    return cast("Response", redirect(address("capture.home"), 303))


@capture.page("/<uuid:service_id>/arrivals", access="manage_actions")
def arrivals(service_id: uuid.UUID) -> str:
    """How a service's records came in from phones, and versions to choose between."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("manage_actions", place.provider_id, place.service_id)
        waiting = queries.conflicts(session, (place.provider_id,), service_id=place.service_id)
        rows = queries.arrivals_at(session, place.provider_id, place.service_id)
    view = arrivals_page(place.name, waiting, rows, address, may_choose=True)
    return page(
        "capture/arrivals.html", title=view.title, crumbs=crumbs_to(place, Link("Sent from phones")),
        section="services.listing", view=view,
    )  # fmt: skip


@capture.page("/<uuid:service_id>/versions/<uuid:record_id>/<digest>", access="manage_actions", methods=("POST",))
def choose_version(service_id: uuid.UUID, record_id: uuid.UUID, digest: str) -> Response:
    """Says which of two versions stands."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        waiting = queries.conflicts(session, (place.provider_id,), service_id=place.service_id)
        found = next((one for one in waiting if one.record_id == record_id and one.digest == digest), None)
        if found is None:
            raise NotFoundError("Nothing waits for a choice here. Somebody may have chosen already.")
        choose(
            session, reach(), provider_id=place.provider_id, service_id=place.service_id, form=_known(found.form),
            conflict=found, chosen=request.form.get("chosen", ""), at=now(),
        )  # fmt: skip
    flash("Chosen. Both versions stay on record.", "success")
    return cast("Response", redirect(address("capture.arrivals", service_id=service_id), 303))


@capture.page("/away", access=PUBLIC)
def away() -> str:
    """The first page as a phone keeps it for when there is no signal: nobody's name, nobody's records."""
    return away_home()


@capture.page("/away/<form_key>", access=PUBLIC)
def away_form(form_key: str) -> str:
    """A form as a phone keeps it for when there is no signal."""
    return away_page(_known(form_key))


@capture.page("/worker.js", access=PUBLIC)
def worker() -> Response:
    """The service worker, with what it keeps: pages without a person in them, and the files that they need."""
    asset = cast("Callable[[str], str]", current_app.jinja_env.globals["asset"])
    files = [asset(name) for name in ("mendline.css", "mendline.js", "capture.js", "icons.svg", "favicon.svg")]
    pages = [address("capture.away"), *(address("capture.away_form", form_key=each) for each in capture_forms())]
    version = hashlib.sha256("|".join([*files, asset("worker.js"), *pages]).encode()).hexdigest()[:12]
    said = current_app.json.dumps({"version": version, "files": files, "pages": pages})
    answer = make_response(f'self.MENDLINE = {said};\nimportScripts("{asset("worker.js")}");\n')
    answer.mimetype = "text/javascript"
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/capture"
    return answer


def said_of(asked: CaptureForm, taken: Taken) -> str:
    """What became of a draft, in a sentence."""
    match taken.outcome:
        case "sent":
            more = " It is marked: it came in late." if taken.is_late else ""
            more += " It is marked: this device's clock is wrong." if taken.is_clock_wrong else ""
            return f"{asked.title}: sent.{more}"
        case "again":
            return f"{asked.title}: it had arrived before and counts once."
        case "open":
            return f"{asked.title}: kept, with {counted(len(taken.open_questions), 'question')} open."
        case _:
            return f"{asked.title}: it was sent before with other answers. Both are kept, and a manager chooses one."


def _next(asked: CaptureForm, service_id: uuid.UUID, record_id: uuid.UUID, answers: Any) -> str:
    """Where the person goes on: to the first gap, to the next one, or to the first page."""
    here = {"service_id": service_id}
    of, number, total = identifier_or_none(request.args.get("of", "")), _number("n"), _number("total")
    if of and number < total:
        return address("capture.form", **here, form_key=asked.key, of=of, n=number + 1, total=total)
    counted_now = str(answers.get(asked.then_counts or "", "") or "0")
    if asked.then and counted_now.isdigit() and int(counted_now) > 0:
        return address("capture.form", **here, form_key=asked.then, of=record_id, n=1, total=min(int(counted_now), 99))
    return address("capture.home")


def _known(form_key: str) -> CaptureForm:
    found = capture_forms().get(form_key)
    if found is None:
        raise NotFoundError("There is no such form.")
    return found


def _draft(drafts: tuple[DraftRow, ...]) -> DraftRow | None:
    wanted = identifier_or_none(request.args.get("draft", ""))
    return next((each for each in drafts if each.record_id == wanted), None)


def _followed() -> uuid.UUID | None:
    of, number = identifier_or_none(request.args.get("of", "")), _number("n")
    return followed_id(of, number) if of and number else None


def _number(name: str) -> int:
    given = request.args.get(name, "")
    return int(given) if given.isdigit() and len(given) < 3 else 0


def _uuid(given: str) -> uuid.UUID:
    try:
        return uuid.UUID(given)
    except ValueError as error:
        raise NotFoundError("There is no such service within your sign-in.") from error


def _device() -> str:
    return device_words(request.headers.get("User-Agent", ""))
