"""What an inspector's link shows: one bounded statement each.

The statements name the service; up to which moment, and which rows at all, the policies of the reader role decide by the
link.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.evidence.records.rows import StoredRecord


@dataclass(frozen=True, slots=True)
class ShownIndicator:
    """An indicator with its newest figure at the link's moment."""

    indicator_id: uuid.UUID
    definition_key: str
    cadence: str
    period_start: date | None
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str | None


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure as it stood, with who entered it by initials and where it came from."""

    period_start: date
    revision: int
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    source: str
    reason: str | None
    recorded_initials: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """A piece of evidence that supports an indicator; `has_file` where the original is kept here and can be opened."""

    evidence_id: uuid.UUID
    reference: str
    letter: str
    title: str
    dated_on: date
    system: str
    where_to_look: str
    has_file: bool


@dataclass(frozen=True, slots=True)
class ShownChange:
    """Something that changed at the service, or where an indicator came to stand, as it was known then."""

    happened_on: date
    kind: str
    what: str
    why: str | None
    followed: str | None


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision as it was recorded."""

    held_on: date
    decision: str
    decided_role: str
    decided_label: str
    what_changed: str | None
    why: str | None
    what_follows: str | None


_NEWEST_REVISION = """not exists (
    select 1 from observation n
    where n.provider_id = o.provider_id and n.service_id = o.service_id and n.indicator_id = o.indicator_id
      and n.period_start = o.period_start and n.revision > o.revision)"""

_INDICATORS = text("""
select i.indicator_id, i.definition_key, i.cadence, o.period_start, o.numerator, o.denominator, o.value, o.state
from service_indicator i
left join lateral (
    select o.period_start, o.numerator, o.denominator, o.value, o.state from observation o
    where o.provider_id = i.provider_id and o.service_id = i.service_id and o.indicator_id = i.indicator_id
    order by o.period_start desc, o.revision desc limit 1) o on true
where i.provider_id = :provider and i.service_id = :service
order by i.display_order, i.definition_key
limit 200
""")

_FIGURES = text(f"""
select o.period_start, o.revision, o.numerator, o.denominator, o.value, o.state, o.source, o.reason,
       o.recorded_initials, o.recorded_at
from observation o
where o.provider_id = :provider and o.service_id = :service and o.indicator_id = :indicator and {_NEWEST_REVISION}
order by o.period_start desc
limit 104
""")  # noqa: S608 -- the condition is this module's

_EVIDENCE = text("""
select e.evidence_id, e.reference, e.letter, e.title, e.dated_on, e.system, e.where_to_look,
       v.verdict is not distinct from 'ready' as has_file
from evidence_link k
join evidence e on e.provider_id = k.provider_id and e.service_id = k.service_id and e.evidence_id = k.evidence_id
left join evidence_file f
  on f.provider_id = e.provider_id and f.service_id = e.service_id and f.evidence_id = e.evidence_id
left join evidence_file_verdict v
  on v.provider_id = f.provider_id and v.service_id = f.service_id and v.file_id = f.file_id
where k.provider_id = :provider and k.service_id = :service and k.indicator_id = :indicator
order by e.dated_on desc, e.reference desc
limit 100
""")

_CHANGES = text("""
select * from (
    select c.happened_on, c.kind, c.what_changed as what, c.why, c.what_followed as followed
    from service_change c
    where c.provider_id = :provider and c.service_id = :service
      and (:indicator = any (c.indicator_ids) or cardinality(c.indicator_ids) = 0)
    union all
    select c.happened_on, 'event', c.what_changed, c.why, c.what_followed
    from chart_event c
    where c.provider_id = :provider and c.service_id = :service and c.indicator_id = :indicator
    union all
    select c.happened_on, 'status', c.sentence, null, null
    from status_change c
    where c.provider_id = :provider and c.service_id = :service and c.indicator_id = :indicator) x
order by x.happened_on desc, x.kind, x.what
limit 100
""")

_DECISIONS = text("""
select r.held_on, r.decision, r.decided_role, r.decided_label, r.what_changed, r.why, r.what_follows
from review r
where r.provider_id = :provider and r.service_id = :service and r.indicator_id = :indicator
order by r.held_on desc, r.recorded_at desc
limit 50
""")

_RECORD = """
select r.record_id, r.revision, r.record_type, r.type_version, r.happened_at, r.payload, r.source_system,
       r.source_reference, r.reason, r.recorded_initials, r.recorded_at, r.withdrawn_at
from record r
where r.provider_id = :provider and r.service_id = :service {narrowed}
limit 200
"""
_RECORDS = text(
    _RECORD.format(
        narrowed="""and r.record_type = any (:types) and r.happened_at >= :begins and r.happened_at < :ends
  and r.withdrawn_at is null and not exists (
    select 1 from record n
    where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
      and n.revision > r.revision)
order by r.happened_at, r.record_id"""
    )
)
_ONE_RECORD = text(_RECORD.format(narrowed="and r.record_id = :record order by r.revision desc"))


@dataclass(frozen=True, slots=True)
class Here:
    """The one place that a link opens."""

    provider_id: uuid.UUID
    service_id: uuid.UUID

    def values(self, **more: Any) -> dict[str, Any]:
        """What each statement names."""
        return {"provider": self.provider_id, "service": self.service_id, **more}


def indicators(session: Session, here: Here) -> tuple[ShownIndicator, ...]:
    """The indicators of the service with their newest figures at the link's moment."""
    return tuple(ShownIndicator(**row) for row in session.execute(_INDICATORS, here.values()).mappings())


def figures(session: Session, here: Here, indicator_id: uuid.UUID) -> tuple[ShownFigure, ...]:
    """The figures of an indicator, newest first, each in the revision that stood."""
    rows = session.execute(_FIGURES, here.values(indicator=indicator_id)).mappings()
    return tuple(ShownFigure(**row) for row in rows)


def evidence(session: Session, here: Here, indicator_id: uuid.UUID) -> tuple[ShownEvidence, ...]:
    """The evidence that supported an indicator."""
    rows = session.execute(_EVIDENCE, here.values(indicator=indicator_id)).mappings()
    return tuple(ShownEvidence(**row) for row in rows)


def changes(session: Session, here: Here, indicator_id: uuid.UUID) -> tuple[ShownChange, ...]:
    """What changed at the service that an indicator's chart tells of, newest first."""
    rows = session.execute(_CHANGES, here.values(indicator=indicator_id)).mappings()
    return tuple(ShownChange(**row) for row in rows)


def decisions(session: Session, here: Here, indicator_id: uuid.UUID) -> tuple[ShownDecision, ...]:
    """What was decided on an indicator."""
    rows = session.execute(_DECISIONS, here.values(indicator=indicator_id)).mappings()
    return tuple(ShownDecision(**row) for row in rows)


def records(
    session: Session, here: Here, *, types: tuple[str, ...], begins: datetime, ends: datetime
) -> tuple[StoredRecord, ...]:
    """The records of these kinds that happened in a span, as they stood."""
    rows = session.execute(_RECORDS, here.values(types=list(types), begins=begins, ends=ends)).mappings()
    return tuple(StoredRecord(**row) for row in rows)


def record(session: Session, here: Here, record_id: uuid.UUID) -> tuple[StoredRecord, ...]:
    """One record with what stood before each correction, as it stood at the link's moment."""
    return tuple(StoredRecord(**row) for row in session.execute(_ONE_RECORD, here.values(record=record_id)).mappings())
