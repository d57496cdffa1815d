"""One's own account: where one is signed in, password, tokens for programs, the PIN of a tablet."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from flask import Response, flash, make_response, redirect, request, url_for
from flask_login import current_user

from mendline.catalogue.wording import long_date, moment
from mendline.people.signing.browser import device_of_request, device_words, this_tablet
from mendline.people.signing.who import own_person_id
from mendline.web.components import Link
from mendline.web.frame import cookie_name, ground, on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import SIGNED_IN, Section
from tenants.classes import CLASSES
from tenants.clock import LONDON, now
from tenants.errors import RefusedError
from tenants.reach import Reach
from tenants.roles import ROLES
from tenants.signin.confirming import password_is_right
from tenants.signin.devices import set_pin
from tenants.signin.enrolment import factors_of
from tenants.signin.links import ticket_hash, ticket_of
from tenants.signin.offers import own_offers
from tenants.signin.one_time import ask_for_proof, change_password
from tenants.signin.passwords import SHORTEST
from tenants.signin.sessions import LiveSession, end_other_sessions, end_session, sessions_of
from tenants.signin.tokens import LiveToken, Scope, create_own_token, end_token, services_of, tokens_of

account = Section("account", url_prefix="/account")

_HERE = Link("Your account", "/account")
TOKEN_DAYS = 90


@account.page("", access=SIGNED_IN)
def overview() -> str:
    """Where one is signed in, and what can be changed."""
    person_id, db = own_person_id(), ground().database
    with transaction() as session:
        offered = len(own_offers(session))
    return page(
        "people/account.html",
        title="Your account",
        offered=offered,
        name=reach().name,
        factors=factors_of(db, person_id),
        sessions=[_session_line(one) for one in sessions_of(db, ground().key, person_id, current_user.secret)],
        tokens=len(tokens_of(db, person_id)),
        tablet=this_tablet(),
        managed=_managed(reach()),
    )


@account.page("/sessions/<uuid:session_id>/end", access=SIGNED_IN, methods=("POST",))
def end_one(session_id: uuid.UUID) -> Response:
    """Ends one of one's own sign-ins."""
    end_session(ground().database, own_person_id(), session_id, at=now())
    flash("That sign-in was ended.", "success")
    return _back()


@account.page("/sessions/end-others", access=SIGNED_IN, methods=("POST",))
def end_others() -> Response:
    """Ends every sign-in but this one."""
    end_other_sessions(ground().database, ground().key, own_person_id(), current_user.secret, at=now())
    flash("Every other sign-in was ended.", "success")
    return _back()


@account.page("/verify", access=SIGNED_IN, methods=("POST",))
def ask_verify() -> Response:
    """Sends a link that proves the address."""
    ask_for_proof(ground().database, ground().key, own_person_id(), at=now())
    flash("A letter with a link is on its way to your address.", "success")
    return _back()


@account.page("/password", access=SIGNED_IN, step_up=True)
def password() -> Response:
    """Where the password is changed."""
    return _password_form({}, 200)


@account.page("/password", access=SIGNED_IN, methods=("POST",), step_up=True)
def save_password() -> Response:
    """Changes the password; every other sign-in ends."""
    person_id, db = own_person_id(), ground().database
    try:
        if not password_is_right(db, ground().key, person_id, request.form.get("current", ""), at=now()):
            return _password_form({"current": "That is not your present password."}, 422)
        kept = ticket_hash(ticket_of(ground().key, current_user.secret))
        change_password(db, person_id, request.form.get("password", ""), kept=kept, at=now())
    except RefusedError as refused:
        return _password_form(refused.problems or {"current": str(refused)}, 422)
    flash("Your password was changed. Every other sign-in was ended.", "success")
    return _back()


@account.page("/tokens", access=SIGNED_IN, step_up=True)
def tokens() -> Response:
    """Tokens for programs: those there are, and a form for a new one."""
    return _tokens_page({}, 200)


@account.page("/tokens", access=SIGNED_IN, methods=("POST",), step_up=True)
def add_token() -> Response:
    """Makes a token and shows it, this once."""
    person_id, at = own_person_id(), now()
    try:
        made = create_own_token(
            ground().database, ground().key, person_id, label=request.form.get("label", ""), at=at,
            expires_at=_end_of(request.form.get("until", "")) or at, scope=_scope_asked(),
        )  # fmt: skip
    except RefusedError as refused:
        return _tokens_page(refused.problems or {"label": str(refused)}, 422)
    return _tokens_page({}, 200, made=made)


@account.page("/tokens/<uuid:token_id>/end", access=SIGNED_IN, methods=("POST",))
def take_token_away(token_id: uuid.UUID) -> Response:
    """Takes a token away; this needs no fresh factor, since it only ever makes things safer."""
    end_token(ground().database, own_person_id(), token_id, at=now())
    flash("The token was taken away. It opens nothing from now on.", "success")
    return _back()


@account.page("/pin", access=SIGNED_IN, step_up=True)
def pin() -> Response:
    """Where the PIN for this tablet is set."""
    return _pin_form({}, 200)


