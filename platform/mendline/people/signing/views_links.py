"""Pages that a mailed link leads to, and where one is asked for: alike for addresses that are known and that are not."""

from typing import Literal

from flask import Response, make_response, request, url_for

from mendline.people.offers.presenting import offer_sentence
from mendline.people.signing.browser import network_address, this_browser
from mendline.people.views import follow, signin
from mendline.web.frame import ground
from mendline.web.looks import count_refused
from mendline.web.page import page
from mendline.web.section import PUBLIC
from mendline.web.security import start_form
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.signin.offers import offers_of_invitation
from tenants.signin.one_time import (
    OVER,
    Invited,
    ask_for_reset,
    choose_password,
    decline_invitation,
    note_over,
    prove,
    whose,
)
from tenants.signin.passwords import SHORTEST

__all__ = ["signin"]  # the section with the routes of this module added

SAME_FOR_ALL = "If somebody signs in with that address, a letter with a link is on its way. It may take a few minutes."

Purpose = Literal["reset", "invitation"]
_HEADINGS = {"reset": "Choose a new password", "invitation": "Welcome: choose your password"}


@signin.page("/reset", access=PUBLIC)
def ask_reset() -> str:
    """Where a new password is asked for."""
    start_form()
    return page("people/ask_reset.html", title="New password", told="")


@signin.page("/reset", access=PUBLIC, methods=("POST",))
def send_reset() -> str:
    """Sends the letter, to somebody or to nobody, and says the same."""
    ask_for_reset(ground().database, ground().key, request.form.get("email", ""), address=network_address(), at=now())
    return page("people/ask_reset.html", title="New password", told=SAME_FOR_ALL)


@signin.page("/reset/<secret>", access=PUBLIC)
def reset(secret: str) -> Response:
    """Where a new password is chosen."""
    return _password_form("reset", secret)


@signin.page("/reset/<secret>", access=PUBLIC, methods=("POST",))
def save_reset(secret: str) -> Response:
    """Keeps the new password; every sign-in ends, and the second step follows."""
    return _choose("reset", secret)


@signin.page("/invitation/<secret>", access=PUBLIC)
def invitation(secret: str) -> Response:
    """Where an invited person chooses their password."""
    return _password_form("invitation", secret)


@signin.page("/invitation/<secret>", access=PUBLIC, methods=("POST",))
def accept(secret: str) -> Response:
    """Keeps the password; setting up the second step follows."""
    return _choose("invitation", secret)


@signin.page("/invitation/<secret>/decline", access=PUBLIC, methods=("POST",))
def decline(secret: str) -> Response:
    """Declines what an invitation offers, without an account."""
    done = decline_invitation(ground().database, secret, at=now())
    if not done:
        _refused(secret)
    drawn = page("people/declined.html", title="Declined" if done else "This link is over", done=done, over=OVER)
    return make_response(drawn, 200 if done else 404)


@signin.page("/verify/<secret>", access=PUBLIC)
def verify(secret: str) -> Response:
    """Asks for one press, since programs that look at letters open links."""
    start_form()
    found = _whose("verify", secret)
    return _verify_page("" if found else OVER, done=False, email=found.email if found else "")


@signin.page("/verify/<secret>", access=PUBLIC, methods=("POST",))
def save_verify(secret: str) -> Response:
    """Takes the address as proven."""
    done = prove(ground().database, secret, at=now())
    if not done:
        _refused(secret)
    return _verify_page("" if done else OVER, done=done, email="")


def _whose(purpose: Literal["reset", "verify", "invitation"], secret: str) -> Invited | None:
    found = whose(ground().database, purpose, secret, at=now())
    if found is None:
        _refused(secret)
    return found


def _refused(secret: str) -> None:
    """A link that is over stands in the ledger of its person's providers; each that gives nothing is counted."""
    note_over(ground().database, secret, at=now())
    count_refused("link of a letter")


def _verify_page(message: str, *, done: bool, email: str) -> Response:
    drawn = page("people/verify.html", title="Confirm your address", message=message, done=done, email=email)
    return make_response(drawn, 404 if message else 200)


def _password_form(purpose: Purpose, secret: str, problem: str = "") -> Response:
    start_form()
    found = _whose(purpose, secret)
    offered = offers_of_invitation(ground().database, secret) if found and purpose == "invitation" else ()
    drawn = page(
        "people/choose_password.html",
        title=_HEADINGS[purpose],
        heading=_HEADINGS[purpose],
        whose=found,
        over=OVER,
        problem=problem,
        shortest=SHORTEST,
        offers=[offer_sentence(each) for each in offered],
        decline=url_for("signin.decline", secret=secret),
    )
    if found is None:
        return make_response(drawn, 404)
    return make_response(drawn, 422 if problem else 200)


def _choose(purpose: Purpose, secret: str) -> Response:
    try:
        done = choose_password(
            ground().database, ground().key, purpose, secret, request.form.get("password", ""), this_browser(), at=now()
        )
    except RefusedError as refused:
        return _password_form(purpose, secret, str(refused))
    return follow(done, "")
