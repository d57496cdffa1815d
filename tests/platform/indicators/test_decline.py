from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.indicators.decline import Decline, DeclinePoint, Response, current_of, declines_of

MAR = indicator_definition("mar_compliance_pct")  # a proportion, higher is better
GAPS = indicator_definition("medicines_admin_gap_rate")  # a rate, lower is better
FIRST = date(2026, 9, 7)
TODAY = date(2026, 11, 17)


def points(*values: float | None, size: float = 100, **changes: Any) -> list[DeclinePoint]:
    """Weekly percentages out of `size`, each recorded on the Monday after its week; none is a missing week."""
    made = []
    for week, value in enumerate(values):
        start = FIRST + timedelta(weeks=week)
        seen = start + timedelta(days=7)
        if value is None:
            made.append(DeclinePoint(start, None, None, None, "missing"))
        else:
            made.append(DeclinePoint(start, value * size / 100, size, value, "final", seen_on=seen))
    return [replace(point, **changes) for point in made] if changes else made


def decline(
    series: list[DeclinePoint],
    *responses: Response,
    definition: IndicatorDefinition = MAR,
    baseline: float | None = 90,
    today: date = TODAY,
) -> Decline | None:
    found = declines_of(series, definition, "weekly", baseline=baseline, responses=responses, today=today)
    return current_of(found, series)


def test_figures_at_or_above_baseline_are_no_decline() -> None:
    assert decline(points(90, 91, 90)) is None


def test_one_slightly_worse_period_is_no_decline() -> None:
    assert decline(points(90, 90, 88)) is None


def test_two_worse_periods_in_a_row_are_a_decline_from_the_second_on() -> None:
    found = decline(points(90, 89, 88))
    assert found is not None
    assert found.causes == ("worse_twice",)
    assert found.since_period == FIRST + timedelta(weeks=2)
    assert found.visible_on == FIRST + timedelta(weeks=3)


def test_one_period_that_is_much_worse_is_a_decline_at_once() -> None:
    found = decline(points(90, 90, 84.9))
    assert found is not None
    assert found.causes == ("much_worse",)


def test_exactly_five_points_worse_is_not_over_five_points() -> None:
    assert decline(points(90, 90, 85)) is None


def test_a_rate_is_much_worse_beyond_a_quarter_more_than_baseline() -> None:
    assert decline(points(10, 12.5, size=1000), definition=GAPS, baseline=10) is None
    found = decline(points(10, 12.6, size=1000), definition=GAPS, baseline=10)
    assert found is not None
    assert found.causes == ("much_worse",)


def test_fewer_of_what_should_be_few_is_no_decline() -> None:
    assert decline(points(10, 4, 3, size=1000), definition=GAPS, baseline=10) is None


def test_an_adverse_signal_is_a_decline_without_any_baseline() -> None:
    series = points(90, 91, 70)
    series[-1] = replace(series[-1], adverse=True)
    found = decline(series, baseline=None)
    assert found is not None
    assert found.causes == ("signal",)


def test_an_event_that_may_never_happen_is_a_decline_the_first_time() -> None:
    never = replace(GAPS, target=replace(GAPS.target, operator="==", value=0.0))
    found = decline(points(0, 0, 1, size=1000), definition=never, baseline=50)
    assert found is not None
    assert found.causes == ("zero_tolerance",)


def test_two_missing_periods_in_a_row_are_a_decline_and_can_be_seen_when_their_time_is_over() -> None:
    found = decline(points(90, None, None))
    assert found is not None
    assert found.causes == ("missing_twice",)
    second_week_ends = FIRST + timedelta(days=20)
    assert found.visible_on == second_week_ends + timedelta(days=4)  # three working days later it was final


def test_one_missing_period_is_no_decline() -> None:
    assert decline(points(90, 91, None)) is None


def test_a_small_home_does_not_cry_wolf_over_two_of_three_people() -> None:
    assert decline(points(100, 100, 100, 100, 100, 67, size=3)) is None
    assert decline(points(100, 100, 100, 100, 100, 67, size=300)) is not None


def test_a_small_home_that_stays_worse_is_a_decline_when_four_periods_are_pooled() -> None:
    small = points(100, 100, 67, 67, 67, 67, 67, size=3)
    found = decline(small)
    assert found is not None
    assert "much_worse" in found.causes


def test_a_period_that_is_over_again_ends_the_decline() -> None:
    assert decline(points(90, 80, 80, 92)) is None


