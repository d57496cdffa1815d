"""What a carer is asked to record now: few enough that what can be recorded at any time stays in reach of a thumb."""

import uuid
from datetime import date, timedelta
from typing import Any

from mendline.capture.presenting import DUE_SHOWN, due_lists
from mendline.duties.rows import WorkLine

TODAY = date(2026, 11, 23)


def work(days_ago: int = 0, **changes: Any) -> WorkLine:
    day = TODAY - timedelta(days=days_ago)
    fields: dict[str, Any] = {
        "provider_id": uuid.UUID(int=1), "service_id": uuid.UUID(int=2), "service": "Rowan House",
        "work_item_id": uuid.UUID(int=3), "plan_id": None, "step_number": 1, "title": "Make the end-of-shift check",
        "record": "Audit form", "role": "senior_carer", "asked_role": "senior_carer", "assigned_id": None,
        "assigned_label": None, "stands_in": None, "is_vacant": False, "record_types": ["end_of_shift_check"],
        "needed": 1, "made": 0, "opens_on": day, "first_due_on": day, "due_on": day, "shift_band": None, "state": "open",
        "closed_on": None, "closed_label": None,
    }  # fmt: skip
    return WorkLine(**{**fields, **changes})


def shown(*lines: WorkLine) -> Any:
    return due_lists(lines, TODAY, lambda endpoint, **_: f"/{endpoint}", tell=False)


def test_the_first_few_stand_open_and_the_others_are_folded_under_their_number() -> None:
    first, others = shown(*(work(day) for day in (6, 3, 1, 0, 0)))
    assert [item.when for item in first.items] == ["6 days late", "3 days late", "1 day late"]
    assert (others.heading, len(others.items)) == ("2 more due", 2)


def test_nothing_is_folded_where_few_are_due() -> None:
    assert shown(*(work() for _ in range(DUE_SHOWN)))[1] is None
    first, others = shown()
    assert (first.items, others) == ((), None)
    assert first.empty == "Nothing is due. You can record any time."


def test_a_check_of_a_shift_says_of_which_one() -> None:
    (item,) = shown(work(3, shift_band="evening"))[0].items
    assert item.text == "Evening shift, 20 November 2026. Audit form"
