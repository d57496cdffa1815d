"""A review at its rhythm: what changed, what is left to decide, signing it, and corrections."""

import uuid
from datetime import datetime, time, timedelta
from typing import cast

from flask import Response, flash, redirect, request

from mendline.evidence.checks.sampling import draw
from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.recovery.commands import add_addendum
from mendline.recovery.plans.milestone_judging import verdicts_of
from mendline.recovery.plans.presenting_weeks import stones_to_judge
from mendline.recovery.plans.queries import plans_of
from mendline.recovery.plans.scheduling import review_rhythm
from mendline.recovery.registers.action_commands import signature
from mendline.recovery.reviews import queries
from mendline.recovery.reviews.commands import sign_sitting
from mendline.recovery.reviews.presenting import reviewed_of, since_day, sitting_page
from mendline.recovery.reviews.rhythm import FORUMS, Forum, forum_of, turn_start
from mendline.recovery.story.queries import story_of
from mendline.recovery.story.rows import Asked
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.clock import LONDON
from tenants.errors import RefusedError

sittings = Section("sittings", url_prefix="/services/<uuid:service_id>/reviews")

SECTION = "services.listing"
SAMPLE = 5
MOST_CHANGES = 30


@sittings.page("/current", access="see_actions")
def current(service_id: uuid.UUID) -> str:
    """The review of this week or month, by the role of whoever asks."""
    return _sitting(service_id)


@sittings.page("/current", access="record_decision", methods=("POST",))
def sign(service_id: uuid.UUID) -> Response | tuple[str, int]:
    """Signs it."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            reach().require("record_decision", place.provider_id, place.service_id)
            found = standings(session, place.provider_id, place.service_id, periods="none")
            sign_sitting(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, forum=_forum(place),
                reviewed=reviewed_of(found), summary=request.form.get("summary", ""), label=signature(reach()),
                today=on_day(),
            )  # fmt: skip
    except RefusedError as refused:
        return _sitting(service_id, refused), 422
    flash("The review is signed and closed.", "success")
    return cast("Response", redirect(address("sittings.current", service_id=service_id), 303))


@sittings.page("/<uuid:review_id>/corrections", access="record_decision", methods=("POST",))
def correct(service_id: uuid.UUID, review_id: uuid.UUID) -> Response | tuple[str, int]:
    """Adds a correction to a decision, which stays as it is."""
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            add_addendum(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, review_id=review_id,
                words=request.form.get("correction", ""), today=on_day(),
            )  # fmt: skip
    except RefusedError as refused:
        sentence = " ".join((str(refused), *refused.problems.values()))
        return _sitting(service_id, RefusedError(sentence)), 422
    flash("The correction is added. What was recorded stays visible.", "success")
    return cast("Response", redirect(address("sittings.current", service_id=service_id), 303))


def _sitting(service_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    today = on_day()
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        reach().require("see_actions", *here)
        forum = _forum(place)
        found = standings(session, *here, periods="none")
        signed = queries.sittings_of(session, *here)
        turn = turn_start(forum, today, review_rhythm(session, *here, today))
        since = since_day(forum, signed, turn)
        lines, _ = story_of(session, *here, Asked(since=since, most=MOST_CHANGES))
        decided = queries.decided_between(session, *here, turn, today)
        start = datetime.combine(today - timedelta(days=7), time(), LONDON)
        end = datetime.combine(today + timedelta(days=1), time(), LONDON)
        records = queries.records_since(session, *here, start, end) if forum.samples else {}
        judges = reach().may("change_plans", *here)
        plans, found_before = (plans_of(session, *here), verdicts_of(session, *here)) if judges else ((), {})
    drawn = draw(records, f"{service_id}:{turn}", SAMPLE)
    view = sitting_page(
        place, forum, found, lines, decided, signed, [(each, *records[each]) for each in drawn],
        stones=stones_to_judge(plans, found_before, today), population=len(records), turn=turn, today=today, offers=offers_at(reach(), place), address=address, typed=request.form,
        refused=refused,
    )  # fmt: skip
    way = Link("Reviews", address("recovery.reviews", service_id=service_id))
    crumbs = crumbs_to(place, way, Link(forum.label))
    title = f"{forum.label}, {place.name}"
    return page("recovery/sitting.html", title=title, crumbs=crumbs, section=SECTION, view=view)


def _forum(place: Place) -> Forum:
    """The review that whoever asks holds at a place; the weekly one is shown to everybody else."""
    here = [
        held.role
        for held in reach().held
        if held.provider_id == place.provider_id and held.service_id in (None, place.service_id)
    ]
    return forum_of(here) or FORUMS["weekly_review"]
