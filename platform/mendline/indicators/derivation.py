"""Where an indicator stands, worked out from its facts alone: the same facts on the same day give the same row.

Values in, values out. What the facts are read from, and where the row goes, is the business of `comparison`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from mendline.catalogue.calendar import next_period, period_end, period_final_on, periods_between
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.status_rules import status_rules
from mendline.indicators.decline import Decline, DeclinePoint, current_of, declines_of
from mendline.indicators.drawing import drawn_row
from mendline.indicators.evidence_marks import Behind, FigureBehind, Sufficiency, sufficiency_of
from mendline.indicators.facts import BaselineFact, IndicatorFacts, ObservedPeriod
from mendline.indicators.figures import WITHOUT_FIGURES, value_of
from mendline.indicators.judging import Judgement, judgement_of, newest_of
from mendline.indicators.marks import marks_of, restated_on
from mendline.indicators.reporting import HarmBeside, Reading, rise_of
from mendline.indicators.status import StatusInput, status_columns
from mendline.indicators.targets import TargetFact, target_on
from tenants.clock import LONDON

SERIES_LENGTH = 104  # two years of weeks
POOLED_PERIODS = 4  # whose denominators are added where that of one period is too small


def derive_status(facts: IndicatorFacts, today: date) -> dict[str, Any]:
    """The row of `indicator_status` that these facts make.

    Args:
        facts: the newest revision of everything.
        today: the date in England on which it is judged; currency and lateness depend on it.
    """
    every_period = expected_periods(facts, today)
    target = target_on(facts.targets, today)
    judged = newest_of(
        judgement_of(
            facts.definition,
            facts.cadence,
            every_period,
            target=target,
            today=today,
            breaks=[each.from_period for each in facts.breaks],
            settled=facts.chart,
        ),
        SERIES_LENGTH,
    )
    periods = every_period[-SERIES_LENGTH:]
    baseline = facts.comparable_baseline(periods[-1].period_start if periods else None)
    declines, decline = _declines(facts, periods, judged, baseline, today)
    behind = _sufficiency(facts, periods, today)
    reviewing = _reviewing(facts)
    parts = _parts(facts, every_period, judged, target, behind, (declines, decline), reviewing, today)
    row = {
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
        "baseline_value": baseline.value if baseline else None,
        "evidence_level": behind.level,
        "evidence_marks": dict(behind.marks),
        "declined_since": decline.visible_on if decline else None,
        "unescalated_days": decline.unescalated_days if decline else None,
        **reviewing,
        "series": _series(facts, periods, judged, decline),
        "facts_recorded_at": _newest_fact(facts),
        **status_columns(parts, today, status_rules()),
        "drawn": "",
    }
    return {**row, "drawn": drawn_row(row, facts.definition)}


def _parts(
    facts: IndicatorFacts,
    every_period: Sequence[ObservedPeriod],
    judged: Judgement,
    target: TargetFact | None,
    behind: Sufficiency,
    declined: tuple[tuple[Decline, ...], Decline | None],
    reviewing: Mapping[str, Any],
    today: date,
) -> StatusInput:
    """What the parts of the status and its one word are made from."""
    periods, (declines, decline), breaks = every_period[-SERIES_LENGTH:], declined, facts.breaks
    beside = _beside(facts, today)
    seen_on = decline.visible_on if decline else judged.since
    return StatusInput(
        definition=facts.definition,
        cadence=facts.cadence,
        every_start=[period.period_start for period in every_period],
        starts=[period.period_start for period in periods],
        ends=[period_end(facts.cadence, period.period_start) for period in periods],
        values=[period.value for period in periods],
        states=[period.state for period in periods],
        judged=judged,
        target=target,
        targets=facts.targets,
        sufficiency=behind,
        decline=decline,
        declines=declines,
        review_due_on=reviewing["review_due_on"],
        last_decision_on=reviewing["last_decision_on"],
        break_words=breaks[-1].what_changed if breaks else "",
        beside=beside,
        rise=rise_of(judged.status, beside, _readings(facts), seen_on),
    )


def expected_periods(facts: IndicatorFacts, today: date) -> tuple[ObservedPeriod, ...]:
    """The periods in order, with an explicit missing one wherever a figure was expected.

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
    starts = periods_between(facts.cadence, min(known), last)
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


