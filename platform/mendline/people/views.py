"""The start page, signing in and signing out."""

import json
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from flask_login import current_user

from mendline.web.frame import cookie_name, ground, reach
from mendline.web.page import page
from mendline.web.section import PUBLIC, SIGNED_IN, Section
from mendline.web.security import start_form
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.reach import Reach
from tenants.signin.sessions import Guess, sign_in, sign_out

start = Section("start")
signin = Section("signin")


@start.page("/", access=PUBLIC)
def home() -> Response | str:
    """What Mendline is and, in the demonstration, whom to sign in as; a signed-in person goes to their first page."""
    if current_user.is_authenticated:
        return redirect(first_page(reach()))  # type: ignore[return-value]
    start_form()
    return page("people/start.html", title="Start", sign_ins=demonstration_people())


@signin.page("/sign-in", access=PUBLIC)
def form() -> Response | str:
    """The sign-in form."""
    start_form()
    return _form(email=request.args.get("email", ""), message="", status=200)


@signin.page("/sign-in", access=PUBLIC, methods=("POST",))
def enter() -> Response | str:
    """Checks what was typed and opens a session."""
    guess = Guess(
        email=request.form.get("email", ""),
        password=request.form.get("password", ""),
        code=request.form.get("code", ""),
        address=request.remote_addr or "",
        user_agent=request.headers.get("User-Agent", ""),
    )
    try:
        cookie = sign_in(
            ground().database, ground().key, guess, at=now(), demonstration=ground().settings.demonstration
        )
    except RefusedError as refused:
        return _form(email=guess.email, message=str(refused), status=422)
    answer = redirect(path_of_ours(request.form.get("next", "")) or url_for("start.home"))
    answer.set_cookie(cookie_name(), cookie, httponly=True, samesite="Lax", secure=ground().settings.https, path="/")
    return answer  # type: ignore[return-value]


@signin.page("/sign-out", access=SIGNED_IN, methods=("POST",))
def leave() -> Response:
    """Ends the session on the server and in the browser."""
    sign_out(ground().database, ground().key, current_user.secret, at=now())
    answer = redirect(url_for("start.home"))
    answer.delete_cookie(cookie_name(), path="/", secure=ground().settings.https)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer  # type: ignore[return-value]


def first_page(held: Reach) -> str:
    """Where a person's day begins: a commissioner's portfolio, a provider's comparison, a service, or their own work."""
    if held.is_external:
        return url_for("commissioner.portfolio")
    if held.may_anywhere("compare_services"):
        return url_for("comparison.matrix")
    if held.may_anywhere("see_indicators") and not _enters_only(held):
        return url_for("services.listing")
    return url_for("work.mine")


def path_of_ours(address: str) -> str:
    """A path of this site that it is safe to go to, or nothing: no scheme, no host, no backslash, no control character."""
    if not address.startswith("/") or address.startswith(("//", "/\\")):
        return ""
    if any(ord(letter) < 0x20 or letter == "\\" for letter in address):
        return ""
    return address


def demonstration_people() -> list[dict[str, Any]]:
    """The demonstration's sign-ins, as the loader left them; nobody outside the demonstration."""
    file = ground().settings.state / "demo.json"
    if not ground().settings.demonstration or not file.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["sign_ins"]
    return found


def _enters_only(held: Reach) -> bool:
    return not held.may_anywhere("see_story")


def _form(*, email: str, message: str, status: int) -> Response:
    drawn = page(
        "people/sign_in.html",
        title="Sign in",
        email=email,
        message=message,
        next_path=path_of_ours(request.values.get("next", "")),
        needs_code=not ground().settings.demonstration,
    )
    return make_response(drawn, status)
