"""Reads what stands behind figures, or against them: pointers, source records, contradictions, exemptions."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Date, Row, Text, Uuid, bindparam, text
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.catalogue.record_types import record_type, record_types
from mendline.indicators.evidence_marks import EvidenceFact

IndicatorKey = tuple[uuid.UUID, uuid.UUID]  # service and indicator
# Records further back are as good as none: the longest window is two months.
LOOK_BACK = timedelta(days=120)
FOREVER = datetime.max.replace(tzinfo=UTC)  # as at no moment in particular: everything that is recorded

_IDS: list[BindParameter[Any]] = [
    bindparam("provider", type_=Uuid()),
    bindparam("services", type_=ARRAY(Uuid())),
    bindparam("indicators", type_=ARRAY(Uuid())),
]
_HERE = (
    "provider_id = :provider and service_id = any (:services) and indicator_id = any (:indicators)"
    " and recorded_at <= :as_at"
)

# The newest look at an original decides whether it still counts.
_LINKED = text("""
select l.service_id, l.indicator_id, e.letter, e.dated_on, e.sample_size, e.seen_at, e.made_by, e.recorded_by,
       l.recorded_at,
       (select c.result from evidence_check c
         where c.provider_id = e.provider_id and c.service_id = e.service_id and c.evidence_id = e.evidence_id
           and c.checked_at <= :as_at
         order by c.checked_at desc limit 1) as result
from evidence_link l
join evidence e on e.provider_id = l.provider_id and e.service_id = l.service_id and e.evidence_id = l.evidence_id
where l.provider_id = :provider and l.service_id = any (:services) and l.indicator_id = any (:indicators)
  and l.recorded_at <= :as_at and e.recorded_at <= :as_at
""").bindparams(*_IDS)

# Evening and night are told by the clock of records that bear a time; only the newest days matter, not every record.
# What somebody said with the help of their own carer is told apart: it is a voice of less strength.
_RECORDS = text("""
select service_id, record_type, recorded_by, by_own_carer, max(day) as newest,
       max(day) filter (where is_late) as newest_late, max(recorded_at) as recorded_at
from (
    select r.service_id, r.record_type, r.recorded_by, r.recorded_at,
           (r.happened_at at time zone 'Europe/London')::date as day,
           r.record_type = any (:timed)
             and extract(hour from r.happened_at at time zone 'Europe/London') not between 8 and 17 as is_late,
           r.record_type = 'feedback' and coalesce(r.payload ->> 'helped_by' = 'own_carer', false) as by_own_carer
    from record r
    where r.provider_id = :provider and r.service_id = any (:services) and r.record_type = any (:types)
      and r.happened_at >= :since and r.happened_at < :until and r.recorded_at <= :as_at and r.withdrawn_at is null
      and (r.record_type <> 'audit' or r.payload ->> 'completed_on' is not null)
      and not exists (
        select 1 from record n
         where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
           and n.revision > r.revision and n.recorded_at <= :as_at)
) seen
group by service_id, record_type, recorded_by, by_own_carer
""").bindparams(
    *_IDS[:2],
    bindparam("types", type_=ARRAY(Text())),
    bindparam("timed", type_=ARRAY(Text())),
    bindparam("since", type_=Date()),
    bindparam("until", type_=Date()),
)

# What is said of the figures themselves, in one statement.
_SAID = text(f"""
select 'contradiction' as what, c.service_id, c.indicator_id, null as letter, null::date as from_period, '' as words,
       '' as definition_version, false as applies, c.recorded_at, null::uuid[] as people
from contradiction c
where {_HERE} and not exists (
    select 1 from contradiction_answer a
     where a.recorded_at <= :as_at and a.provider_id = c.provider_id and a.service_id = c.service_id and a.indicator_id = c.indicator_id
       and a.contradiction_id = c.contradiction_id)
union all
select * from (
    select distinct on (service_id, indicator_id, letter)
           'exemption', service_id, indicator_id, letter, null::date, reason, '', applies, recorded_at, null::uuid[]
    from evidence_exemption where {_HERE}
    order by service_id, indicator_id, letter, version desc) x
union all
select 'redefinition', service_id, indicator_id, null, from_period, what_changed, definition_version, false, recorded_at,
       null::uuid[]
from indicator_redefinition where {_HERE}
union all
select 'answer', service_id, indicator_id, null, null::date, '', '', false, max(recorded_at), null::uuid[]
from contradiction_answer where {_HERE} group by service_id, indicator_id
union all
select 'producers', service_id, indicator_id, null, null::date, '', '', false, max(recorded_at),
       array_agg(distinct recorded_by) filter (where recorded_by is not null)
