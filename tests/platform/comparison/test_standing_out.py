import uuid
from collections.abc import Sequence

from support.standings import a_service_line

from mendline.comparison.queries import RecentCounts
from mendline.comparison.standing_out import standing_out
from mendline.places.rows import ServiceLine

MAR, REVIEWS = "mar_compliance_pct", "care_review_on_time_pct"


def homes(number: int = 9) -> list[ServiceLine]:
    return [a_service_line(service_id=uuid.UUID(int=place), name=f"Home {place}") for place in range(1, number + 1)]


def counts(lines: Sequence[ServiceLine], last: tuple[float, float]) -> tuple[RecentCounts, ...]:
    rest = [RecentCounts(line.service_id, 950, 1000) for line in lines[:-1]]
    return (*rest, RecentCounts(lines[-1].service_id, *last))


def test_one_far_off_is_named_with_what_all_together_come_to() -> None:
    lines = homes()
    (found,) = standing_out({MAR: counts(lines, (850, 1000)), REVIEWS: counts(lines, (950, 1000))}, lines)
    assert (found.service_id, found.definition_key, found.mark) == (lines[-1].service_id, MAR, "concern")
    assert (found.value, round(found.together, 1)) == (85.0, 93.9)


def test_services_come_in_the_order_of_the_page_and_better_ones_are_named_as_well() -> None:
    lines = homes()
    found = standing_out({MAR: counts(lines, (850, 1000)), REVIEWS: counts(lines[::-1], (1000, 1000))}, lines)
    assert [(each.definition_key, each.mark) for each in found] == [(REVIEWS, "improvement"), (MAR, "concern")]


def test_fewer_than_five_of_a_kind_and_services_out_of_sight_are_compared_with_nobody() -> None:
    lines = homes()
    assert standing_out({MAR: counts(lines, (850, 1000))}, lines[:4]) == ()
    assert standing_out({MAR: counts(lines, (850, 1000))}, lines[:-1]) == ()
    assert standing_out({}, lines) == ()
