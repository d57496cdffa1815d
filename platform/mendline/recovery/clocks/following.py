"""Starts the clocks that follow from a notice or a published report, when these are recorded on the plan's own pages."""

import uuid
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from mendline.catalogue.calendar import LONDON
from mendline.catalogue.clocks import clock_kinds
from mendline.recovery.clocks.commands import GivenEvent, start_clocks
from mendline.recovery.clocks.queries import counts_in_force
from mendline.recovery.clocks.rules import day_of, end_in_force
from tenants.reach import Reach

# What is recorded -> the kinds of clock that it starts. A breach in a report alone asks for nothing by a date.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "requirement_notice": ("action_report",),
    "warning_notice": ("warning_representations", "warning_comply"),
    "condition": ("tribunal_appeal",),
    "report": ("rating_display", "rating_review"),
}
_ABOUT = {"condition": "condition", "report": "assessment"}


def start_following(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    what: str,
    summary: str,
    on: date | None,
    owner: str,
    today: date,
    comply_by: date | None = None,
    requirement_id: uuid.UUID | None = None,
) -> str | None:
    """Starts those that still lie ahead; gives the event's reference, None where nothing is to be started.

    A notice of last year that is recorded today starts nothing: its dates are over, and what was sent then is not known.

    Args:
        session: the transaction of what is recorded.
        reach: whoever records it; somebody who may not start clocks starts none.
        provider_id: the provider.
        service_id: the service.
        what: requirement_notice, warning_notice, condition or report; others start none.
        summary: what happened, without names.
        on: when it was issued or published.
        owner: who sees to them.
        today: the date in England.
        comply_by: the date in the notice.
        requirement_id: the notice, so that its page leads to the clocks.
    """
    if on is None or not reach.may("manage_clocks", provider_id, service_id):
        return None
    started, kinds = datetime(on.year, on.month, on.day, tzinfo=LONDON).astimezone(UTC), []
    own = counts_in_force(session, provider_id)
    said = {"warning_comply": comply_by} if comply_by else {}
    for key in FOLLOWS.get(what, ()):
        end = end_in_force(clock_kinds()[key], started, count=own.get(key), said=said.get(key))
        if end is not None and day_of(end) >= today:
            kinds.append(key)
    if not kinds:
        return None
    return start_clocks(
        session,
        reach,
        provider_id=provider_id,
        service_id=service_id,
        given=GivenEvent(
            about=_ABOUT.get(what, what),
            summary=summary,
            started_at=started,
            kinds=kinds,
            owner=owner,
            said={key: day for key, day in said.items() if key in kinds},
            requirement_id=requirement_id,
        ),
    )
