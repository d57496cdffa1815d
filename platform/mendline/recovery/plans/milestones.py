"""Whether a milestone of a plan was met, as pure rules: by figures where it names them, else by a person in words.

Our own rule. A milestone that expects figures is judged once the figures of its week are final: the figure of that week,
or of the last month that had ended by then. It is met where each figure reaches what was expected and sufficient evidence
stands behind it; not met where one falls short; not supported where one is missing, had nothing to count, or reaches its
level on too little evidence. What was found met stays so when its evidence grows old, and says so beside it; a corrected
figure judges it anew, and what was found before is told with it.

Worked example: week 5 expects 95% or more. A final 96.2% with three kinds of current evidence: met. With one kind: not
supported. 94.9%: not met. Week 5 not over, or its figure still provisional: not yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from mendline.catalogue.calendar import period_end, period_final_on, period_label, period_start, plan_week_start
from mendline.catalogue.indicators import Cadence, IndicatorDefinition, indicator_definition
from mendline.catalogue.wording import figure, listed, long_date
from mendline.recovery.plans.changing import LAST_WEEK
from mendline.recovery.plans.exit_test import ENOUGH_EVIDENCE, JUDGED, PeriodFact, reaches

Verdict = Literal["met", "not_met", "not_supported", "carried_over"]

BY_PEOPLE = ("met", "not_met", "carried_over")
SHORTEST_REASON = 10
VERDICT_WORDS: Mapping[str, str] = {
    "met": "Met",
    "not_met": "Not met",
    "not_supported": "Not supported",
    "carried_over": "Carried over",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """A figure that a milestone expects, with what is known of it at the service.

    Attributes:
        periods: closed periods, oldest first; none where the service does not keep the indicator.
        evidence_level: how far evidence reaches behind the figure now.
    """

    definition: IndicatorDefinition
    cadence: Cadence
    operator: str
    value: float
    baseline: float | None
    periods: tuple[PeriodFact, ...]
    evidence_level: str

    @property
    def words(self) -> str:
        """`95% or more`."""
        return expected_words(self.definition, self.operator, self.value)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the figures say of a milestone.

    Attributes:
        says: one sentence for each figure.
        seen: the figures as they were, to be kept with the verdict.
    """

    verdict: Verdict
    says: str
    seen: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """What a person found of a milestone; `carried_to` is the week to which it is carried over."""

    verdict: str
    reason: str
    carried_to: int | None = None


def period_judged(cadence: Cadence, week_starts_on: date) -> date:
    """The first day of the period by whose figure a milestone is judged: the last one that ended with its week."""
    ends_on = week_starts_on + timedelta(days=6)
    start = period_start(cadence, ends_on)
    return start if period_end(cadence, start) <= ends_on else period_start(cadence, start - timedelta(days=1))


def judged_by_figures(week_starts_on: date, expected: Sequence[Expected], today: date) -> Judged | None:
    """What the figures of its week say of a milestone.

    Args:
        week_starts_on: the Monday of the milestone's week.
        expected: what it expects, one or more.
        today: the date in England.

    Returns:
        None while the week's figures are not final: not yet.
    """
    starts = [period_judged(each.cadence, week_starts_on) for each in expected]
    closed = [period_final_on(each.cadence, start) < today for each, start in zip(expected, starts, strict=True)]
    if week_starts_on + timedelta(days=6) >= today or not all(closed):
        return None
    found = [_one(each, start) for each, start in zip(expected, starts, strict=True)]
    verdicts = {verdict for verdict, _, _ in found}
    worst: Verdict = next((one for one in ("not_met", "not_supported") if one in verdicts), "met")
    return Judged(worst, " ".join(words for _, words, _ in found), tuple(seen for _, _, seen in found))


def is_news(kept_verdict: str | None, kept_seen: Sequence[Mapping[str, Any]], made: Judged) -> bool:
    """Whether what the figures say now is to be written beside what was found before."""
    same_figures = _figures(kept_seen) == _figures(made.seen)
    aged = kept_verdict == "met" and made.verdict == "not_supported" and same_figures
    return not aged and (kept_verdict != made.verdict or not same_figures)


