"""The start page, signing in in one step or two, and signing out."""

import json
import uuid
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from flask_login import current_user

from mendline.people.signing.browser import (
    device_of_request,
    network_address,
    path_of_ours,
    site,
    step_of_request,
    this_browser,
    this_tablet,
    with_session,
    with_step,
)
from mendline.web.frame import cookie_name, ground, reach, transaction
from mendline.web.page import page
from mendline.web.section import PUBLIC, UNFINISHED, Section
from mendline.web.security import start_form
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.reach import Reach
from tenants.signin.devices import enter_with_pin, returning_people
from tenants.signin.offers import own_offers
from tenants.signin.passkeys import ask_to_sign_in, sign_in_with_passkey
from tenants.signin.sessions import Opened, sign_out
from tenants.signin.signing import START_AGAIN, TOO_MANY, Guess, SecondStep, second_step, sign_in

start = Section("start")
signin = Section("signin")


@start.page("/", access=PUBLIC)
def home() -> Response | str:
    """What Mendline is and, in the demonstration, whom to sign in as; a signed-in person goes to their first page.

    Where a role is offered to them, they read that first.
    """
    if current_user.is_authenticated:
        return redirect(url_for("offers.listing") if _is_offered_a_role() else first_page(reach()))  # type: ignore[return-value]
    start_form()
    return page("people/start.html", title="Start", sign_ins=demonstration_people())


@signin.page("/sign-in", access=PUBLIC)
def form() -> Response | str:
    """The sign-in form."""
    start_form()
    return _form(email=request.args.get("email", ""), message="", status=200)


@signin.page("/sign-in", access=PUBLIC, methods=("POST",))
def enter() -> Response | str:
    """Checks what was typed; opens a session, or asks for the second step."""
    guess = Guess(
        email=request.form.get("email", ""),
        password=request.form.get("password", ""),
        code=request.form.get("code", ""),
        address=network_address(),
        user_agent=request.headers.get("User-Agent", ""),
        device=this_browser().device,
        shared=this_tablet() is not None,
    )
    try:
        done = sign_in(ground().database, ground().key, guess, at=now(), demonstration=ground().settings.demonstration)
    except RefusedError as refused:
        return _form(email=guess.email, message=str(refused), status=422)
    return follow(done, request.form.get("next", ""))


@signin.page("/sign-in/step", access=PUBLIC)
def step() -> Response | str:
    """Asks for the code, or offers the passkey."""
    start_form()
    return _step_form(message="", status=200)


@signin.page("/sign-in/step", access=PUBLIC, methods=("POST",))
def take_step() -> Response | str:
    """Takes the code of the second step."""
    waiting = step_of_request()
    try:
        opened = second_step(
            ground().database, ground().key, waiting.secret, request.form.get("code", ""), this_browser(),
            address=network_address(), at=now(),
        )  # fmt: skip
    except RefusedError as refused:
        if str(refused) == START_AGAIN:
            start_form()
            return _form(email="", message=START_AGAIN, status=422)
        return _step_form(message=str(refused), status=422)
    return follow(opened, request.form.get("next", ""))


@signin.page("/sign-in/passkey", access=PUBLIC, methods=("POST",))
def enter_with_passkey() -> Response | str:
    """Takes a passkey's answer, as the only step or as the second."""
    try:
        opened = sign_in_with_passkey(
            ground().database, ground().key, request.form.get("asked", ""), request.form.get("answer", ""), site(),
            this_browser(), at=now(),
        )  # fmt: skip
    except RefusedError as refused:
        start_form()
        return _form(email="", message=str(refused), status=422)
    return follow(opened, request.form.get("next", ""))


@signin.page("/sign-in/pin", access=PUBLIC, methods=("POST",))
def enter_by_pin() -> Response | str:
    """Takes a PIN on a home's tablet."""
    try:
        person_id = uuid.UUID(request.form.get("person", ""))
    except ValueError:
        person_id = uuid.UUID(int=0)
    try:
        opened = enter_with_pin(
            ground().database, ground().key, person_id, request.form.get("pin", ""), this_browser(),
            address=network_address(), at=now(),
        )  # fmt: skip
    except RefusedError as refused:
        start_form()
        return _form(email="", message=str(refused), status=422, pin=True)
    return follow(opened, request.form.get("next", ""))


@signin.page("/sign-out", access=UNFINISHED, methods=("POST",))
def leave() -> Response:
    """Ends the session on the server and in the browser."""
    sign_out(ground().database, ground().key, current_user.secret, at=now())
    answer = redirect(url_for("start.home"))
    answer.delete_cookie(cookie_name(), path="/", secure=ground().settings.https)
    # Not "storage": drafts that were not sent yet stay on the device, so that no check is lost at the end of a shift.
    # They are encrypted, and their key is given out only to a session of the same person.
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer  # type: ignore[return-value]


def follow(done: Opened | SecondStep, next_path: str) -> Response:
    """Where a step leads: to the page that was asked for, to the second step, or to setting one up."""
    wanted = path_of_ours(next_path)
    if isinstance(done, SecondStep):
        return with_step(redirect(url_for("signin.step", next=wanted or None)), done)  # type: ignore[arg-type]
    if done.level == "enrol":
        return with_session(redirect(url_for("factors.overview")), done)  # type: ignore[arg-type]
    return with_session(redirect(wanted or url_for("start.home")), done)  # type: ignore[arg-type]


def first_page(held: Reach) -> str:
    """Where a person's day begins: a commissioner's portfolio, a provider's comparison, a service, or their own work."""
    if held.inspecting:
        return url_for("inspection.overview")
    if held.is_external:
        return url_for("commissioner.portfolio")
    if held.operates and not held.held:
        return url_for("operating.listing")
    if held.may_anywhere("compare_services"):
        return url_for("comparison.matrix")
    if held.may_anywhere("see_indicators") and not _enters_only(held):
        return url_for("services.listing")
    return url_for("work.mine")


def demonstration_people() -> list[dict[str, Any]]:
    """The demonstration's sign-ins, as the loader left them; nobody outside the demonstration."""
    file = ground().settings.state / "demo.json"
    if not ground().settings.demonstration or not file.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["sign_ins"]
    return found


def _is_offered_a_role() -> bool:
    if "later" in request.args or reach().kind != "person":
        return False
    with transaction() as session:
        return bool(own_offers(session))


def _enters_only(held: Reach) -> bool:
    return not held.may_anywhere("see_story")


def _form(*, email: str, message: str, status: int, pin: bool = False) -> Response:
    tablet = this_tablet()
    drawn = page(
        "people/sign_in.html",
        title="Sign in",
        email=email,
        message=message,
        next_path=path_of_ours(request.values.get("next", "")),
        with_code=message == TOO_MANY or "code" in request.args,
        passkey=ask_to_sign_in(ground().database, site(), at=now()),
        tablet=tablet,
        returning=returning_people(ground().database, device_of_request(), at=now()) if tablet else (),
        pin_message=message if pin else "",
    )
    return make_response(drawn, status)


def _step_form(*, message: str, status: int) -> Response:
    waiting = step_of_request()
    drawn = page(
        "people/second_step.html",
        title="Second step",
        message=message,
        next_path=path_of_ours(request.values.get("next", "")),
        has_code=waiting.has_code,
        passkey=ask_to_sign_in(ground().database, site(), at=now()) if waiting.has_passkey else None,
    )
    return make_response(drawn, status)