def test_a_provisional_figure_decides_nothing() -> None:
    series = points(90, 90, 60)
    series[-1] = replace(series[-1], state="provisional")
    assert decline(series) is None


DROP = points(90, 90, 80)
VISIBLE = FIRST + timedelta(weeks=3)


def at(days: int) -> date:
    return VISIBLE + timedelta(days=days)


def test_a_decline_without_a_decision_is_unescalated_after_seven_days() -> None:
    on_the_day, after = decline(DROP, today=at(7)), decline(DROP, today=at(8))
    assert on_the_day is not None
    assert after is not None
    assert on_the_day.unescalated_days is None
    assert after.unescalated_days == 8


def test_a_monthly_decline_has_ten_working_days() -> None:
    series = [
        DeclinePoint(date(2026, month, 1), value, 100, value, "final", seen_on=date(2026, month + 1, 2))
        for month, value in ((8, 90.0), (9, 80.0))
    ]
    declines = declines_of(series, MAR, "monthly", baseline=90, responses=(), today=date(2026, 10, 16))
    found = current_of(declines, series)
    assert found is not None
    assert found.answer_due_on == date(2026, 10, 16)  # Friday 2 October and ten working days
    assert found.unescalated_days is None


def test_a_decision_with_a_dated_action_answers() -> None:
    found = decline(DROP, Response("decision", at(3)), Response("action", at(4), "Second checker"), today=at(30))
    assert found is not None
    assert found.answered_on == at(4)
    assert found.unescalated_days is None


@pytest.mark.parametrize("alone", ["decision", "action"])
def test_a_decision_without_an_action_and_an_action_without_a_decision_answer_nothing(alone: Any) -> None:
    found = decline(DROP, Response(alone, at(3), "words"), today=at(9))
    assert found is not None
    assert found.unescalated_days == 9


def test_an_escalation_answers_by_itself() -> None:
    found = decline(DROP, Response("escalation", at(2)), today=at(30))
    assert found is not None
    assert found.answered_on == at(2)


def test_what_was_done_before_the_decline_could_be_seen_answers_nothing() -> None:
    earlier = (Response("decision", at(-1)), Response("action", at(-1), "Spot checks"))
    found = decline(DROP, *earlier, today=at(10))
    assert found is not None
    assert found.unescalated_days == 10


def test_the_same_action_for_the_third_time_answers_nothing() -> None:
    said = [Response("action", at(days), words) for days, words in ((-20, "Remind staff"), (-9, "remind  STAFF"))]
    third = (Response("decision", at(1)), Response("action", at(1), "Remind staff"))
    found = decline(DROP, *said, *third, today=at(10))
    assert found is not None
    assert found.unescalated_days == 10


def test_a_late_answer_stands_with_its_date() -> None:
    found = decline(DROP, Response("escalation", at(12)), today=at(30))
    assert found is not None
    assert (found.visible_on, found.answered_on) == (VISIBLE, at(12))
    assert found.unescalated_days is None


values = st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=12)
answers = st.lists(
    st.builds(
        Response,
        st.sampled_from(["decision", "action", "escalation"]),
        st.dates(date(2026, 9, 1), TODAY),
        st.sampled_from(["a", "b"]),
    ),
    max_size=6,
)


@given(values, answers)
def test_escalating_more_never_makes_a_decline_longer_unescalated(series: list[Any], said: list[Response]) -> None:
    before = decline(points(*series), *said)
    after = decline(points(*series), *said, Response("escalation", TODAY))
    if before is None:
        assert after is None
    else:
        assert after is not None
        assert after.unescalated_days is None or before.unescalated_days is not None
        assert (after.visible_on, after.causes) == (before.visible_on, before.causes)


@given(values, answers, st.randoms())
def test_the_order_in_which_answers_are_told_changes_nothing(
    series: list[Any], said: list[Response], chance: Any
) -> None:
    shuffled = sorted(said, key=lambda _: chance.random())
    assert decline(points(*series), *said) == decline(points(*series), *shuffled)


@given(values, answers)
def test_a_decline_is_never_seen_before_its_first_period_is_over(series: list[Any], said: list[Response]) -> None:
    found = decline(points(*series), *said)
    if found is not None:
        assert found.visible_on >= found.since_period + timedelta(days=7)
        assert found.answer_due_on == found.visible_on + timedelta(days=7)
        assert found.unescalated_days is None or found.unescalated_days > 7


@given(st.lists(st.floats(90, 100), max_size=12))
def test_figures_that_are_never_worse_than_baseline_are_never_a_decline(series: list[float]) -> None:
    assert decline(points(*series)) is None
