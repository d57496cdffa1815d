"""Decline without escalation, the pattern that regulators find again and again, computed from the facts.

A decline is an adverse signal of the chart, or worse than baseline for two final periods, or much worse for one (a
proportion by over 5 points, other measures by over 25%), or an event that may never happen, or two periods running
without a figure. It is unescalated when no decision with a dated action or trigger, made after the decline could be
seen, came within 7 days (weekly) or 10 working days (monthly). Below the smallest denominator the comparison pools
four periods, so that two of three people in a small home do not cry wolf.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mendline.catalogue.calendar import add_working_days, period_final_on
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.indicators.figures import value_of

DAYS_TO_ANSWER_WEEKLY = 7
WORKING_DAYS_TO_ANSWER_MONTHLY = 10
MUCH_WORSE_POINTS = 5.0
MUCH_WORSE_SHARE = 0.25
POOLED_PERIODS = 4
_LOOK_BACK = 26  # periods; figures further back than half a year of weeks are pooled with nothing
TOO_OFTEN = 3  # the same action for the third time is no answer

Cause = Literal["signal", "worse_twice", "much_worse", "zero_tolerance", "missing_twice"]


@dataclass(frozen=True, slots=True)
class DeclinePoint:
    """One period as far as decline needs it.

    Attributes:
        state: final, revised, provisional, missing, not_applicable or suspended.
        adverse: an adverse signal of the chart is complete at this period.
        seen_on: the day on which the figure was first recorded; for a missing one nobody recorded, None.
    """

    period_start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    adverse: bool = False
    seen_on: date | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """Something that was done about it.

    Attributes:
        kind: a decision of a review, an action with its date, or an escalation (which is both).
        recorded_on: the day on which it was written down; what it says of its own date could be earlier.
        words: the text of an action.
    """

    kind: Literal["decision", "action", "escalation"]
    recorded_on: date
    words: str = ""


@dataclass(frozen=True, slots=True)
class Decline:
    """A decline that lasts to the newest period.

    Attributes:
        since_period: the first period of it.
        visible_on: the day from which it could be seen.
        answer_due_on: the last day for a decision in time.
        answered_on: the first decision with a dated action or trigger, in time or late; None while there is none.
        unescalated_days: days since it could be seen, once the time for an answer has passed without one.
    """

    since_period: date
    visible_on: date
    answer_due_on: date
    answered_on: date | None
    unescalated_days: int | None
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a period is compared with."""

    definition: IndicatorDefinition
    baseline: float | None

    @property
    def sign(self) -> int:
        return {"higher_is_better": 1, "lower_is_better": -1}.get(self.definition.direction, 0)

    def worse(self, value: float | None) -> bool:
        return value is not None and self.baseline is not None and self.sign * (value - self.baseline) < 0

    def much_worse(self, value: float | None) -> bool:
        if value is None or self.baseline is None or not self.worse(value):
            return False
        limit = (
            MUCH_WORSE_POINTS if self.definition.measure_type == "proportion" else MUCH_WORSE_SHARE * abs(self.baseline)
        )
        return abs(value - self.baseline) > limit


def decline_of(
    points: Sequence[DeclinePoint],
    definition: IndicatorDefinition,
    cadence: Cadence,
    *,
    baseline: float | None,
    responses: Sequence[Response],
    today: date,
) -> Decline | None:
    """The decline that lasts to the newest period, and whether anybody met it with a decision; None without one.

    Args:
        points: in order of their periods; expected periods without a figure stand as missing.
        definition: which way is better, the kind of measure, the smallest denominator that is judged.
        cadence: the indicator's at this service.
        baseline: in the unit of the values.
        responses: decisions, actions and escalations about this indicator.
        today: the date in England.
    """
    known = [point for point in points if point.state in ("final", "revised", "missing")]
    judged = _Judged(definition, baseline)
    first = len(known) - 1
    causes = _causes(known, first, judged) if known else ()
    if not causes:
        return None
    while first and _causes(known, first - 1, judged):
        first -= 1
    visible = _visible_on(known[first], cadence)
    due = _answer_due_on(visible, cadence)
    answered = _answered_on(responses, visible)
    late = answered is None and today > due
    return Decline(
        known[first].period_start,
        visible,
        due,
        answered,
        (today - visible).days if late else None,
        causes,
    )


def _causes(known: Sequence[DeclinePoint], index: int, judged: _Judged) -> tuple[Cause, ...]:
    point = known[index]
    if point.state == "missing":
        return ("missing_twice",) if index and known[index - 1].state == "missing" else ()
    figures = [other for other in known[max(0, index - _LOOK_BACK) : index + 1] if other.state != "missing"]
    now, before = _compared(figures, judged.definition), _compared(figures[:-1], judged.definition)
    found: tuple[tuple[Cause, bool], ...] = (
        ("zero_tolerance", _never_event(judged.definition) and (point.value or 0) > 0),
        ("signal", point.adverse),
        ("much_worse", judged.much_worse(now)),
        ("worse_twice", judged.worse(now) and judged.worse(before)),
    )
    return tuple(cause for cause, holds in found if holds)


def _never_event(definition: IndicatorDefinition) -> bool:
    return definition.is_judged and definition.target.operator == "==" and definition.target.value == 0


def _compared(figures: Sequence[DeclinePoint], definition: IndicatorDefinition) -> float | None:
    """The newest figure, or four pooled periods where its denominator is too small; None where these are too few."""
    if not figures:
        return None
    newest = figures[-1]
    if newest.denominator is None or newest.denominator >= definition.minimum_n:
        return newest.value
    pooled = [point for point in figures[-POOLED_PERIODS:] if point.denominator is not None]
    size = _total(pooled, lambda point: point.denominator)
    if len(pooled) < POOLED_PERIODS and size < definition.minimum_n:
        return None
    return value_of(definition, _total(pooled, lambda point: point.numerator), size)


def _total(points: Sequence[DeclinePoint], part: Callable[[DeclinePoint], float | None]) -> float:
    return sum(part(point) or 0 for point in points)


def _visible_on(point: DeclinePoint, cadence: Cadence) -> date:
    """A figure can be seen when it is recorded; a missing one when its time to be recorded has passed."""
    return point.seen_on or period_final_on(cadence, point.period_start) + timedelta(days=1)


def _answer_due_on(visible: date, cadence: Cadence) -> date:
    if cadence == "weekly":
        return visible + timedelta(days=DAYS_TO_ANSWER_WEEKLY)
    return add_working_days(visible, WORKING_DAYS_TO_ANSWER_MONTHLY)


def _answered_on(responses: Sequence[Response], visible: date) -> date | None:
    """The day on which a decision and its dated action, or an escalation, were both there."""
    fresh = _first_said(responses)
    decisions = [one.recorded_on for one in responses if one.kind == "decision" and one.recorded_on >= visible]
    actions = [one.recorded_on for one in fresh if one.recorded_on >= visible]
    days = [one.recorded_on for one in responses if one.kind == "escalation" and one.recorded_on >= visible]
    if decisions and actions:
        days.append(max(min(decisions), min(actions)))
    return min(days, default=None)


def _first_said(responses: Sequence[Response]) -> list[Response]:
    """Actions but for those whose text had been set twice before: repeating them again answers nothing."""
    times: dict[str, int] = {}
    fresh = []
    for response in sorted((one for one in responses if one.kind == "action"), key=lambda one: one.recorded_on):
        words = " ".join(response.words.casefold().split())
        times[words] = times.get(words, 0) + 1
        if times[words] < TOO_OFTEN:
            fresh.append(response)
    return fresh
