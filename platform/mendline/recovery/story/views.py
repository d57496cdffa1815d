"""The story of a service, and the form that tells a change."""

import uuid
from typing import cast

from flask import Response, flash, redirect, request

from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.recovery.registers.forms import day_of
from mendline.recovery.story.commands import GivenChange, tell_change
from mendline.recovery.story.presenting import change_page, place_of, story_page
from mendline.recovery.story.queries import story_of
from mendline.recovery.story.rows import KINDS, Asked
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import day_or_none, identifier_or_none
from tenants.errors import RefusedError

story = Section("story", url_prefix="/services/<uuid:service_id>/story")

SECTION = "services.listing"
PAGE = 40


@story.page("", access="see_story")
def timeline(service_id: uuid.UUID) -> str:
    """One timeline of everything that happened, by kind, indicator and dates."""
    asked = _asked()
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_story", *here)
        found = standings(session, *here, periods="none")
        lines, more = story_of(session, *here, asked)
    view = story_page(
        place, found, lines, asked, more=more, offers=offers_at(reach(), place),
        may_tell=reach().may("tell_story", *here), address=address,
    )  # fmt: skip
    crumbs = crumbs_to(place, Link("Story"))
    return page("recovery/story.html", title=f"Story, {place.name}", crumbs=crumbs, section=SECTION, view=view)


@story.page("/changes/new", access="tell_story")
def new_change(service_id: uuid.UUID) -> str:
    """The form that tells a change of staff, process or place."""
    return _change_form(service_id)


@story.page("/changes", access="tell_story", methods=("POST",))
def add_change(service_id: uuid.UUID) -> Response | tuple[str, int]:
    """Tells a change."""
    form = request.form
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            given = GivenChange(
                form.get("kind", ""), day_of(form, "happened_on"), form.get("what_changed", ""), form.get("why", ""),
                form.get("what_followed", ""), _chosen(),
            )  # fmt: skip
            tell_change(
                session,
                reach(),
                provider_id=place.provider_id,
                service_id=place.service_id,
                given=given,
                today=on_day(),
            )
    except RefusedError as refused:
        return _change_form(service_id, refused), 422
    flash("It is told. The charts that you chose show it as a letter.", "success")
    return cast("Response", redirect(address("story.timeline", service_id=service_id), 303))


def _change_form(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("tell_story", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
    view = change_page(
        place, found, today=on_day(), given=request.form, chosen=tuple(request.form.getlist("indicator_ids")),
        address=address, refused=refused,
    )  # fmt: skip
    way = Link("Story", address("story.timeline", service_id=service_id))
    crumbs = crumbs_to(place, way, Link("Tell a change"))
    return page("recovery/register_form.html", title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


def _asked() -> Asked:
    """What the address asks for; a word that is none of ours asks for nothing."""
    asked = request.args
    kind, after = asked.get("kind", ""), asked.get("after", "")
    return Asked(
        kinds=(kind,) if kind in KINDS else (),
        indicator_id=identifier_or_none(asked.get("indicator", "")),
        since=day_or_none(asked.get("from", "")),
        until=day_or_none(asked.get("to", "")),
        after=place_of(after) if after else None,
        most=PAGE,
    )


def _chosen() -> tuple[uuid.UUID, ...]:
    found = [identifier_or_none(each) for each in request.form.getlist("indicator_ids")]
    if None in found:
        raise RefusedError("The change was not told.", {"indicator_ids": "Choose indicators of this service."})
    return tuple(each for each in found if each is not None)
