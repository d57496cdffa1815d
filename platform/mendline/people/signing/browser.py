"""The browser's side of signing in: its cookies, its name in words, and the ways that stand open on it."""

import secrets
from urllib.parse import urlsplit

from flask import Response, g, request
from flask_login import current_user

from mendline.web.frame import cookie_name, ground, reach
from tenants.clock import now
from tenants.errors import NotPermittedError
from tenants.signin.devices import Tablet, tablet_of
from tenants.signin.passkeys import Site
from tenants.signin.sessions import Browser, Opened, sign_out
from tenants.signin.signing import SecondStep

_YEAR = 365 * 24 * 3600
_STEP_SECONDS = 600


def this_browser() -> Browser:
    """What is known of the browser that asks; one without a long-lived cookie is given one with the answer."""
    return Browser(request.headers.get("User-Agent", ""), _device(), shared=this_tablet() is not None)


def device_of_request() -> str:
    """The long-lived cookie that the browser sent; empty where it sent none."""
    return str(request.cookies.get(cookie_name("device"), ""))[:100]


def this_tablet() -> Tablet | None:
    """The home's tablet that this browser is; None for any other device. Looked up once in a request."""
    if "tablet" not in g:
        g.tablet = tablet_of(ground().database, device_of_request())
    found: Tablet | None = g.tablet
    return found


def network_address() -> str:
    """Where the request comes from."""
    return request.remote_addr or ""


def site() -> Site:
    """Whom a passkey is for: the host in the bar of the browser, one of those that Mendline answers to."""
    return Site(request.host.rsplit(":", 1)[0].strip("[]").lower(), request.host_url.rstrip("/"))


def with_session(answer: Response, opened: Opened) -> Response:
    """Gives the browser its session, under a name that no other session has or had; the one that it brought is over."""
    secure = ground().settings.https
    former = request.cookies.get(cookie_name(), "")
    if former:
        sign_out(ground().database, ground().key, former, at=now())
    answer.set_cookie(cookie_name(), opened.cookie, httponly=True, samesite="Lax", secure=secure, path="/")
    answer.set_cookie(
        cookie_name("device"), _device(), httponly=True, samesite="Lax", secure=secure, path="/", max_age=_YEAR
    )
    answer.delete_cookie(cookie_name("step"), path="/", secure=secure)
    return answer


def with_device(answer: Response, device: str) -> Response:
    """Gives the browser a long-lived cookie of its own: what makes a tablet known."""
    secure = ground().settings.https
    answer.set_cookie(
        cookie_name("device"), device, httponly=True, samesite="Lax", secure=secure, path="/", max_age=_YEAR
    )
    return answer


def with_step(answer: Response, step: SecondStep) -> Response:
    """Gives the browser what stands for a right password until the second step is done."""
    secret = f"{step.secret}.{int(step.has_code)}{int(step.has_passkey)}"
    return with_pending(answer, secret)


def with_pending(answer: Response, secret: str) -> Response:
    """Gives the browser the secret of a step that waits for its next. Lax, since single sign-on comes back from elsewhere."""
    secure = ground().settings.https
    answer.set_cookie(
        cookie_name("step"), secret, httponly=True, samesite="Lax", secure=secure, path="/", max_age=_STEP_SECONDS
    )
    return answer


def pending_secret() -> str:
    """The secret of the step that waits; empty where none does."""
    return str(request.cookies.get(cookie_name("step"), ""))[:100]


def step_of_request() -> SecondStep:
    """The second step that waits in this browser."""
    secret, _, ways = pending_secret().partition(".")
    return SecondStep(secret, ways[:1] == "1", ways[1:2] == "1")


def adopt(opened: Opened) -> None:
    """The forms of the page that is drawn next belong to the renewed session."""
    current_user.secret = opened.cookie


def require_own_sign_in() -> None:
    """Refuses what is about one's own sign-in to a token and to a quick re-entry with a PIN.

    Raises:
        NotPermittedError: they came in by neither of the full ways.
    """
    if current_user.by_token or reach().kind != "person" or reach().sign_in.level in ("capture", "token"):
        raise NotPermittedError("This needs a full sign-in in a browser. Sign in with your password and second step.")


def path_of_ours(address: str) -> str:
    """A path of this site that it is safe to go to, or nothing: no scheme, no host, no backslash, no control character."""
    if not address.startswith("/") or address.startswith(("//", "/\\")):
        return ""
    if any(ord(letter) < 0x20 or letter == "\\" for letter in address):
        return ""
    return address if not urlsplit(address).netloc else ""


# What a user agent is called by people, the more particular before what it also claims to be.
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"))  # fmt: skip
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
             ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"))  # fmt: skip


def device_words(user_agent: str) -> str:
    """A browser in words, such as "Firefox on Windows"."""
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "")
    name = next((words for mark, words in _BROWSERS if mark in user_agent), "")
    if name and system:
        return f"{name} on {system}"
    return name or system or "A browser that does not say what it is"


def _device() -> str:
    if "device" not in g:
        g.device = device_of_request() or secrets.token_urlsafe(32)
    found: str = g.device
    return found
