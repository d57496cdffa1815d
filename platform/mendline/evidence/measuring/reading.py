"""Reads what measuring rests on: records by the windows that periods look at, and what was measured before."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import Date, Row, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import from_london
from mendline.catalogue.indicators import Cadence, IndicatorDefinition, indicator_definition
from mendline.catalogue.record_types import record_types
from mendline.evidence.measuring.answers import SourceRecord
from mendline.evidence.measuring.periods import Window, merged

FigureKey = tuple[uuid.UUID, uuid.UUID, date]  # service, indicator, first day of the period


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredIndicator:
    """An indicator that is measured from records, and the life of its service."""

    service_id: uuid.UUID
    indicator_id: uuid.UUID
    definition: IndicatorDefinition
    cadence: Cadence
    opened_on: date | None
    closed_on: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class StoodBefore:
    """The newest measurement and the newest figure of a period.

    Attributes:
        measurement: its number; 0 where nothing was measured yet.
        outcome: what became of it.
        figure: state, numerator, denominator and value of the measurement.
        revision: of the figure that stands; 0 where there is none.
        source: how that figure came in.
        stands: state, numerator, denominator and value of the figure.
        recorded_at: of the figure that stands.
    """

    measurement: int = 0
    outcome: str = ""
    figure: tuple[str | None, float | None, float | None, float | None] = (None, None, None, None)
    revision: int = 0
    source: str = ""
    stands: tuple[str | None, float | None, float | None, float | None] = (None, None, None, None)
    recorded_at: datetime | None = None


_IDS, _TEXTS, _DAYS = ARRAY(Uuid()), ARRAY(Text()), ARRAY(Date())

_INDICATORS = text("""
    select i.service_id, i.indicator_id, i.definition_key, i.definition_version, i.cadence, i.ended_on,
           s.opened_on, s.closed_on
    from service_indicator i
    join service s on s.provider_id = i.provider_id and s.service_id = i.service_id
    where i.provider_id = :provider and i.service_id = any (:services) and i.definition_key = any (:definitions)
""").bindparams(bindparam("services", type_=_IDS), bindparam("definitions", type_=_TEXTS))

# A record counts in the revision that stood at the moment: the newest that was recorded by then.
_RECORDS = text("""
    select distinct on (r.record_id) r.record_id, r.revision, r.record_type, r.happened_at, r.payload, r.recorded_at
    from unnest(:types, :begins, :ends, :firsts, :lasts) as w (record_type, begins, ends, first_day, last_day)
    join record r on r.provider_id = :provider and r.service_id = :service and r.record_type = w.record_type
        and ((w.ends is not null and r.happened_at < w.ends and (w.begins is null or r.happened_at >= w.begins))
          or (w.last_day is not null and r.also_on <= w.last_day
              and (w.first_day is null or r.also_on >= w.first_day)))
    where r.recorded_at <= :as_at and r.withdrawn_at is null and not exists (
        select 1 from record n
        where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
          and n.revision > r.revision and n.recorded_at <= :as_at)
    order by r.record_id
""").bindparams(
    bindparam("types", type_=_TEXTS),
    bindparam("begins", type_=ARRAY(TIMESTAMP(timezone=True))),
    bindparam("ends", type_=ARRAY(TIMESTAMP(timezone=True))),
    bindparam("firsts", type_=_DAYS),
    bindparam("lasts", type_=_DAYS),
)

_BEFORE = text("""
    select w.service_id, w.indicator_id, w.period_start,
           m.measurement, m.outcome, m.state as m_state, m.numerator as m_numerator, m.denominator as m_denominator,
           m.value as m_value,
           o.revision, o.source, o.state, o.numerator, o.denominator, o.value, o.recorded_at
    from unnest(:services, :indicators, :periods) as w (service_id, indicator_id, period_start)
    left join lateral (
        select * from measurement m
        where m.provider_id = :provider and m.service_id = w.service_id and m.indicator_id = w.indicator_id
          and m.period_start = w.period_start
        order by m.measurement desc limit 1) m on true
    left join lateral (
        select * from observation o
        where o.provider_id = :provider and o.service_id = w.service_id and o.indicator_id = w.indicator_id
          and o.period_start = w.period_start
        order by o.revision desc limit 1) o on true
""").bindparams(
    bindparam("services", type_=_IDS), bindparam("indicators", type_=_IDS), bindparam("periods", type_=_DAYS)
)

_ACCOUNT = text("""
    select c.service_id, c.indicator_id, c.period_start, c.record_id, c.revision, c.record_type, c.happened_on,
           c.verdict, c.numerator, c.denominator, c.why
    from unnest(:services, :indicators, :periods) as w (service_id, indicator_id, period_start)
    join lateral (
        select distinct on (c.record_id) c.* from counted_record c
        where c.provider_id = :provider and c.service_id = w.service_id and c.indicator_id = w.indicator_id
          and c.period_start = w.period_start
        order by c.record_id, c.measurement desc) c on true
    where c.verdict <> 'gone'
