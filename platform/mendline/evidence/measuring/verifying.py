"""Whether measurements hold: the same records, as they stood at its moment, must make each figure again."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from mendline.evidence.measuring.deriving import measured, same_figure
from mendline.evidence.measuring.evaluate import Measured
from mendline.evidence.measuring.reading import MeasuredIndicator, account_of, indicators_measured
from tenants.clock import LONDON

AT_ONCE = 60

_NEWEST = text("""
    select distinct on (m.service_id, m.indicator_id, m.period_start)
        m.service_id, m.indicator_id, i.definition_key, m.period_start, m.measurement, m.numerator, m.denominator,
        m.value, m.state, m.counted, m.measured_at
    from measurement m
    join service_indicator i on i.provider_id = m.provider_id and i.service_id = m.service_id
        and i.indicator_id = m.indicator_id
    where m.provider_id = :provider
      and not exists (select 1 from record_mark w where w.provider_id = m.provider_id and w.service_id = m.service_id)
    order by m.service_id, m.indicator_id, m.period_start, m.measurement desc
""")


@dataclass(slots=True)
class Verified:
    """How many measurements were worked out again, and a line for each that came out otherwise."""

    checked: int = 0
    differences: list[str] = field(default_factory=list)


def verify_measurements(session: Session, provider_id: uuid.UUID) -> Verified:
    """Works out the newest measurement of every figure again, as at the moment at which it was made."""
    found = Verified()
    rows = session.execute(_NEWEST, {"provider": provider_id}).all()
    known = {
        (each.service_id, each.indicator_id): each
        for each in indicators_measured(
            session, provider_id, list({row.service_id for row in rows}), list({row.definition_key for row in rows})
        )
    }
    moments: defaultdict[datetime, list[tuple[MeasuredIndicator, Row[Any]]]] = defaultdict(list)
    for row in rows:
        indicator = known.get((row.service_id, row.indicator_id))
        if indicator is not None:
            moments[row.measured_at].append((indicator, row))
    for moment, members in moments.items():
        remaining = iter(members)
        while part := list(islice(remaining, AT_ONCE)):
            _verify(session, provider_id, moment, part, found)
    return found


def _verify(
    session: Session,
    provider_id: uuid.UUID,
    moment: datetime,
    part: list[tuple[MeasuredIndicator, Row[Any]]],
    found: Verified,
) -> None:
    day: date = moment.astimezone(LONDON).date()
    pairs = [(indicator, row.period_start) for indicator, row in part]
    again = measured(session, provider_id, pairs, today=day, at=moment)
    accounts = account_of(session, provider_id, list(again))
    for indicator, row in part:
        key = (row.service_id, row.indicator_id, row.period_start)
        found.checked += 1
        listed = {record_id for record_id, line in accounts.get(key, {}).items() if line.verdict == "counted"}
        if not _is_same(indicator, row, again[key]) or listed != _counted(again[key]):
            found.differences.append(
                f"measurement {row.measurement} of indicator {row.indicator_id}, {row.period_start}: its records make another"
            )


def _counted(made: Measured) -> set[uuid.UUID]:
    return {line.record_id for line in made.lines if line.is_counted}


def _is_same(indicator: MeasuredIndicator, row: Row[Any], made: Measured) -> bool:
    numbers = (made.figure.numerator, made.figure.denominator, made.figure.value)
    return row.state == (made.figure.state or "final") and same_figure(
        indicator.definition, numbers, (row.numerator, row.denominator, row.value)
    )
