"""Spot checks and drills as they stand: a fixed number of statements, whatever their number."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mendline.evidence.checks.model import Drill, DrillAnswer
from mendline.evidence.checks.rows import CheckLine, DrawnRecord, DrillAnswerLine, DrillLine
from tenants.errors import NotFoundError

MOST = 200

# A decline is counted but is no record: there is no original to compare it with.
_POPULATION = text("""
    select c.record_id, c.measurement from (
        select distinct on (c.record_id) c.record_id, c.verdict, c.measurement from counted_record c
        where c.provider_id = :provider and c.service_id = :service and c.indicator_id = :indicator
          and c.period_start = :period
          and c.record_type <> 'decline'
        order by c.record_id, c.measurement desc) c
    where c.verdict <> 'gone'
""")

_CHECKS = text("""
    select s.check_id, s.reference, s.indicator_id, i.definition_key, i.cadence, s.period_start, s.population,
           cardinality(s.drawn) as size,
           (select count(distinct f.record_id) from spot_check_finding f
             where f.provider_id = s.provider_id and f.service_id = s.service_id and f.check_id = s.check_id) as compared,
           s.purpose, s.drawn_label, s.drawn_on, s.seed, r.agree, r.low, r.high, r.verdict, r.evidence_reference,
           r.recorded_at as ended_at
    from spot_check s
    join service_indicator i on i.provider_id = s.provider_id and i.service_id = s.service_id
        and i.indicator_id = s.indicator_id
    left join spot_check_result r on r.provider_id = s.provider_id and r.service_id = s.service_id
        and r.check_id = s.check_id
    where s.provider_id = :provider and s.service_id = :service
      and (cast(:one as uuid) is null or s.check_id = :one)
      and (cast(:indicator as uuid) is null or s.indicator_id = :indicator)
    order by (r.verdict is not null), s.recorded_at desc
    limit :most
""")

# The record as it stood when the sample was drawn, and the newest finding on it.
_DRAWN = text("""
    select d.record_id, c.record_type, c.happened_on, c.verdict,
           coalesce(r.recorded_by = :reader, false) as by_reader, f.finding, f.note, f.recorded_label
    from spot_check s
    cross join lateral unnest(s.drawn) with ordinality as d (record_id, place)
    join lateral (
        select c.* from counted_record c
        where c.provider_id = s.provider_id and c.service_id = s.service_id and c.indicator_id = s.indicator_id
          and c.period_start = s.period_start and c.record_id = d.record_id and c.measurement <= s.measurement
        order by c.measurement desc limit 1) c on true
    left join record r on r.provider_id = s.provider_id and r.service_id = s.service_id
        and r.record_id = d.record_id and r.revision = c.revision
    left join lateral (
        select f.finding, f.note, f.recorded_label from spot_check_finding f
        where f.provider_id = s.provider_id and f.service_id = s.service_id and f.check_id = s.check_id
          and f.record_id = d.record_id
        order by f.number desc limit 1) f on true
    where s.provider_id = :provider and s.service_id = :service and s.check_id = :check
    order by d.place
""")

_CLAIMS = text("""
    select s.indicator_id, i.definition_key, s.last_period
    from indicator_status s
    join service_indicator i on i.provider_id = s.provider_id and i.service_id = s.service_id
        and i.indicator_id = s.indicator_id
    where s.provider_id = :provider and s.service_id = :service and s.last_period is not null and i.ended_on is null
    order by s.indicator_id
""")


def records_behind(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID, period_start: date
) -> tuple[tuple[uuid.UUID, ...], int]:
    """The records that a figure was worked out from, counted or looked at and left out, and the measurement they belong to."""
    here = {"provider": provider_id, "service": service_id, "indicator": indicator_id, "period": period_start}
    rows = session.execute(_POPULATION, here).all()
    return tuple(row.record_id for row in rows), max((row.measurement for row in rows), default=0)


def checks_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, *, indicator_id: uuid.UUID | None = None
) -> tuple[CheckLine, ...]:
    """Checks of a service, those that run first, then the newest."""
    return _checks(session, provider_id, service_id, None, indicator_id)


def check_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, check_id: uuid.UUID, reader: uuid.UUID | None
) -> tuple[CheckLine, tuple[DrawnRecord, ...]]:
    """One check with the records that it drew.

    Raises:
        NotFoundError: no such check at the service.
    """
    found = _checks(session, provider_id, service_id, check_id, None)
    if not found:
        raise NotFoundError("There is no such check here.")
    here = {"provider": provider_id, "service": service_id, "check": check_id, "reader": reader}
    return found[0], tuple(DrawnRecord(*row) for row in session.execute(_DRAWN, here))


def drills_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, drill_id: uuid.UUID | None = None
) -> tuple[DrillLine, ...]:
    """Drills of a service, newest first, with their answers: two statements."""
    wanted = select(Drill).where(Drill.provider_id == provider_id, Drill.service_id == service_id)
    if drill_id is not None:
        wanted = wanted.where(Drill.drill_id == drill_id)
    drills = session.scalars(wanted.order_by(Drill.started_at.desc()).limit(MOST)).all()
    answers: defaultdict[uuid.UUID, list[DrillAnswerLine]] = defaultdict(list)
    a = DrillAnswer
    for row in session.execute(
        select(a.drill_id, a.number, a.result, a.seconds, a.evidence_reference, a.note, a.recorded_label, a.recorded_at)
        .where(
            a.provider_id == provider_id, a.service_id == service_id, a.drill_id.in_([one.drill_id for one in drills])
        )
        .order_by(a.number)
    ):
        answers[row.drill_id].append(DrillAnswerLine(*row[1:]))
    return tuple(
        DrillLine(
            one.drill_id,
            one.reference,
            one.seed,
            tuple(one.claims),
            one.seconds_allowed,
            one.started_label,
            one.started_at,
            tuple(answers[one.drill_id]),
        )
        for one in drills
    )


def claims_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> Sequence[Any]:
    """Every figure that a service claims at present: indicator, key and period."""
    return session.execute(_CLAIMS, {"provider": provider_id, "service": service_id}).all()


def _checks(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    check_id: uuid.UUID | None,
    indicator_id: uuid.UUID | None,
) -> tuple[CheckLine, ...]:
    given = {
        "provider": provider_id,
        "service": service_id,
        "one": check_id,
        "indicator": indicator_id,
        "most": MOST,
    }
    return tuple(CheckLine(*row) for row in session.execute(_CHECKS, given))