from observation where {_HERE} and source = 'entered' and recorded_at >= :since group by service_id, indicator_id
""").bindparams(*_IDS, bindparam("since", type_=Date()))  # noqa: S608 -- constants of ours


@dataclass(slots=True)
class Behind:
    """What stands behind one figure or against it, as it is read."""

    facts: list[EvidenceFact] = field(default_factory=list)
    contradictions: int = 0
    exempt: set[str] = field(default_factory=set)
    counted_anew: list[tuple[date, str, str]] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)


def read_behind(
    session: Session,
    provider_id: uuid.UUID,
    wanted: Mapping[IndicatorKey, IndicatorDefinition],
    today: date,
    as_at: datetime = FOREVER,
) -> dict[IndicatorKey, Behind]:
    """What stands behind each of these indicators: three statements, however many they are."""
    given: dict[str, Any] = {
        "provider": provider_id,
        "services": list(dict.fromkeys(key[0] for key in wanted)),
        "indicators": list(dict.fromkeys(key[1] for key in wanted)),
        "since": today - LOOK_BACK,
        "as_at": as_at,
    }
    found: defaultdict[IndicatorKey, Behind] = defaultdict(Behind)
    producers: dict[IndicatorKey, set[uuid.UUID]] = {}
    for row in session.execute(_SAID, given):
        key = (row.service_id, row.indicator_id)
        if row.what == "producers":
            producers[key] = set(row.people or ())
            continue
        _said(found[key], row)
    for row in session.execute(
        _LINKED, {name: given[name] for name in ("provider", "services", "indicators", "as_at")}
    ):
        key = (row.service_id, row.indicator_id)
        found[key].facts.append(_linked(row, producers.get(key, set())))
        found[key].moments.append(row.recorded_at)
    _add_records(session, given, wanted, producers, found, today)
    return found


def _said(behind: Behind, row: Row[Any]) -> None:
    behind.moments.append(row.recorded_at)
    if row.what == "contradiction":
        behind.contradictions += 1
    elif row.what == "exemption" and row.applies:
        behind.exempt.add(row.letter)
    elif row.what == "redefinition":
        behind.counted_anew.append((row.from_period, row.words, row.definition_version))


def _linked(row: Row[Any], producers: set[uuid.UUID]) -> EvidenceFact:
    return EvidenceFact(
        letter=row.letter,
        dated_on=row.dated_on,
        checked=row.result,
        out_of_hours=row.seen_at in ("evening", "night"),
        size=row.sample_size,
        by_producer=row.letter == "A" and not row.made_by and row.recorded_by in producers,
    )


def _add_records(
    session: Session,
    given: Mapping[str, Any],
    wanted: Mapping[IndicatorKey, IndicatorDefinition],
    producers: Mapping[IndicatorKey, set[uuid.UUID]],
    found: defaultdict[IndicatorKey, Behind],
    today: date,
) -> None:
    types = {name for definition in wanted.values() for name in types_behind(definition)}
    values = {
        "provider": given["provider"],
        "services": given["services"],
        "since": given["since"],
        "until": today + timedelta(days=1),
        "as_at": given["as_at"],
        "types": sorted(types),
        "timed": sorted(name for name in types if _bears_a_time(name)),
    }
    rows: defaultdict[tuple[uuid.UUID, str], list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_RECORDS, values):
        rows[row.service_id, row.record_type].append(row)
    for key, definition in wanted.items():
        for name in types_behind(definition):
            for row in rows.get((key[0], name), ()):
                found[key].facts += record_facts(definition, name, row, producers.get(key, set()))


def types_behind(definition: IndicatorDefinition) -> tuple[str, ...]:
    """The record types that the catalogue names for an indicator: what it is counted from, and what supports it."""
    named = (definition.source_record_type, *definition.supporting_records)
    return tuple(name for name in dict.fromkeys(named) if name in record_types())


def record_facts(
    definition: IndicatorDefinition, name: str, row: Any, producers: set[uuid.UUID]
) -> Sequence[EvidenceFact]:
    """What records of a type prove: the source of a figure is its record, and never an independent check of itself."""
    letter = record_type(name).evidence_letter
    is_source = name == definition.source_record_type
    letters = {"R"} if is_source else set()
    if not (is_source and letter == "A"):
        letters.add(letter)
    facts = []
    for each in sorted(letters):
        fact = EvidenceFact(
            each,
            row.newest,
            by_producer=each == "A" and row.recorded_by in producers,
            by_own_carer=each == "F" and row.by_own_carer,
        )
        facts.append(fact)
        if row.newest_late:
            facts.append(replace(fact, dated_on=row.newest_late, out_of_hours=True))
    return facts


def _bears_a_time(name: str) -> bool:
    kind = record_type(name)
    return kind.field(kind.happened_field).kind == "datetime"
