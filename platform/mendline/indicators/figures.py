"""What a figure of one period may say: pure checks, and the state that it ends in. Missing is never zero.

States and counting conventions follow the recovery loop: provisional while the period runs, final when it is over,
missing (expected, not supplied), not applicable (the denominator is genuinely zero), suspended (closed or evacuated).
"""

import math
from dataclasses import dataclass, replace
from datetime import date

from mendline.catalogue.calendar import next_period, period_label, period_start
from mendline.catalogue.closing import ran_on
from mendline.catalogue.indicators import Cadence, IndicatorDefinition

STATES = ("provisional", "final", "revised", "missing", "not_applicable", "suspended")
WITHOUT_FIGURES = frozenset({"missing", "not_applicable", "suspended"})
_NEEDS_PARTS = frozenset({"proportion", "rate"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as somebody gave it or as it is kept; `value` is in the indicator's unit, percentages 0 to 100."""

    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class PeriodOf:
    """The period that a figure is for, and the life of the service around it."""

    cadence: Cadence
    start: date
    opened_on: date | None = None
    closed_on: date | None = None


def value_of(definition: IndicatorDefinition, numerator: float | None, denominator: float | None) -> float | None:
    """The figure that numerator and denominator make: a percentage, a rate in its scale, a mean; None for 0 out of 0."""
    if numerator is None:
        return None
    if definition.measure_type == "count":
        return numerator
    if not denominator:
        return None
    if definition.measure_type == "proportion":
        return 100 * numerator / denominator
    if definition.measure_type == "rate":
        return (definition.rate_per or 1) * numerator / denominator
    return numerator / denominator


def is_bounded(definition: IndicatorDefinition) -> bool:
    """Whether a proportion stays below 100%; a rota can be filled beyond its plan, leavers can outnumber a team."""
    goal = definition.target
    beyond = goal.operator == "between" and isinstance(goal.value, tuple) and goal.value[-1] > 100
    return definition.measure_type == "proportion" and not beyond and not definition.may_exceed


def period_problem(period: PeriodOf, today: date) -> str | None:
    """Why no figure can be entered for this period, in words, or None."""
    if period.start != period_start(period.cadence, period.start):
        day = "a Monday" if period.cadence == "weekly" else "the first day of a month"
        nearest = period_start(period.cadence, period.start)
        return (
            f"A {period.cadence} period starts on {day}. The one that holds this day starts on {nearest.isoformat()}."
        )
    if period.start > today:
        return f"The {period_label(period.cadence, period.start)} has not begun. Choose a period up to today."
    if period.opened_on and next_period(period.cadence, period.start) <= period.opened_on:
        return f"The service opened on {period.opened_on.isoformat()}. Choose a later period."
    if period.closed_on and not ran_on(period.closed_on, period.start):
        return f"The service closed on {period.closed_on.isoformat()}. Choose an earlier period."
    return None


def figure_problems(definition: IndicatorDefinition, given: Figure) -> dict[str, str]:
    """What no true figure can say, one sentence per field; empty where nothing is wrong."""
    if given.state is not None and given.state not in STATES:
        return {"state": f"Use one of {', '.join(STATES)}."}
    if given.state in WITHOUT_FIGURES:
        return {}
    problems = {
        name: "Use a number that is zero or more."
        for name in ("numerator", "denominator", "value")
        if not _counts(getattr(given, name))
    }
    return problems or _contradictions(definition, given)


def _counts(number: float | None) -> bool:
    return number is None or (math.isfinite(number) and number >= 0)


def _contradictions(definition: IndicatorDefinition, given: Figure) -> dict[str, str]:
    top, bottom, value = given.numerator, given.denominator, given.value
    nothing = top is None and bottom is None and value is None
    parts = definition.measure_type in _NEEDS_PARTS
    over = is_bounded(definition) and top is not None and bottom is not None and top > bottom
    beyond = is_bounded(definition) and top is None and value is not None and value > 100
    rules = (
        (
            nothing and given.state is None,
            "numerator",
            "Enter the figure, or say that it is missing. Missing is never counted as zero.",
        ),
        (nothing, "numerator", f"A {given.state} figure needs its numbers."),
        (
            parts and top is not None and bottom is None,
            "denominator",
            "Enter the denominator too, so that services can be pooled.",
        ),
        (
            parts and bool(bottom) and top is None and value is None,
            "numerator",
            "Enter 0 if nothing was counted, or say that the figure is missing.",
        ),
        (
            bottom == 0 and bool(top),
            "denominator",
            "Something was counted out of a denominator of zero. Check both.",
        ),
        (
            over,
            "numerator",
            f"{top or 0:g} is more than the denominator, {bottom or 0:g}. A part cannot exceed the whole.",
        ),
        (beyond, "value", "A percentage of this kind is from 0 to 100."),
    )
    return next(({field: words} for wrong, field, words in rules if wrong), {})


def settled(definition: IndicatorDefinition, given: Figure, period: PeriodOf, today: date) -> Figure:
    """The figure as it is kept: its value made from its parts, its state decided. Call after the checks.

    A denominator of zero becomes `not_applicable`; a figure of a period that still runs is provisional.
    """
    if given.state in WITHOUT_FIGURES:
        return Figure(state=given.state)
    if given.denominator == 0 and definition.measure_type in _NEEDS_PARTS:
        return Figure(state="not_applicable")
    made = value_of(definition, given.numerator, given.denominator)
    state = given.state or ("final" if next_period(period.cadence, period.start) <= today else "provisional")
    return replace(given, value=given.value if made is None else made, state=state)
