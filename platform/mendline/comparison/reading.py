"""Reads the facts that statuses rest on, for many indicators at once: nine statements, however many there are."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Row, Uuid, bindparam, case, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import Cadence, indicator_definition
from mendline.comparison.chart_reading import chart_facts, read_settled
from mendline.comparison.companions import companions_of
from mendline.comparison.evidence_reading import FOREVER, Behind, IndicatorKey, read_behind
from mendline.indicators.decline import Response
from mendline.indicators.derivation import london_day
from mendline.indicators.facts import BaselineFact, CountedAnew, DecisionFact, IndicatorFacts, ObservedPeriod
from mendline.indicators.model import IndicatorBaseline, IndicatorTarget, ServiceIndicator
from mendline.indicators.targets import TargetFact
from mendline.recovery.model import Action, Escalation, EscalationDecision, Review
from tenants.directory.model import Service

log = logging.getLogger("mendline.derivation")

Found = Mapping[IndicatorKey, list[Row[Any]]]

_NOBODY = (uuid.UUID(int=0), uuid.UUID(int=0))
_ANSWERS = frozenset({"further_action", "escalate"})


def read_indicators(
    session: Session,
    provider_id: uuid.UUID,
    keys: Sequence[IndicatorKey],
    today: date,
    as_at: datetime = FOREVER,
) -> list[IndicatorFacts]:
    """The facts of these indicators; one that is not within reach, or has no definition any more, is left out.

    A figure that better reporting raises comes with the facts of its companion, which are read with nine more statements.

    Args:
        session: a transaction within reach.
        provider_id: the provider.
        keys: service and indicator.
        today: the day on which they are judged.
        as_at: only what had been recorded by this moment.
    """
    found = _alone(session, provider_id, keys, today, as_at)
    beside = companions_of(session, provider_id, [one for one in found if one.definition.companion], today)
    if not beside:
        return found
    facts = {(one.service_id, one.indicator_id): one for one in found}
    unread = [key for key in dict.fromkeys(beside.values()) if key not in facts]
    facts |= {(one.service_id, one.indicator_id): one for one in _alone(session, provider_id, unread, today, as_at)}
    return [replace(one, companion=facts.get(beside.get((one.service_id, one.indicator_id), _NOBODY))) for one in found]


def _alone(
    session: Session, provider_id: uuid.UUID, keys: Sequence[IndicatorKey], today: date, as_at: datetime
) -> list[IndicatorFacts]:
    if not keys:
        return []
    given = {
        "provider": provider_id,
        "services": list(dict.fromkeys(key[0] for key in keys)),
        "indicators": list(dict.fromkeys(key[1] for key in keys)),
        "as_at": as_at,
    }
    observed = _observed(session, given)
    baselines, targets, reviews, actions, escalations = (
        _by_indicator(session, statement, given)
        for statement in (_BASELINES, _TARGETS, _REVIEWS, _ACTIONS, _ESCALATIONS)
    )
    settled = read_settled(session, given)
    rows = _known(session, given)
    wanted = {
        (row.service_id, row.indicator_id): indicator_definition(row.definition_key, row.definition_version)
        for row in rows
    }
    behind = read_behind(session, provider_id, wanted, today, as_at)
    found = []
    for row in rows:
        key = (row.service_id, row.indicator_id)
        stands = behind.get(key, Behind())
        found.append(
            IndicatorFacts(
                provider_id=provider_id,
                service_id=row.service_id,
                indicator_id=row.indicator_id,
                definition=wanted[key],
                cadence=cast("Cadence", row.cadence),
                started_on=row.started_on,
                review_every_days=row.review_every_days,
                ended_on=row.ended_on,
                closed_on=row.closed_on,
                observed=observed.get(key, ()),
                baseline=_baseline(baselines[key]),
                targets=tuple(_target(one) for one in targets[key]),
                evidence=tuple(stands.facts),
                exempt=frozenset(stands.exempt),
                contradictions=stands.contradictions,
                counted_anew=tuple(CountedAnew(*one) for one in stands.counted_anew),
                decisions=tuple(_decision(one) for one in reviews[key]),
                responses=_responses(reviews[key], actions[key], escalations[key]),
                chart=chart_facts(settled.get(key, ()), baselines[key]),
                newest_other=_newest(
                    stands.moments,
                    settled.get(key, []),
                    baselines[key],
                    targets[key],
                    reviews[key],
                    actions[key],
                    escalations[key],
                ),
            )
        )
    return found


def _known(session: Session, given: Mapping[str, Any]) -> list[Any]:
    """The indicators that are asked for and have a definition in the catalogue."""
    rows: list[Any] = []
    for row in session.execute(_INDICATORS, given):
        if is_known(row.definition_key, row.definition_version):
            rows.append(row)
        else:
            log.error("indicator %s: the catalogue has no such definition; it is left out", row.indicator_id)
    return rows


@cache
def is_known(definition_key: str, version: str) -> bool:
    """Whether the catalogue has this definition; one that it lost must not keep the others from being worked out."""
    try:
        indicator_definition(definition_key, version)
    except KeyError:
        return False
    return True


def _of(model: Any) -> Any:
    """Rows of the wanted indicators; provider and service are named so that keys and routing are used."""
    return (
        (model.provider_id == bindparam("provider", type_=Uuid()))
        & (model.service_id == _any("services"))
        & (model.indicator_id == _any("indicators"))
        & (model.recorded_at <= bindparam("as_at", type_=TIMESTAMP(timezone=True)))
    )


def _any(name: str) -> Any:
    return func.any(bindparam(name, type_=ARRAY(Uuid())))


_INDICATORS = (
    select(
        ServiceIndicator.service_id,
        ServiceIndicator.indicator_id,
        ServiceIndicator.definition_key,
        ServiceIndicator.definition_version,
        ServiceIndicator.cadence,
        ServiceIndicator.started_on,
        ServiceIndicator.ended_on,
        ServiceIndicator.review_every_days,
        Service.closed_on,
    )
    .join(
        Service,
        (Service.provider_id == ServiceIndicator.provider_id) & (Service.service_id == ServiceIndicator.service_id),
    )
    .where(_of(ServiceIndicator))
)

_BASELINES = select(
    IndicatorBaseline.service_id,
    IndicatorBaseline.indicator_id,
    IndicatorBaseline.version,
    IndicatorBaseline.value,
    IndicatorBaseline.first_period,
    IndicatorBaseline.last_period,
    IndicatorBaseline.recorded_at,
).where(_of(IndicatorBaseline))

_TARGETS = select(
    IndicatorTarget.service_id,
    IndicatorTarget.indicator_id,
    IndicatorTarget.version,
    IndicatorTarget.operator,
    IndicatorTarget.value,
    IndicatorTarget.valid_from,
    IndicatorTarget.reach_by,
    IndicatorTarget.recorded_at,
).where(_of(IndicatorTarget))

_REVIEWS = select(
    Review.service_id,
    Review.indicator_id,
    Review.decision,
    Review.held_on,
    Review.decided_label,
    Review.next_review_on,
    Review.recorded_at,
    Review.reporting_effect,
).where(_of(Review))

_ACTIONS = select(Action.service_id, Action.indicator_id, Action.title, Action.recorded_at).where(_of(Action))

# An escalation that a rule opened is nobody's decision: it answers once somebody decides, and only with an act. Until
# then no figure depends on it, and nothing is worked out anew for it.
_ESCALATIONS = (
    select(
        Escalation.service_id,
        Escalation.indicator_id,
        case(
            (func.coalesce(Escalation.origin, "decision") != "rule", Escalation.recorded_at),
            (EscalationDecision.outcome != "no_further_action", EscalationDecision.recorded_at),
        ).label("answered_at"),
        case(
            (func.coalesce(Escalation.origin, "decision") == "rule", EscalationDecision.recorded_at),
            else_=func.greatest(Escalation.recorded_at, EscalationDecision.recorded_at),
        ).label("recorded_at"),
    )
    .join(
        EscalationDecision,
        (EscalationDecision.provider_id == Escalation.provider_id)
        & (EscalationDecision.service_id == Escalation.service_id)
        & (EscalationDecision.indicator_id == Escalation.indicator_id)
        & (EscalationDecision.escalation_id == Escalation.escalation_id)
        & (EscalationDecision.recorded_at <= bindparam("as_at", type_=TIMESTAMP(timezone=True))),
        isouter=True,
    )
    .where(_of(Escalation))
)

# One row per series: reading arrays costs half of reading rows. The newest revision is the figure; when the first one
# came in is when it could be seen.
_OBSERVED = text("""
    select o.service_id, o.indicator_id,
        array_agg(o.period_start order by o.period_start) as starts,
        array_agg(o.numerator order by o.period_start) as numerators,
        array_agg(o.denominator order by o.period_start) as denominators,
        array_agg(o.value order by o.period_start) as figures,
        array_agg(o.state order by o.period_start) as states,
        array_agg(o.recorded_at order by o.period_start) as recorded,
        array_agg(o.first_recorded_at order by o.period_start) as first_recorded
    from (
        select distinct on (service_id, indicator_id, period_start)
            service_id, indicator_id, period_start, numerator, denominator, value, state, recorded_at,
            min(recorded_at) over (partition by service_id, indicator_id, period_start) as first_recorded_at
        from observation
        where provider_id = :provider and service_id = any (:services) and indicator_id = any (:indicators)
            and recorded_at <= :as_at
        order by service_id, indicator_id, period_start, revision desc
    ) o
    group by o.service_id, o.indicator_id
