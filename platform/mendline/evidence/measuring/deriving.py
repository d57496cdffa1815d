"""Measures what records touched: figures from records, with an account of what was counted, in one transaction.

A figure that somebody entered stands until a person takes the records' figure in its place: a measurement that says
something else is kept beside it, and the page shows both.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, cast

from sqlalchemy import Row, Table, delete, func, select, text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import period_end
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definitions
from mendline.catalogue.record_types import record_type
from mendline.evidence.measuring.drawing import PeriodOf
from mendline.evidence.measuring.evaluate import Line, Measured, evaluate
from mendline.evidence.measuring.periods import periods_touched, windows
from mendline.evidence.measuring.reading import (
    FigureKey,
    MeasuredIndicator,
    StoodBefore,
    account_of,
    departures,
    indicators_measured,
    kept_types,
    records_in,
    stood_before,
)
from mendline.evidence.model import CountedRecord, Measurement, RecordMark
from mendline.indicators.marking import mark_many_stale
from mendline.indicators.model import Observation
from tenants.database import insert_many
from tenants.ids import new_id

MOST_MARKS = 2_000
AT_ONCE = 60  # figures measured together: few statements, and not too many records in memory
MEASURED = "measured"

Numbers = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Measuring:
    """What one pass did; `more` says that marks were left for the next one."""

    marks: int
    figures: int
    written: int
    more: bool


def measure_marked(
    session: Session, provider_id: uuid.UUID, *, today: date, at: datetime, most: int = MOST_MARKS
) -> Measuring:
    """Measures every figure that marked records touch, and removes the marks, in the caller's transaction.

    Args:
        session: a transaction with the reach of a job or of the command line.
        provider_id: whose marks.
        today: the date in England.
        at: the moment of measuring, in UTC; records count as they stand then.
        most: marks to take at once.
    """
    m = RecordMark
    marks = session.execute(
        select(m.mark_id, m.service_id, m.record_type, m.happened_on, m.also_on)
        .where(m.provider_id == provider_id)
        .order_by(m.marked_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    if not marks:
        return Measuring(0, 0, 0, more=False)
    keys = _touched(session, provider_id, marks, today)
    written = measure_figures(session, provider_id, keys, today=today, at=at)
    session.execute(
        delete(m).where(m.provider_id == provider_id, m.mark_id == func.any([mark.mark_id for mark in marks]))
    )
    return Measuring(len(marks), sum(map(len, keys.values())), written, more=len(marks) == most)


def _touched(
    session: Session, provider_id: uuid.UUID, marks: Sequence[Any], today: date
) -> dict[MeasuredIndicator, frozenset[date]]:
    """Which periods of which indicators the marked records can change."""
    kinds = {mark.record_type for mark in marks}
    definitions = [
        key
        for key, definition in indicator_definitions().items()
        if definition.measure is not None and definition.measure.record_types() & kinds
    ]
    by_service: defaultdict[uuid.UUID, list[Any]] = defaultdict(list)
    for mark in marks:
        by_service[mark.service_id].append(mark)
    found: dict[MeasuredIndicator, frozenset[date]] = {}
    for indicator in indicators_measured(session, provider_id, list(by_service), definitions):
        measure = indicator.definition.measure
        if measure is None:
            continue
        until = min(day for day in (today, indicator.ended_on, indicator.closed_on) if day is not None)
        starts = frozenset().union(
            *(
                periods_touched(measure, indicator.cadence, mark.record_type, mark.happened_on, mark.also_on, until)
                for mark in by_service[indicator.service_id]
            )
        )
        if starts:
            found[indicator] = starts
    return found


def settle_ended(session: Session, provider_id: uuid.UUID, *, today: date, at: datetime, most: int = 500) -> int:
    """Measures again what was measured while its period ran and is over now; returns how many figures were written."""
    rows = session.execute(_RUNNING, {"provider": provider_id, "today": today, "most": most}).all()
    keys: defaultdict[tuple[uuid.UUID, uuid.UUID], set[date]] = defaultdict(set)
    for row in rows:
        keys[row.service_id, row.indicator_id].add(row.period_start)
    services = list({key[0] for key in keys})
    known = indicators_measured(session, provider_id, services, list({row.definition_key for row in rows}))
    wanted = {
        each: {start for start in starts if period_end(each.cadence, start) < today}
        for each in known
        if (starts := keys.get((each.service_id, each.indicator_id)))
    }
    return measure_figures(session, provider_id, wanted, today=today, at=at)


_RUNNING = text("""
    select o.service_id, o.indicator_id, i.definition_key, o.period_start
    from observation o
    join service_indicator i on i.provider_id = o.provider_id and i.service_id = o.service_id
        and i.indicator_id = o.indicator_id
    where o.provider_id = :provider and o.source = 'measured' and o.state = 'provisional'
      and o.period_start between cast(:today as date) - 70 and cast(:today as date) - 7
      and not exists (
        select 1 from observation n
        where n.provider_id = o.provider_id and n.service_id = o.service_id and n.indicator_id = o.indicator_id
          and n.period_start = o.period_start and n.revision > o.revision)
    order by o.period_start
    limit :most
