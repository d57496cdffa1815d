"""When an objective is met, as a pure rule: five conditions that all hold, each with what is missing.

After the recovery loop's rules (our own): the target is kept for the sustain period, no adverse signal or warning is
open, evidence is sufficient, the effect of closed actions was looked at, and a named person signs. A figure that is
missing never keeps a target; a period with nothing to count neither keeps nor breaks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from mendline.catalogue.indicators import Cadence
from mendline.catalogue.wording import counted, listed

Part = Literal["main", "floor", "support", "watched"]
Stage = Literal["working", "holding", "ready", "met", "closed"]

ENOUGH_EVIDENCE = frozenset({"strong", "sufficient"})
JUDGED = frozenset({"final", "revised"})
MISSED_TWICE = 2
WEEKS_OF_A_MONTH = 4


@dataclass(frozen=True, slots=True)
class PeriodFact:
    """A period's newest figure; no value where it is missing or there was nothing to count."""

    start: date
    value: float | None
    state: str


@dataclass(frozen=True, slots=True)
class TargetFact:
    """An indicator of an objective with all that the exit test asks of it.

    Attributes:
        operator: ``between`` has an upper end; ``reduce_from_baseline_pct`` asks for a fall by `value` percent.
        periods: closed periods, oldest first.
        is_declining: an adverse signal, or worse than where it began.
        warnings: titles of early warnings and triggers that are open.
        unchecked: references of closed actions whose effect nobody has looked at.
    """

    name: str
    part: Part
    cadence: Cadence
    operator: str | None
    value: float | None
    upper: float | None
    baseline: float | None
    periods: tuple[PeriodFact, ...]
    is_declining: bool
    evidence_level: str
    is_stale: bool
    warnings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the exit test.

    Attributes:
        key: target_kept, no_adverse_signal, evidence, effect_checks or sign_off.
        missing: what is missing, one sentence each; empty where it holds.
    """

    key: str
    title: str
    holds: bool
    facts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExitTest:
    """Where an objective stands.

    Attributes:
        held: periods for which all main targets and floors were kept, newest first, of `needed`.
    """

    stage: Stage
    conditions: tuple[Condition, ...]
    held: int = 0
    needed: int = 0
    drift: tuple[str, ...] = field(default=())


def meets(fact: TargetFact, value: float) -> bool:
    """Whether one figure reaches its target; without a target there is nothing to reach.

    A fall from a baseline of nought is reached by staying at nought.
    """
    if fact.operator is None or fact.value is None:
        return True
    return reaches(value, fact.operator, fact.value, upper=fact.upper, baseline=fact.baseline)


def reaches(
    value: float, operator: str, wanted: float, *, upper: float | None = None, baseline: float | None = None
) -> bool:
    """Whether a figure is what an operator asks for; a fall from the baseline is asked for in percent of it."""
    if operator == "between":
        return upper is not None and wanted <= value <= upper
    if operator == "reduce_from_baseline_pct":
        return baseline is not None and value <= baseline * (1 - wanted / 100)
    return {">=": value >= wanted, "<=": value <= wanted, "==": value == wanted}[operator]


def periods_needed(hold_weeks: int, cadence: Cadence) -> int:
    """How many periods in a row make the sustain time: as many as its weeks, or as its whole months, at least one."""
    return hold_weeks if cadence == "weekly" else max(1, -(-hold_weeks // WEEKS_OF_A_MONTH))


def kept_for(fact: TargetFact, since: date | None = None) -> int:
    """For how many judged periods, counted back from the newest, the target was kept without a break.

    Args:
        fact: the indicator.
        since: periods that began earlier do not count: after an objective is opened again its clock starts anew.
    """
    count = 0
    for period in reversed(fact.periods):
        if since is not None and period.start < since:
            break
        if period.state == "not_applicable":
            continue
        if period.state not in JUDGED or period.value is None or not meets(fact, period.value):
            break
        count += 1
    return count


def exit_test(
    facts: Sequence[TargetFact],
    *,
    hold_weeks: int,
    since: date | None,
    signed: str | None,
    closed: bool = False,
) -> ExitTest:
    """The five conditions of one objective.

    Args:
        facts: its indicators.
        hold_weeks: the sustain period.
        since: when it was last opened again; None if never.
        signed: who signed that it is met, and when, in words; None without a signature that still stands.
        closed: whether it was closed after it held.
    """
    goals = [fact for fact in facts if fact.part in ("main", "floor")]
    conditions = (
        _target_kept(goals, hold_weeks, since),
        _no_adverse_signal([fact for fact in facts if fact.part != "watched"], facts),
        _evidence(goals),
        _effect_checks(facts),
    )
    held, needed = _progress(goals, hold_weeks, since)
    sign_off = Condition(
        "sign_off",
        "Signed off by name",
        signed is not None,
        (signed,) if signed else (),
        () if signed else ("Nobody has signed that it is met.",),
    )
    if closed:
        stage: Stage = "closed"
    elif signed:
        stage = "met"
    elif all(each.holds for each in conditions):
        stage = "ready"
    else:
        stage = "holding" if held else "working"
    return ExitTest(stage, (*conditions, sign_off), held, needed, drift(facts) if signed and not closed else ())


def drift(facts: Sequence[TargetFact]) -> tuple[str, ...]:
    """Why an objective that was met must be opened again: an adverse signal, or a goal missed twice running."""
    said = []
    for fact in facts:
        if fact.part not in ("main", "floor"):
            continue
        if fact.is_declining:
            said.append(f"{fact.name} is declining.")
        elif _missed_running(fact) >= MISSED_TWICE:
            said.append(f"{fact.name} missed its target, or had no figure, in the last two periods.")
    return tuple(said)


def _missed_running(fact: TargetFact) -> int:
    count = 0
    for period in reversed(fact.periods):
        if period.state == "not_applicable":
            continue
        if period.state in JUDGED and period.value is not None and meets(fact, period.value):
            break
        count += 1
    return count


def _target_kept(goals: Sequence[TargetFact], hold_weeks: int, since: date | None) -> Condition:
    facts, missing = [], []
    for fact in goals:
        needed = periods_needed(hold_weeks, fact.cadence)
        held = min(kept_for(fact, since), needed)
        unit = "week" if fact.cadence == "weekly" else "month"
        facts.append(f"{fact.name}: kept for {held} of {counted(needed, unit)}.")
        if held < needed:
            missing.append(f"{fact.name} must be kept for {counted(needed - held, 'more ' + unit)}.")
    if not goals:
        missing.append("The objective has no main target.")
    return Condition("target_kept", "Target kept for the sustain period", not missing, tuple(facts), tuple(missing))


def _no_adverse_signal(targets: Sequence[TargetFact], everything: Sequence[TargetFact]) -> Condition:
    missing = [f"{fact.name} is declining." for fact in targets if fact.is_declining]
    warnings = dict.fromkeys(title for fact in everything for title in fact.warnings)
    missing += [f"Open warning: {title}." for title in warnings]
    facts = () if missing else ("No figure declines and no warning is open.",)
    return Condition("no_adverse_signal", "No adverse signal", not missing, facts, tuple(missing))


def _evidence(goals: Sequence[TargetFact]) -> Condition:
    missing = []
    for fact in goals:
        if fact.is_stale:
            missing.append(f"{fact.name} is out of date.")
        elif fact.evidence_level not in ENOUGH_EVIDENCE:
            missing.append(f"{fact.name} needs more kinds of current evidence.")
    facts = () if missing else ("Three or four kinds of current evidence stand behind each target.",)
    return Condition("evidence", "Sufficient evidence", not missing, facts, tuple(missing))


def _effect_checks(facts: Sequence[TargetFact]) -> Condition:
    unchecked = list(dict.fromkeys(reference for fact in facts for reference in fact.unchecked))
    missing = (
        (f"Look at the effect of {counted(len(unchecked), 'closed action')}: {listed(unchecked)}.",)
        if unchecked
        else ()
    )
    said = () if unchecked else ("The effect of each closed action was looked at.",)
    return Condition("effect_checks", "Effect checks done", not unchecked, said, missing)


def _progress(goals: Sequence[TargetFact], hold_weeks: int, since: date | None) -> tuple[int, int]:
    """The goal that is held shortest, as a share of what it needs."""
    parts = [
        (min(kept_for(fact, since), periods_needed(hold_weeks, fact.cadence)), periods_needed(hold_weeks, fact.cadence))
        for fact in goals
    ]
    return min(parts, key=lambda part: part[0] / part[1], default=(0, 0))
