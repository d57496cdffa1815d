"""What guards every request and response of ours: who may use a route, forged requests, and the headers."""

import secrets

from flask import Flask, Response, abort, current_app, g, request
from flask_login import current_user

from mendline.web.frame import cookie_name, csrf_agrees, ground, is_api, reach
from mendline.web.looks import note_forged_form, note_named_place, note_outside_look
from mendline.web.section import INSPECTION, PUBLIC, SIGNED_IN, UNFINISHED
from tenants.clock import now
from tenants.errors import FactorMissingError, NoReachError, NotPermittedError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

FILES_ENDPOINT = "evidence_files.hand_out"

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


# Routes that take an unsafe request without the token of a form, by endpoint, each with its reason. Every other one needs it.
WITHOUT_TOKEN = {
    "stopping.stop_by_link": "a mail program sends it, which has no form of ours (RFC 8058); the link bears our signature",
}


def guard(app: Flask) -> None:
    """Puts the guards on an application."""
    app.before_request(_known_host)
    app.before_request(_sized)
    app.before_request(_readable)
    app.before_request(note_named_place)
    app.before_request(_no_forged_request)
    app.before_request(_declared_access)
    app.after_request(_headers)
    app.after_request(note_outside_look)


def declared_access(endpoint: str) -> str | None:
    """The access that a route declared; None for one that did not."""
    declared: dict[str, str] = current_app.extensions["mendline.access"]
    return PUBLIC if endpoint == "static" else declared.get(endpoint)


def _known_host() -> None:
    """A forged Host header never reaches a link that we write."""
    name = request.host.rsplit(":", 1)[0].strip("[]").lower()
    files_host = (ground().settings.files_host or "").rsplit(":", 1)[0]
    if files_host and name == files_host:
        if request.endpoint != FILES_ENDPOINT:
            abort(404, "Nothing but files that somebody just asked for is under this address.")
        return
    if name not in ground().settings.hostnames:
        abort(400, "This address is not one that Mendline answers to. Use the address you were given.")


def _sized() -> None:
    """Where files are sent, a request may be larger than elsewhere; its size is judged before any of it is read."""
    largest: dict[str, int] = current_app.extensions["mendline.largest"]
    if request.endpoint in largest and current_user.is_authenticated:
        request.max_content_length = largest[request.endpoint]


def _readable() -> None:
    """No text of ours holds a NUL, and PostgreSQL stores none; whoever sends one is not filling in a form."""
    typed = () if request.method in SAFE_METHODS else request.form.values()
    if b"%00" in request.query_string or any("\0" in value for value in typed):
        abort(400, "What was sent holds a character that cannot be kept. Type it again.")


def _no_forged_request() -> None:
    """An unsafe request comes from a page of ours: Fetch-Metadata says so, or Origin does, and the form's token agrees."""
    if request.endpoint in WITHOUT_TOKEN:
        return
    if request.method in SAFE_METHODS or (current_user.is_authenticated and current_user.by_token):
        return
    if is_api() and not current_user.is_authenticated:
        return  # a program without a token learns that it needs one: no operation of the API writes for nobody
    site = request.headers.get("Sec-Fetch-Site")
    origin, own_origin = request.headers.get("Origin"), request.host_url.rstrip("/")
    from_elsewhere = site not in ("same-origin", "none") if site is not None else origin not in (None, own_origin)
    if from_elsewhere:
        note_forged_form()
        abort(403, "This request came from another site and was not carried out.")
    given = request.form.get("csrf_token") or request.headers.get("X-CSRF-Token", "")
    if not csrf_agrees(given):
        note_forged_form()
        abort(403, "This form is out of date. Open the page again and send it once more; nothing was changed.")


def _declared_access() -> None:
    """The route's declared access; the query or command checks again at the very place."""
    if request.endpoint is None:
        return
    access = declared_access(request.endpoint)
    if access is None:
        raise NotPermittedError("This page does not say who may see it, so nobody may.")
    if access == PUBLIC:
        return
    if not current_user.is_authenticated:
        raise NoReachError("Sign in to see this page.")
    if bool(reach().inspecting) != (access == INSPECTION):
        raise NotPermittedError("This is not part of what was opened to you. The link shows one service and one pack.")
    if access != UNFINISHED and reach().sign_in.level == "enrol":
        raise FactorMissingError("Set up your second sign-in step first. Nothing is shown before that.")
    if access not in (SIGNED_IN, INSPECTION, UNFINISHED) and not reach().may_anywhere(access):
        raise NotPermittedError("Your role does not cover this. Someone who manages people here can change that.")
    if request.endpoint in current_app.extensions["mendline.step_up"]:
        reach().require_fresh_factor(now())


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if ground().settings.https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    response.headers.setdefault("Cache-Control", "no-store")  # files with a name of their own have said otherwise
    secret = getattr(g, "form_secret", None)
    if secret:
        response.set_cookie(
            cookie_name("form"), secret, httponly=True, samesite="Strict", secure=ground().settings.https, max_age=3600
        )
    return response


def start_form() -> None:
    """Gives a browser that is not signed in the cookie that its form's token is bound to."""
    if not request.cookies.get(cookie_name("form")):
        g.form_secret = secrets.token_urlsafe(24)
