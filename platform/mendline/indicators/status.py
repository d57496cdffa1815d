"""Puts a status together from its parts, each with its facts and a sentence, by the published rules.

The parts are direction of travel, position against target, sufficiency of data, currency, evidence behind the figure,
and governance. All are stored beside the one word that the dashboard shows, with the version of the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.catalogue.status_rules import CompositeRow, StatusRules
from mendline.catalogue.wording import counted, lateness, listed, long_date, short_date
from mendline.indicators.composite import Parts, composite_of
from mendline.indicators.decline import Decline
from mendline.indicators.evidence_marks import Sufficiency
from mendline.indicators.evidence_words import (
    PERIOD_WORDS,
    fresh_words,
    letter_words,
    missing_words,
    rise_todos,
    todos_of,
)
from mendline.indicators.judging import Judgement
from mendline.indicators.reporting import HarmBeside, Rise, rise_words
from mendline.indicators.targets import TargetFact, misses_target, target_on
from mendline.statistics.targets import Assurance
from mendline.statistics.wording import STATUS_WORDS, TARGET_WORDS, reason_clause

RISES = frozenset({"more_reported_harm_unknown", "more_reported_undecided", "more_reported_harm_steady"})
NEWEST = 5  # periods that a sentence counts results beyond the range in
NOTHING_TO_COUNT = frozenset({"not_applicable", "suspended"})
CAUSES = {
    "signal": "a change for the worse on the chart",
    "worse_twice": "worse than the baseline twice running",
    "much_worse": "much worse than the baseline",
    "zero_tolerance": "an event that may never happen",
    "missing_twice": "two figures running are missing",
}


@dataclass(frozen=True, slots=True)
class StatusInput:
    """What a status is put together from.

    Attributes:
        every_start: the first day of each period since the first figure: what the judgement's rows count.
        starts: the first day of each of the newest periods, in order, as long as the other lists.
        values: the figure of each, None where there is none.
        states: the state of each.
        ends: the last day of each.
        review_due_on: when the next review is due.
        last_decision_on: when the last one was held, if any was.
        declines: every decline of the series; `decline` is the one that lasts, if one does.
        break_words: why nothing before a day is comparable, where counting changed.
        beside: the harmful part beside which a rise is read, where the definition names one.
        rise: how a rise is read that better reporting can make.
    """

    definition: IndicatorDefinition
    cadence: Cadence
    every_start: Sequence[date]
    starts: Sequence[date]
    ends: Sequence[date]
    values: Sequence[float | None]
    states: Sequence[str]
    judged: Judgement
    target: TargetFact | None
    targets: Sequence[TargetFact]
    sufficiency: Sufficiency
    decline: Decline | None
    declines: Sequence[Decline]
    review_due_on: date | None
    last_decision_on: date | None
    break_words: str = ""
    beside: HarmBeside | None = None
    rise: Rise = ""


def status_columns(given: StatusInput, today: date, rules: StatusRules) -> dict[str, Any]:
    """The columns of `indicator_status` that hold the parts, the one word made of them, and what is to be done."""
    idle = _nothing_to_count(given, today)
    out_of_date = given.judged.is_stale and not idle
    composite = composite_of(Parts(given.judged.status, out_of_date, given.sufficiency.level, given.rise), rules)
    return {
        "is_stale": out_of_date,
        "sentence": _sentence(given, composite, idle=idle),
        "rules_version": rules.identity,
        "composite": composite.gives,
        "composite_rule": composite.when,
        "current_until": given.judged.core.due,
        "parts": {
            "composite": {"word": composite.gives, "rule": composite.when, "says": composite.says},
            "direction": _direction(given),
            "target": _target(given),
            "data": _data(given, idle=idle),
            "currency": _currency(given, today, idle=idle),
            "evidence": _evidence(given),
            "governance": _governance(given, today),
            "declines": [_decline_json(each) for each in given.declines if each.was_late or each is given.decline],
            "declines_in_time": [
                _decline_json(each) for each in given.declines if not each.was_late and each is not given.decline
            ],
            "break": given.break_words,
        },
        "todos": [
            todo.as_json()
            for todo in (
                *rise_todos(given.rise),
                *todos_of(given.sufficiency, given.definition, given.cadence, _settled_figures(given)),
            )
        ],
    }


def _settled_figures(given: StatusInput) -> list[float]:
    pairs = zip(given.values, given.states, strict=True)
    return [value for value, state in pairs if value is not None and state in ("final", "revised")]


def _nothing_to_count(given: StatusInput, today: date) -> str:
    """The state of the newest period that is over, where it says that there was nothing to count."""
    over = [state for state, end in zip(given.states, given.ends, strict=True) if end < today]
    return over[-1] if over and over[-1] in NOTHING_TO_COUNT else ""


def _over(given: StatusInput) -> list[tuple[date, date, float | None, str]]:
    rows = zip(given.starts, given.ends, given.values, given.states, strict=True)
    return [row for row in rows if row[3] != "provisional"]


# ------------------------------------------------------------------ the sentence
def _sentence(given: StatusInput, composite: CompositeRow, *, idle: str) -> str:
    name, base = given.definition.name, given.judged.sentence
    if idle and composite.gives in ("too_few", "not_supported"):
        why = "there was nothing to count" if idle == "not_applicable" else "counting was suspended"
        return f"{name}: {why} in the last {PERIOD_WORDS[given.cadence][0]}. That is neither good nor bad."
    said = base + _beyond(given)
    if composite.when in RISES:
        said = f"{name}: {_figures_alone(given)}"
    if composite.when == "nothing_behind_it":
        gaps = missing_words(given.sufficiency, given.definition)
        alone = f" The figures alone read: {_figures_alone(given)}" if _reads(given) else ""
        return f"{name} cannot be relied on yet: {gaps}.{alone}"
    if given.sufficiency.contradictions:
        many = counted(given.sufficiency.contradictions, "source")
        verb = "points" if given.sufficiency.contradictions == 1 else "point"
        said += f" {many[0].upper()}{many[1:]} {verb} the other way without an answer."
    return said


def _figures_alone(given: StatusInput) -> str:
    """How the chart reads, with its reason; a rise that better reporting can make is named as that."""
    clause = reason_clause(given.judged.core, given.cadence, list(given.every_start))
    if given.rise:
        return f"more is reported, {clause}.{_beyond(given)} {rise_words(given.rise, given.beside)}"
    return f"{STATUS_WORDS[given.judged.core.status].lower()}, {clause}."


def _reads(given: StatusInput) -> bool:
    return given.judged.core.status != "insufficient"


def _beyond(given: StatusInput) -> str:
    """` 4 of the last 5 weeks were above the expected range.`, where one clause about the newest point says too little."""
    core = given.judged.core
    if core.basis is None or core.lower is None or core.upper is None or not core.signal_high is not None:
        return ""
    known = [value for *_, value, _ in _over(given) if value is not None][-NEWEST:]
    outside = [value > core.upper if core.signal_high else value < core.lower for value in known]
    count = sum(outside)
    if count < 2 or count <= core.signal_length:
        return ""
    side = "above" if core.signal_high else "below"
    return f" {count} of the last {len(known)} {PERIOD_WORDS[given.cadence][1]} were {side} the expected range."


# --------------------------------------------------------------------- the parts
def _direction(given: StatusInput) -> dict[str, Any]:
    core, starts = given.judged.core, list(given.every_start)
    if core.status == "insufficient":
        says = "The figures give no direction yet."
        if core.last_status:
            says += f" When last current: {STATUS_WORDS[core.last_status].lower()}."
        if core.early_signal:
            says += " An early sign of getting worse is visible."
    else:
        clause = reason_clause(core, given.cadence, starts)
        says = f"{STATUS_WORDS[core.status]}: {clause}.{_beyond(given)}"
    if given.rise:
        says += f" {rise_words(given.rise, given.beside)}"
    if core.conflict:
        says += " Another rule points the other way: ask what happened."
    if core.runs_beyond_chance and core.basis is None and core.status != "insufficient":
        says += " Over the whole chart, figures stay on one side for longer than chance would have them."
    if core.recent_signal:
        says += f" A change marked {short_date(starts[core.recent_signal.index])} has not lasted."
    return {
        "code": core.status,
        "reason": core.reason,
        "basis": core.basis,
        "since": given.judged.since.isoformat() if given.judged.since else None,
        "strength": core.strength,
        "conflict": core.conflict,
        "early_signal": core.early_signal,
        "rise": given.rise,
        "says": says,
    }


def met_by_period(given: StatusInput) -> list[bool | None]:
    """Whether each period met the target that was in force when it ended; None without a figure or a target."""
    met: list[bool | None] = []
    for end, value in zip(given.ends, given.values, strict=True):
        goal = target_on(given.targets, end)
        if value is None or goal is None or goal.value is None or not given.definition.is_judged:
            met.append(None)
        else:
            met.append(not misses_target(value, goal))
    return met


def _target(given: StatusInput) -> dict[str, Any]:
    code = given.judged.assurance
    met = met_by_period(given)
    final = [
        one for one, state in zip(met, given.states, strict=True) if one is not None and state in ("final", "revised")
    ]
    newest = final[-6:]
    if not given.definition.is_judged:
        says = "It is watched and never judged against a target."
    elif given.target is None or given.target.value is None:
        says = "No target is set."
    elif code is None:
        says = "Too little to say whether the process will meet the target."
    else:
        says = {
            "pass": "The process meets the target: all that is usual lies beyond it.",
            "inconsistent": "The process hits and misses the target by chance.",
            "fail": "The process misses the target: all that is usual falls short of it.",
        }[code]
    if newest:
        period = counted(len(newest), *PERIOD_WORDS[given.cadence])
        says += f" {sum(newest)} of the last {period} met the target in force then."
    return {
        "code": code,
        "word": TARGET_WORDS[cast("Assurance | None", code)],
        "met_last": final[-1] if final else None,
        "met": sum(newest),
        "of": len(newest),
        "by_period": met,
        "says": says,
    }


def _data(given: StatusInput, *, idle: str) -> dict[str, Any]:
    core = given.judged.core
    periods = PERIOD_WORDS[given.cadence][1]
    enough = core.status != "insufficient" or core.reason == "out_of_date"
    if idle == "not_applicable":
        says = "There was nothing to count: the denominator was zero. It is left out of every total."
    elif idle == "suspended":
        says = "Counting was suspended. The period stays on the chart and out of the limits."
    elif enough:
        limits = " Limits are provisional below 20." if core.provisional_limits else ""
        says = f"{core.usable_points} {periods} with a figure; {core.needed_points} are needed.{limits}"
    elif core.reason in ("too_few_points", "new_baseline", "no_figures"):
        says = f"{core.usable_points} of the {core.needed_points} {periods} that are needed."
    else:
        says = given.judged.sentence.split(": ", 1)[-1]
    return {
        "code": idle or ("enough" if enough else core.reason),
        "points": core.usable_points,
        "needed": core.needed_points,
        "says": f"{says}{f' {given.break_words}' if given.break_words else ''}",
    }


def _currency(given: StatusInput, today: date, *, idle: str) -> dict[str, Any]:
    due = given.judged.core.due
    if idle:
        code, says = "nothing_to_count", "The newest period says that there was nothing to count."
    elif due is None:
        code, says = "no_figures", "There is no figure yet."
    elif given.judged.is_stale:
        code, says = (
            "out_of_date",
            f"The next figure was due by {long_date(due)}: {counted((today - due).days, 'day')} ago.",
        )
    else:
        code, says = "current", f"Up to date until {long_date(due)}."
    return {"code": code, "until": due.isoformat() if due else None, "says": says}


def _evidence(given: StatusInput) -> dict[str, Any]:
    found, definition = given.sufficiency, given.definition
    gaps = missing_words(found, definition)
    says = f"Missing: {gaps}." if gaps else "All kinds of evidence are current."
    if found.contradictions:
        says = f"{counted(found.contradictions, 'source')} without a written answer. {says}"
    return {
        "code": found.level,
        "letters": {
            letter: {
                "state": mark.state,
                "newest": mark.newest.isoformat() if mark.newest else None,
                "until": mark.until.isoformat() if mark.until else None,
                "says": letter_words(letter, mark, definition),
            }
            for letter, mark in found.letters.items()
        },
        "fresh": {
            "state": found.fresh.state,
            "present": found.fresh.present,
            "expected": found.fresh.expected,
            "until": found.fresh.until.isoformat() if found.fresh.until else None,
            "says": fresh_words(found.fresh, given.cadence),
        },
        "missing": list(found.missing),
        "contradictions": found.contradictions,
        "says": says,
    }


def _governance(given: StatusInput, today: date) -> dict[str, Any]:
    due, decline = given.review_due_on, given.decline
    late = due is not None and due < today
    if decline and decline.unescalated_days is not None:
        code = "unescalated"
    elif late:
        code = "review_late"
    else:
        code = "in_time"
    parts = []
    if decline:
        causes = listed([CAUSES[cause] for cause in decline.causes])
        parts.append(f"It declines ({causes}), which could be seen from {long_date(decline.visible_on)}.")
        parts.append(_answer_words(decline))
    if due is not None:
        held = f" The last was on {long_date(given.last_decision_on)}." if given.last_decision_on else ""
        parts.append(f"Next review {long_date(due)}, {lateness(due, today)}.{held}")
    return {
        "code": code,
        "review_due_on": due.isoformat() if due else None,
        "decline": _decline_json(decline) if decline else None,
        "says": " ".join(parts) or "No review is planned.",
    }


def _answer_words(decline: Decline) -> str:
    if decline.answered_on is None:
        if decline.unescalated_days is None:
            return f"An answer with a dated action is due by {long_date(decline.answer_due_on)}."
        days = counted(decline.unescalated_days, "day")
        return f"Nobody has answered it with a dated action or an escalation for {days}."
    late = " late" if decline.was_late else ""
    days = counted(decline.waited_days, "day")
    return f"It was answered{late} on {long_date(decline.answered_on)}, after {days}."


def _decline_json(decline: Decline) -> dict[str, Any]:
    return {
        "since_period": decline.since_period.isoformat(),
        "last_period": decline.last_period.isoformat(),
        "visible_on": decline.visible_on.isoformat(),
        "answer_due_on": decline.answer_due_on.isoformat(),
        "answered_on": decline.answered_on.isoformat() if decline.answered_on else None,
        "unescalated_days": decline.unescalated_days,
        "waited_days": decline.waited_days,
        "causes": list(decline.causes),
    }