""")


def measure_figures(
    session: Session,
    provider_id: uuid.UUID,
    wanted: Mapping[MeasuredIndicator, Iterable[date]],
    *,
    today: date,
    at: datetime,
) -> int:
    """Measures these periods and keeps what changed; returns how many figures were written."""
    pairs = ((indicator, start) for indicator, starts in wanted.items() for start in sorted(starts))
    written = 0
    while part := list(islice(pairs, AT_ONCE)):
        written += _measure_part(session, provider_id, part, today=today, at=at)
    return written


def measured(
    session: Session,
    provider_id: uuid.UUID,
    part: Sequence[tuple[MeasuredIndicator, date]],
    *,
    today: date,
    at: datetime,
) -> dict[FigureKey, Measured]:
    """What the records make of these figures, as they stood at a moment; nothing is written."""
    found: dict[FigureKey, Measured] = {}
    by_service: defaultdict[uuid.UUID, list[tuple[MeasuredIndicator, date]]] = defaultdict(list)
    for indicator, start in part:
        by_service[indicator.service_id].append((indicator, start))
    kinds = {
        (indicator.service_id, kind)
        for indicator, _ in part
        if indicator.definition.measure is not None
        for kind in indicator.definition.measure.record_types()
    }
    all_kept = kept_types(session, provider_id, kinds, at)
    about_people = any(record_type(kind).only_in_residence for _, kind in kinds)
    left = departures(session, provider_id, list(by_service), at) if about_people else {}
    for service_id, members in by_service.items():
        kept = frozenset(kind for place, kind in all_kept if place == service_id)
        spans = [
            window
            for indicator, start in members
            if indicator.definition.measure is not None
            for window in windows(indicator.definition.measure, indicator.cadence, start)
        ]
        pool = records_in(session, provider_id, service_id, spans, at)
        for indicator, start in members:
            period = PeriodOf(
                indicator.cadence, start, indicator.opened_on, indicator.closed_on, left.get(service_id, {})
            )
            found[service_id, indicator.indicator_id, start] = evaluate(indicator.definition, pool, period, today, kept)
    return found


def _measure_part(
    session: Session,
    provider_id: uuid.UUID,
    part: Sequence[tuple[MeasuredIndicator, date]],
    *,
    today: date,
    at: datetime,
) -> int:
    figures = measured(session, provider_id, part, today=today, at=at)
    definitions = {(indicator.service_id, indicator.indicator_id): indicator.definition for indicator, _ in part}
    return keep_measured(session, provider_id, figures, definitions, at)


def keep_measured(
    session: Session,
    provider_id: uuid.UUID,
    figures: Mapping[FigureKey, Measured],
    definitions: Mapping[tuple[uuid.UUID, uuid.UUID], IndicatorDefinition],
    at: datetime,
) -> int:
    """Keeps what is new of these figures, with its account; returns how many figures were written.

    Args:
        session: a transaction with the reach of a job or of the command line.
        provider_id: whose figures.
        figures: what was measured.
        definitions: by service and indicator.
        at: the moment of measuring, in UTC.
    """
    keys = list(figures)
    before = stood_before(session, provider_id, keys)
    accounts = account_of(session, provider_id, keys)
    measurements, counted, observations = [], [], []
    for key, found in figures.items():
        definition = definitions[key[0], key[1]]
        here = {
            "provider_id": provider_id,
            "service_id": key[0],
            "indicator_id": key[1],
            "period_start": key[2],
        }
        stood = before[key]
        changes = list(_changes(found.lines, accounts.get(key, {})))
        if not _is_news(definition, found, stood, changes):
            continue
        outcome, revision = _outcome(definition, found, stood)
        number = stood.measurement + 1
        measurements.append({**here, "measurement": number, **_told(definition, found, outcome, revision, at)})
        counted += [{**here, "measurement": number, **change} for change in changes]
        if outcome == "written":
            observations.append({**here, **_observation(found, stood, at)})
    insert_many(session, cast("Table", Measurement.__table__), measurements)
    insert_many(session, cast("Table", CountedRecord.__table__), counted)
    insert_many(session, cast("Table", Observation.__table__), observations)
    mark_many_stale(
        session, provider_id, [(row["service_id"], row["indicator_id"], row["period_start"]) for row in observations]
    )
    return len(observations)


def _is_news(definition: IndicatorDefinition, found: Measured, stood: StoodBefore, changes: Sequence[Any]) -> bool:
    """Whether anything is to be kept: records of no measure before and none now leave no trace."""
    if not stood.measurement:
        return found.figure.state != "missing"
    same = same_figure(definition, _numbers(found), stood.figure[1:]) and _state(found) == stood.figure[0]
    return bool(changes) or not same


def _state(found: Measured) -> str:
    return found.figure.state or "final"


def _numbers(found: Measured) -> Numbers:
    return found.figure.numerator, found.figure.denominator, found.figure.value


def same_figure(definition: IndicatorDefinition, one: Numbers, other: Numbers) -> bool:
    """Whether two figures say the same; where only a value is known, as far as it is shown."""
    if None not in one[:2] and None not in other[:2]:
        return one[:2] == other[:2]
    if one[2] is None or other[2] is None:
        return one == other
    return abs(one[2] - other[2]) < 10.0 ** -(definition.decimals + 1)


def _outcome(definition: IndicatorDefinition, found: Measured, stood: StoodBefore) -> tuple[str, int | None]:
    """What becomes of a measurement, and the revision of the figure that it then stands behind or differs from."""
    state, *numbers = stood.stands
    no_figure = state in {None, "missing"}
    same = same_figure(definition, _numbers(found), (numbers[0], numbers[1], numbers[2]))
    kept = {"revised": "final"}.get(state or "", state) == _state(found)
    if stood.revision and same and (kept or stood.source != MEASURED):
        return "agrees", stood.revision
    if stood.source in {MEASURED, ""} or no_figure:
        if no_figure and _state(found) == "missing":
            return "agrees", stood.revision or None
        return "written", stood.revision + 1
    return "differs", stood.revision


def _told(
    definition: IndicatorDefinition, found: Measured, outcome: str, revision: int | None, at: datetime
) -> dict[str, Any]:
    return {
        "definition_version": definition.version,
        "numerator": found.figure.numerator,
        "denominator": found.figure.denominator,
        "value": found.figure.value,
        "state": _state(found),
        "counted": found.counted,
        "left_out": len(found.lines) - found.counted,
        "kinds": found.kinds,
        "outcome": outcome,
        "revision": revision,
        "measured_at": at,
    }


def _observation(found: Measured, stood: StoodBefore, at: datetime) -> dict[str, Any]:
    """The figure as the next revision; where it says something else than before, the records are the reason."""
    state = _state(found)
    corrected = stood.revision and stood.stands[0] in {"final", "revised"} and state == "final"
    return {
        "revision": stood.revision + 1,
        "observation_id": new_id(),
        "numerator": found.figure.numerator,
        "denominator": found.figure.denominator,
        "value": found.figure.value,
        "state": "revised" if corrected else state,
        "source": MEASURED,
        "reason": "Measured again: records were added or corrected after it" if stood.revision else None,
        "pointer": None,
        "batch_id": None,
        "recorded_by": None,
        "recorded_initials": None,
        "recorded_at": at,
    }


def _changes(lines: Sequence[Line], account: Mapping[uuid.UUID, Row[Any]]) -> Iterable[dict[str, Any]]:
    """What is different from the newest account: records that are new to it, changed, or gone from it."""
    for line in lines:
        said = {
            "record_id": line.record_id,
            "revision": line.revision,
            "record_type": line.record_type,
            "happened_on": line.happened_on,
            "verdict": "counted" if line.is_counted else "left_out",
            "numerator": line.numerator,
            "denominator": line.denominator,
            "why": line.why,
        }
        kept = account.get(line.record_id)
        if kept is None or any(getattr(kept, name) != value for name, value in said.items()):
            yield said
    seen = {line.record_id for line in lines}
    for record_id, kept in account.items():
        if record_id not in seen:
            yield {
                "record_id": record_id,
                "revision": kept.revision,
                "record_type": kept.record_type,
                "happened_on": kept.happened_on,
                "verdict": "gone",
                "numerator": None,
                "denominator": None,
                "why": None,
            }
