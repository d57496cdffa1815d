"""Where an indicator stands, worked out from its facts alone: the same facts on the same day give the same row.

Values in, values out. What the facts are read from, and where the row goes, is the business of `comparison`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from mendline.catalogue.calendar import next_period, period_end, period_final_on, periods_between
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.catalogue.status_rules import status_rules
from mendline.indicators.composite import Parts, composite_of
from mendline.indicators.decline import Decline, DeclinePoint, Response, decline_of
from mendline.indicators.evidence_marks import EvidenceFact, evidence_level, evidence_marks
from mendline.indicators.figures import WITHOUT_FIGURES, value_of
from mendline.indicators.judging import Judgement, judgement_of
from mendline.indicators.targets import TargetFact, target_on
from tenants.clock import LONDON

SERIES_LENGTH = 104  # two years of weeks


@dataclass(frozen=True, slots=True)
class ObservedPeriod:
    """The newest revision of one period; `first_recorded_at` is when its first revision came in."""

    period_start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    recorded_at: datetime | None = None
    first_recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BaselineFact:
    """The newest version of the baseline."""

    value: float
    first_period: date
    last_period: date
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """A review that ended in a decision."""

    decision: str
    held_on: date
    label: str
    next_review_on: date | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class IndicatorFacts:
    """Everything about one indicator of one service that its status rests on."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    indicator_id: uuid.UUID
    definition: IndicatorDefinition
    cadence: Cadence
    started_on: date
    review_every_days: int
    ended_on: date | None = None
    closed_on: date | None = None
    observed: tuple[ObservedPeriod, ...] = ()
    baseline: BaselineFact | None = None
    targets: tuple[TargetFact, ...] = ()
    evidence: tuple[EvidenceFact, ...] = ()
    decisions: tuple[DecisionFact, ...] = ()
    responses: tuple[Response, ...] = ()
    newest_other: datetime | None = None  # newest fact that is no observation


def derive_status(facts: IndicatorFacts, today: date) -> dict[str, Any]:
    """The row of `indicator_status` that these facts make.

    Args:
        facts: the newest revision of everything.
        today: the date in England on which it is judged; currency and lateness depend on it.
    """
    periods = expected_periods(facts, today)
    target = target_on(facts.targets, today)
    judged = judgement_of(
        facts.definition,
        facts.cadence,
        periods,
        target=target,
        today=today,
    )
    decline = _decline(facts, periods, judged, today)
    marks = evidence_marks(facts.evidence, facts.cadence, facts.definition.evidence_not_applicable.keys(), today)
    rules = status_rules()
    composite = composite_of(Parts(judged.status, judged.is_stale, evidence_level(marks)), rules)
    return {
        "provider_id": facts.provider_id,
        "service_id": facts.service_id,
        "indicator_id": facts.indicator_id,
        "definition_key": facts.definition.key,
        "judged_on": today,
        **_judged_columns(judged),
        **_position(periods),
        "target_operator": target.operator if target else None,
        "target_value": target.value if target else None,
        "target_by": target.reach_by if target else None,
        "baseline_value": facts.baseline.value if facts.baseline else None,
        "evidence_level": evidence_level(marks),
        "evidence_marks": dict(marks),
        "declined_since": decline.visible_on if decline else None,
        "unescalated_days": decline.unescalated_days if decline else None,
        **_reviewing(facts),
        "series": _series(facts, periods, judged, decline),
        "facts_recorded_at": _newest_fact(facts),
        "rules_version": rules.identity,
        "composite": composite.gives,
        "composite_rule": composite.when,
        "current_until": None,
        "parts": {},
        "todos": [],
        "drawn": None,
    }


def expected_periods(facts: IndicatorFacts, today: date) -> tuple[ObservedPeriod, ...]:
    """The newest periods in order, at most 104, with an explicit missing one wherever a figure was expected.

    A period is expected from the first figure on until the indicator or the service ended, once its time to be
    recorded (three working days after it closes) has passed.
    """
    known = {period.period_start: _with_figure(facts.definition, period) for period in facts.observed}
    if not known:
        return ()
    last = max(known)
    until = min(day for day in (today, facts.ended_on, facts.closed_on) if day is not None)
    following = next_period(facts.cadence, last)
    while period_end(facts.cadence, following) <= until and period_final_on(facts.cadence, following) < today:
        last, following = following, next_period(facts.cadence, following)
    starts = periods_between(facts.cadence, min(known), last)[-SERIES_LENGTH:]
    return tuple(known.get(start) or ObservedPeriod(start, None, None, None, "missing") for start in starts)


