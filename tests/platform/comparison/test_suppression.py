"""Nothing that a commissioner is shown lets a count from 1 to 4 be worked out."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.standings import MAR, TODAY, a_place, a_series, a_standing

from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.comparison.commissioned import outside_row
from mendline.comparison.suppression import for_outsiders, is_small, must_withhold
from mendline.indicators.pages import IndicatorRow
from mendline.indicators.standing import Standing
from mendline.places.rows import Place
from tenants.reach import Granted

RELEASED = replace(indicator_definition(MAR), external_view="suppress_small")
counts = st.integers(0, 60)


def a_definition(measure: str, view: str = "suppress_small") -> IndicatorDefinition:
    return replace(RELEASED, measure_type=measure, external_view=view, rate_per=1000.0 if measure == "rate" else None)  # type: ignore[arg-type]


def shown_by(standing: Standing) -> list[Any]:
    return [standing.value, standing.numerator, standing.denominator, standing.baseline_value, standing.centre,
            standing.lower, standing.upper, *standing.series.get("values", ())]  # fmt: skip


@pytest.mark.parametrize(("count", "small"), [(None, False), (0, False), (1, True), (4, True), (5, False)])
def test_counts_from_one_to_four_are_small_and_zero_is_not(count: float | None, small: bool) -> None:
    assert is_small(count) is small


@pytest.mark.parametrize(
    ("measure", "value", "top", "bottom", "withheld"),
    [
        ("proportion", 50.0, 20, 40, False),
        ("proportion", 10.0, 4, 40, True),
        ("proportion", 90.0, 36, 40, True),  # the other four
        ("proportion", 100.0, 40, 40, False),
        ("proportion", 0.0, 0, 40, False),
        ("proportion", 0.0, 0, 4, True),
        ("proportion", 90.0, None, None, True),  # a share without its counts cannot be checked
        ("proportion", None, None, None, False),
        ("rate", 6.8, 2, 294, True),
        ("rate", 34.0, 10, 294, False),
        ("rate", 0.0, 0, 294, False),
        ("rate", 3.4, None, None, True),
        ("count", 3, None, None, True),
        ("count", 3, 3, None, True),
        ("count", 12, 12, None, False),
        ("duration", 9.5, 38.0, 4, True),
        ("duration", 2.0, 80.0, 40, False),
        ("score", 4.1, None, None, False),
    ],
)
def test_a_figure_is_withheld_where_it_would_give_a_small_count_away(
    measure: str, value: float | None, top: float | None, bottom: float | None, withheld: bool
) -> None:
    assert must_withhold(a_definition(measure), value, top, bottom) is withheld


@pytest.mark.parametrize("view", ["internal_only", "narrative_only"])
def test_what_is_not_released_as_a_number_is_withheld_however_large(view: str) -> None:
    assert must_withhold(a_definition("proportion", view), 50.0, 200, 400)


@given(
    pairs=st.lists(st.tuples(counts, counts).map(sorted).filter(lambda pair: pair[1] > 0), min_size=1, max_size=12),
    measure=st.sampled_from(["proportion", "rate"]),
    people=st.one_of(st.none(), st.integers(1, 60)),
)
def test_no_shown_figure_belongs_to_a_small_count(pairs: list[list[int]], measure: str, people: int | None) -> None:
    series = a_series(*[(top, bottom) for top, bottom in pairs])
    top, bottom = pairs[-1]
    standing = a_standing(numerator=top, denominator=bottom, value=100 * top / bottom, series=series)
    kept, withheld = for_outsiders(standing, a_definition(measure), people)

    def tells(top: int, bottom: int) -> bool:
        return is_small(top) or is_small(bottom) or (measure == "proportion" and is_small(bottom - top))

    few = people is not None and people < 10
    assert kept.numerator is kept.denominator is None
    assert kept.sentence == ""
    if tells(top, bottom) or few:
        assert all(value is None for value in shown_by(kept))
    if any(tells(*pair) for pair in pairs) or few:
        assert withheld
        assert not kept.series
        assert kept.baseline_value is kept.centre is kept.lower is kept.upper is None
    else:
        assert not withheld
        assert kept.value == standing.value
        assert kept.series == series


def test_nobody_is_named_to_an_outsider() -> None:
    kept, _ = for_outsiders(a_standing(last_decision_by="D Hartley"), RELEASED)
    assert kept.review_owner is None
    assert kept.last_decision_by is None


def a_grant(*classes: str) -> Granted:
    place = a_place()
    return Granted(place.provider_id, place.service_id, "Northmoor Council", frozenset(classes), False, TODAY)


def row_outside(standing: Standing, place: Place, grant: Granted) -> IndicatorRow:
    kept, _ = for_outsiders(standing, indicator_definition(standing.definition_key), place.people_count)
    return outside_row(kept, place, grant, TODAY, withheld=standing.value is not None and kept.value is None)


def test_a_row_for_an_outsider_says_withheld_and_draws_no_line() -> None:
    standing = a_standing(numerator=3, denominator=60, value=5.0, series=a_series((20, 60), (3, 60)))
    row = row_outside(standing, a_place(), a_grant("summary"))
    assert row.now == "Withheld"
    assert row.spark is None
    assert row.href == row.owner == row.evidence_href == ""
    own = a_standing(numerator=30, denominator=60, value=50.0, series=a_series((20, 60), (30, 60)))
    open_row = row_outside(own, a_place(), a_grant("summary"))
    assert open_row.now == "50.0%"
    assert open_row.spark is not None


def test_a_service_with_fewer_than_ten_people_shows_words_and_no_figure() -> None:
    standing = a_standing(numerator=30, denominator=60, value=50.0, series=a_series((20, 60), (30, 60)))
    assert row_outside(standing, a_place(people_count=9), a_grant("summary")).now == "Withheld"
    assert row_outside(standing, a_place(people_count=10), a_grant("summary")).now == "50.0%"


def test_decisions_and_kinds_of_evidence_are_shown_where_they_are_granted_and_not_elsewhere() -> None:
    standing = a_standing(last_decision="assured", last_decision_on=TODAY)
    closed = row_outside(standing, a_place(), a_grant("summary"))
    assert (closed.decision, closed.decided, closed.kinds.cells) == ("Not shared", "", ())
    granted = row_outside(standing, a_place(), a_grant("summary", "actions", "evidence_index"))
    assert granted.decision == "Assured"
    assert len(granted.kinds.cells) == 4
