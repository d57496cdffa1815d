"""Whoever keeps what was shown before cannot take one to four people from what is shown now."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.standings import a_place, a_series, a_service_line, a_standing

from mendline.comparison.differencing import differs_by_few, remembered, steady, told_of
from mendline.comparison.released import Facts, frozen
from mendline.comparison.suppression import SMALLEST
from mendline.indicators.standing import Standing

Counts = list[tuple[float, float]]


def standing(*counts: tuple[float, float]) -> Standing:
    top, bottom = counts[-1]
    series = a_series(*counts)
    newest = date.fromisoformat(series["periods"][-1])
    return a_standing(
        series=series, numerator=top, denominator=bottom, value=100 * top / bottom, centre=91.0, lower=80.0, upper=99.0,
        baseline_value=90.0, last_period=newest,
    )  # fmt: skip


def released(told: Any, *counts: tuple[float, float]) -> dict[str, Any]:
    facts = Facts(a_place(), a_service_line(), (standing(*counts),), (), (), ())
    return json.loads(json.dumps(frozen(facts, told)))


@pytest.mark.parametrize(
    ("now", "before", "few"),
    [
        ((20.0, 40.0), [(20.0, 40.0)], False),
        ((21.0, 40.0), [(20.0, 40.0)], True),
        ((25.0, 40.0), [(20.0, 40.0)], False),
        ((24.0, 40.0), [(20.0, 40.0)], True),
        ((30.0, 40.0), [(20.0, 40.0), (29.0, 40.0)], True),
        ((None, 40.0), [(20.0, 40.0)], False),
        ((20.0, 40.0), [], False),
    ],
)
def test_a_difference_of_one_to_four_from_anything_told_is_few(now: Any, before: Any, few: bool) -> None:
    assert differs_by_few(now, before) is few


def test_a_period_corrected_by_two_is_withheld_in_the_next_release_with_what_was_worked_out_from_it() -> None:
    first = released(None, (60, 100), (70, 100), (80, 100))
    shown = first["summary"]["standings"][0]
    assert shown["series"]["values"] == [60.0, 70.0, 80.0]
    second = released(first["told"], (60, 100), (72, 100), (80, 100))
    shown = second["summary"]["standings"][0]
    assert shown["series"]["values"] == [60.0, None, 80.0]
    assert shown["series"]["numerators"] == [60, None, 80]
    assert shown["value"] == 80.0
    assert (shown["centre"], shown["lower"], shown["upper"], shown["baseline_value"]) == (None,) * 4
    assert second["summary"]["withheld"] == []


def test_the_newest_figure_corrected_by_two_is_withheld_and_the_release_says_so() -> None:
    first = released(None, (60, 100), (70, 100))
    second = released(first["told"], (60, 100), (72, 100))
    assert second["summary"]["standings"][0]["value"] is None
    assert len(second["summary"]["withheld"]) == 1


def test_a_correction_by_five_or_more_is_shown() -> None:
    first = released(None, (60, 100), (70, 100))
    second = released(first["told"], (60, 100), (75, 100))
    assert second["summary"]["standings"][0]["series"]["values"] == [60.0, 75.0]
    assert second["summary"]["standings"][0]["centre"] == 91.0


def test_what_was_told_three_releases_ago_still_counts() -> None:
    told = released(None, (70, 100))["told"]
    told = released(told, (80, 100))["told"]
    told = released(told, (81, 100))["told"]  # withheld: one from the second
    third = released(told, (71, 100))["summary"]["standings"][0]  # ten from the second, one from the first
    assert third["value"] is None


def test_what_was_withheld_is_not_told() -> None:
    told = released(None, (198, 200))["told"]
    assert all(not periods for periods in told.values())


def test_what_outsiders_looked_at_before_a_correction_counts_as_told_where_figures_are_shown_as_they_stand() -> None:
    now = standing((60, 100), (72, 100))
    start = date.fromisoformat(now.series["periods"][1])
    told = told_of([(now.indicator_id, now.definition_key, start, 70.0, 70.0, 100.0)])
    assert steady([now], [now], told)[0].series["values"] == [60.0, None]
    assert steady([now], [now], {})[0] == now


COUNTS = st.lists(st.tuples(st.integers(5, 40), st.integers(45, 80)), min_size=3, max_size=3)


@settings(deadline=None, max_examples=60)
@given(st.lists(COUNTS, min_size=2, max_size=5))
def test_no_two_releases_ever_tell_a_difference_of_one_to_four(history: list[Counts]) -> None:
    told: Any = {}
    seen: dict[str, list[tuple[float, float]]] = {}
    for counts in history:
        whole = [standing(*counts)]
        kept = steady(whole, whole, told)
        told = remembered(told, kept, whole, {})
        series = kept[0].series
        for period, top, bottom in zip(series["periods"], series["numerators"], series["denominators"], strict=True):
            if top is not None:
                for earlier_top, earlier_bottom in seen.get(period, []):
                    assert not 0 < abs(top - earlier_top) < SMALLEST
                    assert not 0 < abs(bottom - earlier_bottom) < SMALLEST
                seen.setdefault(period, []).append((top, bottom))


def test_a_newest_figure_that_is_shown_without_its_series_is_remembered_and_held_against_too() -> None:
    """Some earlier week was small, so that the series is withheld whole."""
    first = released(None, (3, 100), (70, 100))
    assert first["summary"]["standings"][0]["value"] == 70.0
    assert first["summary"]["standings"][0]["series"] == {}
    second = released(first["told"], (3, 100), (72, 100))
    assert second["summary"]["standings"][0]["value"] is None