def _declines(
    facts: IndicatorFacts,
    periods: Sequence[ObservedPeriod],
    judged: Judgement,
    baseline: BaselineFact | None,
    today: date,
) -> tuple[tuple[Decline, ...], Decline | None]:
    """Every decline of the series, and the one that lasts; a figure of the area has none that the service could answer."""
    if facts.definition.of_area:
        return (), None
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
    found = declines_of(
        points,
        facts.definition,
        facts.cadence,
        baseline=baseline.value if baseline else None,
        responses=facts.responses,
        today=today,
    )
    return found, current_of(found, points)


def _beside(facts: IndicatorFacts, today: date) -> HarmBeside | None:
    """How the companion of the figure stands by its own facts; None where the definition names none."""
    if facts.definition.companion is None:
        return None
    if facts.companion is None:
        return HarmBeside(indicator_definition(facts.definition.companion).name)
    row = derive_status(facts.companion, today)
    name = facts.companion.definition.name
    return HarmBeside(name, row["status"], row["is_stale"], row["declined_since"] is not None)


def _readings(facts: IndicatorFacts) -> list[Reading]:
    """How decisions read the figure's rise, each on the day on which it was written down."""
    return [
        Reading(london_day(one.recorded_at), one.reporting_effect)
        for one in facts.decisions
        if one.decision != "addendum"
    ]


def _sufficiency(facts: IndicatorFacts, periods: Sequence[ObservedPeriod], today: date) -> Sufficiency:
    """What stands behind the figure: the facts that are linked to it, and the figure's own size and gaps."""
    over = [period for period in periods if period_end(facts.cadence, period.period_start) < today]
    counted = [period for period in over if period.value is not None and period.state in ("final", "revised")]
    sizes = [period.denominator for period in counted[-POOLED_PERIODS:] if period.denominator is not None]
    size = None
    if sizes:
        size = sizes[-1] if sizes[-1] >= facts.definition.minimum_n else sum(sizes)
    # Nothing to count is an answer: such a period is complete without a figure.
    expected = [period for period in over if period.state not in ("not_applicable", "suspended")]
    answered = [
        period for period in over if period.value is not None or period.state in ("not_applicable", "suspended")
    ]
    figure = FigureBehind(
        present=[period.value is not None for period in expected],
        last_end=period_end(facts.cadence, answered[-1].period_start) if answered else None,
        size=size,
        minimum_n=facts.definition.minimum_n,
    )
    not_applicable = {*facts.definition.evidence_not_applicable, *facts.exempt}
    behind = Behind(facts.evidence, not_applicable, figure, facts.contradictions)
    return sufficiency_of(behind, facts.cadence, today)


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
        **judged.drawn,
        "provisional_limits": judged.provisional_limits,
        "baseline_end": end[-1] if end else None,
        "decline": _decline_json(decline),
        "newest": _newest_marks(facts),
        "restated": _restated(periods),
    }


def _restated(periods: Sequence[ObservedPeriod]) -> dict[str, str]:
    """The periods whose figure is no longer the first one that was recorded, each with the day of the newest."""
    found = {each.period_start: restated_on(each.first_recorded_at, each.recorded_at) for each in periods}
    return {period.isoformat(): day.isoformat() for period, day in found.items() if day}


def _newest_marks(facts: IndicatorFacts) -> dict[str, Any] | None:
    """Of the figure that is shown as the present one."""
    known = [period for period in facts.observed if period.value is not None or period.numerator is not None]
    if not known:
        return None
    newest = max(known, key=lambda period: period.period_start)
    return marks_of(facts.cadence, newest.period_start, newest.first_recorded_at, newest.recorded_at)


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
