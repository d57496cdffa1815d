"""Second steps: setting up an authenticator app or a passkey, recovery codes, taking one away."""

import io
import uuid

import segno
from flask import Response, flash, make_response, redirect, request, url_for
from flask_login import current_user
from markupsafe import Markup

from mendline.people.signing.browser import adopt, site, this_browser, with_session
from mendline.people.signing.who import own_person_id
from mendline.web.components import Link
from mendline.web.frame import ground, reach
from mendline.web.page import page
from mendline.web.section import SIGNED_IN, UNFINISHED, Section
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.signin.enrolment import (
    CodeToScan,
    begin_code,
    code_in_hand,
    factors_of,
    finish_code,
    fresh_recovery_codes,
    remove_code,
    remove_passkey,
)
from tenants.signin.passkeys import ask_to_register, register
from tenants.signin.sessions import Opened

factors = Section("factors", url_prefix="/account/factors")

_CRUMBS = (Link("Your account", "/account"), Link("Second steps", "/account/factors"))


@factors.page("", access=UNFINISHED)
def overview() -> Response:
    """What is set up; for whoever has to set up their first, nothing else is shown before."""
    return _overview("", 200)


@factors.page("/code", access=UNFINISHED)
def code() -> str:
    """A picture for an authenticator app."""
    person_id = _may_add()
    return _scan(begin_code(ground().database, person_id, at=now()), "")


@factors.page("/code", access=UNFINISHED, methods=("POST",))
def save_code() -> Response:
    """Takes the first code; shows recovery codes, this once."""
    person_id, secret = _may_add(), request.form.get("asked", "")
    try:
        opened, codes = finish_code(
            ground().database, ground().key, person_id, current_user.secret, secret, request.form.get("code", ""),
            this_browser(), at=now(),
        )  # fmt: skip
    except RefusedError as refused:
        waiting = code_in_hand(ground().database, person_id, secret, at=now())
        if waiting is None:
            return _overview(str(refused), 422)
        return make_response(_scan(waiting, str(refused)), 422)
    return _set_up(opened, codes, "Your authenticator app is set up")


@factors.page("/passkey", access=UNFINISHED, methods=("POST",))
def save_passkey() -> Response:
    """Keeps a new passkey; with the first step of all, recovery codes are shown, this once."""
    person_id = _may_add()
    try:
        opened, codes = register(
            ground().database, ground().key, person_id, current_user.secret, request.form.get("asked", ""),
            request.form.get("answer", ""), request.form.get("label", ""), site(), this_browser(), at=now(),
        )  # fmt: skip
    except RefusedError as refused:
        return _overview(str(refused), 422)
    return _set_up(opened, codes, "Your passkey is set up")


@factors.page("/recovery", access=SIGNED_IN, methods=("POST",), step_up=True)
def new_recovery() -> Response:
    """Ten new recovery codes."""
    codes = fresh_recovery_codes(ground().database, ground().key, own_person_id(), at=now())
    return make_response(_codes(codes, "Your new recovery codes"))


@factors.page("/code/remove", access=SIGNED_IN, methods=("POST",), step_up=True)
def take_code_away() -> Response:
    """Takes the authenticator app away."""
    remove_code(ground().database, ground().key, own_person_id(), current_user.secret, at=now())
    flash("The authenticator app was taken away. Every other sign-in was ended.", "success")
    return redirect(url_for("factors.overview"), 303)  # type: ignore[return-value]


@factors.page("/passkeys/<uuid:passkey_id>/remove", access=SIGNED_IN, methods=("POST",), step_up=True)
def take_passkey_away(passkey_id: uuid.UUID) -> Response:
    """Takes a passkey away."""
    remove_passkey(ground().database, ground().key, own_person_id(), current_user.secret, passkey_id, at=now())
    flash("The passkey was taken away. Every other sign-in was ended.", "success")
    return redirect(url_for("factors.overview"), 303)  # type: ignore[return-value]


def _may_add() -> uuid.UUID:
    """Who adds a factor: somebody who has none yet, or who has shown one within ten minutes.

    Raises:
        StepUpNeededError: a factor is asked for first, so that a borrowed session adds none.
    """
    person_id = own_person_id()
    if reach().sign_in.level != "enrol":
        reach().require_fresh_factor(now())
    return person_id


def _overview(message: str, status: int) -> Response:
    person_id, db = own_person_id(), ground().database
    fresh = reach().sign_in.level == "enrol" or reach().sign_in.is_fresh(now())
    drawn = page(
        "people/factors.html",
        title="Second steps",
        crumbs=_CRUMBS if reach().sign_in.level != "enrol" else (),
        factors=factors_of(db, person_id),
        first=reach().sign_in.level == "enrol",
        fresh=fresh,
        passkey=ask_to_register(db, person_id, site(), at=now()) if fresh else None,
        message=message,
    )
    return make_response(drawn, status)


def _scan(waiting: CodeToScan, problem: str) -> str:
    return page(
        "people/scan_code.html", title="Authenticator app", crumbs=(*_CRUMBS, Link("Authenticator app")),
        waiting=waiting, picture=_picture(waiting.address), problem=problem,
    )  # fmt: skip


def _picture(address: str) -> Markup:
    """A QR code as a drawing in the page, so that the seed goes to no other address and into no cache."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", scale=5, border=3, light="#fff", dark="#16211e", xmldecl=False, svgns=False, svgclass="qr",
        lineclass=None, omitsize=True,
    )  # fmt: skip
    return Markup(out.getvalue().decode())  # noqa: S704 -- drawn here from our own address


def _set_up(opened: Opened, codes: tuple[str, ...], heading: str) -> Response:
    adopt(opened)
    if not codes:
        flash(f"{heading}. Every other sign-in was ended.", "success")
        return with_session(redirect(url_for("factors.overview"), 303), opened)  # type: ignore[arg-type]
    return with_session(make_response(_codes(codes, heading)), opened)


def _codes(codes: tuple[str, ...], heading: str) -> str:
    return page("people/recovery_codes.html", title="Recovery codes", heading=heading, codes=codes)
