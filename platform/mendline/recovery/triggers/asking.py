"""Asks a rule over the facts of a service: one function, whatever the rule."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from mendline.catalogue.conditions import Condition
from mendline.catalogue.rules import Rule
from mendline.recovery.triggers import asking_figures, asking_records, asking_staffing, asking_work
from mendline.recovery.triggers.facts import Answer, Facts
from mendline.recovery.triggers.given import Asked

Test = Callable[[Facts, Asked], Answer]

# The tests that a condition may name.
TESTS: Mapping[str, Test] = MappingProxyType(
    {
        "count": asking_records.count,
        "share": asking_records.share,
        "largest_share": asking_records.largest_share,
        "hours_percentile": asking_records.hours_percentile,
        "waiting": asking_records.waiting,
        "rises": asking_records.rises,
        "missing_shifts": asking_records.missing_shifts,
        "entered_late": asking_records.entered_late,
        "month_end_share": asking_records.month_end_share,
        "copied_plans": asking_records.copied_plans,
        "long_evenings": asking_staffing.long_evenings,
        "shifts_running": asking_staffing.shifts_running,
        "need_outgrows_rota": asking_staffing.need_outgrows_rota,
        "band_share": asking_staffing.band_share,
        "quiet_bells": asking_staffing.quiet_bells,
        "assessed_long_ago": asking_staffing.assessed_long_ago,
        "figure": asking_figures.figure,
        "slope": asking_figures.slope,
        "below_baseline": asking_figures.below_baseline,
        "sample_shrinks": asking_figures.sample_shrinks,
        "decline": asking_figures.decline,
        "unanswered": asking_figures.unanswered,
        "unchanged_after": asking_figures.unchanged_after,
        "actions_vague": asking_work.actions_vague,
        "actions_moved": asking_work.actions_moved,
        "actions_overdue": asking_work.actions_overdue,
        "reviews_thin": asking_work.reviews_thin,
        "reviews_late": asking_work.reviews_late,
        "work_left": asking_work.work_left,
        "work_by_one": asking_work.work_by_one,
        "work_in_one_go": asking_work.work_in_one_go,
        "warned": asking_work.warned,
    }
)


def ask(rule: Rule, facts: Facts, thresholds: Mapping[str, float] | None = None) -> Answer:
    """What a rule comes to: true with the facts that made it so, false, or cannot tell.

    Args:
        rule: with its condition.
        facts: of one service at one moment; `focus` names the indicator where the rule is asked of each.
        thresholds: the provider's own numbers, in the place of the rule's.
    """
    return _asked(rule.condition, facts, {**rule.thresholds, **(thresholds or {})})


def ask_all(rules: tuple[Rule, ...], facts: Facts, own: Mapping[str, Mapping[str, float]]) -> dict[str, Answer]:
    """Every rule that is not asked of each indicator, warnings first, so that triggers know what these came to."""
    found: dict[str, Answer] = {}
    verdicts = dict(facts.verdicts)
    for rule in sorted(rules, key=lambda one: one.family != "warning"):
        if not rule.each_indicator:
            answer = ask(rule, replace(facts, verdicts=verdicts), own.get(rule.key))
            found[rule.key] = answer
            if rule.family == "warning":
                verdicts[rule.key] = answer.value
    return found


def _asked(condition: Condition, facts: Facts, thresholds: Mapping[str, float]) -> Answer:
    if condition.test:
        return TESTS[condition.test](facts, Asked(condition.given, thresholds))
    parts = [_asked(part, facts, thresholds) for part in (condition.any or condition.all)]
    value = _any(parts) if condition.any else _all(parts)
    held = [part for part in parts if part.value] if value else []
    moments = [part.again_at for part in parts if part.again_at is not None]
    return Answer(
        value=value,
        words="; ".join(part.words for part in held if part.words),
        facts=tuple(dict.fromkeys(fact for part in held for fact in part.facts)),
        again_at=min(moments, default=None),
        absent=all(part.absent for part in parts),
    )


def _any(parts: list[Answer]) -> bool | None:
    told = [part for part in parts if not part.absent]
    if any(part.value for part in told):
        return True
    return None if not told or any(part.value is None for part in told) else False


def _all(parts: list[Answer]) -> bool | None:
    if any(part.value is False for part in parts):
        return False
    return None if any(part.value is None for part in parts) else True
