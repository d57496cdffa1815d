"""Reads what services contribute to roll-ups, and which roll-ups a changed figure touches."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Row, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import period_end
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.comparison.evidence_reading import FOREVER
from mendline.comparison.reading import is_known
from mendline.comparison.roll_up import ServiceFigure, cadence_of
from mendline.indicators.targets import TargetFact

RollUpKey = tuple[str, str, date]  # definition, kind of service, first day of the period

_TOUCHED = text("""
    select distinct i.definition_key, s.kind, coalesce(w.period_start, o.period_start) as period_start
    from unnest(:indicators, :periods) as w (indicator_id, period_start)
    join service_indicator i on i.provider_id = :provider and i.indicator_id = w.indicator_id
        and i.service_id = any (:services)
    join service s on s.provider_id = i.provider_id and s.service_id = i.service_id
    left join lateral (
        select o.period_start from observation o
        where w.period_start is null and o.provider_id = i.provider_id
          and o.service_id = i.service_id and o.indicator_id = i.indicator_id
        union
        select r.period_start from roll_up r
        where w.period_start is null and r.provider_id = i.provider_id
          and r.definition_key = i.definition_key and r.service_kind = s.kind
    ) o on true
    where coalesce(w.period_start, o.period_start) is not null
""").bindparams(
    bindparam("provider", type_=Uuid()),
    bindparam("services", type_=ARRAY(Uuid())),
    bindparam("indicators", type_=ARRAY(Uuid())),
    bindparam("periods", type_=ARRAY(Date())),
)

_FIGURES = text("""
    select w.definition_key, w.kind, w.period_start, i.service_id, i.indicator_id, i.definition_version, i.cadence,
        i.started_on, i.ended_on, s.opened_on, s.closed_on,
        o.state, o.numerator, o.denominator, o.value, o.recorded_at
    from unnest(:definitions, :kinds, :periods) as w (definition_key, kind, period_start)
    join service_indicator i on i.provider_id = :provider and i.definition_key = w.definition_key
    join service s on s.provider_id = i.provider_id and s.service_id = i.service_id and s.kind = w.kind
    left join lateral (
        select o.state, o.numerator, o.denominator, o.value, o.recorded_at from observation o
        where o.provider_id = i.provider_id and o.service_id = i.service_id
          and o.indicator_id = i.indicator_id and o.period_start = w.period_start and o.recorded_at <= :as_at
        order by o.revision desc limit 1
    ) o on true
    where i.recorded_at <= :as_at
""").bindparams(
    bindparam("provider", type_=Uuid()),
    bindparam("definitions", type_=ARRAY(Text())),
    bindparam("kinds", type_=ARRAY(Text())),
    bindparam("periods", type_=ARRAY(Date())),
)

_TARGETS = text("""
    select t.indicator_id, t.version, t.operator, t.value, t.valid_from, t.reach_by
    from service_indicator i
    join indicator_target t on t.provider_id = i.provider_id and t.service_id = i.service_id
        and t.indicator_id = i.indicator_id
    where i.provider_id = :provider and i.definition_key = any (:definitions) and t.recorded_at <= :as_at
""").bindparams(bindparam("provider", type_=Uuid()), bindparam("definitions", type_=ARRAY(Text())))


def touched_roll_ups(
    session: Session, provider_id: uuid.UUID, marks: Sequence[tuple[uuid.UUID, uuid.UUID, date | None]]
) -> list[RollUpKey]:
    """The roll-ups that these figures (service, indicator, period) enter.

    No period stands for every one there is, also those without a figure of this service: it may now be expected there.
    """
    found = session.execute(
        _TOUCHED,
        {
            "provider": provider_id,
            "services": list({mark[0] for mark in marks}),
            "indicators": [mark[1] for mark in marks],
            "periods": [mark[2] for mark in marks],
        },
    )
    return [(row.definition_key, row.kind, row.period_start) for row in found]


def read_figures(
    session: Session, provider_id: uuid.UUID, keys: Sequence[RollUpKey], *, as_at: datetime = FOREVER
) -> dict[RollUpKey, tuple[IndicatorDefinition, list[ServiceFigure]]]:
    """For each roll-up the definition it pools by and what every service of the kind contributes.

    Args:
        session: a transaction within reach.
        provider_id: the provider.
        keys: the roll-ups.
        as_at: only what had been recorded by this moment.
    """
    definitions = sorted({key[0] for key in keys})
    targets: defaultdict[uuid.UUID, list[TargetFact]] = defaultdict(list)
    for row in session.execute(_TARGETS, {"provider": provider_id, "definitions": definitions, "as_at": as_at}):
        fact = TargetFact(row.operator, row.value, row.valid_from, row.reach_by, row.version)
        targets[row.indicator_id].append(fact)
    rows: defaultdict[RollUpKey, list[Row[Any]]] = defaultdict(list)
    wanted = {
        "provider": provider_id,
        "definitions": [key[0] for key in keys],
        "kinds": [key[1] for key in keys],
        "periods": [key[2] for key in keys],
        "as_at": as_at,
    }
    for row in session.execute(_FIGURES, wanted):
        if not is_known(row.definition_key, row.definition_version):
            continue
        rows[row.definition_key, row.kind, row.period_start].append(row)
    return {key: _contributions(key, rows[key], targets) for key in keys if rows[key]}


def _contributions(
    key: RollUpKey, rows: Sequence[Row[Any]], targets: Mapping[uuid.UUID, list[TargetFact]]
) -> tuple[IndicatorDefinition, list[ServiceFigure]]:
    """Only figures of one version are like ones: the newest that any of these services runs."""
    version = max((row.definition_version for row in rows), key=_version_order)
    definition = indicator_definition(key[0], version)
    end = period_end(cadence_of(key[2], definition), key[2])
    return definition, [
        ServiceFigure(
            service_id=row.service_id,
            indicator_id=row.indicator_id,
            version=row.definition_version,
            cadence=row.cadence,
            expected=_running(row, key[2], end),
            state=row.state,
            numerator=row.numerator,
            denominator=row.denominator,
            value=row.value,
            recorded_at=row.recorded_at,
            targets=tuple(targets.get(row.indicator_id, ())),
        )
        for row in rows
    ]


def _version_order(version: str) -> tuple[int, str]:
    return (int(version), "") if version.isdecimal() else (-1, version)


def _running(row: Row[Any], start: date, end: date) -> bool:
    begun = max(day for day in (row.started_on, row.opened_on) if day is not None)
    over = min((day for day in (row.ended_on, row.closed_on) if day is not None), default=date.max)
    return bool(begun <= end and over >= start)
