"""Decline without escalation, the pattern that regulators find again and again, computed from the facts.

A decline is an adverse signal of the chart, or worse than baseline for two final periods, or much worse for one (a
proportion by over 5 points, other measures by over 25%), or an event that may never happen, or two periods running
without a figure. It is unescalated when no decision with a dated action or trigger, made after the decline could be
seen, came within 7 days (weekly) or 10 working days (monthly). Below the smallest denominator the comparison pools
four periods, so that two of three people in a small home do not cry wolf. It can be answered late; that it was there,
and for how many days nobody answered, stays visible when it is over. The numbers are published rules, as data.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mendline.catalogue.calendar import add_working_days, period_final_on
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.catalogue.status_rules import DeclineRules, status_rules
from mendline.indicators.figures import value_of

_LOOK_BACK = 26  # periods; figures further back than half a year of weeks are pooled with nothing

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
    """A decline, over or not.

    Attributes:
        since_period: the first period of it.
        last_period: the last period of it.
        visible_on: the day from which it could be seen.
        answer_due_on: the last day for a decision in time.
        answered_on: the first decision with a dated action or trigger, in time or late; None while there is none.
        unescalated_days: days since it could be seen, once the time for an answer has passed without one; None where it
            is over.
        waited_days: days from when it could be seen to its answer, or to its end, or until today.
    """

    since_period: date
    last_period: date
    visible_on: date
    answer_due_on: date
    answered_on: date | None
    unescalated_days: int | None
    waited_days: int
    causes: tuple[Cause, ...]

    @property
    def was_late(self) -> bool:
        """Whether its answer came after the time for it, or never."""
        return self.answered_on is None or self.answered_on > self.answer_due_on


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a period is compared with."""

    definition: IndicatorDefinition
    baseline: float | None
    rules: DeclineRules

    @property
    def sign(self) -> int:
        return {"higher_is_better": 1, "lower_is_better": -1}.get(self.definition.direction, 0)

    def worse(self, value: float | None) -> bool:
        return value is not None and self.baseline is not None and self.sign * (value - self.baseline) < 0

    def much_worse(self, value: float | None) -> bool:
        if value is None or self.baseline is None or not self.worse(value):
            return False
        by_share = self.rules.much_worse_share * abs(self.baseline)
        limit = self.rules.much_worse_points if self.definition.measure_type == "proportion" else by_share
        return abs(value - self.baseline) > limit


def current_of(declines: Sequence[Decline], points: Sequence[DeclinePoint]) -> Decline | None:
    """The decline that lasts to the newest period, if there is one."""
    known = _known(points)
    return declines[-1] if declines and known and declines[-1].last_period == known[-1].period_start else None


def declines_of(
    points: Sequence[DeclinePoint],
    definition: IndicatorDefinition,
    cadence: Cadence,
    *,
    baseline: float | None,
    responses: Sequence[Response],
    today: date,
) -> tuple[Decline, ...]:
    """Every decline of the series, oldest first, those that are over among them.

    Args:
        points: in order of their periods; expected periods without a figure stand as missing.
        definition: which way is better, the kind of measure, the smallest denominator that is judged.
        cadence: the indicator's at this service.
        baseline: in the unit of the values; None where it is not comparable.
        responses: decisions, actions and escalations about this indicator.
        today: the date in England.
    """
    rules = status_rules().decline
    known = _known(points)
    judged = _Judged(definition, baseline, rules)
    causes = [_causes(known, index, judged) for index in range(len(known))]
    fresh = _first_said(responses, rules)
    found, start = [], None
    for index, why in enumerate([*causes, ()]):
        if why and start is None:
            start = index
        elif not why and start is not None:
            span = (known[start], known[index - 1])
            ended = known[index] if index < len(known) else None
            found.append(_decline(span, ended, causes[index - 1], cadence, responses, fresh, today, rules))
            start = None
    return tuple(found)


def _known(points: Sequence[DeclinePoint]) -> list[DeclinePoint]:
    return [point for point in points if point.state in ("final", "revised", "missing")]


