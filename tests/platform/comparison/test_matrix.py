"""The comparison of services, from rows alone: pooled, never averaged, and weak assurance named."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from support.standings import MAR, PROVIDER, TODAY, a_service_line, at_address

from mendline.catalogue.status_rules import status_rules
from mendline.comparison.matrix import Asked, compare_page, compare_sentence
from mendline.comparison.matrix_rail import is_weak_assurance, reading_of
from mendline.comparison.queries import PooledFigure, StatusCell
from mendline.comparison.standing_out import StandsOut
from mendline.indicators.composite import Parts, composite_of

FIRST, SECOND = uuid.UUID(int=11), uuid.UUID(int=12)
LINES = (a_service_line(service_id=FIRST, name="Rosewood House"), a_service_line(service_id=SECOND, name="Fernleigh"))
AT = datetime(2026, 11, 17, 7, 40, tzinfo=UTC)


def a_cell(service_id: uuid.UUID = FIRST, **changes: Any) -> StatusCell:
    fields: dict[str, Any] = {
        "service_id": service_id, "indicator_id": uuid.UUID(int=3), "definition_key": MAR, "status": "stable",
        "assurance": "pass", "is_stale": False, "last_period": date(2026, 11, 9), "value": 95.0, "numerator": 190.0, "denominator": 200.0,
        "target_value": 90.0, "evidence_level": "strong", "since": None, "sentence": "It is 95%.",
        "unescalated_days": None, "declined_since": None, "last_decision": None, "last_decision_on": None,
        "last_decision_by": None, "facts_recorded_at": AT,
    }  # fmt: skip
    given = {**fields, **changes}
    parts = Parts(given["status"], given["is_stale"], given["evidence_level"])
    return StatusCell(**{"composite": composite_of(parts, status_rules()).gives, **given})


def a_pool(kind: str = "residential", **changes: Any) -> PooledFigure:
    fields: dict[str, Any] = {
        "definition_key": MAR, "service_kind": kind, "period_start": date(2026, 11, 9), "services_expected": 2,
        "services_reporting": 2, "numerator": 199.0, "denominator": 210.0, "value": 100 * 199 / 210, "below_target": 0,
        "facts_recorded_at": AT,
    }  # fmt: skip
    return PooledFigure(**{**fields, **changes})


def a_page(*cells: StatusCell, asked: Asked | None = None, pooled: tuple[PooledFigure, ...] = ()) -> Any:
    return compare_page(
        "Alderway", LINES, (MAR,), cells, pooled, provider_id=PROVIDER, areas=("medicines",), asked=asked or Asked(), today=TODAY,
        address=at_address,
    )  # fmt: skip


def test_a_service_without_the_indicator_or_without_a_figure_says_so_and_shows_no_nought() -> None:
    page = a_page(a_cell(value=None))
    assert [row.cells[0].value for row in page.rows] == ["None in period", "Not run here"]


def test_open_escalations_stand_in_a_column_with_how_many_are_late() -> None:
    page = compare_page(
        "Alderway", LINES, (MAR,), (a_cell(),), (a_pool(),), provider_id=PROVIDER, areas=("medicines",), asked=Asked(), today=TODAY,
        address=at_address, escalated={LINES[0].service_id: (3, 1)},
    )  # fmt: skip
    assert page.columns[0].label == "Open escalations"
    said = {row.name: (row.cells[0].value, row.cells[0].flag) for row in page.rows}
    assert said[LINES[0].name] == ("3", "1 late")
    assert set(said.values()) == {("3", "1 late"), ("None", "")}
    assert page.provider_row is not None
    assert (page.provider_row.cells[0].value, page.provider_row.cells[0].href) == (
        "3",
        f"/comparison.matrix/{PROVIDER}#services",
    )
    # Whoever may not see escalations has no such column, rather than one of noughts.
    assert [column.key for column in a_page(a_cell()).columns] == [MAR]


def test_who_stands_out_is_listed_with_all_together_beside_it_and_the_way_to_its_page() -> None:
    apart = StandsOut(SECOND, MAR, 86.1, 96.2, 861, 1000, "concern")
    page = compare_page(
        "Alderway", LINES, (MAR,), (a_cell(), a_cell(SECOND)), (), provider_id=PROVIDER, areas=(), asked=Asked(), today=TODAY,
        address=at_address, outstanding=(apart,),
    )  # fmt: skip
    (item,) = page.rail[-1].items
    assert item.heading == "Fernleigh, MAR compliance"
    assert item.text.startswith("Worse than chance alone would give: 86.1% (861 of 1,000) over the last 4 periods")
    assert item.href
    assert a_page(a_cell()).rail[-1].empty.startswith("Nothing differs by more than chance")


def test_the_row_of_all_services_is_pooled_and_not_the_mean_of_its_services() -> None:
    page = a_page(a_cell(value=95.0), a_cell(SECOND, value=90.0), pooled=(a_pool(),))
    assert page.provider_row is not None
    assert page.provider_row.cells[0].value == "94.8%"  # (190 + 9) of (200 + 10); the mean would be 92.5%
    assert page.provider_row.cells[0].href == f"/comparison.pool/{PROVIDER}/{MAR}/residential/2026-11-09"
    assert a_page(a_cell()).provider_row is None


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"status": "improving"}, "Improving"),
        ({"status": "improving", "is_stale": True}, "Not supported"),
        ({"status": "improving", "evidence_level": "not_supported"}, "Not supported"),
        ({"status": "deteriorating"}, "Deteriorating"),
    ],
)
def test_a_cell_without_current_evidence_has_no_trend_word(changes: dict[str, Any], word: str) -> None:
    assert reading_of(a_cell(**changes)).word == word


@pytest.mark.parametrize(
    ("decision", "level", "weak"),
    [
        ("assured", "partial", True),
        ("assured_with_exception", "not_supported", True),
        ("assured", "sufficient", False),
        ("further_action", "not_supported", False),
        (None, "not_supported", False),
    ],
)
def test_an_assurance_on_thin_evidence_is_weak(decision: str | None, level: str, weak: bool) -> None:
    cell = a_cell(last_decision=decision, evidence_level=level)
    assert is_weak_assurance(cell) is weak
    assert len(a_page(cell).rail[2].items) == weak


def test_the_page_opens_with_what_worsens_what_waits_and_what_is_weak() -> None:
    assert compare_sentence(()) == "No result is getting worse."
    cells = (
        a_cell(status="deteriorating", unescalated_days=3),
        a_cell(SECOND, status="deteriorating"),
        a_cell(last_decision="assured", evidence_level="partial"),
    )
    assert compare_sentence(cells) == (
        "2 results are getting worse across 2 services. 1 decline has no decision. 1 assurance rests on weak evidence."
    )


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (Asked(), ["Rosewood House", "Fernleigh"]),
        (Asked(name="ROSE"), ["Rosewood House"]),
        (Asked(name="nothing"), []),
        (Asked(show="deteriorating"), ["Fernleigh"]),
        (Asked(show="unescalated"), ["Fernleigh"]),
        (Asked(show="unsupported"), ["Rosewood House"]),
        (Asked(show="anything else"), ["Rosewood House", "Fernleigh"]),
    ],
)
def test_services_are_found_by_name_and_by_what_is_wrong(asked: Asked, names: list[str]) -> None:
    cells = (a_cell(evidence_level="not_supported"), a_cell(SECOND, status="deteriorating", unescalated_days=2))
    page = a_page(*cells, asked=asked)
    assert [row.name for row in page.rows] == names
    assert page.filters is not None
    assert page.filters.shown == f"Showing {len(names)} of 2"


def test_declines_without_a_decision_stand_oldest_first_and_a_decided_one_is_drift() -> None:
    cells = (
        a_cell(status="deteriorating", unescalated_days=3),
        a_cell(SECOND, status="deteriorating", unescalated_days=9),
        a_cell(SECOND, status="deteriorating", since=TODAY - timedelta(days=9), last_decision="further_action",
               last_decision_on=TODAY),
    )  # fmt: skip
    waiting, drift, *_ = a_page(*cells).rail
    assert [item.text.split(" since")[0] for item in waiting.items] == ["9 days", "3 days"]
    assert len(drift.items) == 1
    assert "Further action, 17 Nov." in drift.items[0].text


def test_the_page_says_how_new_its_newest_fact_is() -> None:
    assert a_page(a_cell()).freshness.endswith("17 Nov, 07:40.")
    assert a_page(a_cell(facts_recorded_at=None)).freshness == ""


def test_a_figure_that_was_restated_or_came_late_says_so_in_its_cell() -> None:
    page = a_page(a_cell(mark="Restated 12 Nov"), a_cell(SECOND))
    assert [row.cells[0].mark for row in page.rows] == ["Restated 12 Nov", ""]


def test_a_list_that_ends_before_all_its_results_leads_to_all_of_them() -> None:
    declines = [a_cell(uuid.UUID(int=20 + place), status="deteriorating", unescalated_days=9) for place in range(5)]
    waiting, drift, *_ = a_page(*declines).rail
    assert (len(waiting.items), waiting.more and waiting.more.label) == (4, "All 5")
    assert waiting.more is not None
    assert "show=unescalated" in waiting.more.href or "unescalated" in waiting.more.href
    assert drift.more is None
    assert a_page(*declines[:4]).rail[0].more is None
