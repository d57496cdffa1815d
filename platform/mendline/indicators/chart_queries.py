"""What people settled about a chart, and what happened on it: one statement each."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.indicators.chart import Happening


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """A chart that was set by hand, or given back to the figures."""

    version: int
    chart: str
    reason: str
    by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class BaseLine:
    """Limits that were asked to be set anew; `decision` is none while another person has yet to decide."""

    base_id: uuid.UUID
    starts_on: date
    what_changed: str
    reason: str
    evidence_reference: str
    requested_by: uuid.UUID | None
    requested_initials: str | None
    recorded_at: datetime
    decision: str | None
    note: str | None
    decided_initials: str | None
    decided_at: datetime | None


_HERE = "x.provider_id = :provider and x.service_id = :service and x.indicator_id = :indicator"

_CHOICES = text(f"""
select version, chart, reason, recorded_initials, recorded_at from chart_choice x where {_HERE} order by version desc
""")  # noqa: S608 -- a constant of ours

_BASES = text(f"""
select x.base_id, x.starts_on, x.what_changed, x.reason, x.evidence_reference, x.requested_by, x.requested_initials,
       x.recorded_at, d.decision, d.note, d.decided_initials, d.recorded_at as decided_at
from limit_base x
left join limit_base_decision d on d.provider_id = x.provider_id and d.service_id = x.service_id
    and d.indicator_id = x.indicator_id and d.base_id = x.base_id
where {_HERE} order by x.recorded_at desc
""")  # noqa: S608 -- a constant of ours

_EVENTS = text(f"select happened_on, what_changed from chart_event x where {_HERE} order by happened_on")  # noqa: S608


def choices_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID
) -> tuple[ChoiceLine, ...]:
    """Every choice, newest first."""
    rows = session.execute(_CHOICES, _keys(provider_id, service_id, indicator_id))
    return tuple(ChoiceLine(*row) for row in rows)


def bases_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID
) -> tuple[BaseLine, ...]:
    """Every request for new limits with its decision, newest first."""
    rows = session.execute(_BASES, _keys(provider_id, service_id, indicator_id))
    return tuple(BaseLine(*row) for row in rows)


def happenings_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID
) -> tuple[Happening, ...]:
    """What happened on a chart, by date; nothing for those who may not read its story."""
    rows = session.execute(_EVENTS, _keys(provider_id, service_id, indicator_id))
    return tuple(Happening(row.happened_on, row.what_changed) for row in rows)


def _keys(provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID) -> dict[str, uuid.UUID]:
    return {"provider": provider_id, "service": service_id, "indicator": indicator_id}
