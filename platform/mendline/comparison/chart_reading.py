"""Reads what people settled about charts, for many indicators at once: one statement."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from mendline.indicators.fitting import FITTING, ChartFacts, NewBase

IndicatorKey = tuple[uuid.UUID, uuid.UUID]

# New limits count from the moment that another person agreed to them.
_SETTLED = text("""
    select service_id, indicator_id, 'choice' as kind, version, chart, reason as words, null::date as starts_on, recorded_at
    from chart_choice
    where provider_id = :provider and service_id = any (:services) and indicator_id = any (:indicators)
      and recorded_at <= :as_at
    union all
    select b.service_id, b.indicator_id, 'base', 0, null, b.what_changed, b.starts_on, d.recorded_at
    from limit_base b
    join limit_base_decision d on d.provider_id = b.provider_id and d.service_id = b.service_id
        and d.indicator_id = b.indicator_id and d.base_id = b.base_id and d.decision = 'approved'
    where b.provider_id = :provider and b.service_id = any (:services) and b.indicator_id = any (:indicators)
      and d.recorded_at <= :as_at
    union all
    select service_id, indicator_id, kind, 0, null, why, happened_on, recorded_at
    from chart_event
    where provider_id = :provider and service_id = any (:services) and indicator_id = any (:indicators)
      and kind in ('left_out', 'put_back') and recorded_at <= :as_at
""").bindparams(
    bindparam("provider", type_=Uuid()),
    bindparam("services", type_=ARRAY(Uuid())),
    bindparam("indicators", type_=ARRAY(Uuid())),
)


def read_settled(session: Session, given: Mapping[str, Any]) -> dict[IndicatorKey, list[Row[Any]]]:
    """Charts that were chosen and limits that were set anew, by service and indicator."""
    found: defaultdict[IndicatorKey, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_SETTLED, given):
        found[row.service_id, row.indicator_id].append(row)
    return found


def chart_facts(settled: Sequence[Row[Any]], baselines: Sequence[Row[Any]]) -> ChartFacts:
    """What is settled about one chart; its limits rest on the baseline that was frozen first, whatever is corrected later."""
    first = min(baselines, key=lambda row: row.version, default=None)
    choice = max((row for row in settled if row.kind == "choice"), key=lambda row: row.version, default=None)
    chosen = choice if choice is not None and choice.chart != FITTING else None
    bases = sorted((row for row in settled if row.kind == "base"), key=lambda row: row.starts_on)
    return ChartFacts(
        first_period=first.first_period if first else None,
        last_period=first.last_period if first else None,
        new_bases=tuple(NewBase(row.starts_on, row.words) for row in bases),
        left_out=_left_out(settled),
        chosen=chosen.chart if chosen else None,
        chosen_reason=chosen.words if chosen else "",
    )


def _left_out(settled: Sequence[Row[Any]]) -> tuple[date, ...]:
    """Exceptional periods by what was said of each last."""
    said = sorted((row for row in settled if row.kind in ("left_out", "put_back")), key=lambda row: row.recorded_at)
    last = {row.starts_on: row.kind for row in said}
    return tuple(sorted(day for day, kind in last.items() if kind == "left_out"))
