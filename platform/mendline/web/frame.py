"""What a request stands on: the settings and the database of the process, and the reach of whoever asks."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from ipaddress import ip_address, ip_network

from flask import current_app, g, has_app_context, request
from flask_login import UserMixin, current_user
from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.config import Settings
from mendline.secret_keys import KeyRing
from tenants.clock import LONDON, end_of_day, now, today
from tenants.database import Database
from tenants.errors import MendlineError, NoReachError, RefusedError, UnavailableError
from tenants.reach import Reach
from tenants.signin.keys import Key, accepted
from tenants.signin.links import beginning_of, knowing, ticket_hash, ticket_of

EARLIEST_YEAR = 2000


@dataclass(frozen=True)
class Ground:
    """The parts of a process that every request uses."""

    settings: Settings
    database: Database
    keys: KeyRing

    @property
    def key(self) -> Key:
        """What signs: the key of this process, or in a request that still goes by a former one, that one."""
        of_request: Key | None = g.get("key") if has_app_context() else None
        return of_request or self.keys.key(now())


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """The person of a request, as Flask-Login sees them; carries the reach that PostgreSQL resolved."""

    def __init__(self, reach: Reach, secret: str, *, by_token: bool) -> None:
        self.reach = reach
        self.secret = secret
        self.by_token = by_token

    def get_id(self) -> str:
        """The person's identifier."""
        return str(self.reach.person_id)


def ground() -> Ground:
    """The settings, database and key of this process."""
    found: Ground = current_app.extensions["mendline"]
    return found


def cookie_name(what: str = "") -> str:
    """The name of the session cookie, or of another of ours: bound to the host wherever the connection is encrypted."""
    name = f"mendline_{what}" if what else "mendline"
    return f"__Host-{name}" if ground().settings.https else name


def is_api() -> bool:
    """Whether the asker speaks JSON."""
    return request.path.startswith("/api/")


def signed_in_person() -> SignedIn | None:
    """Who asks, by cookie or by bearer token; None for nobody, and for a ticket that has ended."""
    header = request.headers.get("Authorization", "")
    by_token = header.startswith("Bearer ")
    secret = header[7:].strip() if by_token else request.cookies.get(cookie_name(), "")
    if not secret or g.get("database_away"):
        return None
    purpose = purpose_of(secret, by_token=by_token)
    try:
        reach = _reach_by(secret, purpose)
    except UnavailableError:
        g.database_away = True  # the page that says so asks again who is there, and must not fail in its turn
        raise
    if reach is None:
        g.session_ended = not by_token
        _note_ended(secret, purpose)
        return None
    return SignedIn(reach, secret, by_token=by_token)


def _reach_by(secret: str, purpose: str) -> Reach | None:
    """The reach of a secret by the server's key or a former one; None where none knows it.

    The keys are read once more before somebody is turned away: they may have been renewed a moment ago.
    """
    tried: tuple[bytes, ...] = ()
    while (keys := accepted(ground().keys.key(now()))) != tried:
        for key in keys:
            with suppress(NoReachError):
                return _moved(ground().database.reach_of(ticket_of(key, secret, purpose)), key, secret, purpose)
        tried = keys
    return None


def _moved(found: Reach, by: bytes, secret: str, purpose: str) -> Reach:
    """The reach under the key that signs: what a former one made goes on under it, once every process knows the newest.

    Raises:
        NoReachError: it went on already, and has ended since.
    """
    newest = ground().keys.key(now())
    if by == newest or not ground().keys.is_settled(now()):
        g.key = Key(by, (key for key in accepted(newest) if key != by))
        return found
    ticket = ticket_of(newest, secret, purpose)
    with ground().database.as_role("signin") as connection:
        connection.execute(
            text("select reach.carry_over(:old, :new)"), {"old": ticket_hash(found.ticket), "new": ticket_hash(ticket)}
        )
    return ground().database.reach_of(ticket)


SHOWN = {"session": "cookie of a sign-in", "token": "token of the API", "inspector": "cookie of an inspector"}


def _note_ended(secret: str, purpose: str) -> None:
    """Writes down that a sign-in was shown which is over, altered or made up; never stands in the answer's way.

    In the ledger of whom it belongs to, once for each; else it is counted in the platform's own.
    """
    try:
        with ground().database.as_role("signin") as connection:
            key = knowing(connection, "ticket", ground().key, lambda key: ticket_hash(ticket_of(key, secret, purpose)))
            connection.execute(
                text("select reach.note_ended(:ticket, :what, :beginning, :network, cast(:origin as jsonb))"),
                {
                    "ticket": ticket_of(key, secret, purpose),
                    "what": SHOWN[purpose],
                    "beginning": beginning_of(key, secret, purpose),
                    "network": network(),
                    "origin": json.dumps(origin()),
                },
            )
    except MendlineError:
        return  # the database went away meanwhile: the refusal itself is what counts


