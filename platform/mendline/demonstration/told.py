"""The demonstration's history: where indicators stood and what was foreseen week by week, changes told, reviews, minutes."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import week_start
from mendline.comparison.outlooks import keep_outlooks
from mendline.comparison.past import statuses_then
from mendline.demonstration.model import Demonstration
from mendline.demonstration.sources import Clock, at, clock, named, stories
from mendline.recovery.minutes.assembling import GivenNotes, assembled
from mendline.recovery.minutes.model import Minutes
from mendline.recovery.minutes.queries import month_lines
from mendline.recovery.reviews.model import ReviewSitting
from mendline.recovery.story.commands import change_row
from mendline.recovery.story.model import ServiceChange, StatusChange
from tenants.database import insert_many

WEEKS_BACK = 8
NEAREST = 4  # an outlook on a target without a date looks four weeks ahead: of fewer weeks back nothing came yet
FORESEEN = 2  # services without a plan that show how outlooks held: targets of plans have dates that are yet to come


def load_told(session: Session, planned: Demonstration, provider_id: uuid.UUID) -> None:
    """Adds the history of the services whose story tells one; nothing where it is there already."""
    told = [
        (service, stories()[service.key]["told"])
        for service in planned.services
        if service.provider_id == provider_id and "told" in stories().get(service.key, {})
    ]
    known = session.scalar(
        select(func.count()).select_from(ServiceChange).where(ServiceChange.provider_id == provider_id)
    )
    if known or not told:
        return
    when = clock(planned.today)
    for service, history in told:
        here = {"provider_id": provider_id, "service_id": service.service_id}
        insert_many(session, cast("Table", StatusChange.__table__), _standings(session, here, planned.today))
        insert_many(session, cast("Table", ServiceChange.__table__), _changes(planned, here, history, when))
        insert_many(session, cast("Table", ReviewSitting.__table__), _sittings(planned, here, history, when))
        if "minutes" in history:
            insert_many(session, cast("Table", Minutes.__table__), [_minutes(session, provider_id, history, when)])
    in_recovery = {plan.service_id for plan in planned.plans}
    others = (one for one in planned.services if one.provider_id == provider_id and one.service_id not in in_recovery)
    for service in islice(others, FORESEEN):
        for day, moment in _mondays(planned.today, until=NEAREST + 1):
            stood = statuses_then(session, provider_id, service.service_id, day=day, moment=moment)
            keep_outlooks(session, stood, moment)


def _mondays(today: date, until: int = 0) -> Iterator[tuple[date, datetime]]:
    """The Mondays of some weeks back, the oldest first, each with its noon."""
    for weeks in range(WEEKS_BACK, until - 1, -1):
        day = week_start(today) - timedelta(weeks=weeks)
        yield day, datetime.combine(day, time(12), UTC)


def _standings(session: Session, here: dict[str, uuid.UUID], today: date) -> list[dict[str, Any]]:
    """A row for each Monday on which an indicator stood elsewhere than a week before, from the facts of that day.

    What could be foreseen on each of these days is kept as well, so that it is held against what came.
    """
    rows, before = [], dict[uuid.UUID, str]()
    for day, moment in _mondays(today):
        stood = statuses_then(session, here["provider_id"], here["service_id"], day=day, moment=moment)
        keep_outlooks(session, stood, moment)
        for each in stood:
            earlier = before.get(each["indicator_id"])
            if earlier and earlier != each["composite"]:
                rows.append(change_row(earlier, each, moment))
            before[each["indicator_id"]] = each["composite"]
    return rows


def _changes(
    planned: Demonstration, here: dict[str, uuid.UUID], history: dict[str, Any], when: Clock
) -> list[dict[str, Any]]:
    runs = {one.definition_key: one.indicator_id for one in planned.indicators if one.service_id == here["service_id"]}
    return [
        {
            **here,
            "change_id": named("change", here["service_id"], one["what"]),
            "kind": one["kind"],
            "happened_on": when.day(one["day"]),
            "what_changed": one["what"],
            "why": one["why"],
            "what_followed": one.get("followed", ""),
            "indicator_ids": [runs[key] for key in one.get("indicators", ()) if key in runs],
            "recorded_by": None,
            "recorded_initials": one["by"],
            "recorded_at": at(when.day(one["day"]), 16, 0),
        }
        for one in history["changes"]
    ]


def _sittings(
    planned: Demonstration, here: dict[str, uuid.UUID], history: dict[str, Any], when: Clock
) -> list[dict[str, Any]]:
    rows = []
    for one in history["sittings"]:
        held_on = when.day(one["day"])
        start = week_start(held_on) if one["forum"] in ("weekly_review", "deputy_sampling") else held_on.replace(day=1)
        rows.append(
            {
                **here,
                "sitting_id": named("sitting", here["service_id"], one["forum"], one["day"]),
                "forum": one["forum"],
                "period_from": start,
                "held_on": held_on,
                "decided": [
                    {"indicator_id": str(each.indicator_id), "decision": each.decision, "by": each.decided_label}
                    for each in planned.reviews
                    if each.service_id == here["service_id"] and start <= each.held_on <= held_on
                ],
                "summary": one["summary"],
                "signed_by": None,
                "signed_label": one["by"],
                "signed_role": one["role"],
                "recorded_at": at(held_on, 16, 30),
            }
        )
    return rows


def _minutes(session: Session, provider_id: uuid.UUID, history: dict[str, Any], when: Clock) -> dict[str, Any]:
    told = history["minutes"]
    signed_on = when.day(told["signed"])
    month = (signed_on.replace(day=1) - timedelta(days=1)).replace(day=1)
    attending = tuple((name, role) for name, role in told["attendance"])
    return {
        "provider_id": provider_id,
        "minutes_id": named("minutes", provider_id, told["signed"]),
        "month": month,
        "content": assembled(
            month_lines(session, provider_id, month), GivenNotes(attending, told["challenge"], told["notes"])
        ),
        "signed_by": None,
        "signed_label": told["by"],
        "signed_role": told["role"],
        "recorded_at": at(signed_on, 15, 0),
    }
