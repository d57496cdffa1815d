"""What a service still does after it has closed, by the worked example of the rule."""

from datetime import date
from typing import get_args

import pytest

from mendline.catalogue.closing import Beginning, is_told, ran_on, refusal

CLOSED = date(2026, 5, 3)  # a Sunday


@pytest.mark.parametrize("what", get_args(Beginning))
def test_nothing_begins_at_a_service_that_has_closed_and_it_says_what_to_do(what: Beginning) -> None:
    said = refusal(what, CLOSED)
    assert said.startswith("The service closed on 3 May 2026: no")
    assert "open it again in the register of services" in said
    assert refusal(what, None) == ""


def test_the_week_of_the_last_day_ran_and_the_next_one_did_not() -> None:
    assert ran_on(CLOSED, date(2026, 4, 27))
    assert ran_on(CLOSED, CLOSED)
    assert not ran_on(CLOSED, date(2026, 5, 4))
    assert ran_on(None, date(2999, 1, 1))


@pytest.mark.parametrize(("kind", "told"), [("clock", True), ("action", False), ("escalation", False), ("work", False)])
def test_what_is_owed_to_somebody_outside_is_still_told_and_nothing_else(kind: str, told: bool) -> None:
    assert is_told(kind, CLOSED) is told
    assert is_told(kind, None)
