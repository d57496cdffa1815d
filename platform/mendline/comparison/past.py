"""Works out where indicators stood at a past moment: the same facts at the same moment give the same answer."""

import json
import uuid
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.comparison.reading import read_indicators
from mendline.indicators.derivation import derive_status
from mendline.indicators.model import ServiceIndicator
from mendline.indicators.standing import Standing

_NAMES = frozenset(field.name for field in fields(Standing))
_OWN = ("indicator_id", "definition_key", "cadence", "review_owner", "display_order", "in_plan")


def standings_then(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID | None = None,
    *,
    day: date,
    moment: datetime,
) -> tuple[Standing, ...]:
    """See `mendline.indicators.past.standings_at`."""
    found = statuses_then(session, provider_id, service_id, indicator_id, day=day, moment=moment)
    return tuple(_standing(row) for row in found)


def statuses_then(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID | None = None,
    *,
    day: date,
    moment: datetime,
) -> tuple[dict[str, Any], ...]:
    """Derived rows as they would have been stored, each with the columns of its indicator."""
    i = ServiceIndicator
    asked = (
        select(*(getattr(i, name) for name in _OWN))
        .where(i.provider_id == provider_id, i.service_id == service_id, i.recorded_at <= moment)
        .where((i.ended_on.is_(None)) | (i.ended_on > day))
        .order_by(i.display_order)
    )
    if indicator_id is not None:
        asked = asked.where(i.indicator_id == indicator_id)
    own = {row.indicator_id: dict(row._mapping) for row in session.execute(asked)}  # noqa: SLF001 -- SQLAlchemy's own name
    keys = [(service_id, each) for each in own]
    judged = {
        facts.indicator_id: derive_status(facts, day)
        for facts in read_indicators(session, provider_id, keys, day, moment)
    }
    return tuple({**judged[key], **row} for key, row in own.items() if key in judged)


def _standing(row: dict[str, Any]) -> Standing:
    known = {name: row[name] for name in _NAMES if name in row}
    return Standing(**{**known, "drawn": json.dumps(row["drawn"])})
