"""Which indicator of a service is read beside which: the harmful part beside what better reporting raises."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ARRAY, Text, Uuid, bindparam, text
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definitions
from mendline.comparison.evidence_reading import IndicatorKey
from mendline.indicators.facts import IndicatorFacts

# Of several with one definition, the one that began first.
_KEPT = text("""
select distinct on (service_id, definition_key) service_id, definition_key, indicator_id
from service_indicator
where provider_id = :provider and service_id = any (:services) and definition_key = any (:definitions)
  and (ended_on is null or ended_on > :today)
order by service_id, definition_key, started_on, indicator_id
""").bindparams(
    bindparam("provider", type_=Uuid()),
    bindparam("services", type_=ARRAY(Uuid())),
    bindparam("definitions", type_=ARRAY(Text())),
)

_ACCOMPANIED = text("""
select distinct a.service_id, a.indicator_id
from service_indicator a
join unnest(:raised, :beside) as pair (raised, beside) on pair.raised = a.definition_key
join service_indicator b
  on b.provider_id = a.provider_id and b.service_id = a.service_id and b.definition_key = pair.beside
where a.provider_id = :provider and a.service_id = any (:services) and b.indicator_id = any (:indicators)
""").bindparams(
    bindparam("provider", type_=Uuid()),
    bindparam("services", type_=ARRAY(Uuid())),
    bindparam("indicators", type_=ARRAY(Uuid())),
    bindparam("raised", type_=ARRAY(Text())),
    bindparam("beside", type_=ARRAY(Text())),
)


def companions_of(
    session: Session, provider_id: uuid.UUID, raised: Sequence[IndicatorFacts], today: date
) -> dict[IndicatorKey, IndicatorKey]:
    """The companion of each of these indicators, where its service keeps one that has not ended: one statement."""
    if not raised:
        return {}
    values = {
        "provider": provider_id,
        "services": list(dict.fromkeys(one.service_id for one in raised)),
        "definitions": sorted({one.definition.companion for one in raised if one.definition.companion}),
        "today": today,
    }
    kept = {(row.service_id, row.definition_key): row.indicator_id for row in session.execute(_KEPT, values)}
    return {
        (one.service_id, one.indicator_id): (one.service_id, kept[one.service_id, one.definition.companion])
        for one in raised
        if one.definition.companion and (one.service_id, one.definition.companion) in kept
    }


def accompanied_by(session: Session, provider_id: uuid.UUID, keys: Iterable[IndicatorKey]) -> tuple[IndicatorKey, ...]:
    """The indicators that are read beside one of these, and so change with it: one statement."""
    pairs = [(key, one.companion) for key, one in indicator_definitions().items() if one.companion]
    here = list(keys)
    values = {
        "provider": provider_id,
        "services": list(dict.fromkeys(service_id for service_id, _ in here)),
        "indicators": [indicator_id for _, indicator_id in here],
        "raised": [raised for raised, _ in pairs],
        "beside": [beside for _, beside in pairs],
    }
    return tuple((row.service_id, row.indicator_id) for row in session.execute(_ACCOMPANIED, values))