""").bindparams(
    bindparam("provider", type_=Uuid()),
    bindparam("services", type_=ARRAY(Uuid())),
    bindparam("indicators", type_=ARRAY(Uuid())),
)


def _observed(session: Session, given: Mapping[str, Any]) -> dict[IndicatorKey, tuple[ObservedPeriod, ...]]:
    return {
        (row.service_id, row.indicator_id): tuple(
            map(
                ObservedPeriod,
                row.starts,
                row.numerators,
                row.denominators,
                row.figures,
                row.states,
                row.recorded,
                row.first_recorded,
            )
        )
        for row in session.execute(_OBSERVED, given)
    }


def _by_indicator(session: Session, statement: Any, given: Mapping[str, Any]) -> Found:
    found: defaultdict[IndicatorKey, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(statement, given):
        found[row.service_id, row.indicator_id].append(row)
    return found


def _baseline(rows: Sequence[Row[Any]]) -> BaselineFact | None:
    if not rows:
        return None
    newest = max(rows, key=lambda row: row.version)
    return BaselineFact(newest.value, newest.first_period, newest.last_period)


def _target(row: Row[Any]) -> TargetFact:
    return TargetFact(row.operator, row.value, row.valid_from, row.reach_by, row.version)


def _decision(row: Row[Any]) -> DecisionFact:
    return DecisionFact(
        row.decision, row.held_on, row.decided_label, row.next_review_on, row.recorded_at, row.reporting_effect
    )


def _responses(
    reviews: Sequence[Row[Any]], actions: Sequence[Row[Any]], escalations: Sequence[Row[Any]]
) -> tuple[Response, ...]:
    """What was done about the indicator, each on the day it was written down."""
    return (
        *(Response("decision", london_day(row.recorded_at)) for row in reviews if row.decision in _ANSWERS),
        *(Response("action", london_day(row.recorded_at), row.title) for row in actions),
        *(Response("escalation", london_day(row.answered_at)) for row in escalations if row.answered_at),
    )


def _newest(moments: Sequence[datetime], *kinds: Sequence[Row[Any]]) -> datetime | None:
    return max([*moments, *(row.recorded_at for rows in kinds for row in rows if row.recorded_at)], default=None)
