"""Tells a change of staff, process or place, and writes down when an indicator comes to stand elsewhere."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from mendline.indicators.model import ChartEvent, IndicatorStatus, ServiceIndicator
from mendline.recovery.story.model import ServiceChange, StatusChange
from mendline.recovery.story.telling import CHANGE_WORDS
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.events import STATUS, Event, announce
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST = 8
CHANGES = cast("Table", StatusChange.__table__)


@dataclass(frozen=True, slots=True)
class GivenChange:
    """A change as somebody tells it.

    Attributes:
        kind: staff, process or place.
        indicator_ids: whose charts it is drawn on.
    """

    kind: str
    happened_on: date | None
    what_changed: str
    why: str
    what_followed: str = ""
    indicator_ids: tuple[uuid.UUID, ...] = ()


def change_problems(given: GivenChange, today: date) -> dict[str, str]:
    """What is missing or cannot be, one sentence per field."""
    checks = (
        (given.kind not in CHANGE_WORDS, "kind", "Choose what sort of change it was."),
        (given.happened_on is None or given.happened_on > today, "happened_on", "Give the day, today or earlier."),
        (len(given.what_changed.strip()) < SHORTEST, "what_changed", "Say what changed, in a sentence."),
        (len(given.why.strip()) < SHORTEST, "why", "Say why: a change without a reason explains nothing later."),
    )
    return {field: words for wrong, field, words in checks if wrong}


def tell_change(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    given: GivenChange,
    today: date,
) -> uuid.UUID:
    """Writes a change into the story, and onto the charts of the indicators that it names.

    Raises:
        RefusedError: something is missing, or an indicator is not one of the service.
    """
    reach.require("tell_story", provider_id, service_id)
    problems = change_problems(given, today)
    i = ServiceIndicator
    known = set(
        session.scalars(
            select(i.indicator_id).where(
                i.provider_id == provider_id,
                i.service_id == service_id,
                i.indicator_id == func.any(list(given.indicator_ids)),
            )
        )
    )
    if known != set(given.indicator_ids):
        problems["indicator_ids"] = "Choose indicators of this service."
    if problems or given.happened_on is None:
        raise RefusedError("The change was not told.", problems)
    here = {"provider_id": provider_id, "service_id": service_id}
    by = {"recorded_by": reach.person_id, "recorded_initials": reach.initials, "recorded_at": now()}
    told = {
        "kind": given.kind,
        "happened_on": given.happened_on,
        "what_changed": given.what_changed.strip(),
        "why": given.why.strip(),
        "what_followed": given.what_followed.strip(),
    }
    change = ServiceChange(**here, **by, **told, change_id=new_id(), indicator_ids=sorted(known))
    session.add(change)
    for indicator_id in sorted(known):
        session.add(ChartEvent(**here, **by, **told, indicator_id=indicator_id, event_id=new_id(), reference=None))
    note(session, reach, "change told", provider_id=provider_id, service_id=service_id, subject=f"change {given.kind}")
    session.flush()
    return change.change_id


def keep_changes(session: Session, statuses: Sequence[dict[str, Any]]) -> int:
    """Writes a fact for each of these derived rows that stands elsewhere than the stored one; to be called before it is stored.

    The first judgement of an indicator is no change. Returns how many changed.
    """
    if not statuses:
        return 0
    s = IndicatorStatus
    keys = [(row["provider_id"], row["service_id"], row["indicator_id"]) for row in statuses]
    stored = session.execute(
        select(s.provider_id, s.service_id, s.indicator_id, s.composite).where(
            s.provider_id == keys[0][0],
            s.service_id == func.any(list({service_id for _, service_id, _ in keys})),
            s.indicator_id == func.any([indicator_id for _, _, indicator_id in keys]),
        )
    )
    before = {(row.provider_id, row.service_id, row.indicator_id): row.composite for row in stored}
    at = now()
    rows = [
        change_row(before[key], row, at)
        for key, row in zip(keys, statuses, strict=True)
        if before.get(key) and before[key] != row["composite"]
    ]
    if rows:
        session.execute(insert(CHANGES), rows)
    for provider_id in dict.fromkeys(row["provider_id"] for row in rows):
        announce(session, provider_id, [_event(row) for row in rows if row["provider_id"] == provider_id])
    return len(rows)


def _event(row: Mapping[str, Any]) -> Event:
    told = {"indicator_id": str(row["indicator_id"]), "before": row["before"], "after": row["after"]}
    return Event(STATUS, row["service_id"], told)


def change_row(before: str, status: dict[str, Any], at: Any) -> dict[str, Any]:
    """The fact that an indicator came to stand where `status` says."""
    return {
        **{name: status[name] for name in ("provider_id", "service_id", "indicator_id", "sentence", "rules_version")},
        "change_id": new_id(),
        "before": before,
        "after": status["composite"],
        "happened_on": status["judged_on"],
        "period_start": status["last_period"],
        "value": status["value"],
        "recorded_at": at,
    }