# What an inspector's cookie begins with: it stands for a link, never for a person who signs in.
INSPECTOR = "insp_"


def purpose_of(secret: str, *, by_token: bool) -> str:
    """What a secret was made for: a token, a session, or an inspector's link; one is never taken for another."""
    if by_token:
        return "token"
    return "inspector" if secret.startswith(INSPECTOR) else "session"


def reach() -> Reach:
    """The reach of whoever asks.

    Raises:
        NoReachError: nobody is signed in.
    """
    if not current_user.is_authenticated:
        raise NoReachError("Sign in to see this page.")
    found: Reach = current_user.reach
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction in the reach of whoever asks; commits when the view's work is done."""
    with ground().database.transaction(reach()) as session:
        session.info["origin"] = origin()
        yield session


def origin() -> dict[str, str]:
    """From where a request comes, for the ledger: a keyed hash of the address, and the kind of device; no more."""
    address = hmac.new(ground().key, f"address:{request.remote_addr}".encode(), hashlib.sha256).hexdigest()
    return {"address": address[:16], "device": device_words(request.headers.get("User-Agent", ""))}


def network() -> str:
    """A keyed hash of the network that a request comes from: of the first 24 bits of an address, of IPv6 the first 48."""
    words = request.remote_addr or ""
    with suppress(ValueError):
        bits = 24 if ip_address(words).version == 4 else 48
        words = str(ip_network((words, bits), strict=False))
    return hmac.new(ground().key, f"network:{words}".encode(), hashlib.sha256).hexdigest()[:16]


def device_words(user_agent: str) -> str:
    """`Firefox on Windows`: what somebody recognises a device by, without what would tell devices apart."""
    browsers = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Android": "Android",
        "Windows": "Windows",
        "Mac OS": "Mac",
        "Linux": "Linux",
    }
    browser = next((name for mark, name in browsers.items() if mark in user_agent), "Another program")
    system = next((name for mark, name in systems.items() if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def as_at() -> datetime | None:
    """The moment that a page is asked to be drawn as at; None for now.

    `?as_at=2026-11-09` is the end of that day; a pack gives its own moment, `?as_at=2026-11-09T14:30:00Z`. A view that can
    be drawn as at a moment calls this first; `on_day` is its day from then on, and the layout says so.

    Raises:
        RefusedError: it is no day or moment, or one that has not come yet.
    """
    given = request.args.get("as_at", "") if request.method == "GET" else ""
    if not given:
        return None
    day, moment = _day_or_moment(given)
    if day > today() or day.year < EARLIEST_YEAR or (moment is not None and moment > now()):
        raise RefusedError("Choose a day up to today. What stands then is not known yet.")
    if day == today() and moment is None:
        return None
    g.today = g.as_at = day
    g.as_at_given = moment.isoformat().replace("+00:00", "Z") if moment else day.isoformat()
    return moment or end_of_day(day)


def _day_or_moment(given: str) -> tuple[date, datetime | None]:
    with suppress(ValueError, OverflowError):
        if "T" not in given:
            return date.fromisoformat(given), None
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is not None:
            return moment.astimezone(LONDON).date(), moment.astimezone(UTC)
    raise RefusedError("Give the day as a date, such as 2026-11-09.")


def as_at_day() -> date | None:
    """The past day that this page is drawn as at; None for now."""
    found: date | None = g.get("as_at")
    return found


def as_at_given() -> str:
    """The day or moment that this page is drawn as at, as its address says it; empty for now."""
    found: str = g.get("as_at_given", "")
    return found


def on_day() -> date:
    """Today in England, once per request, so that one page never straddles midnight."""
    if "today" not in g:
        g.today = today()
    found: date = g.today
    return found


def csrf_token() -> str:
    """The token that a form sends back; bound to the session cookie, or before sign-in to a cookie of the form.

    Fresh on each page, so that compression beside it gives nothing away.
    """
    nonce = secrets.token_hex(8)
    return f"{nonce}.{_signature(nonce, ground().key)}"


def csrf_agrees(given: str) -> bool:
    """Whether a form's token was made for this browser's session."""
    nonce, _, signature = given.partition(".")
    if not current_user.is_authenticated and not request.cookies.get(cookie_name("form")):
        return False  # bound to nothing: a token of any other browser would fit
    return any(
        hmac.compare_digest(signature.encode(), _signature(nonce, key).encode()) for key in accepted(ground().key)
    )


def _signature(nonce: str, key: bytes) -> str:
    secret = current_user.secret if current_user.is_authenticated else form_secret()
    return hmac.new(key, f"csrf:{nonce}:{secret}".encode(), hashlib.sha256).hexdigest()


def form_secret() -> str:
    """What ties the sign-in form to this browser while nobody is signed in."""
    from_browser = request.cookies.get(cookie_name("form"))
    return str(from_browser or getattr(g, "form_secret", ""))
