"""An indicator read by the chart that fits it: which one, what its limits rest on, and how gaps come back to periods."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.indicators.figures import value_of
from mendline.indicators.fitting import ChartFacts, NewBase
from mendline.indicators.judging import Judgement, judgement_of, newest_of
from mendline.indicators.targets import TargetFact

LAST, TODAY = date(2026, 11, 9), date(2026, 11, 17)
MAR = indicator_definition("mar_compliance_pct")
FALLS = indicator_definition("falls_rate")
HOURS = indicator_definition("medicines_discrepancy_review_median_hours")


@dataclass(frozen=True)
class Week:
    period_start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str = "final"


def weeks(definition: IndicatorDefinition, pairs: Sequence[tuple[float, float] | None]) -> list[Week]:
    made = []
    for back, pair in enumerate(reversed(pairs)):
        start = LAST - timedelta(weeks=back)
        if pair is None:
            made.append(Week(start, None, None, None, "missing"))
        else:
            made.append(Week(start, *pair, value_of(definition, *pair)))
    return made[::-1]


def judged(definition: IndicatorDefinition, pairs: Sequence[tuple[float, float] | None], **changes: Any) -> Judgement:
    settings: dict[str, Any] = {"target": None, "today": TODAY, **changes}
    return judgement_of(definition, "weekly", weeks(definition, pairs), **settings)


def medicines(counts: Sequence[int], size: int = 100) -> list[tuple[float, float] | None]:
    return [(float(count), float(size)) for count in counts]


STEADY = [90, 91, 89, 92, 88, 90, 91, 90, 89, 92, 90, 88, 91, 90, 89, 91]
BETTER = [96, 97, 96, 98, 97, 96, 97, 98, 97, 96, 98, 97, 96]


def frozen(periods: int, of: int) -> ChartFacts:
    first = LAST - timedelta(weeks=of - 1)
    return ChartFacts(first_period=first, last_period=first + timedelta(weeks=periods - 1))


def test_a_proportion_of_many_is_read_on_a_p_chart_with_limits_for_each_denominator() -> None:
    pairs = [(count * size / 100, size) for count, size in zip(STEADY, [100.0, 200.0] * 8, strict=True)]
    found = judged(MAR, pairs)
    assert (found.chart, found.status) == ("p", "stable")
    lowers = found.drawn["lowers"]
    assert lowers[0] < lowers[1], "fewer checks, wider limits"
    assert "denominator" in found.drawn["chart_reason"]


def test_percentages_without_their_parts_are_read_on_an_xmr_chart() -> None:
    bare = [replace(week, numerator=None, denominator=None) for week in weeks(MAR, medicines(STEADY))]
    found = judgement_of(MAR, "weekly", bare, target=None, today=TODAY)
    assert (found.chart, found.drawn["lowers"]) == ("xmr", None)


def test_a_home_of_six_beds_with_a_fall_a_month_gets_a_chart_of_gaps_and_a_word_on_small_numbers() -> None:
    falls = [(1.0 if week % 4 == 0 else 0.0, 42.0) for week in range(80)]
    found = judged(FALLS, falls)
    assert (found.chart, found.status) == ("g", "stable")
    assert (found.centre, found.lower, found.upper) == (None, None, None), "the gap's lines are not in the rate's unit"
    assert "Small numbers: 0.3 a week on average" in found.drawn["small_numbers"]
    points = found.drawn["gaps"]["points"]
    assert [point["gap"] for point in points] == [168.0] * 19
    assert found.drawn["gaps"]["open"] == 126.0
    assert found.drawn["outlook"]["words"] == "No projection: rare events are not projected."


@pytest.mark.parametrize(
    ("most", "answer"),
    [(100.0, "pass"), (24.0, "inconsistent"), (0.0, "inconsistent"), (None, None)],
    ids=["four falls a week would do", "one fall a week would do", "no fall at all", "no target"],
)
def test_rare_events_are_held_against_their_target_by_how_often_they_come(
    most: float | None, answer: str | None
) -> None:
    falls = [(1.0 if week % 4 == 0 else 0.0, 42.0) for week in range(80)]
    target = None if most is None else TargetFact("<=", most, date(2026, 1, 1), None)
    found = judged(FALLS, falls, target=target)
    assert (found.chart, found.assurance, found.core.assurance) == ("g", answer, answer)


def test_checks_that_hardly_ever_fail_meet_a_target_below_them_and_miss_one_of_all_for_ever_only_if_they_always_fail() -> (
    None
):
    pairs = [(30.0 - (week % 6 == 0), 30.0) for week in range(90)]
    at = {
        goal: judged(MAR, pairs, target=TargetFact(">=", goal, date(2026, 1, 1), None)).assurance
        for goal in (85, 97, 100)
    }
    assert at == {85: "pass", 97: "inconsistent", 100: "inconsistent"}


def test_a_target_is_not_held_against_gaps_whose_limits_were_just_set_anew() -> None:
    falls = [(1.0 if week % 3 == 0 else 0.0, 42.0) for week in range(120)]
    target = TargetFact("<=", 100.0, date(2026, 1, 1), None)
    anew = ChartFacts(new_bases=(NewBase(LAST - timedelta(weeks=50)),))
    assert judged(FALLS, falls, target=target).assurance == "pass"
    assert judged(FALLS, falls, target=target, settled=anew).assurance is None


def test_falls_that_come_closer_together_deteriorate_on_the_chart_of_gaps() -> None:
    steady = [1.0 if week % 5 == 0 else 0.0 for week in range(76)]
    found = judged(FALLS, [(count, 42.0) for count in [*steady, 1.0, 1.0, 1.0, 1.0]])
    assert (found.status, found.basis) == ("deteriorating", "short_gaps")
    assert found.since == LAST - timedelta(weeks=2)
    assert found.core.last_index == 79
    assert found.core.last_value == pytest.approx(1000 / 42)


def test_a_long_time_without_a_fall_is_an_improvement() -> None:
    steady = [1.0 if week % 3 == 0 else 0.0 for week in range(48)]
    found = judged(FALLS, [(count, 42.0) for count in [*steady, *[0.0] * 24]])
    assert (found.status, found.basis) == ("improving", "open_gap")
    assert found.drawn["gaps"]["open_is_long"]


def test_three_falls_in_one_week_count_as_three_though_they_make_one_point() -> None:
    steady = [1.0 if week % 5 == 0 else 0.0 for week in range(76)]
    found = judged(FALLS, [(count, 42.0) for count in [*steady, 0.0, 0.0, 0.0, 4.0]])
    assert (found.status, found.basis) == ("deteriorating", "short_gaps")
    assert found.drawn["gaps"]["points"][-1]["events"] == 4


def test_rare_events_in_most_weeks_keep_a_point_a_week_because_only_totals_are_known() -> None:
    found = judged(FALLS, [(float(week % 3), 210.0) for week in range(30)])
    assert found.chart == "u"
    assert "most periods hold one" in found.drawn["chart_reason"]


def test_a_gap_over_a_missing_week_is_not_known() -> None:
    falls: list[tuple[float, float] | None] = [(1.0 if week % 4 == 0 else 0.0, 42.0) for week in range(80)]
    falls[78] = None
    found = judged(FALLS, falls)
    assert found.drawn["gaps"]["open"] is None
    falls[70] = None
    assert judged(FALLS, falls).drawn["gaps"]["points"][-2]["gap"] is None


def test_rare_failures_of_a_high_percentage_are_counted_between() -> None:
    pairs = [(30.0 - (week % 6 == 0), 30.0) for week in range(90)]
    found = judged(MAR, pairs)
    assert found.chart == "g"
    assert not found.drawn["gaps"]["counts_them"], "failures are what is rare"
    assert found.drawn["gaps"]["points"][0]["gap"] == 180.0


def test_skewed_durations_are_judged_on_a_logarithmic_scale_and_shown_in_their_own() -> None:
    hours = [2, 3, 2, 4, 3, 2, 60, 3, 2, 4, 2, 3, 5, 2, 3, 4, 2, 3, 90, 3]
    found = judgement_of(
        HOURS,
        "weekly",
        [replace(week, value=float(hour)) for week, hour in zip(weeks(MAR, medicines([90] * 20)), hours, strict=True)],
        target=TargetFact("<=", 24.0, date(2026, 1, 1)),
        today=TODAY,
    )
    assert "logarithmic" in found.drawn["chart_reason"]
    lower, centre, upper = (line or 0.0 for line in (found.lower, found.centre, found.upper))
    assert 0 < lower < centre < upper
    assert upper - centre > centre - lower


def test_limits_rest_on_the_frozen_baseline_and_do_not_move_with_later_figures() -> None:
    settled = frozen(12, 16)
    before = judged(MAR, medicines(STEADY), settled=settled)
    longer = [*STEADY, *BETTER]
    after = judged(MAR, medicines(longer), settled=frozen(12, len(longer)))
    assert after.phases[0]["base"] == [0, 12]
    assert (before.centre, before.lower, before.upper) == (after.centre, after.lower, after.upper)
    assert after.marks[:9] == before.marks[:9], "only the last six may join a run that goes on"
    assert (after.status, after.strength) == ("improving", "sustained")
    assert "fixed from the baseline" in after.drawn["base"]


def test_without_a_frozen_baseline_limits_are_worked_out_anew_and_say_so() -> None:
    assert "worked out anew" in judged(MAR, medicines(STEADY)).drawn["base"]
    young = judged(MAR, medicines(STEADY), settled=frozen(8, 16))
    assert young.phases[0]["base"] is None, "eight weeks are too few to fix limits from"


def test_new_limits_keep_the_old_ones_for_the_old_results_and_start_with_too_little_to_say() -> None:
    figures = [*STEADY, *BETTER[:8]]
    settled = replace(
        frozen(12, len(figures)), new_bases=(NewBase(LAST - timedelta(weeks=7), "Two people check each chart"),)
    )
    found = judged(MAR, medicines(figures), settled=settled)
    assert (found.status, found.reason) == ("insufficient", "new_baseline")
    assert "8 of 12 weeks" in found.sentence
    assert found.phases[0]["lower"] is not None
    assert found.phases[1]["lower"] is None
    assert found.marks[:16] == judged(MAR, medicines(STEADY), settled=frozen(12, 16)).marks
    assert set(found.marks[16:]) == {None}
    assert found.drawn["before"]["status"] == "improving", "the old reading stays in sight"


def test_new_limits_after_a_decline_name_the_decline_until_there_are_twelve() -> None:
    worse = [80, 79, 81, 80, 78, 80, 79, 81]
    figures = [*STEADY, *worse]
    settled = replace(frozen(12, len(figures)), new_bases=(NewBase(LAST - timedelta(weeks=7)),))
    found = judged(MAR, medicines(figures), settled=settled)
    assert "Before it" in found.sentence
    assert found.drawn["before"]["status"] == "deteriorating"


def test_after_twelve_figures_the_new_limits_judge_and_are_fixed_from_these() -> None:
    figures = [*STEADY, *BETTER]
    settled = replace(frozen(12, len(figures)), new_bases=(NewBase(LAST - timedelta(weeks=12)),))
    target = TargetFact(">=", 90.0, date(2026, 1, 1))
    found = judged(MAR, medicines(figures), settled=settled, target=target)
    assert found.status == "stable"
    assert found.phases[1]["base"] == [16, 28]
    assert found.centre == pytest.approx(96.83, abs=0.2)
    assert "Limits set anew" in found.drawn["base"]


def test_a_changed_target_is_held_against_the_limits_that_hold_today() -> None:
    def with_target(value: float) -> str | None:
        return judged(MAR, medicines(STEADY), target=TargetFact(">=", value, date(2026, 1, 1))).assurance

    assert [with_target(value) for value in (70.0, 90.0, 99.9)] == ["pass", "inconsistent", "fail"]


def test_where_something_else_is_counted_no_run_and_no_limit_crosses() -> None:
    figures = [*STEADY, *BETTER]
    found = judged(MAR, medicines(figures), breaks=[LAST - timedelta(weeks=12)])
    assert [phase["start"] for phase in found.phases] == [0, 16]
    assert found.status == "stable"


def test_a_person_may_set_another_chart_and_the_fitting_one_is_still_named() -> None:
    settled = ChartFacts(chosen="xmr", chosen_reason="The board reads XmR")
    found = judged(MAR, medicines(STEADY), settled=settled)
    assert found.chart == "xmr"
    assert found.drawn["chart_overruled"]
    assert found.drawn["chart_reason"] == (
        "XmR chart, set by hand: The board reads XmR. By the figures alone it would be a p chart."
    )


def test_a_chart_that_the_figures_cannot_make_is_not_forced_on_them() -> None:
    found = judged(HOURS, medicines([int(count / 9) for count in STEADY]), settled=ChartFacts(chosen="p"))
    assert found.chart == "xmr"
    assert not found.drawn["chart_overruled"]


def test_the_chart_does_not_change_by_itself_once_its_limits_are_fixed() -> None:
    falls = [(float(3 + week % 3), 900.0) for week in range(16)] + [(0.0, 900.0)] * 30
    settled = frozen(12, len(falls))
    assert judged(FALLS, falls, settled=settled).chart == "u"
    assert judged(FALLS, falls, settled=settled).status == "improving"
    assert judged(FALLS, falls).chart != "u"


def test_early_figures_count_for_limits_though_only_the_newest_are_kept() -> None:
    figures = [*STEADY, *[90 + week % 3 for week in range(120)]]
    whole = judged(MAR, medicines(figures), settled=frozen(12, len(figures)))
    kept = newest_of(whole, 104)
    assert (kept.lower, kept.upper, kept.status) == (whole.lower, whole.upper, whole.status)
    assert len(kept.marks) == len(kept.adverse) == len(kept.drawn["lowers"]) == 104
    assert (kept.phases[0]["start"], kept.phases[0]["end"]) == (0, 103)
    assert kept.core.last_index == 103


def test_a_trend_has_an_outlook_with_its_range_and_a_condition() -> None:
    rising = [70 + week + (week % 2) for week in range(26)]
    target = TargetFact(">=", 99.0, date(2026, 1, 1), reach_by=LAST + timedelta(weeks=9))
    words = judged(MAR, medicines(rising), target=target).drawn["outlook"]["words"]
    assert words.startswith("If nothing changes")
    assert "most likely from" in words or "level changed" in words


def test_without_a_trend_the_outlook_says_how_often_the_target_would_be_met_and_never_always() -> None:
    target = TargetFact(">=", 60.0, date(2026, 1, 1), reach_by=LAST + timedelta(weeks=5))
    words = judged(MAR, medicines(STEADY), target=target).drawn["outlook"]["words"]
    assert words == "If nothing changes, more than 9 in 10 weeks would meet the target."


def test_a_target_whose_date_has_passed_is_not_projected() -> None:
    target = TargetFact(">=", 95.0, date(2026, 1, 1), reach_by=date(2026, 6, 1))
    assert "has passed" in judged(MAR, medicines(STEADY), target=target).drawn["outlook"]["words"]


def test_the_same_facts_on_the_same_day_read_the_same() -> None:
    assert judged(MAR, medicines(STEADY)) == judged(MAR, medicines(STEADY))


@pytest.mark.parametrize("count", [0, 1, 2, 6, 11])
def test_fewer_than_twelve_figures_give_no_status_and_no_limits(count: int) -> None:
    found = judged(MAR, medicines(STEADY[:count]))
    assert (found.status, found.phases) == ("insufficient", ())
    assert set(found.marks) <= {None}
