"""Reads each time that a target was set or a baseline frozen, a page at a time: two statements, however many there are."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.places.rows import Place
from mendline.recovery.queries import FOREVER
from mendline.services.aimed_rows import Aimed, AimedList, FrozenFigure

PAGE = 20
MOST_FIGURES = 520  # of all baselines of a page: ten years of weeks

_HERE = "x.provider_id = :provider and x.service_id = :service and x.indicator_id = :indicator"

_SET = text(f"""
select * from (
    select 'target' as kind, x.version, x.value, x.operator, x.valid_from as from_on, x.reach_by as to_on, 0 as periods,
           null::double precision as numerator, null::double precision as denominator, '' as method, x.reason,
           x.recorded_by as by, null as approved_by, x.recorded_at, null::jsonb as figures,
           x.version = first_value(x.version) over (
               order by x.valid_from > :day, x.valid_from desc, x.version desc) and x.valid_from <= :day as in_force
    from indicator_target x where {_HERE} and x.recorded_at <= :as_at
    union all
    select 'baseline', x.version, x.value, '', x.first_period, x.last_period, x.periods, x.numerator, x.denominator,
           x.method, x.reason, x.signed_by, x.approved_by, x.recorded_at, x.figures,
           x.version = max(x.version) over ()
    from indicator_baseline x where {_HERE} and x.recorded_at <= :as_at) found
order by recorded_at desc, kind desc, version desc
limit :most offset :from
""")  # noqa: S608 -- a constant of ours

_FIGURES = text(f"""
select distinct on (x.period_start) x.period_start, x.value, x.revision from observation x
where {_HERE} and x.period_start between :first and :last and x.recorded_at <= :as_at
order by x.period_start, x.revision desc
limit :most
""")  # noqa: S608 -- a constant of ours


def aimed_at(
    session: Session,
    place: Place,
    indicator_id: uuid.UUID,
    *,
    day: date,
    page: int = 0,
    as_at: datetime = FOREVER,
) -> AimedList:
    """One page of the times at which an indicator's target was set or its baseline frozen.

    Args:
        session: a transaction within reach.
        place: the service.
        indicator_id: its indicator.
        day: which of them hold on this day.
        page: from 0.
        as_at: only what had been recorded by this moment.
    """
    here = {
        "provider": place.provider_id,
        "service": place.service_id,
        "indicator": indicator_id,
        "as_at": as_at,
    }
    asked = {**here, "day": day, "most": PAGE + 1, "from": page * PAGE}
    found = [_aimed(row) for row in session.execute(_SET, asked).mappings()]
    entries = tuple(found[:PAGE])
    return AimedList(entries, len(found) > PAGE, _standing(session, here, entries))


def _standing(session: Session, here: Mapping[str, Any], entries: Sequence[Aimed]) -> dict[date, FrozenFigure]:
    spans = [(each.from_on, each.to_on or each.from_on) for each in entries if each.kind == "baseline"]
    if not spans:
        return {}
    asked = {
        **here,
        "first": min(low for low, _ in spans),
        "last": max(high for _, high in spans),
        "most": MOST_FIGURES,
    }
    return {row.period_start: FrozenFigure(*row) for row in session.execute(_FIGURES, asked)}


def _aimed(row: Mapping[Any, Any]) -> Aimed:
    figures = tuple(
        FrozenFigure(date.fromisoformat(each["period"]), each.get("value"), each.get("revision", 1))
        for each in row["figures"] or ()
    )
    return Aimed(**{**row, "figures": figures})
