"""Confirming that it is you: a factor for what needs one of the last ten minutes, and then back to where it was asked for."""

from flask import Response, make_response, redirect, request, url_for
from flask_login import current_user

from mendline.people.signing.browser import path_of_ours, site, this_browser, with_session
from mendline.people.signing.who import own_person_id
from mendline.web.frame import ground
from mendline.web.page import page
from mendline.web.section import SIGNED_IN, Section
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.signin.confirming import confirm_with_code, confirm_with_password
from tenants.signin.enrolment import factors_of
from tenants.signin.organisations import of_person
from tenants.signin.passkeys import ask_to_sign_in, step_up_with_passkey
from tenants.signin.sessions import Opened

confirm = Section("confirm")


@confirm.page("/account/confirm", access=SIGNED_IN)
def form() -> Response:
    """Asks for a factor; in the demonstration, from whoever has none, for the password."""
    return _form("", 200)


@confirm.page("/account/confirm", access=SIGNED_IN, methods=("POST",))
def take() -> Response:
    """Takes a code or, in the demonstration, a password."""
    person_id, db, key = own_person_id(), ground().database, ground().key
    try:
        if ground().settings.demonstration and "password" in request.form:
            opened = confirm_with_password(
                db, key, person_id, current_user.secret, request.form["password"], this_browser(), at=now()
            )
        else:
            code = request.form.get("code", "")
            opened = confirm_with_code(db, key, person_id, current_user.secret, code, this_browser(), at=now())
    except RefusedError as refused:
        return _form(str(refused), 422)
    return _back(opened)


@confirm.page("/account/confirm/passkey", access=SIGNED_IN, methods=("POST",))
def take_passkey() -> Response:
    """Takes a passkey's answer."""
    try:
        opened = step_up_with_passkey(
            ground().database, ground().key, own_person_id(), current_user.secret, request.form.get("asked", ""),
            request.form.get("answer", ""), site(), this_browser(), at=now(),
        )  # fmt: skip
    except RefusedError as refused:
        return _form(str(refused), 422)
    return _back(opened)


def _back(opened: Opened) -> Response:
    wanted = path_of_ours(request.form.get("next", ""))
    return with_session(redirect(wanted or url_for("account.overview"), 303), opened)  # type: ignore[arg-type]


def _form(message: str, status: int) -> Response:
    person_id, db = own_person_id(), ground().database
    factors = factors_of(db, person_id)
    own = of_person(db, person_id)
    drawn = page(
        "people/confirm.html",
        title="Confirm that it is you",
        message=message,
        next_path=path_of_ours(request.values.get("next", "")),
        has_code=factors.has_code or not factors.passkeys,
        organisation=own,
        only_there=own is not None and not factors.count,
        by_password=ground().settings.demonstration and factors.relaxed and not factors.count,
        passkey=ask_to_sign_in(db, site(), person_id=person_id, at=now()) if factors.passkeys else None,
    )
    return make_response(drawn, status)