def _with_figure(definition: IndicatorDefinition, period: ObservedPeriod) -> ObservedPeriod:
    value = figure_of(definition, period)
    return period if value == period.value else replace(period, value=value)


def figure_of(definition: IndicatorDefinition, period: ObservedPeriod) -> float | None:
    """The period's value: the quotient of its parts where it has them; None where it has no figure."""
    if period.state in WITHOUT_FIGURES:
        return None
    made = value_of(definition, period.numerator, period.denominator)
    return period.value if made is None else made


def _judged_columns(judged: Judgement) -> dict[str, Any]:
    names = (
        "rule_set_version",
        "status",
        "reason",
        "sentence",
        "basis",
        "since",
        "strength",
        "variation",
        "assurance",
        "is_stale",
        "usable_points",
        "centre",
        "lower",
        "upper",
    )
    return {name: getattr(judged, name) for name in names}


def _position(periods: Sequence[ObservedPeriod]) -> dict[str, Any]:
    """The current position: the last period that is over and has a figure."""
    usable = [period for period in periods if period.state in ("final", "revised") and period.value is not None]
    last = usable[-1] if usable else None
    return {
        "last_period": last.period_start if last else None,
        "last_state": periods[-1].state if periods else None,
        "numerator": last.numerator if last else None,
        "denominator": last.denominator if last else None,
        "value": last.value if last else None,
    }


def _decline(
    facts: IndicatorFacts, periods: Sequence[ObservedPeriod], judged: Judgement, today: date
) -> Decline | None:
    points = [
        DeclinePoint(
            period.period_start,
            period.numerator,
            period.denominator,
            period.value,
            period.state,
            adverse=adverse,
            seen_on=london_day(period.first_recorded_at) if period.first_recorded_at else None,
        )
        for period, adverse in zip(periods, judged.adverse, strict=True)
    ]
    return decline_of(
        points,
        facts.definition,
        facts.cadence,
        baseline=facts.baseline.value if facts.baseline else None,
        responses=facts.responses,
        today=today,
    )


def _reviewing(facts: IndicatorFacts) -> dict[str, Any]:
    last = max(
        (decision for decision in facts.decisions if decision.decision != "addendum"),
        key=lambda decision: (decision.held_on, decision.recorded_at),
        default=None,
    )
    if last is None:
        due = facts.started_on + timedelta(days=facts.review_every_days)
        return {
            "review_due_on": due,
            "last_decision": None,
            "last_decision_on": None,
            "last_decision_by": None,
        }
    return {
        "review_due_on": last.next_review_on or last.held_on + timedelta(days=facts.review_every_days),
        "last_decision": last.decision,
        "last_decision_on": last.held_on,
        "last_decision_by": last.label,
    }


def _series(
    facts: IndicatorFacts, periods: Sequence[ObservedPeriod], judged: Judgement, decline: Decline | None
) -> dict[str, Any]:
    """What a chart of the newest periods needs, as JSON; all lists are of one length, one entry per period."""
    baseline = facts.baseline
    end = [i for i, period in enumerate(periods) if baseline and period.period_start <= baseline.last_period]
    return {
        "cadence": facts.cadence,
        "periods": [period.period_start.isoformat() for period in periods],
        "values": [period.value for period in periods],
        "numerators": [period.numerator for period in periods],
        "denominators": [period.denominator for period in periods],
        "states": [period.state for period in periods],
        "marks": list(judged.marks),
        "chart": judged.chart,
        "centre": judged.centre,
        "lower": judged.lower,
        "upper": judged.upper,
        "phases": list(judged.phases),
        "provisional_limits": judged.provisional_limits,
        "baseline_end": end[-1] if end else None,
        "decline": _decline_json(decline),
    }


def _decline_json(decline: Decline | None) -> dict[str, Any] | None:
    if decline is None:
        return None
    return {
        "since_period": decline.since_period.isoformat(),
        "visible_on": decline.visible_on.isoformat(),
        "answer_due_on": decline.answer_due_on.isoformat(),
        "answered_on": decline.answered_on.isoformat() if decline.answered_on else None,
        "causes": list(decline.causes),
    }


def _newest_fact(facts: IndicatorFacts) -> datetime | None:
    moments = [period.recorded_at for period in facts.observed if period.recorded_at]
    if facts.newest_other:
        moments.append(facts.newest_other)
    return max(moments, default=None)


def london_day(moment: datetime) -> date:
    """The day on the wall in England at a moment."""
    return moment.astimezone(LONDON).date()
