"""Each kind of bad input has a defined outcome: the tests that hold it, by name, so that none is lost unseen."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]

# What comes in -> where its outcome is tried: a file below tests/, and the tests in it.
HELD_BY = {
    "files that lie about their type": {
        "platform/evidence/files/test_examining.py": ("test_a_bad_file_is_refused_or_held_back_in_words",),
        "platform/evidence/files/test_views.py": ("test_no_bad_file_is_ever_given_out_or_supports_a_figure",),
    },
    "archives that inflate": {
        "platform/evidence/files/test_examining.py": ("test_no_examination_of_a_bad_file_takes_much_memory",),
        "platform/evidence/imports/test_workbook.py": ("test_an_archive_made_to_do_harm_is_not_opened",),
    },
    "uploads of two gigabytes": {
        "platform/evidence/files/test_views.py": (
            "test_two_gigabytes_are_refused_before_any_of_it_is_read",
            "test_elsewhere_a_request_stays_small",
        ),
    },
    "workbooks with formulas and merged cells": {
        "platform/evidence/imports/test_workbook.py": (
            "test_cells_merged_in_a_title_are_let_be_and_among_the_rows_refused",
            "test_a_formula_without_its_value_is_told_with_its_cell",
            "test_a_formula_with_its_value_is_taken_and_said",
        ),
    },
    "formulas on the way out": {
        "isolation/test_web_dangers.py": ("test_no_export_writes_a_formula",),
        "platform/evidence/imports/test_writing.py": ("test_no_cell_runs_as_a_formula",),
        "platform/catalogue/test_csv_template.py": ("test_no_cell_of_a_template_runs_as_a_formula",),
        "platform/packs/test_attachments.py": ("test_no_cell_is_a_formula_and_negative_numbers_stay_numbers",),
    },
    "payloads with unknown or missing fields": {
        "platform/api/test_api.py": (
            "test_a_payload_with_unknown_and_missing_answers_is_refused_with_each_of_them_named",
            "test_a_figure_that_cannot_be_is_refused_by_its_field",
        ),
        "platform/api/test_schemathesis.py": ("test_the_server_answers_as_the_document_says",),
    },
    "two devices that send the same draft": {
        "platform/capture/test_views.py": (
            "test_the_same_draft_sent_again_counts_once",
            "test_two_devices_with_one_draft_leave_both_versions_and_a_manager_chooses",
        ),
        "journeys/test_capture.py": ("test_two_devices_with_one_draft_show_a_choice",),
    },
    "clocks an hour wrong on a phone": {
        "platform/capture/test_views.py": (
            "test_a_clock_an_hour_wrong_is_marked_and_not_refused",
            "test_a_record_in_the_future_that_no_clock_explains_is_refused",
        ),
    },
    "records from before the service opened": {
        "platform/evidence/measuring/test_past.py": (
            "test_a_record_before_the_service_opened_is_refused_in_plain_words",
        ),
        "platform/api/test_api.py": ("test_a_record_through_the_api_from_before_the_service_opened_is_refused",),
    },
    "records from after a person moved out": {
        "platform/evidence/measuring/test_past.py": (
            "test_a_record_after_the_person_left_is_refused_until_they_are_back",
        ),
        "platform/evidence/measuring/test_examples.py": (
            "test_records_before_the_service_opened_and_after_somebody_left_are_left_out_with_the_reason",
        ),
    },
}
CASES = [(bad, path, name) for bad, places in HELD_BY.items() for path, names in places.items() for name in names]


@pytest.mark.parametrize(("bad", "path", "name"), CASES, ids=[f"{bad}: {name}" for bad, _, name in CASES])
def test_what_a_bad_input_leads_to_is_tried(bad: str, path: str, name: str) -> None:
    written = (TESTS / path).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", written, re.MULTILINE), f"{bad}: nothing tries it under this name any more"
