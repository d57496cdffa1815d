"""The story of a service."""

import uuid

from flask import Response, request

from mendline.api.asking import answer_list, as_at, day, identifier, limit
from mendline.api.queries import own_place
from mendline.api.resources_story import StoryEntryOut
from mendline.api.table import AS_AT, CURSOR, LIMIT, Query, api
from mendline.indicators.queries import standings
from mendline.recovery.story.presenting import cursor_of, place_of, told_plainly
from mendline.recovery.story.queries import story_of
from mendline.recovery.story.rows import KINDS, Asked
from mendline.web.frame import reach, transaction
from tenants.errors import RefusedError


@api.operation(
    "GET",
    "/services/<uuid:service_id>/story",
    access="see_story",
    answer=StoryEntryOut,
    paged=True,
    query=(
        Query("kind", "text", "Only this kind.", choices=tuple(KINDS)),
        Query("indicator", "uuid", "Only what is about this indicator."),
        Query("from", "date", "The first day."),
        Query("to", "date", "The last day."),
        AS_AT,
        CURSOR,
        LIMIT,
    ),
)
def story(service_id: uuid.UUID) -> Response:
    """What happened at a service, newest first: status changes, events, decisions, actions, evidence, staff and process."""
    kind, after = request.args.get("kind"), request.args.get("cursor")
    if kind is not None and kind not in KINDS:
        raise RefusedError("There is no such kind.", {"kind": f"One of {', '.join(KINDS)}."})
    asked = Asked(
        kinds=(kind,) if kind else (),
        indicator_id=identifier("indicator"),
        since=day("from"),
        until=day("to"),
        after=place_of(after) if after else None,
        as_at=as_at(),
        most=limit(),
    )
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_story", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="none")
        lines, more = story_of(session, place.provider_id, place.service_id, asked)
    told = [StoryEntryOut(*each) for each in told_plainly(lines, found)]
    return answer_list(told, cursor_of(lines[-1]) if more else None)
