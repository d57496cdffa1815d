"""Who reviews, how often and by when; and what stands between a review and its signature."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.calendar import is_working_day
from mendline.recovery.reviews.rhythm import (
    FORUMS,
    Reviewed,
    ReviewRhythm,
    decided_in,
    forum_of,
    outstanding,
    turn_due,
    turn_start,
)

DAYS = st.dates(date(2025, 1, 1), date(2027, 11, 30))


def one(**changes: object) -> Reviewed:
    fields: dict[str, object] = {
        "indicator_id": "1", "in_plan": True, "review_due_on": date(2026, 11, 9), "decision": None, "decided_on": None,
        "decided_by": None,
    }  # fmt: skip
    return Reviewed(**{**fields, **changes})  # type: ignore[arg-type]


def test_each_role_of_the_loop_has_its_own_review() -> None:
    held = {role: forum_of([role]) for role in ("deputy_manager", "registered_manager", "provider_quality_lead")}
    assert {role: forum.cadence for role, forum in held.items() if forum} == {
        "deputy_manager": "weekly", "registered_manager": "weekly", "provider_quality_lead": "monthly",
    }  # fmt: skip
    assert forum_of(["carer"]) is None


def test_whoever_holds_two_roles_reviews_as_the_senior_one() -> None:
    found = forum_of(["registered_manager", "nominated_individual"])
    assert found == FORUMS["provider_review"]


def test_a_weekly_review_on_a_bank_holiday_moves_and_is_not_skipped() -> None:
    # Friday 25 December 2026 is Christmas Day, the Monday after it stands in for Boxing Day.
    assert turn_due(FORUMS["weekly_review"], date(2026, 12, 21)) == date(2026, 12, 29)


def test_a_review_that_stepped_down_belongs_to_the_last_week_in_which_one_fell_due() -> None:
    weekly, monthly = FORUMS["weekly_review"], FORUMS["quality_review"]
    fortnightly = ReviewRhythm(2, date(2026, 9, 2))  # a Wednesday: its week is the first
    assert turn_start(weekly, date(2026, 9, 18), fortnightly) == date(2026, 9, 14)
    assert turn_start(weekly, date(2026, 9, 25), fortnightly) == date(2026, 9, 14)
    assert turn_start(weekly, date(2026, 9, 28), fortnightly) == date(2026, 9, 28)
    assert turn_start(weekly, date(2026, 9, 25), ReviewRhythm(4, date(2026, 9, 2))) == date(2026, 8, 31)
    assert turn_start(monthly, date(2026, 9, 25), fortnightly) == date(2026, 9, 1)


@given(DAYS, DAYS, st.sampled_from([1, 2, 4]))
def test_turns_follow_each_other_without_a_gap(day: date, since: date, every: int) -> None:
    start = turn_start(FORUMS["weekly_review"], day, ReviewRhythm(every, since))
    assert start <= day < start + timedelta(weeks=every)
    assert turn_start(FORUMS["weekly_review"], start + timedelta(weeks=every), ReviewRhythm(every, since)) == (
        start + timedelta(weeks=every)
    )


def test_a_monthly_review_is_due_on_the_last_working_day() -> None:
    assert turn_due(FORUMS["provider_review"], date(2026, 10, 1)) == date(2026, 10, 30)


@given(DAYS)
def test_a_review_is_always_due_on_a_working_day_of_its_turn(day: date) -> None:
    for forum in FORUMS.values():
        start = turn_start(forum, day)
        due = turn_due(forum, start)
        assert start <= day
        assert is_working_day(due)
        assert start <= due <= start + timedelta(days=31)


def test_what_is_due_without_a_decision_is_outstanding() -> None:
    turn, today = date(2026, 11, 9), date(2026, 11, 12)
    assert outstanding(turn, [one()], today)
    assert outstanding(turn, [one(review_due_on=None)], today)
    assert not outstanding(turn, [one(review_due_on=date(2026, 11, 20))], today)
    assert not outstanding(turn, [one(in_plan=False)], today)
    assert outstanding(turn, [one(decided_on=date(2026, 11, 8))], today)
    assert not outstanding(turn, [one(decided_on=date(2026, 11, 9))], today)


@given(st.lists(st.tuples(st.booleans(), st.none() | DAYS, st.none() | DAYS), max_size=8), DAYS)
def test_nothing_is_both_decided_and_outstanding(rows: list[tuple[bool, date | None, date | None]], day: date) -> None:
    turn = turn_start(FORUMS["weekly_review"], day)
    known = [
        one(indicator_id=str(place), in_plan=in_plan, review_due_on=due, decided_on=decided)
        for place, (in_plan, due, decided) in enumerate(rows)
    ]
    assert not set(decided_in(turn, known)) & set(outstanding(turn, known, day))
