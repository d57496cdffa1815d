"""What is behind a figure: three statements, however many records were counted, and a fourth where declines were."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import Cadence
from mendline.evidence.measuring.declining import KIND as DECLINE
from mendline.evidence.measuring.declining import line_id
from mendline.evidence.measuring.rows import CountedLine, CountsFor, FigureRevision, FigureSources, MeasurementRow
from tenants.errors import NotFoundError

PAGE = 50
MOST_REVISIONS = 50
MOST_FIGURES = 30

_REVISIONS = text("""
    select i.definition_key, i.definition_version, i.cadence, o.observation_id, o.revision, o.numerator, o.denominator,
           o.value, o.state, o.source, o.reason, o.pointer, o.recorded_initials, o.recorded_at,
           r.revision is not null as seen_outside,
           (select t.value from indicator_target t
             where t.provider_id = i.provider_id and t.service_id = i.service_id and t.indicator_id = i.indicator_id
               and t.recorded_at <= coalesce(cast(:as_at as timestamptz), now())
               and t.valid_from <= (coalesce(cast(:as_at as timestamptz), now()) at time zone 'Europe/London')::date
             order by t.valid_from desc, t.version desc limit 1) as target_value
    from service_indicator i
    left join observation o on o.provider_id = i.provider_id and o.service_id = i.service_id
        and o.indicator_id = i.indicator_id and o.period_start = :period
        and (cast(:as_at as timestamptz) is null or o.recorded_at <= :as_at)
    left join restatement r on r.provider_id = o.provider_id and r.service_id = o.service_id
        and r.indicator_id = o.indicator_id and r.period_start = o.period_start and r.revision = o.revision
    where i.provider_id = :provider and i.service_id = :service and i.indicator_id = :indicator
    order by o.revision desc
    limit :most
""")

_MEASUREMENTS = text("""
    select distinct on (m.revision) m.measurement, m.numerator, m.denominator, m.value, m.state, m.counted, m.left_out,
           m.kinds, m.outcome, m.revision, m.measured_at
    from measurement m
    where m.provider_id = :provider and m.service_id = :service and m.indicator_id = :indicator
      and m.period_start = :period and (cast(:as_at as timestamptz) is null or m.measured_at <= :as_at)
    order by m.revision desc nulls last, m.measurement desc
    limit :most
""")

# What a measurement saw is the newest row of each record up to it. Left-out records stand last.
_LINES = text("""
    select c.record_id, c.revision, c.record_type, c.happened_on, c.verdict, c.numerator, c.denominator, c.why,
           r.recorded_initials, r.source_system, r.recorded_at
    from (
        select distinct on (c.record_id) c.* from counted_record c
        where c.provider_id = :provider and c.service_id = :service and c.indicator_id = :indicator
          and c.period_start = :period and c.measurement <= :measurement
        order by c.record_id, c.measurement desc) c
    left join record r on r.provider_id = c.provider_id and r.service_id = c.service_id
        and r.record_id = c.record_id and r.revision = c.revision
    where c.verdict <> 'gone' and (cast(:verdict as text) is null or c.verdict = :verdict)
    order by c.verdict, c.happened_on, c.record_id
    limit :most offset :skip
""")


# Where the declines of a service were: the indicator and the first period of each.
_DECLINES = text("""
    select t.indicator_id, d.since_period
    from indicator_status t
    cross join lateral jsonb_to_recordset(
        coalesce(t.parts -> 'declines', '[]') || coalesce(t.parts -> 'declines_in_time', '[]')
    ) as d (since_period date)
    where t.provider_id = :provider and t.service_id = :service
""")

# A look into the index for each period that was ever measured, however many records each of them saw.
_COUNTS_FOR = text("""
    select i.indicator_id, i.definition_key, i.definition_version, i.cadence, m.period_start, c.verdict, c.numerator,
           c.denominator, c.why
    from (
        select distinct indicator_id, period_start from measurement
        where provider_id = :provider and service_id = :service) m
    join service_indicator i on i.provider_id = :provider and i.service_id = :service
        and i.indicator_id = m.indicator_id
    cross join lateral (
        select c.verdict, c.numerator, c.denominator, c.why from counted_record c
        where c.provider_id = :provider and c.service_id = :service and c.indicator_id = m.indicator_id
          and c.period_start = m.period_start and c.record_id = :record
        order by c.measurement desc limit 1) c
    where c.verdict <> 'gone'
    order by m.period_start desc, i.display_order, i.indicator_id
    limit :most
""")


def counts_for(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, record_id: uuid.UUID
) -> tuple[CountsFor, ...]:
    """The figures that a record is behind, counted or left out, the newest periods first; the other way of a figure.

    Only for whoever may know which records were counted; row-level security leaves out the others.
    """
    values = {"provider": provider_id, "service": service_id, "record": record_id, "most": MOST_FIGURES}
    return tuple(CountsFor(**row) for row in session.execute(_COUNTS_FOR, values).mappings())


def figure_sources(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    period_start: date,
    *,
    revision: int | None = None,
    verdict: str | None = None,
    page: int = 0,
    most: int = PAGE,
    as_at: datetime | None = None,
) -> FigureSources:
    """Everything behind one figure.

    Args:
        session: a transaction within reach.
        provider_id: the provider.
        service_id: the service.
        indicator_id: its indicator.
        period_start: the first day of the period.
        revision: the revision that is looked at; the newest where None.
        verdict: only `counted` or only `left_out` records.
        page: of records, from 0.
        most: records on a page.
        as_at: as it had been recorded by this moment.

    Raises:
        NotFoundError: there is no such indicator within reach, or nothing is known of the period.
    """
    here: dict[str, Any] = {
        "provider": provider_id,
        "service": service_id,
        "indicator": indicator_id,
        "period": period_start,
        "as_at": as_at,
    }
    found = session.execute(_REVISIONS, here | {"most": MOST_REVISIONS}).mappings().all()
    told = [MeasurementRow(**row) for row in session.execute(_MEASUREMENTS, here | {"most": MOST_REVISIONS}).mappings()]
    revisions = tuple(
        FigureRevision(**{name: row[name] for name in FigureRevision.__dataclass_fields__})
        for row in found
        if row["revision"] is not None
    )
    if not found or not (revisions or told):
        raise NotFoundError("There is no figure of this indicator for that period.")
    newest = max(told, key=lambda row: row.measurement, default=None)
    wanted = revision if revision is not None else (revisions[0].revision if revisions else None)
    measured = next((row for row in told if row.revision == wanted), None) or (newest if revision is None else None)
    lines: tuple[CountedLine, ...] = ()
    if measured is not None:
        part = {"measurement": measured.measurement, "verdict": verdict, "most": most + 1, "skip": page * most}
        lines = tuple(CountedLine(**row) for row in session.execute(_LINES, here | part).mappings())
    if any(line.record_type == DECLINE for line in lines):
        lines = _leading(lines, session.execute(_DECLINES, here).all())
    return FigureSources(
        indicator_id,
        found[0]["definition_key"],
        found[0]["definition_version"],
        cast("Cadence", found[0]["cadence"]),
        period_start,
        revisions,
        measured,
        newest,
        lines[:most],
        more=len(lines) > most,
        target_value=found[0]["target_value"],
    )


def _leading(lines: tuple[CountedLine, ...], declines: Sequence[Row[Any]]) -> tuple[CountedLine, ...]:
    """The same lines, each decline with the indicator that it was of."""
    of = {line_id(row.indicator_id, row.since_period): row.indicator_id for row in declines}
    return tuple(replace(line, declined=of.get(line.record_id)) for line in lines)
