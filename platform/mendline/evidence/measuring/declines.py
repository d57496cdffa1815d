"""Works out from where a service's indicators stand how many of their declines were answered in time.

What was counted is kept line by line, as it is of records, so that the figure leads back to each decline.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import cast

from sqlalchemy import Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import period_start, periods_between
from mendline.catalogue.indicators import Cadence, IndicatorDefinition, indicator_definition, indicator_definitions
from mendline.evidence.measuring.declining import SeenDecline, declines_answered
from mendline.evidence.measuring.deriving import keep_measured
from mendline.evidence.measuring.evaluate import Measured
from mendline.evidence.measuring.reading import FigureKey
from mendline.indicators.figures import PeriodOf

LOOK_BACK_YEARS = 1  # what is older stands as it was worked out

_IDS, _TEXTS = ARRAY(Uuid()), ARRAY(Text())

_RUN = text("""
    select i.service_id, i.indicator_id, i.definition_key, i.definition_version, i.cadence, i.ended_on,
           s.opened_on, s.closed_on
    from service_indicator i
    join service s on s.provider_id = i.provider_id and s.service_id = i.service_id
    where i.provider_id = :provider and i.definition_key = any (:definitions)
      and (cast(:services as uuid[]) is null or i.service_id = any (:services))
""").bindparams(bindparam("services", type_=_IDS), bindparam("definitions", type_=_TEXTS))

# Its own declines are no part of the figure: they would be worked out from themselves.
_DECLINES = text("""
    select t.service_id, t.indicator_id, t.definition_key, d.since_period, d.visible_on, d.answer_due_on, d.answered_on,
           d.waited_days
    from indicator_status t
    cross join lateral jsonb_to_recordset(
        coalesce(t.parts -> 'declines', '[]') || coalesce(t.parts -> 'declines_in_time', '[]')
    ) as d (since_period date, visible_on date, answer_due_on date, answered_on date, waited_days int)
    where t.provider_id = :provider and t.service_id = any (:services) and not t.definition_key = any (:definitions)
""").bindparams(bindparam("services", type_=_IDS), bindparam("definitions", type_=_TEXTS))


def measure_declines(
    session: Session, provider_id: uuid.UUID, services: Collection[uuid.UUID] | None, *, today: date, at: datetime
) -> int:
    """Works out these figures where services run them; returns how many were written.

    Call after the status of indicators was derived. Figures that are written are marked: what follows from them is
    worked out in the next pass.

    Args:
        session: a transaction with the reach of a job.
        provider_id: the provider.
        services: where something changed; all of them where None.
        today: the date in England.
        at: the moment of working out, in UTC.
    """
    wanted = [key for key, each in indicator_definitions().items() if each.measure and each.measure.computed_by]
    given = {"provider": provider_id, "definitions": wanted}
    runs = session.execute(_RUN, {**given, "services": None if services is None else list(services)}).all()
    if not runs:
        return 0
    seen: defaultdict[uuid.UUID, list[SeenDecline]] = defaultdict(list)
    for row in session.execute(_DECLINES, {**given, "services": list({run.service_id for run in runs})}):
        seen[row.service_id].append(SeenDecline(*row[1:]))
    figures: dict[FigureKey, Measured] = {}
    definitions: dict[tuple[uuid.UUID, uuid.UUID], IndicatorDefinition] = {}
    for run in runs:
        definition = indicator_definition(run.definition_key, run.definition_version)
        definitions[run.service_id, run.indicator_id] = definition
        cadence = cast("Cadence", run.cadence)
        until = min(day for day in (today, run.ended_on, run.closed_on) if day is not None)
        first = period_start(cadence, date(until.year - LOOK_BACK_YEARS, until.month, 1))
        for start in periods_between(cadence, first, period_start(cadence, until)):
            period = PeriodOf(cadence, start, run.opened_on, run.closed_on)
            figures[run.service_id, run.indicator_id, start] = declines_answered(
                seen[run.service_id], definition, period, today
            )
    return keep_measured(session, provider_id, figures, definitions, at)
