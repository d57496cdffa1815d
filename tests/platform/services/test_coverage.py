import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from support.standings import TODAY, a_place, a_standing, at_address

from mendline.catalogue.frameworks import framework
from mendline.places.head import Offers
from mendline.services.coverage import Piece, RecordGroup, coverage_of, places_of, summary_of
from mendline.services.coverage_page import cell_page, coverage_page, framework_of

SAF = framework("saf-2023")
CODES = [category.code for category in SAF.evidence_categories]


def a_piece(**changes: Any) -> Piece:
    fields: dict[str, Any] = {
        "evidence_id": uuid.UUID(int=9), "reference": "E-046", "title": "Rounds seen", "letter": "P",
        "dated_on": TODAY - timedelta(days=3), "result": None, "statement": None,
        "definition_keys": ("mar_compliance_pct",),
    }  # fmt: skip
    return Piece(**{**fields, **changes})


def cell(rows: Any, code: str, category: str) -> Any:
    row = next(row for row in rows if row.node.code == code)
    return row.cells[CODES.index(category)]


def test_every_statement_and_every_kind_of_evidence_has_its_cell() -> None:
    rows = coverage_of(SAF, (), (), TODAY)
    assert len(rows) == 34
    assert {len(row.cells) for row in rows} == {6}


def test_a_kind_that_is_looked_for_and_missing_is_a_gap_and_others_are_not() -> None:
    rows = coverage_of(SAF, (), (), TODAY)
    assert cell(rows, "safe.medicines-optimisation", "observation").is_gap
    leaders = cell(rows, "caring.workforce-wellbeing", "people")
    assert (leaders.state, leaders.is_gap) == ("none", False)


def test_evidence_counts_for_each_statement_of_the_indicators_it_stands_behind() -> None:
    assert {code for code, _ in places_of(a_piece())} >= {"safe.medicines-optimisation"}
    rows = coverage_of(SAF, [a_piece()], (), TODAY)
    found = cell(rows, "safe.medicines-optimisation", "observation")
    assert (found.state, found.count, found.is_gap) == ("current", 1, False)


@pytest.mark.parametrize(
    ("letter", "key", "category"),
    [
        ("P", "mar_compliance_pct", "observation"),
        ("F", "mar_compliance_pct", "people"),
        ("F", "agency_hours_pct", "staff_leaders"),
        ("A", "mar_compliance_pct", "processes"),
        ("R", "falls_rate", "outcomes"),
    ],
)
def test_each_letter_is_a_kind_of_evidence_of_the_regulator(letter, key, category) -> None:
    assert {kind for _, kind in places_of(a_piece(letter=letter, definition_keys=(key,)))} == {category}


def test_what_is_older_than_a_quarter_is_out_of_date_and_still_a_gap() -> None:
    rows = coverage_of(SAF, [a_piece(dated_on=TODAY - timedelta(days=92))], (), TODAY)
    found = cell(rows, "safe.medicines-optimisation", "observation")
    assert (found.state, found.is_gap) == ("old", True)
    rows = coverage_of(SAF, [a_piece(dated_on=TODAY - timedelta(days=91))], (), TODAY)
    assert cell(rows, "safe.medicines-optimisation", "observation").state == "current"


@pytest.mark.parametrize("result", ["withdrawn", "changed", "not_found"])
def test_an_original_that_is_gone_covers_nothing(result) -> None:
    rows = coverage_of(SAF, [a_piece(result=result)], (), TODAY)
    assert cell(rows, "safe.medicines-optimisation", "observation").state == "gap"


def test_source_records_cover_by_the_kind_that_their_type_declares() -> None:
    rows = coverage_of(SAF, (), [RecordGroup("competency_observation", TODAY, 4)], TODAY)
    assert cell(rows, "safe.medicines-optimisation", "observation").count == 4


def test_the_summary_counts_statements_and_names_the_kind_that_is_missing_most() -> None:
    said = summary_of(coverage_of(SAF, (), (), TODAY), dict.fromkeys(CODES, "x") | {code: code for code in CODES})
    assert said.startswith("0 of 34 quality statements")
    assert "gaps remain" in said


def test_each_cell_with_something_to_see_leads_to_it_and_is_heard_in_words() -> None:
    view = coverage_page(
        a_place(), (a_standing(),), [a_piece()], (), today=TODAY, offers=Offers(see_evidence=True), address=at_address
    )
    rows = [row for group in view.groups for row in group.rows]
    medicines = next(row for row in rows if row.title == "Medicines optimisation")
    seen = medicines.cells[CODES.index("observation")]
    assert (seen.shown, seen.state) == ("1", "current")
    assert seen.heard == "Medicines optimisation, Observation: 1 piece, newest 14 Nov, current"
    assert seen.href.endswith("safe.medicines-optimisation/observation")
    assert all(cell.heard for row in rows for cell in row.cells)
    assert not [cell for row in rows for cell in row.cells if cell.state == "none" and cell.href]


def test_a_draft_framework_that_names_no_kinds_leaves_the_matrix_to_the_one_in_use() -> None:
    assert framework_of(a_place(plan=None)).version == "saf-2023"


def test_a_cell_lists_its_evidence_and_its_records() -> None:
    rows = coverage_of(SAF, [a_piece()], [RecordGroup("competency_observation", TODAY, 4)], TODAY)
    row = next(row for row in rows if row.node.code == "safe.medicines-optimisation")
    view = cell_page(a_place(), row, "observation", SAF, offers=Offers(), address=at_address, see_records=False)
    assert [item.heading for item in view.evidence] == ["E-046 Rounds seen"]
    assert view.records[0].href == ""
    assert view.add is None


def test_what_goes_out_of_date_before_the_next_review_is_listed_soonest_first() -> None:
    parts = {
        "currency": {"code": "current", "until": "2026-11-25"},
        "evidence": {
            "letters": {
                "R": {"state": "current", "until": "2026-11-20"},
                "A": {"state": "old", "until": "2026-11-01"},
                "F": {"state": "current", "until": "2026-12-30"},
            }
        },
    }
    standing = a_standing(parts=parts, review_due_on=date(2026, 11, 27))
    view = coverage_page(a_place(), (standing,), (), (), today=TODAY, offers=Offers(), address=at_address)
    going = view.rail[1]
    assert [item.text for item in going.items] == ["Records", "The figure"]
    assert [item.due for item in going.items] == ["after 20 Nov", "after 25 Nov"]