def _decline(
    span: tuple[DeclinePoint, DeclinePoint],
    ended: DeclinePoint | None,
    causes: tuple[Cause, ...],
    cadence: Cadence,
    responses: Sequence[Response],
    fresh: Sequence[Response],
    today: date,
    rules: DeclineRules,
) -> Decline:
    first, last = span
    visible = _visible_on(first, cadence)
    due = _answer_due_on(visible, cadence, rules)
    over = max(visible, _visible_on(ended, cadence)) if ended else None
    answered = _answered_on(responses, fresh, visible)
    if answered and over and answered > over + (due - visible):
        answered = None  # it had long ended by itself when somebody decided something
    late = answered is None and over is None and today > due
    until = answered or over or today
    return Decline(
        first.period_start,
        last.period_start,
        visible,
        due,
        answered,
        (today - visible).days if late else None,
        max((until - visible).days, 0),
        causes,
    )


def _causes(known: Sequence[DeclinePoint], index: int, judged: _Judged) -> tuple[Cause, ...]:
    point = known[index]
    if point.state == "missing":
        needed = judged.rules.missing_periods
        newest = known[max(0, index + 1 - needed) : index + 1]
        return ("missing_twice",) if len(newest) == needed and all(one.state == "missing" for one in newest) else ()
    figures = [other for other in known[max(0, index - _LOOK_BACK) : index + 1] if other.state != "missing"]
    earlier = [_compared(figures[: len(figures) - back], judged) for back in range(judged.rules.worse_periods)]
    found: tuple[tuple[Cause, bool], ...] = (
        ("zero_tolerance", _never_event(judged.definition) and (point.value or 0) > 0),
        ("signal", point.adverse),
        ("much_worse", judged.much_worse(earlier[0])),
        ("worse_twice", all(judged.worse(value) for value in earlier)),
    )
    return tuple(cause for cause, holds in found if holds)


def _never_event(definition: IndicatorDefinition) -> bool:
    return definition.is_judged and definition.target.operator == "==" and definition.target.value == 0


def _compared(figures: Sequence[DeclinePoint], judged: _Judged) -> float | None:
    """The newest figure, or four pooled periods where its denominator is too small; None where these are too few."""
    if not figures:
        return None
    newest, definition = figures[-1], judged.definition
    if newest.denominator is None or newest.denominator >= definition.minimum_n:
        return newest.value
    pooled = [point for point in figures[-judged.rules.pooled_periods :] if point.denominator is not None]
    size = _total(pooled, lambda point: point.denominator)
    if len(pooled) < judged.rules.pooled_periods and size < definition.minimum_n:
        return None
    return value_of(definition, _total(pooled, lambda point: point.numerator), size)


def _total(points: Sequence[DeclinePoint], part: Callable[[DeclinePoint], float | None]) -> float:
    return sum(part(point) or 0 for point in points)


def _visible_on(point: DeclinePoint, cadence: Cadence) -> date:
    """A figure can be seen when it is recorded; a missing one when its time to be recorded has passed."""
    return point.seen_on or period_final_on(cadence, point.period_start) + timedelta(days=1)


def _answer_due_on(visible: date, cadence: Cadence, rules: DeclineRules) -> date:
    if cadence == "weekly":
        return visible + timedelta(days=rules.answer_days_weekly)
    return add_working_days(visible, rules.answer_working_days_monthly)


def _answered_on(responses: Sequence[Response], fresh: Sequence[Response], visible: date) -> date | None:
    """The day on which a decision and its dated action, or an escalation, were both there."""
    decisions = [one.recorded_on for one in responses if one.kind == "decision" and one.recorded_on >= visible]
    actions = [one.recorded_on for one in fresh if one.recorded_on >= visible]
    days = [one.recorded_on for one in responses if one.kind == "escalation" and one.recorded_on >= visible]
    if decisions and actions:
        days.append(max(min(decisions), min(actions)))
    return min(days, default=None)


def _first_said(responses: Sequence[Response], rules: DeclineRules) -> list[Response]:
    """Actions but for those whose text had been set twice before: repeating them again answers nothing."""
    times: dict[str, int] = {}
    fresh = []
    for response in sorted((one for one in responses if one.kind == "action"), key=lambda one: one.recorded_on):
        words = " ".join(response.words.casefold().split())
        times[words] = times.get(words, 0) + 1
        if times[words] < rules.same_words_times:
            fresh.append(response)
    return fresh