@account.page("/pin", access=SIGNED_IN, methods=("POST",), step_up=True)
def save_pin() -> Response:
    """Sets the PIN for this tablet."""
    try:
        set_pin(ground().database, own_person_id(), device_of_request(), request.form.get("pin", ""), at=now())
    except RefusedError as refused:
        return _pin_form(refused.problems or {"pin": str(refused)}, 422)
    flash("Your PIN is set on this tablet. It brings you back in for a week after each full sign-in here.", "success")
    return _back()


def _managed(held: Reach) -> tuple[Link, ...]:
    """What a manager sets and looks after for others: hand-over, clocks, a service's tablets, single sign-on."""
    offered = (
        ("manage_actions", "Hand over what somebody owns", "handover.listing"),
        ("see_clocks", "The regulator's clocks at every service", "clock_numbers.everywhere"),
    )
    own = tuple(Link(label, url_for(way)) for needed, label, way in offered if held.held and held.may_anywhere(needed))
    return own + tuple(
        Link(f"Single sign-on of {one.provider}", url_for("sign_on.settings", provider_id=one.provider_id))
        if one.service_id is None
        else Link("Tablets of your service", url_for("tablets.listing", service_id=one.service_id))
        for one in held.held
        if held.may("manage_people", one.provider_id, one.service_id)
    )


def _back() -> Response:
    if not request.cookies.get(cookie_name()):
        return redirect(url_for("start.home"), 303)  # type: ignore[return-value]
    return redirect(url_for("account.overview"), 303)  # type: ignore[return-value]


def _password_form(problems: dict[str, str], status: int) -> Response:
    drawn = page(
        "people/password.html", title="Change your password", crumbs=(_HERE, Link("Password")), problems=problems,
        shortest=SHORTEST,
    )  # fmt: skip
    own_person_id()
    return make_response(drawn, status)


def _pin_form(problems: dict[str, str], status: int) -> Response:
    own_person_id()
    drawn = page(
        "people/pin.html", title="PIN for this tablet", crumbs=(_HERE, Link("PIN")), problems=problems,
        tablet=this_tablet(),
    )  # fmt: skip
    return make_response(drawn, status)


def _tokens_page(problems: dict[str, str], status: int, made: str = "") -> Response:
    person_id, db = own_person_id(), ground().database
    services = services_of(db, person_id)
    names = {one.service_id: one.service for one in services}
    drawn = page(
        "people/tokens.html",
        title="Tokens for programs",
        crumbs=(_HERE, Link("Tokens")),
        tokens=[_token_line(one, names) for one in tokens_of(db, person_id)],
        services=services,
        classes=[(key, words[0].upper() + words[1:]) for key, words in CLASSES.items() if _holds_any(key)],
        problems=problems,
        made=made,
        label="" if made else request.form.get("label", ""),
        until=(on_day() + timedelta(days=TOKEN_DAYS)).isoformat(),
    )
    return make_response(drawn, status)


def _holds_any(class_: str) -> bool:
    return any(ROLES[held.role].classes.get(class_) for held in reach().held)


def _scope_asked() -> Scope:
    classes = frozenset(request.form.getlist("classes"))
    services: set[uuid.UUID] = set()
    for given in request.form.getlist("services"):
        try:
            services.add(uuid.UUID(given))
        except ValueError:
            services.add(uuid.UUID(int=0))
    return Scope(
        may_write=request.form.get("may_write") == "yes",
        classes=classes or None,
        service_ids=frozenset(services) or None,
    )


def _end_of(day: str) -> datetime | None:
    try:
        last = date.fromisoformat(day.strip())
    except ValueError:
        return None
    if last.year > 9000:
        return None
    return datetime.combine(last + timedelta(days=1), time(), LONDON).astimezone(UTC)


def _session_line(one: LiveSession) -> dict[str, object]:
    return {
        "id": one.session_id,
        "device": device_words(one.user_agent),
        "way": one.way,
        "started": _moment(one.started_at),
        "seen": _moment(one.last_seen_at),
        "here": one.is_this_one,
        "quick": one.level == "capture",
    }


def _token_line(one: LiveToken, names: dict[uuid.UUID, str]) -> dict[str, object]:
    scope = one.scope
    return {
        "id": one.token_id,
        "label": one.label,
        "made": _moment(one.created_at),
        "until": long_date((one.expires_at - timedelta(seconds=1)).astimezone(LONDON).date()),
        "used": _moment(one.last_used_at) if one.last_used_at else "Never",
        "reach": "; ".join(_reach_words(scope, names)),
    }


def _reach_words(scope: Scope, names: dict[uuid.UUID, str]) -> Sequence[str]:
    words = ["Reads and writes" if scope.may_write else "Only reads"]
    if scope.classes is not None:
        words.append(", ".join(sorted(scope.classes - {"service"})) or "names of services")
    if scope.service_ids is not None:
        words.append(", ".join(sorted(names.get(one, "a service no longer in reach") for one in scope.service_ids)))
    return words


def _moment(at: datetime) -> str:
    return moment(at.astimezone(LONDON))
