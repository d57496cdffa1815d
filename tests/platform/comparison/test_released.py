"""What is released is frozen without names, words or small numbers, and read back by the parts of a grant."""

import json
import uuid
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.standings import PROVIDER, SERVICE, a_place, a_series, a_service_line, a_standing

from mendline.comparison.queries import DeclineLine
from mendline.comparison.released import PARTS, Facts, frozen, thawed
from mendline.comparison.suppression import SMALLEST, kept_apart
from mendline.recovery.queries import DecisionLine
from mendline.services.rows import OpenAction

DAY = date(2026, 11, 10)
SECRET = "NIGHTJAR"


def facts(**changes: Any) -> Facts:
    standing = a_standing(
        series=a_series((190, 200), (180, 200)), review_owner=SECRET, sentence=SECRET, reason=SECRET,
        last_decision_by=SECRET, last_decision="escalate", last_decision_on=DAY, evidence_marks={"A": "current"},
        parts={"word": SECRET}, todos=[{"word": SECRET}],
    )  # fmt: skip
    indicator_id = standing.indicator_id
    told = {
        "place": replace(a_place(), registered_manager=SECRET),
        "line": replace(a_service_line(), last_decision="escalate", last_decision_on=DAY),
        "standings": (standing,),
        "declines": (DeclineLine(SERVICE, standing.definition_key, DAY, 3, "escalate", DAY, SECRET),),
        "actions": (OpenAction(uuid.uuid4(), "A-001", SECRET, SECRET, DAY, DAY, indicator_id),),
        "decisions": (
            DecisionLine(
                indicator_id, standing.definition_key, "Weekly", DAY, "escalate", SECRET, SECRET, SECRET, [SECRET],
                SECRET, SECRET, "Registered manager", uuid.uuid4(),
            ),
        ),
    }  # fmt: skip
    return Facts(**(told | changes))


def test_no_name_and_no_free_text_is_frozen() -> None:
    assert SECRET not in json.dumps(frozen(facts()))


def test_what_is_frozen_is_plain_and_reads_back_the_same() -> None:
    parts = json.loads(json.dumps(frozen(facts())))
    assert set(parts) == set(PARTS)
    then = thawed(parts)
    assert json.loads(json.dumps(frozen(then)))["actions"] == parts["actions"]
    assert then.standings[0].value == 95.0
    assert then.standings[0].series["values"] == [95.0, 90.0]
    assert (then.line.last_decision, then.standings[0].last_decision_on) == ("escalate", DAY)
    assert then.standings[0].evidence_marks == {"A": "current"}
    assert then.declines[0].decision == "escalate"
    assert then.actions[0].reference == "A-001"


def test_a_reader_without_a_part_sees_nothing_of_it() -> None:
    parts = json.loads(json.dumps(frozen(facts())))
    then = thawed({"summary": parts["summary"]})
    assert (then.actions, then.decisions, then.line.last_decision) == ((), (), None)
    assert (then.standings[0].last_decision, then.standings[0].evidence_marks) == (None, {})
    assert then.declines[0].decision is None
    assert '"escalate"' not in json.dumps(parts["summary"])


@pytest.mark.parametrize("gone", ["variation", "parts", "usable_points", "is_stale", "status", "todos"])
def test_a_release_of_older_columns_is_read_all_the_same(gone: str) -> None:
    parts = json.loads(json.dumps(frozen(facts())))
    del parts["summary"]["standings"][0][gone]
    parts["summary"]["standings"][0]["a_column_that_is_no_more"] = 1
    assert thawed(parts).standings[0].value == 95.0


def test_a_small_count_is_never_frozen_and_the_release_says_that_it_was_withheld() -> None:
    standing = a_standing(numerator=198.0, denominator=200.0, value=99.0, series=a_series((198, 200)))
    parts = frozen(facts(standings=(standing,)))
    assert parts["summary"]["standings"][0]["value"] is None
    assert parts["summary"]["withheld"] == [str(standing.indicator_id)]
    assert parts["summary"]["standings"][0]["series"] == {}


def falls(key: str, *counts: float) -> Any:
    return a_standing(
        indicator_id=uuid.uuid5(PROVIDER, key), definition_key=key, numerator=counts[-1], denominator=900.0,
        value=1000 * counts[-1] / 900, series=a_series(*((count, 900.0) for count in counts)),
    )  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6))
def test_a_part_beside_its_whole_never_tells_a_small_remainder(pairs: list[tuple[int, int]]) -> None:
    """Falls with harm beside all falls: whoever has both has the falls without harm."""
    parts = [float(min(pair)) for pair in pairs]
    wholes = [float(max(pair)) for pair in pairs]
    shown = {
        each.definition_key: each
        for each in kept_apart((falls("falls_with_harm_rate", *parts), falls("falls_rate", *wholes)))
    }
    part, whole = shown["falls_with_harm_rate"], shown["falls_rate"]
    if part.value is not None and whole.value is not None:
        rest = round((whole.value - part.value) * 0.9)
        assert not 0 < rest < SMALLEST
    if part.series and whole.series:
        for some, all_ in zip(part.series["numerators"], whole.series["numerators"], strict=True):
            assert not 0 < all_ - some < SMALLEST
