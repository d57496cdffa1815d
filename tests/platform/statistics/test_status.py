"""The composite status: what comes first, what is kept beside it, and when nothing may be said."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mendline.statistics.judgement import IndicatorSeries, Judgement
from mendline.statistics.rule_sets import CURRENT_RULES, RULE_SETS
from mendline.statistics.status import assured, judge
from mendline.statistics.targets import Target

STEADY = [10.0, 12.0, 9.0, 11.0, 10.0, 13.0, 8.0, 11.0, 10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 9.0, 11.0]
WORSE = [*STEADY, 15.0, 14.0, 15.0, 14.5, 15.0, 14.0, 15.0, 14.0]
END, TODAY = date(2026, 11, 15), date(2026, 11, 18)


def judged(values: list[Any], *, today: date = TODAY, **changes: Any) -> Judgement:
    facts: dict[str, Any] = {"improvement": "decrease", "cadence": "weekly", "last_period_end": END, **changes}
    return judge(IndicatorSeries(values=values, **facts), today=today)


def test_steady_figures_are_stable() -> None:
    found = judged(STEADY)
    assert (found.status, found.reason, found.variation) == ("stable", "steady", "common_cause")
    assert found.provisional_limits
    assert found.rule_set_version == "2026.1"


def test_nine_weeks_above_the_usual_level_are_deteriorating_since_the_first_of_them() -> None:
    found = judged(WORSE, fix_after=12)
    assert found.status == "deteriorating"
    assert found.strength == "sustained"
    assert (found.since_index, found.signal_length) == (15, 9)
    assert judged(WORSE, fix_after=12, improvement="increase").status == "improving"


def test_one_point_beyond_a_limit_is_a_single_unusual_result() -> None:
    found = judged([*STEADY, 25.0])
    assert (found.status, found.basis, found.strength) == ("deteriorating", "limits", "single")
    assert (found.since_index, found.signal_length) == (16, 1)


def test_a_neutral_indicator_is_changed_and_never_good_or_bad() -> None:
    assert judged([*STEADY, 25.0], improvement="neutral").status == "changed"
    assert judged(STEADY, improvement="neutral").status == "stable"


def test_rules_that_disagree_at_the_last_point_are_a_conflict() -> None:
    falling_from_high = [*STEADY[:12], 5.0, 5.0, 30.0, 29.0, 28.0, 27.0, 26.0, 25.0, 24.0]
    found = judged(falling_from_high, fix_after=12)
    assert (found.status, found.basis, found.conflict) == ("deteriorating", "limits", True)


def test_a_mark_that_has_gone_is_a_recent_signal() -> None:
    found = judged([*STEADY, 25.0, 10.0, 11.0])
    assert found.status == "stable"
    assert found.recent_signal is not None
    assert found.recent_signal.index == 16
    assert judged([*STEADY, 25.0, *STEADY[:6]]).recent_signal is None


@pytest.mark.parametrize("count", [0, 1, 6, 7, 11])
def test_fewer_than_twelve_points_never_give_a_status(count: int) -> None:
    found = judged([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0][:count])
    assert found.status == "insufficient"
    assert found.assurance is None
    assert found.lower is None
    assert found.early_signal == (count >= 7)


def test_the_catalogue_may_ask_for_more_points_but_not_for_fewer() -> None:
    assert judged(STEADY, minimum_points=20).reason == "too_few_points"
    assert judged(STEADY[:10], minimum_points=3).reason == "too_few_points"


def test_old_figures_are_out_of_date_with_their_last_status_kept() -> None:
    found = judged([*STEADY, 25.0], today=date(2026, 11, 26))
    assert (found.status, found.reason, found.stale) == ("insufficient", "out_of_date", True)
    assert found.last_status == "deteriorating"
    assert judged(STEADY, today=date(2026, 11, 25)).status == "stable"


def test_the_gate_counts_from_the_last_usable_period() -> None:
    assert judged([*STEADY, None], today=date(2026, 11, 18)).status == "stable"
    assert judged([*STEADY, None], today=date(2026, 11, 19)).reason == "out_of_date"


def test_two_missing_periods_in_a_row_give_no_status() -> None:
    assert judged([*STEADY, None, None]).reason == "last_periods_missing"
    states = ["final"] * 16 + ["suspended", "suspended"]
    assert judged([*STEADY, None, None], states=states, today=date(2026, 11, 5)).status == "stable"


def test_a_state_without_value_hides_the_value() -> None:
    states = ["final"] * 16 + ["missing"]
    assert judged([*STEADY, 99.0], states=states).status == "stable"


def test_gaps_small_denominators_and_new_definitions_give_no_status() -> None:
    gaps = [*STEADY, None, 10.0, None, 11.0, None, 10.0, 11.0]
    assert judged(gaps).reason == "gaps"
    small = [20.0] * 11 + [3.0] * 5
    assert judged(STEADY, denominators=small, minimum_n=6).reason == "small_denominators"
    assert judged(STEADY, denominators=[20.0] * 12 + [3.0] * 4, minimum_n=6).status == "stable"
    assert judged(STEADY, definitions=["a"] * 8 + ["b"] * 8).reason == "definition_changed"
    assert judged(STEADY, definitions=["a"] * 4 + ["b"] * 12, rebase_at=[4]).status == "stable"


def test_an_incomplete_provisional_last_period_gives_no_status() -> None:
    states = ["final"] * 15 + ["provisional"]
    assert judged(STEADY, states=states, last_complete=False).reason == "last_period_incomplete"
    assert judged(STEADY, states=states).status == "stable"


def test_a_new_baseline_keeps_the_old_status_in_view() -> None:
    found = judged([*STEADY, 25.0, 10.0, 11.0, 9.0, 10.0, 12.0], rebase_at=[17])
    assert (found.status, found.reason) == ("insufficient", "new_baseline")
    assert (found.usable_points, found.needed_points) == (5, 12)
    assert found.last_status == "deteriorating"


def test_assurance_waits_while_limits_are_provisional_after_a_rebase() -> None:
    target = Target("<=", 20.0)
    assert judged(STEADY, target=target).assurance == "pass"
    for points in (5, 6, 12):
        assert judged([*STEADY, *STEADY[:points]], target=target, rebase_at=[16]).assurance is None
    assert judged([*STEADY, *STEADY, *STEADY[:6]], target=target, rebase_at=[16]).assurance == "pass"


def test_after_a_rebase_the_limits_of_the_old_phase_say_nothing_of_the_target() -> None:
    better = [value - 8 for value in STEADY]
    met = judged([*STEADY, *better, *better[:4]], target=Target("<=", 9.5), rebase_at=[16])
    assert met.assurance == "pass"
    assert judged([*STEADY, *better], target=Target("<=", 9.5)).assurance == "inconsistent"


def test_locked_limits_speak_of_the_target_only_until_the_process_changes_for_good() -> None:
    better, target = [value - 8 for value in STEADY], Target("<=", 9.5)
    locked = {"limits_from": [(0, 12)], "target": target}
    assert judged(STEADY, **locked).assurance == "inconsistent"
    eight = judged([*STEADY, *better[:8]], **locked)
    assert (eight.status, eight.assurance, eight.assurance_provisional) == ("improving", "pass", True)
    twelve = judged([*STEADY, *better[:13]], **locked)
    assert (twelve.assurance, twelve.assurance_provisional) == ("pass", False)
    assert twelve.upper == judged(STEADY, **locked).upper


def test_a_changed_target_is_held_against_the_limits_at_once() -> None:
    assert judged(STEADY, target=Target("<=", 20.0)).assurance == "pass"
    assert judged(STEADY, target=Target("<=", 11.0)).assurance == "inconsistent"
    assert judged(STEADY, target=Target("<=", 1.0)).assurance == "fail"
    assert judged(STEADY, target=Target("<=", 0.0)).assurance == "fail"


def test_rare_events_and_mostly_equal_figures_give_no_status_from_xmr() -> None:
    assert judged([0.0] * 15 + [1.0]).reason == "rare_events"
    assert judged([100.0] * 15 + [95.0], improvement="increase").reason == "limits_collapsed"
    assert judged([100.0] * 16, improvement="increase").status == "stable"


def test_a_target_of_zero_can_be_met() -> None:
    found = judged([0.0] * 16, target=Target("<=", 0.0))
    assert found.met_target is True
    assert found.targets_met_recently == 6


def test_assured_needs_evidence_data_and_a_target_that_holds() -> None:
    good = judged(STEADY, target=Target("<=", 20.0))
    assert assured(good, evidence_sufficient=True)
    assert not assured(good, evidence_sufficient=False)
    assert not assured(replace(good, status="deteriorating"), evidence_sufficient=True)
    assert not assured(judged(STEADY[:8], target=Target("<=", 20.0)), evidence_sufficient=True)
    hit_and_miss = judged(STEADY, target=Target("<=", 12.0))
    assert hit_and_miss.assurance == "inconsistent"
    assert assured(hit_and_miss, evidence_sufficient=True)


def test_a_proportion_is_judged_against_limits_of_its_own_denominators() -> None:
    sizes = [40.0] * 20
    tops = [30.0, 32.0, 29.0, 31.0] * 4 + [31.0, 30.0, 29.0, 12.0]
    shares = [top / size for top, size in zip(tops, sizes, strict=True)]
    found = judged(shares, chart="p", numerators=tops, denominators=sizes, improvement="increase")
    assert (found.status, found.basis) == ("deteriorating", "limits")
    assert found.lower is not None


def test_an_attribute_chart_without_its_numerators_is_refused() -> None:
    with pytest.raises(ValueError, match="numerators"):
        judged(STEADY, chart="u", denominators=[10.0] * 16)


def test_longer_gaps_between_harms_are_better() -> None:
    gaps = [10.0, 14.0, 9.0, 30.0, 12.0, 20.0, 8.0, 15.0, 11.0, 25.0, 13.0, 9.0, 16.0]
    assert judged(gaps, chart="t").status == "stable"
    assert judged([*gaps, 900.0], chart="t").status == "improving"
    short = judged([*gaps, 2.0, 1.0, 3.0], chart="t")
    assert (short.status, short.basis) == ("deteriorating", "short_gaps")
    below = judged([*gaps, 8.0, 8.5, 7.0, 8.0, 7.5, 8.0, 7.0], chart="g")
    assert (below.status, below.basis) == ("deteriorating", "shift")


def test_an_open_gap_beyond_the_upper_limit_is_an_improvement_before_the_next_event() -> None:
    gaps = [10.0, 14.0, 9.0, 30.0, 12.0, 20.0, 8.0, 15.0, 11.0, 25.0, 13.0, 9.0, 16.0]
    found = judged(gaps, chart="t", open_gap=400.0)
    assert (found.status, found.basis) == ("improving", "open_gap")
    assert judged(gaps, chart="t", open_gap=20.0).status == "stable"
    assert judged([*gaps, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0], chart="t", open_gap=4000.0).conflict


def test_runs_beyond_chance_count_only_where_the_series_ends_in_them() -> None:
    flat = [100.0] * 24
    ends_high = [20.0, 21.0] * 6 + [26.0] * 6 + [25.0, 20.0] + [27.0] * 4
    found = judged(ends_high, chart="c", numerators=ends_high, denominators=flat)
    assert found.runs_beyond_chance
    back = [26.0] * 10 + [20.0, 26.0] + [20.0] * 8 + [26.0, 20.0, 26.0, 20.0]
    assert judged(back, chart="c", numerators=back, denominators=flat).status == "stable"


def test_the_rule_table_is_data_with_a_version() -> None:
    assert RULE_SETS[CURRENT_RULES.version] is CURRENT_RULES
    strict = replace(CURRENT_RULES, version="test", minimum_points=20)
    series = IndicatorSeries(values=STEADY, improvement="decrease", cadence="weekly", last_period_end=END)
    assert judge(series, today=TODAY, rules=strict).reason == "too_few_points"
    assert judge(series, today=TODAY, rules=strict).rule_set_version == "test"


@pytest.mark.parametrize(
    "changes",
    [
        {"states": ["final"]},
        {"states": ["lost"] * 16},
        {"definitions": ["a"]},
        {"denominators": [1.0]},
        {"improvement": "up"},
        {"fix_after": 3},
        {"rebase_at": [99]},
        {"target": Target(">=")},
        {"target": Target("between", 5.0, 4.0)},
    ],
)
def test_contradictory_facts_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        judged(STEADY, **changes)


@given(st.lists(st.one_of(st.none(), st.integers(0, 30).map(float)), min_size=0, max_size=36))
@settings(max_examples=60, deadline=None)
def test_no_status_comes_from_too_few_points(values: list[float | None]) -> None:
    found = judged(values, target=Target("<=", 3.0))
    usable = sum(value is not None for value in values)
    assert found.usable_points == usable
    if usable < 12:
        assert found.status == "insufficient"
        assert (found.assurance, found.lower, found.basis) == (None, None, None)
    if found.status in {"improving", "deteriorating"}:
        assert found.since_index is not None
        assert found.last_index is not None
        assert 0 <= found.since_index <= found.last_index
        assert found.signal_length >= 1


@given(st.lists(st.integers(0, 30).map(float), min_size=12, max_size=36))
@settings(max_examples=40, deadline=None)
def test_better_and_worse_swap_with_the_direction(values: list[float]) -> None:
    swap = {"improving": "deteriorating", "deteriorating": "improving"}
    one, other = judged(values), judged(values, improvement="increase")
    assert swap.get(one.status, one.status) == other.status
    assert np.array_equal(one.lower, other.lower)