""").bindparams(
    bindparam("services", type_=_IDS), bindparam("indicators", type_=_IDS), bindparam("periods", type_=_DAYS)
)


def indicators_measured(
    session: Session, provider_id: uuid.UUID, services: Sequence[uuid.UUID], definitions: Sequence[str]
) -> list[MeasuredIndicator]:
    """The indicators of these definitions that services run or ran, where the catalogue still says how to count."""
    found = []
    given = {"provider": provider_id, "services": list(services), "definitions": list(definitions)}
    for row in session.execute(_INDICATORS, given):
        try:
            definition = indicator_definition(row.definition_key, row.definition_version)
        except KeyError:
            continue
        if definition.measure is not None and definition.measure.form != "computed":
            found.append(
                MeasuredIndicator(
                    row.service_id,
                    row.indicator_id,
                    definition,
                    cast("Cadence", row.cadence),
                    row.opened_on,
                    row.closed_on,
                    row.ended_on,
                )
            )
    return found


_KEPT = text("""
    select t.service_id, t.record_type
    from unnest(:services, :types) as t (service_id, record_type)
    where exists (
        select 1 from record r
        where r.provider_id = :provider and r.service_id = t.service_id and r.record_type = t.record_type
          and r.recorded_at <= :as_at and r.withdrawn_at is null and not exists (
            select 1 from record n
            where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
              and n.revision > r.revision and n.recorded_at <= :as_at))
""").bindparams(bindparam("services", type_=_IDS), bindparam("types", type_=_TEXTS))


def kept_types(
    session: Session, provider_id: uuid.UUID, wanted: Iterable[tuple[uuid.UUID, str]], as_at: datetime
) -> frozenset[tuple[uuid.UUID, str]]:
    """Which of these services keep which of these record types at all: one look into the index for each."""
    pairs = list(wanted)
    given = {
        "provider": provider_id,
        "as_at": as_at,
        "services": [pair[0] for pair in pairs],
        "types": [pair[1] for pair in pairs],
    }
    return frozenset((row.service_id, row.record_type) for row in session.execute(_KEPT, given))


_LEFT = text("""
    select distinct on (r.service_id, t.record_type, r.payload ->> t.person_field)
           r.service_id, r.payload ->> t.person_field as person, (r.payload ->> t.field)::date as left_on
    from unnest(:types, :fields, :people) as t (record_type, field, person_field)
    join record r on r.provider_id = :provider and r.service_id = any (:services) and r.record_type = t.record_type
    where r.recorded_at <= :as_at and r.withdrawn_at is null and not exists (
        select 1 from record n
        where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
          and n.revision > r.revision and n.recorded_at <= :as_at)
    order by r.service_id, t.record_type, r.payload ->> t.person_field, r.happened_at desc
""").bindparams(
    *(bindparam(name, type_=_TEXTS) for name in ("types", "fields", "people")), bindparam("services", type_=_IDS)
)


def departures(
    session: Session, provider_id: uuid.UUID, services: Sequence[uuid.UUID], as_at: datetime
) -> Mapping[uuid.UUID, Mapping[str, date]]:
    """When people left each service, by code: what the newest record that can tell of it says. One statement."""
    telling = [each for each in record_types().values() if each.leaving_field and each.person_field]
    given = {
        "provider": provider_id,
        "services": list(services),
        "as_at": as_at,
        "types": [each.key for each in telling],
        "fields": [each.leaving_field for each in telling],
        "people": [each.person_field for each in telling],
    }
    found: defaultdict[uuid.UUID, dict[str, date]] = defaultdict(dict)
    for row in session.execute(_LEFT, given):
        if row.person is not None and row.left_on is not None:
            found[row.service_id][row.person] = max(row.left_on, found[row.service_id].get(row.person, row.left_on))
    return found


def records_in(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, wanted: Iterable[Window], as_at: datetime
) -> Mapping[str, list[SourceRecord]]:
    """The records of a service in these windows, by type, as they stood at a moment: one statement."""
    spans = merged(wanted)
    given = {
        "provider": provider_id,
        "service": service_id,
        "as_at": as_at,
        "types": [span.record_type for span in spans],
        "begins": [_midnight(span.first) if span.by == "happened" else None for span in spans],
        "ends": [_midnight(span.last + timedelta(days=1)) if span.by == "happened" else None for span in spans],
        "firsts": [span.first if span.by == "also" else None for span in spans],
        "lasts": [span.last if span.by == "also" else None for span in spans],
    }
    found: defaultdict[str, list[SourceRecord]] = defaultdict(list)
    kinds = record_types()
    for row in session.execute(_RECORDS, given):
        kind = kinds.get(row.record_type)
        if kind is not None:
            found[row.record_type].append(
                SourceRecord(row.record_id, row.revision, kind, row.happened_at, row.payload, row.recorded_at)
            )
    return found


def stood_before(
    session: Session, provider_id: uuid.UUID, keys: Sequence[FigureKey]
) -> Mapping[FigureKey, StoodBefore]:
    """What was measured and what figure stands, for each key: one statement."""
    return {
        (row.service_id, row.indicator_id, row.period_start): StoodBefore(
            row.measurement or 0,
            row.outcome or "",
            (row.m_state, row.m_numerator, row.m_denominator, row.m_value),
            row.revision or 0,
            row.source or "",
            (row.state, row.numerator, row.denominator, row.value),
            row.recorded_at,
        )
        for row in session.execute(_BEFORE, _keyed(provider_id, keys))
    }


def account_of(
    session: Session, provider_id: uuid.UUID, keys: Sequence[FigureKey]
) -> Mapping[FigureKey, dict[uuid.UUID, Row[Any]]]:
    """Which records the newest measurement of each key saw, by record: one statement."""
    found: defaultdict[FigureKey, dict[uuid.UUID, Row[Any]]] = defaultdict(dict)
    for row in session.execute(_ACCOUNT, _keyed(provider_id, keys)):
        found[row.service_id, row.indicator_id, row.period_start][row.record_id] = row
    return found


def _keyed(provider_id: uuid.UUID, keys: Sequence[FigureKey]) -> dict[str, Any]:
    return {
        "provider": provider_id,
        "services": [key[0] for key in keys],
        "indicators": [key[1] for key in keys],
        "periods": [key[2] for key in keys],
    }


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else from_london(day, time(0))
