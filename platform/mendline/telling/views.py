"""Pages of a person's own notices, of how they want to be told, and of the link that stops a kind of mail."""

import uuid
from typing import cast

from flask import Response, flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from mendline.telling.commands import mark_read, save_wish, stop
from mendline.telling.kinds import KINDS
from mendline.telling.presenting import notices_page, settings_page
from mendline.telling.queries import notice_of, notices_of, wish_at
from mendline.telling.stopping import PATH, Stop, read
from mendline.telling.timing import Wish
from mendline.web.components import Link
from mendline.web.frame import ground, reach, transaction
from mendline.web.looks import count_refused
from mendline.web.page import page
from mendline.web.section import PUBLIC, SIGNED_IN, Section
from tenants.errors import NotFoundError, RefusedError

telling = Section("telling", url_prefix="/notices")
stopping = Section("stopping", url_prefix=PATH.rstrip("/"))

_SECTION = "telling.listing"


@telling.page("", access=SIGNED_IN)
def listing() -> str:
    """What the person was told, unread first."""
    with transaction() as session:
        found = notices_of(session, _providers(), _person())
    view = notices_page(found, url_for("telling.settings"))
    return page("telling/notices.html", title="Notices", crumbs=(Link("Notices"),), section=_SECTION, view=view)


@telling.page("/<uuid:notice_id>", access=SIGNED_IN)
def open_one(notice_id: uuid.UUID) -> Response:
    """Follows a notice to its page; from then on it counts as read."""
    with transaction() as session:
        found = notice_of(session, _providers(), _person(), notice_id)
        if found is None:
            raise NotFoundError("There is no such notice of yours.")
        mark_read(session, reach(), _providers(), notice_id)
    return cast("Response", redirect(found.path, 303))


@telling.page("/read", access=SIGNED_IN, methods=("POST",))
def read_all() -> Response:
    """Marks all of them as read."""
    with transaction() as session:
        mark_read(session, reach(), _providers())
    return cast("Response", redirect(url_for(_SECTION), 303))


@telling.page("/settings", access=SIGNED_IN)
def settings() -> str:
    """Where the person chooses how to be told."""
    with transaction() as session:
        wish = wish_at(session, _providers()[0], _person())
    return _settings(wish, {})


@telling.page("/settings", access=SIGNED_IN, methods=("POST",))
def save_settings() -> Response | tuple[str, int]:
    """Keeps the choices, for every provider where the person works."""
    wish = _given(request.form)
    try:
        with transaction() as session:
            for provider_id in _providers():
                save_wish(session, reach(), provider_id, wish)
    except RefusedError as refused:
        return _settings(wish, refused.problems), 422
    flash("Your choices are saved and hold from now on.", "success")
    return cast("Response", redirect(url_for("telling.settings"), 303))


@stopping.page("/<shown>", access=PUBLIC)
def ask(shown: str) -> str:
    """What a mail's link leads to: the one act, still to be done, since mail programs open links by themselves."""
    wanted = _wanted(shown)
    return page("telling/stop.html", title="No more mail", label=KINDS[wanted.kind].label, shown=shown, done=False)


@stopping.page("/<shown>", access=PUBLIC, methods=("POST",))
def stop_by_link(shown: str) -> str:
    """Stops the kind of mail: from the page, or by one act of a mail program (RFC 8058)."""
    wanted = _wanted(shown)
    if not stop(ground().database, wanted):
        raise NotFoundError("This link stops nothing any more.")
    return page("telling/stop.html", title="No more mail", label=KINDS[wanted.kind].label, shown=shown, done=True)


def _wanted(shown: str) -> Stop:
    found = read(ground().key, shown)
    if found is None:
        count_refused("link of a letter")
        raise NotFoundError("This link is not complete. Copy all of it from the mail.")
    return found


def _person() -> uuid.UUID:
    found = reach().person_id
    if found is None:
        raise NotFoundError("There is no such page.")
    return found


def _providers() -> list[uuid.UUID]:
    """Where the person works; whoever only looks in from outside is told nothing here."""
    found = list(dict.fromkeys(held.provider_id for held in reach().held))
    if not found:
        raise NotFoundError("There is no such page.")
    return found


def _given(form: MultiDict[str, str]) -> Wish:
    return Wish(
        {kind: form.get(f"way_{kind}", "") for kind in KINDS},
        _hour(form.get("quiet_from", "")),
        _hour(form.get("quiet_until", "")),
        form.get("presses_through") == "yes",
        -1 if (hour := _hour(form.get("digest_hour", ""))) is None else hour,
        -1 if (day := _hour(form.get("digest_weekday", ""))) is None else day,
    )


def _hour(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) < 3 and int(typed) < 24 else None


def _settings(wish: Wish, problems: dict[str, str]) -> str:
    view = settings_page(wish, problems, url_for(_SECTION))
    crumbs = (Link("Notices", url_for(_SECTION)), Link("How you are told"))
    return page("telling/settings.html", title="How you are told", crumbs=crumbs, section=_SECTION, view=view)
