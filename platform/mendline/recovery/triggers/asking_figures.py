"""Tests over figures: where one stands, which way it runs, how many it rests on, whether it declined unanswered.

Only final periods count; `3p` are the last three of them, and a slope is up where each is higher than the one before. A
figure below its smallest denominator is pooled with the three before it, or cannot be told.
"""

from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from mendline.catalogue.calendar import month_start
from mendline.catalogue.conditions import EACH
from mendline.recovery.triggers.facts import (
    ABSENT,
    CANNOT_TELL,
    NO,
    Answer,
    Facts,
    FigurePeriod,
    FiredBy,
    IndicatorLine,
    of_periods,
    said,
)
from mendline.recovery.triggers.given import Asked

POOLED = 4


def figure(facts: Facts, asked: Asked) -> Answer:
    """`x < v`, `x > v` or `x >= v` for the newest final figure, or the last one of the month before (`at: month_end`).

    `least` asks for a denominator of at least so many.
    """
    line = line_of(facts, asked)
    if line is None:
        return ABSENT
    periods = line.final
    if asked.words("at") == ("month_end",):
        periods = _of_last_month(periods, facts.today)
    if not periods:
        return CANNOT_TELL
    least = asked.maybe("least")
    if least is not None and (periods[-1].denominator or 0) < least:
        return NO
    value, used = (periods[-1].value, periods[-1:]) if least is not None else pooled(line, periods)
    if value is None:
        return CANNOT_TELL
    name = next(one for one in _HOW if one in asked.given)
    limit = asked.number(name)
    holds = {"below": value < limit, "above": value > limit, "from": value >= limit}[name]
    return said(holds, f"{line.name} is {value:.4g}, {_HOW[name]} {limit:g}", of_periods(line, used))


def slope(facts: Facts, asked: Asked) -> Answer:
    """`slope(x, 3p) > 0` or `< 0`: each of the last periods higher (lower) than the one before.

    `falls: 2` asks for two changes running, and so for three periods.
    """
    line = line_of(facts, asked)
    if line is None:
        return ABSENT
    needed = int(asked.number("falls")) + 1 if "falls" in asked.given else int(asked.number("periods"))
    last = line.final[-needed:]
    if len(last) < needed:
        return CANNOT_TELL
    sign = 1 if asked.word("way") == "up" else -1
    values = [one.value or 0.0 for one in last]
    runs = all(sign * (after - before) > 0 for before, after in pairwise(values))
    told = ", ".join(f"{value:.4g}" for value in values)
    return said(runs, f"{line.name} {'rose' if sign > 0 else 'fell'} each time: {told}", of_periods(line, last))


def below_baseline(facts: Facts, asked: Asked) -> Answer:
    """The newest final figure is on the worse side of the baseline."""
    line = line_of(facts, asked)
    if line is None:
        return ABSENT
    if line.baseline is None or line.higher_is_better is None or not line.final:
        return CANNOT_TELL
    value, used = pooled(line, line.final)
    if value is None:
        return CANNOT_TELL
    worse = value < line.baseline if line.higher_is_better else value > line.baseline
    return said(
        worse, f"{line.name} is {value:.4g}, worse than the baseline of {line.baseline:.4g}", of_periods(line, used)
    )


def sample_shrinks(facts: Facts, asked: Asked) -> Answer:
    """`den(x) < 0.7*median(den, baseline)`: the newest figure rests on much fewer than those of the baseline did."""
    line = line_of(facts, asked)
    if line is None:
        return ABSENT
    if not line.final:
        return CANNOT_TELL
    before = [one.denominator for one in line.periods[: line.baseline_end] if one.denominator]
    newest = line.final[-1]
    if not before or newest.denominator is None:
        return CANNOT_TELL
    usual = median(before)
    words = f"{line.name} rests on {newest.denominator:g}; at baseline it was {usual:g}"
    return said(newest.denominator < asked.number("below_share") * usual, words, of_periods(line, (newest,)))


