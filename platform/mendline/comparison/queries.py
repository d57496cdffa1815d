"""What the pages across services read: a fixed number of statements, whatever the number of services."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from mendline.comparison.model import RollUp
from mendline.indicators.model import IndicatorStatus
from mendline.indicators.queries import composite_now
from tenants.directory.model import Provider, Service

MOST_COLUMNS = 8
MOST_DECLINES = (
    2_000  # far above what a body's services can have at once; a page that lost one would say something false
)


@dataclass(frozen=True, slots=True)
class StatusCell:
    """Where one indicator of one service stands, without its series."""

    service_id: uuid.UUID
    indicator_id: uuid.UUID
    definition_key: str
    status: str
    assurance: str | None
    is_stale: bool
    last_period: date | None
    value: float | None
    numerator: float | None
    denominator: float | None
    target_value: float | None
    evidence_level: str
    composite: str
    since: date | None
    sentence: str
    unescalated_days: int | None
    declined_since: date | None
    last_decision: str | None
    last_decision_on: date | None
    last_decision_by: str | None
    facts_recorded_at: datetime | None
    mark: str = ""  # that the figure came late or was restated


@dataclass(frozen=True, slots=True)
class PooledFigure:
    """The newest roll-up of one indicator over all like services: pooled, never averaged."""

    definition_key: str
    service_kind: str
    period_start: date
    services_expected: int
    services_reporting: int
    numerator: float | None
    denominator: float | None
    value: float | None
    below_target: int
    facts_recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeclineLine:
    """A decline of a service with what was decided after it could be seen."""

    service_id: uuid.UUID
    definition_key: str
    declined_since: date
    unescalated_days: int | None
    decision: str | None
    held_on: date | None
    what_follows: str | None


_CELL = [
    column
    for column in IndicatorStatus.__table__.columns
    if column.name in StatusCell.__annotations__ and column.name != "composite"
]
_MARK = func.coalesce(IndicatorStatus.drawn["mark"].astext, "")

_DECLINES = text("""
select st.service_id, st.definition_key, st.declined_since, st.unescalated_days, r.decision, r.held_on, r.what_follows
from indicator_status st
left join lateral (
    select decision, held_on, what_follows from review r
    where r.provider_id = st.provider_id and r.service_id = st.service_id and r.indicator_id = st.indicator_id
      and r.held_on >= st.declined_since and r.decision in ('further_action', 'escalate')
    order by r.held_on limit 1) r on true
where st.provider_id = any (:providers) and st.declined_since is not null
order by st.unescalated_days desc nulls last, st.declined_since desc
limit :most
""")


def _at_open_service() -> ColumnElement[bool]:
    """Of a service that has not closed; the pages of one that has show where it stood."""
    return exists().where(
        Service.provider_id == IndicatorStatus.provider_id,
        Service.service_id == IndicatorStatus.service_id,
        Service.closed_on.is_(None),
    )


def definitions_in_use(session: Session, provider_id: uuid.UUID) -> tuple[tuple[str, int], ...]:
    """Each indicator that services of the provider run, with how many run it, most common first."""
    st = IndicatorStatus
    rows = session.execute(
        select(st.definition_key, func.count().label("services"))
        .where(st.provider_id == provider_id, _at_open_service())
        .group_by(st.definition_key)
        .order_by(func.count().desc(), st.definition_key)
    )
    return tuple((row.definition_key, row.services) for row in rows)


def status_cells(session: Session, provider_id: uuid.UUID, keys: tuple[str, ...]) -> tuple[StatusCell, ...]:
    """Where the named indicators stand at every service of a provider within reach."""
    rows = session.execute(
        select(*_CELL, composite_now().label("composite"), _MARK.label("mark")).where(
            IndicatorStatus.provider_id == provider_id, IndicatorStatus.definition_key.in_(keys), _at_open_service()
        )
    ).mappings()
    return tuple(StatusCell(**row) for row in rows)


def pooled_figures(session: Session, provider_id: uuid.UUID, keys: tuple[str, ...]) -> tuple[PooledFigure, ...]:
    """The newest roll-up of each named indicator and kind of service."""
    ru = RollUp
    rows = session.execute(
        select(*(ru.__table__.c[name] for name in PooledFigure.__annotations__))
        .where(ru.provider_id == provider_id, ru.definition_key.in_(keys), ru.value.is_not(None))
        .order_by(ru.definition_key, ru.service_kind, ru.period_start.desc())
        .ext(distinct_on(ru.definition_key, ru.service_kind))
    ).mappings()
    return tuple(PooledFigure(**row) for row in rows)


def names_of(session: Session, provider_id: uuid.UUID, kind: str) -> tuple[str, dict[uuid.UUID, str]]:
    """A provider's name and those of its services of one kind within reach, closed ones too: their figures stand."""
    found = session.execute(
        select(Provider.name.label("provider"), Service.service_id, Service.name)
        .join(Service, Service.provider_id == Provider.provider_id)
        .where(Provider.provider_id == provider_id, Service.kind == kind)
    ).all()
    return (found[0].provider if found else ""), {row.service_id: row.name for row in found}


@dataclass(frozen=True, slots=True)
class RecentCounts:
    """A service's numerators and denominators of its newest four periods, summed."""

    service_id: uuid.UUID
    numerator: float
    denominator: float


_RECENT = text("""
select st.definition_key, st.service_id, sum(n.value) as numerator, sum(d.value) as denominator
from indicator_status st
join service s on s.provider_id = st.provider_id and s.service_id = st.service_id and s.closed_on is null
cross join lateral (
    select (x.e #>> '{}')::double precision as value, x.place
    from jsonb_array_elements(jsonb_path_query_array(st.series, '$.numerators[last - 3 to last]'))
         with ordinality as x(e, place)) n
join lateral (
    select (x.e #>> '{}')::double precision as value, x.place
    from jsonb_array_elements(jsonb_path_query_array(st.series, '$.denominators[last - 3 to last]'))
         with ordinality as x(e, place)) d on d.place = n.place
where st.provider_id = :provider and st.definition_key = any (:keys) and not st.is_stale
  and n.value is not null and d.value is not null
group by st.definition_key, st.service_id
""")


def recent_counts(session: Session, provider_id: uuid.UUID, keys: Sequence[str]) -> dict[str, tuple[RecentCounts, ...]]:
    """Each of these indicators at every service over its newest four periods, pooled: one statement."""
    found: defaultdict[str, list[RecentCounts]] = defaultdict(list)
    for row in session.execute(_RECENT, {"provider": provider_id, "keys": list(keys)}):
        found[row.definition_key].append(RecentCounts(row.service_id, row.numerator, row.denominator))
    return {key: tuple(counts) for key, counts in found.items()}


def declines(session: Session, provider_ids: tuple[uuid.UUID, ...]) -> tuple[DeclineLine, ...]:
    """Declines that last, those without a decision first, within reach."""
    rows = session.execute(_DECLINES, {"providers": list(provider_ids), "most": MOST_DECLINES}).mappings()
    return tuple(DeclineLine(**row) for row in rows)