def behind_now(verdict: str, seen: Sequence[Mapping[str, Any]], levels: Mapping[str, str]) -> str:
    """What has changed behind a milestone since it was found met: evidence that was enough and is no more.

    Worked example: found met with sufficient evidence behind `mar_compliance_pct`, of which too little is current today:
    `Since then the evidence behind MAR compliance in audit has become too little.`

    Args:
        verdict: what was found.
        seen: the figures as they were then.
        levels: how far evidence reaches behind each figure now; one that the plan names no more is left out.
    """
    if verdict != "met":
        return ""
    gone = [
        indicator_definition(each["definition_key"]).name
        for each in seen
        if each["evidence_level"] in ENOUGH_EVIDENCE
        and levels.get(each["definition_key"], each["evidence_level"]) not in ENOUGH_EVIDENCE
    ]
    return f"Since then the evidence behind {listed(gone)} has become too little." if gone else ""


def found_before(
    verdict: str, on: date, earlier_seen: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]]
) -> str:
    """What was found of a milestone before it was judged anew, and whether figures or evidence changed in between."""
    what = "evidence behind it" if _figures(earlier_seen) == _figures(seen) else "figures"
    have = "has" if what != "figures" else "have"
    return f"Judged before, on {long_date(on)}: {VERDICT_WORDS[verdict].lower()}. The {what} {have} changed since."


def verdict_problems(
    given: GivenVerdict, stone: Mapping[str, Any], taken: Sequence[int], starts_on: date, today: date
) -> dict[str, str]:
    """What stands against a person's verdict, by field; empty where it can be recorded.

    Args:
        given: the verdict.
        stone: the milestone, as the plan keeps it.
        taken: the weeks of all milestones of the plan.
        starts_on: the first day of the plan.
        today: the date in England.
    """
    week = int(stone["week"])
    found = (
        (bool(stone["expects"]), "verdict", "It names figures, and is judged by them alone."),
        (
            plan_week_start(starts_on, week) > today,
            "verdict",
            "Its week has not begun. Move it with the milestones of the plan, if it must move.",
        ),
        (given.verdict not in BY_PEOPLE, "verdict", "Choose one: met, not met or carried over."),
        (
            given.verdict == "carried_over"
            and (given.carried_to is None or not week < given.carried_to <= LAST_WEEK or given.carried_to in taken),
            "carried_to",
            f"Give a later week of the plan, up to {LAST_WEEK}, that has no milestone yet.",
        ),
        (
            len(given.reason.strip()) < SHORTEST_REASON,
            "reason",
            "Say what shows it, in a sentence. It stands with the plan, in its story and in packs.",
        ),
    )
    problems: dict[str, str] = {}
    for wrong, field, words in found:
        if wrong:
            problems.setdefault(field, words)
    return problems


def expected_words(definition: IndicatorDefinition, operator: str, value: float) -> str:
    """What is expected of a figure: `95% or more`."""
    if operator == "reduce_from_baseline_pct":
        return f"{value:g}% below the baseline"
    end = {">=": " or more", "<=": " or less"}.get(operator, "")
    return f"{figure(value, definition)}{end}"


def expects_words(stone: Mapping[str, Any]) -> str:
    """What a milestone expects, in words; nothing where it names no figure."""
    named = [(indicator_definition(one["indicator"]), one) for one in stone.get("expects", ())]
    return listed(
        [f"{definition.name} {expected_words(definition, one['operator'], one['value'])}" for definition, one in named]
    )


def _one(expected: Expected, start: date) -> tuple[Verdict, str, dict[str, Any]]:
    """One figure: the verdict on it alone, a sentence, and what was seen."""
    period = next((each for each in expected.periods if each.start == start), None)
    name, label = expected.definition.name, period_label(expected.cadence, start)
    label = f"the {label}" if expected.cadence == "weekly" else label
    value = period.value if period and period.state in JUDGED else None
    seen = {
        "definition_key": expected.definition.key,
        "period_start": start.isoformat(),
        "value": value,
        "evidence_level": expected.evidence_level,
    }
    wanted = f"{expected.words} was expected"
    if value is None:
        return "not_supported", f"{name} has no figure for {label}; {wanted}.", seen
    shown = f"{name} was {figure(value, expected.definition, expected.value)} in {label}; {wanted}."
    if not reaches(value, expected.operator, expected.value, baseline=expected.baseline):
        return "not_met", shown, seen
    if expected.evidence_level not in ENOUGH_EVIDENCE:
        return "not_supported", f"{shown} Too little evidence stands behind it.", seen
    return "met", shown, seen


def _figures(seen: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    return [(each["definition_key"], each["period_start"], each["value"]) for each in seen]
