"""Services in a funnel: like with like, nothing ranked, and named only what chance and number would not make of it."""

import random
import uuid
from collections.abc import Sequence

import pytest
from support.standings import a_service_line

from mendline.comparison.funnel_card import FunnelCard, funnel_card
from mendline.comparison.queries import RecentCounts
from mendline.places.rows import ServiceLine

MAR, FALLS, HOURS = "mar_compliance_pct", "falls_rate", "medicines_discrepancy_review_median_hours"


def homes(number: int, kind: str = "residential", first: int = 0) -> list[ServiceLine]:
    return [
        a_service_line(service_id=uuid.UUID(int=first + place + 1), name=f"Home {first + place + 1}", kind=kind)
        for place in range(number)
    ]


def card(lines: Sequence[ServiceLine], pairs: Sequence[tuple[float, float]], key: str = MAR) -> FunnelCard | None:
    counts = [RecentCounts(line.service_id, *pair) for line, pair in zip(lines, pairs, strict=True)]
    return funnel_card(key, counts, lines, {line.service_id: f"/{line.name}" for line in lines})


def named(found: FunnelCard | None) -> dict[str, str]:
    assert found is not None
    return {each.text: each.mark for each in found.chart.names}


def test_fewer_than_five_services_make_no_funnel() -> None:
    assert card(homes(4), [(95, 100)] * 4) is None
    assert card(homes(5), [(95, 100)] * 5) is not None


def test_services_of_another_kind_are_not_compared_and_the_note_says_so() -> None:
    lines = [*homes(6), *homes(2, "home_care", first=10)]
    found = card(lines, [(950, 1000)] * 6 + [(100, 1000)] * 2)
    assert named(found) == {}
    assert found is not None
    assert len(found.chart.rows) == 6
    assert "Of one kind only: residential care home." in found.note


def test_each_result_of_a_funnel_leads_to_the_figures_that_were_summed() -> None:
    found = card(homes(5), [(95, 100)] * 5)
    assert found is not None
    assert {row.name: row.href for row in found.chart.rows} == {
        f"Home {number}": f"/Home {number}" for number in range(1, 6)
    }


def test_too_few_counted_are_left_out_and_told() -> None:
    found = card(homes(6), [(95, 100)] * 5 + [(0, 5)])
    assert found is not None
    assert len(found.chart.rows) == 5
    assert "1 with too few to compare is left out." in found.note


def test_one_far_below_is_named_as_worse_and_the_others_are_not() -> None:
    assert named(card(homes(9), [(950, 1000)] * 8 + [(850, 1000)])) == {"Home 9": "concern"}
    assert named(card(homes(9), [(900, 1000)] * 8 + [(999, 1000)])) == {"Home 9": "improvement"}


def test_a_rate_is_compared_at_the_pooled_rate_and_fewer_falls_are_better() -> None:
    found = card(homes(9), [(40, 8000)] * 8 + [(110, 8000)], FALLS)
    assert named(found) == {"Home 9": "concern"}
    assert found is not None
    assert found.chart.centre is not None
    row = next(each for each in found.chart.rows if each.name == "Home 9")
    assert row.value.startswith("13.75") or row.value.startswith("13.8")


def test_no_event_in_a_small_service_is_no_achievement() -> None:
    assert named(card(homes(9), [(40, 8000)] * 8 + [(0, 300)], FALLS)) == {}
    assert named(card(homes(9), [(40, 8000)] * 8 + [(0, 8000)], FALLS)) == {"Home 9": "improvement"}


def test_of_very_many_alike_services_hardly_any_is_named() -> None:
    chance = random.Random(3)
    lines = homes(400)
    pairs = [(float(sum(chance.random() < 0.9 for _ in range(80))), 80.0) for _ in lines]
    assert len(named(card(lines, pairs))) <= 1


@pytest.mark.parametrize("key", [HOURS])
def test_what_is_neither_share_nor_rate_has_no_funnel(key: str) -> None:
    assert card(homes(9), [(95, 100)] * 9, key) is None


def test_no_event_anywhere_has_no_funnel() -> None:
    assert card(homes(9), [(0, 8000)] * 9, FALLS) is None
