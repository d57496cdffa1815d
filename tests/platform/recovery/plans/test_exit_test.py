"""Worked examples of the exit test: each condition alone, what is missing, holding, and drift."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mendline.recovery.plans.exit_test import PeriodFact, TargetFact, exit_test, kept_for, meets, periods_needed

MONDAY = date(2026, 9, 7)


def weeks(*values: float | None, state: str = "final") -> tuple[PeriodFact, ...]:
    return tuple(
        PeriodFact(MONDAY + timedelta(weeks=place), value, state if value is not None else "missing")
        for place, value in enumerate(values)
    )


MAR = TargetFact(
    name="MAR compliance", part="main", cadence="weekly", operator=">=", value=98, upper=None, baseline=91,
    periods=weeks(97, 98.2, 98.4, 99, 98), is_declining=False, evidence_level="sufficient", is_stale=False,
)  # fmt: skip


def stage(*facts: TargetFact, signed: str | None = None, since: date | None = None) -> str:
    return exit_test(facts, hold_weeks=4, since=since, signed=signed).stage


def missing(*facts: TargetFact, signed: str | None = None) -> dict[str, tuple[str, ...]]:
    test = exit_test(facts, hold_weeks=4, since=None, signed=signed)
    return {each.key: each.missing for each in test.conditions if not each.holds}


def test_an_objective_whose_conditions_all_hold_waits_for_a_signature() -> None:
    assert stage(MAR) == "ready"
    assert list(missing(MAR)) == ["sign_off"]


def test_a_signature_makes_it_met() -> None:
    assert stage(MAR, signed="H Marsh, nominated individual") == "met"
    assert missing(MAR, signed="H Marsh, nominated individual") == {}


def test_three_weeks_of_four_are_not_enough_and_say_what_is_missing() -> None:
    three = replace(MAR, periods=weeks(97, 97, 98, 99, 98))
    assert stage(three) == "holding"
    assert missing(three)["target_kept"] == ("MAR compliance must be kept for 1 more week.",)


def test_a_missing_week_breaks_the_sustain_time() -> None:
    gap = replace(MAR, periods=weeks(98, 98, None, 99, 98))
    assert kept_for(gap) == 2
    assert "target_kept" in missing(gap)


def test_a_week_with_nothing_to_count_neither_keeps_nor_breaks() -> None:
    quiet = (*weeks(98, 99, 98), PeriodFact(MONDAY + timedelta(weeks=3), None, "not_applicable"))
    more = (*quiet, PeriodFact(MONDAY + timedelta(weeks=4), 98.5, "final"))
    assert kept_for(replace(MAR, periods=more)) == 4


def test_a_floor_must_hold_beside_the_main_target() -> None:
    floor = replace(MAR, name="Action quality", part="floor", value=90, periods=weeks(95, 95, 95, 95, 89))
    assert missing(MAR, floor)["target_kept"] == ("Action quality must be kept for 4 more weeks.",)


def test_a_supporting_indicator_that_misses_does_not_stand_in_the_way() -> None:
    support = replace(MAR, name="Gap rate", part="support", operator="<=", value=1, periods=weeks(5, 5, 5))
    assert stage(MAR, support) == "ready"


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        ({"is_declining": True}, "no_adverse_signal"),
        ({"warnings": ("medicines_practice_apart",)}, "no_adverse_signal"),
        ({"evidence_level": "partial"}, "evidence"),
        ({"is_stale": True}, "evidence"),
        ({"unchecked": ("A-004",)}, "effect_checks"),
    ],
    ids=["declining", "open warning", "thin evidence", "out of date", "effect not looked at"],
)
def test_each_other_condition_alone_keeps_it_open(change: dict[str, object], condition: str) -> None:
    spoiled = replace(MAR, **change)
    assert stage(spoiled) == "holding"
    assert set(missing(spoiled)) == {condition, "sign_off"}


def test_target_met_with_an_open_warning_of_a_watched_indicator_is_not_ready() -> None:
    watched = replace(MAR, name="Falls", part="watched", operator=None, warnings=("S6",))
    assert missing(MAR, watched)["no_adverse_signal"] == ("Open warning: S6.",)


def test_after_it_was_opened_again_earlier_weeks_do_not_count() -> None:
    since = MONDAY + timedelta(weeks=3)
    assert stage(MAR, since=since) == "holding"
    assert exit_test([MAR], hold_weeks=4, since=since, signed=None).held == 2


def test_a_goal_missed_twice_running_is_drift_and_once_is_not() -> None:
    once, twice = (replace(MAR, periods=weeks(98, 98, 98, *tail)) for tail in ((97,), (97, 96)))
    signed = "H Marsh"
    assert exit_test([once], hold_weeks=4, since=None, signed=signed).drift == ()
    assert exit_test([twice], hold_weeks=4, since=None, signed=signed).drift == (
        "MAR compliance missed its target, or had no figure, in the last two periods.",
    )


def test_two_missing_weeks_are_drift() -> None:
    silent = replace(MAR, periods=weeks(98, 98, None, None))
    assert exit_test([silent], hold_weeks=4, since=None, signed="H Marsh").drift


def test_an_adverse_signal_is_drift_at_once() -> None:
    assert exit_test([replace(MAR, is_declining=True)], hold_weeks=4, since=None, signed="H Marsh").drift == (
        "MAR compliance is declining.",
    )


def test_a_closed_objective_does_not_drift() -> None:
    test = exit_test([replace(MAR, is_declining=True)], hold_weeks=4, since=None, signed="H Marsh", closed=True)
    assert (test.stage, test.drift) == ("closed", ())


def test_a_monthly_target_is_held_for_whole_months() -> None:
    assert periods_needed(4, "weekly") == 4
    assert periods_needed(4, "monthly") == 1
    assert periods_needed(8, "monthly") == 2


@pytest.mark.parametrize(
    ("operator", "value", "upper", "baseline", "reaches", "misses"),
    [
        (">=", 98, None, None, 98, 97.9),
        ("<=", 48, None, None, 48, 48.1),
        ("==", 0, None, None, 0, 1),
        ("between", 95, 115, None, 115, 116),
        ("reduce_from_baseline_pct", 60, None, 10, 4, 4.1),
        ("reduce_from_baseline_pct", 60, None, 0, 0, 1),
    ],
    ids=["at least", "at most", "exactly", "between", "fall from a baseline", "fall from nought"],
)
def test_a_figure_is_held_against_its_target(
    operator: str, value: float, upper: float | None, baseline: float | None, reaches: float, misses: float
) -> None:
    fact = replace(MAR, operator=operator, value=value, upper=upper, baseline=baseline)
    assert (meets(fact, reaches), meets(fact, misses)) == (True, False)


def test_a_fall_from_a_baseline_needs_a_baseline() -> None:
    assert not meets(replace(MAR, operator="reduce_from_baseline_pct", value=60, baseline=None), 0)


def test_an_objective_without_a_main_target_is_never_met() -> None:
    assert stage(replace(MAR, part="watched")) == "working"
