"""Reviews that no step of a plan asks for are dated once for each service."""

import uuid
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mendline.recovery.plans.forum_work import NUMBERS, REVIEW, with_forums
from mendline.recovery.reviews.rhythm import FORUMS

HERE, ELSEWHERE = uuid.UUID(int=1), uuid.UUID(int=2)
PLAN, OTHER_PLAN = uuid.UUID(int=11), uuid.UUID(int=12)


def a_step(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "service_id": HERE, "plan_id": PLAN, "starts_on": date(2026, 9, 7), "number": 1, "role": "registered_manager",
        "cadence": "weekly", "record_types": [REVIEW],
    }  # fmt: skip
    return {**fields, **changes}


def added(*steps: dict[str, Any]) -> dict[int, Any]:
    return {step["number"]: step["plan_id"] for step in with_forums(steps) if step["number"] > 100}


def test_a_step_that_asks_for_the_review_is_not_asked_again() -> None:
    assert set(added(a_step())) == set(NUMBERS.values()) - {NUMBERS["weekly_review"]}


def test_a_step_of_the_role_without_a_review_does_not_count() -> None:
    assert NUMBERS["weekly_review"] in added(a_step(record_types=["action"]))
    assert NUMBERS["weekly_review"] in added(a_step(cadence="monthly"))


def test_two_plans_of_a_service_are_reviewed_once_with_the_first() -> None:
    later = a_step(plan_id=OTHER_PLAN, starts_on=date(2026, 10, 5))
    assert set(added(later, a_step(plan_id=PLAN)).values()) == {PLAN}


def test_no_plan_no_review() -> None:
    assert list(with_forums([])) == []


@given(st.lists(st.tuples(st.sampled_from([HERE, ELSEWHERE]), st.sampled_from(list(FORUMS.values()))), max_size=6))
def test_each_service_has_each_review_exactly_once_or_more_by_its_own_steps(asked: list[tuple[uuid.UUID, Any]]) -> None:
    steps = [a_step(service_id=place, role=forum.role, cadence=forum.cadence) for place, forum in asked]
    found = list(with_forums(sorted(steps, key=lambda step: step["service_id"])))
    for place in {place for place, _ in asked}:
        for forum in FORUMS.values():
            assert any(
                s["service_id"] == place and (s["role"], s["cadence"]) == (forum.role, forum.cadence) for s in found
            )
    virtual = [(s["service_id"], s["number"]) for s in found if s["number"] > 100]
    assert len(virtual) == len(set(virtual))
