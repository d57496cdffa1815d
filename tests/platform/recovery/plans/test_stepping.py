"""How the rhythm steps down after an objective is met, and how a plan moves with its inspection."""

from datetime import date, timedelta

from mendline.recovery.plans.stepping import HeldReview, rhythm_now
from mendline.recovery.plans.weeks import moved_with_inspection

MET = date(2026, 9, 7)


def reviews(*decisions: str) -> list[HeldReview]:
    return [HeldReview(MET + timedelta(weeks=place), decision) for place, decision in enumerate(decisions)]


def test_before_it_is_met_an_objective_is_reviewed_weekly() -> None:
    now = rhythm_now(None, reviews("assured", "assured", "assured"))
    assert (now.every_weeks, now.may_close_on) == (1, None)


def test_two_assured_reviews_step_down_to_fortnightly_and_two_more_to_monthly() -> None:
    steps = [rhythm_now(MET, reviews(*["assured"] * count)).every_weeks for count in range(6)]
    assert steps == [1, 1, 2, 2, 4, 4]


def test_a_review_that_is_not_assured_starts_the_count_again() -> None:
    now = rhythm_now(MET, reviews("assured", "further_action", "assured"))
    assert (now.every_weeks, now.assured) == (1, 1)


def test_an_assurance_by_exception_does_not_count() -> None:
    assert rhythm_now(MET, reviews("assured_with_exception", "assured_with_exception")).every_weeks == 1


def test_reviews_of_one_day_are_one_review_of_the_plan() -> None:
    same_day = [HeldReview(MET, "assured"), HeldReview(MET, "assured")]
    assert rhythm_now(MET, same_day).every_weeks == 1
    assert rhythm_now(MET, [*same_day, HeldReview(MET, "escalate")]).assured == 0


def test_reviews_before_it_was_met_do_not_count() -> None:
    early = [HeldReview(MET - timedelta(days=7), "assured"), HeldReview(MET - timedelta(days=1), "assured")]
    assert rhythm_now(MET, early).every_weeks == 1


def test_it_may_be_closed_twelve_weeks_after_it_was_met() -> None:
    assert rhythm_now(MET, []).may_close_on == date(2026, 11, 30)


def test_a_plan_moves_by_as_many_days_as_its_inspection() -> None:
    moved = moved_with_inspection(date(2026, 10, 5), 10, date(2026, 9, 14), date(2026, 9, 7), date(2026, 11, 23))
    assert moved is not None
    assert (moved.starts_on, moved.days) == (date(2026, 9, 28), -7)
    assert moved.sentence == (
        "The plan begins 7 days earlier, on 28 September 2026, and ends on 6 December 2026. Today is week 9 of 10."
    )


def test_an_inspection_that_did_not_move_moves_nothing() -> None:
    day = date(2026, 9, 14)
    assert moved_with_inspection(date(2026, 10, 5), 10, day, day, date(2026, 11, 23)) is None