def decline(facts: Facts, asked: Asked) -> Answer:
    """The figure declined by one of the causes named, and it lasts to the newest period."""
    line = line_of(facts, asked)
    if line is None:
        return ABSENT
    causes = [cause for cause in (line.decline or {}).get("causes", ()) if cause in asked.words("causes")]
    words = f"{line.name}: {', '.join(_CAUSES.get(cause, cause) for cause in causes)}"
    return said(bool(causes), words, of_periods(line, line.periods[-2:]))


def unanswered(facts: Facts, asked: Asked) -> Answer:
    """A decline without a decision by its date, nor in the days after it."""
    line = line_of(facts, asked)
    if line is None:
        return ABSENT
    if not line.decline or line.decline.get("answered_on"):
        return NO
    limit = date.fromisoformat(line.decline["answer_due_on"]) + timedelta(days=asked.number("further_days"))
    visible = date.fromisoformat(line.decline["visible_on"])
    words = f"{line.name} declined and nobody decided for {(facts.today - visible).days} days"
    return said(facts.today >= limit, words, of_periods(line, line.periods[-1:]))


def unchanged_after(facts: Facts, asked: Asked) -> Answer:
    """Two or more dated changes, and the figure is no better than before the first of them."""
    lines = [facts.indicators[key] for key in asked.words("of") if key in facts.indicators]
    since = facts.today - timedelta(days=asked.number("days"))
    keys = {line.key for line in lines}
    made = [one for one in facts.changes if one.indicator_key in keys and one.happened_on >= since]
    days = sorted({one.happened_on for one in made})
    judged = [line for line in lines if line.final and line.higher_is_better is not None]
    if not judged:
        return CANNOT_TELL
    if len(days) < asked.number("changes"):
        return NO
    for line in judged:
        before = [one for one in line.final if one.end < days[0]]
        if before and line.final[-1].start > days[-1] and not _better(line, line.final[-1], before[-1]):
            words = f"{line.name} is no better after {len(days)} changes"
            fired = tuple(FiredBy("change", str(one.event_id)) for one in made)
            return Answer(value=True, words=words, facts=(*of_periods(line, (before[-1], line.final[-1])), *fired))
    return NO


def line_of(facts: Facts, asked: Asked) -> IndicatorLine | None:
    """The indicator that the test names; `each` is the one in turn."""
    key = asked.word("of")
    return facts.indicators.get(facts.focus or "" if key == EACH else key)


def pooled(line: IndicatorLine, periods: tuple[FigurePeriod, ...]) -> tuple[float | None, tuple[FigurePeriod, ...]]:
    """The newest figure, or four pooled where its denominator is too small; None where these are too few as well."""
    newest = periods[-1]
    if newest.denominator is None or newest.denominator >= line.minimum_n:
        return newest.value, (newest,)
    last = tuple(one for one in periods[-POOLED:] if one.denominator is not None and one.numerator is not None)
    size = sum(one.denominator or 0 for one in last)
    if line.factor is None or not size or (len(last) < POOLED and size < line.minimum_n):
        return None, ()
    return line.factor * sum(one.numerator or 0 for one in last) / size, last


def _better(line: IndicatorLine, now: FigurePeriod, before: FigurePeriod) -> bool:
    change = (now.value or 0) - (before.value or 0)
    return change > 0 if line.higher_is_better else change < 0


def _of_last_month(periods: tuple[FigurePeriod, ...], today: date) -> tuple[FigurePeriod, ...]:
    """Periods that ended in the month before this one, and those before them."""
    this = month_start(today)
    first = month_start(this - timedelta(days=1))
    found = tuple(one for one in periods if one.end < this)
    return found if found and found[-1].end >= first else ()


_HOW = {"below": "below", "above": "above", "from": "at or above"}
_CAUSES = {
    "signal": "a signal for the worse",
    "worse_twice": "worse than baseline twice running",
    "much_worse": "much worse than baseline",
    "zero_tolerance": "an event that may never happen",
    "missing_twice": "no figure for two periods",
}
