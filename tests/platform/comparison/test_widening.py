"""In place of a figure that is too small, outsiders read twelve months; never one that tells a small count after all."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.standings import TODAY, a_place, a_series, a_service_line, a_standing

from mendline.comparison.commissioned import commissioned_page
from mendline.comparison.released import Facts, frozen, thawed
from mendline.comparison.releasing import Released
from mendline.comparison.widening import year_total
from mendline.indicators.standing import Standing
from tenants.reach import Granted

WEEKS = 70


def standing(*counts: tuple[float, float]) -> Standing:
    series = a_series(*counts)
    top, bottom = counts[-1]
    return a_standing(
        series=series, numerator=top, denominator=bottom, value=100 * top / bottom,
        last_period=date.fromisoformat(series["periods"][-1]),
    )  # fmt: skip


def released(told: Any, one: Standing, people_count: int = 30) -> dict[str, Any]:
    place = replace(a_place(), people_count=people_count)
    return json.loads(json.dumps(frozen(Facts(place, a_service_line(), (one,), (), (), ()), told)))


def years(parts: dict[str, Any]) -> list[dict[str, Any]]:
    return list(parts["summary"]["years"].values())


def test_twelve_months_end_with_a_quarter_and_are_added_up_not_averaged() -> None:
    one = standing(*([(20, 22)] * (WEEKS - 1)), (2, 2))
    found = year_total(one, {})
    assert found is not None
    assert found.last == date(2026, 9, 30)
    assert found.value == pytest.approx(100 * 20 / 22)
    assert found.counts[2] == 2 * (found.counts[0] or 0) / 20


def test_a_withheld_figure_is_released_as_twelve_months_and_a_shown_one_is_not() -> None:
    small = released(None, standing(*([(20, 22)] * WEEKS)))
    assert small["summary"]["standings"][0]["value"] is None
    assert years(small)[0]["last"] == "2026-09-30"
    assert years(released(None, standing(*([(80, 100)] * WEEKS)))) == []


def test_of_a_service_with_fewer_than_ten_people_only_the_twelve_months_are_released() -> None:
    parts = released(None, standing(*([(80, 100)] * WEEKS)), people_count=6)
    assert parts["summary"]["standings"][0]["value"] is None
    assert years(parts)[0]["value"] == pytest.approx(80.0)


def test_twelve_months_that_would_tell_a_small_count_are_withheld_too() -> None:
    assert (
        years(released(None, standing(*([(22, 22)] * (WEEKS - 20)), *([(21, 22)] * 2), *([(22, 22)] * 17), (2, 3))))
        == []
    )


def test_a_year_with_gaps_is_not_called_a_year() -> None:
    assert year_total(standing(*([(20, 22)] * 40)), {}) is None


def test_twelve_months_that_moved_by_two_since_they_were_told_are_withheld() -> None:
    first = released(None, standing(*([(20, 22)] * WEEKS)))
    corrected = standing(*([(20, 22)] * (WEEKS - 20)), (18, 22), *([(20, 22)] * 19))
    assert years(released(first["told"], corrected)) == []
    assert len(years(released(None, corrected))) == 1


def test_the_commissioner_reads_the_twelve_months_under_what_is_withheld() -> None:
    parts = released(None, standing(*([(20, 22)] * WEEKS)))
    facts = thawed(parts)
    grant = Granted(
        facts.place.provider_id,
        facts.place.service_id,
        "Northmoor",
        frozenset({"summary"}),
        True,
        date(2027, 1, 1),
        False,
    )
    then = Released(facts.place.service_id, date(2026, 11, 15), None, parts)
    page = commissioned_page(facts.place, grant, facts.standings, (), (), today=TODAY, released=then)
    assert page.rows[0].now == "Withheld"
    assert page.rows[0].longer == "90.9% in 12 months to 30 September 2026"
    live = commissioned_page(
        facts.place, replace(grant, live=True), (standing(*([(20, 22)] * WEEKS)),), (), (), today=TODAY
    )
    assert live.rows[0].longer == page.rows[0].longer
