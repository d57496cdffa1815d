import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.import_files import TODAY, known, opened

from mendline.evidence.imports.checking import check_observations
from mendline.evidence.imports.mapping import find_mapping
from mendline.evidence.imports.writing import TEMPLATE_HEADER, safe_cell, template_csv, write_csv


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\0=x",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1+1",
        "\uff20a",
        " =1",
        "\u00a0=1",
    ],
)
def test_no_cell_runs_as_a_formula(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("value", [-5, 1.5, "-5", "+12.25", "97.1%", "Rosewood House", "a=b", "2026-11-16"])
def test_numbers_and_plain_text_stay_as_they_are(value):
    assert safe_cell(value) == value


def test_other_values_have_one_form_each():
    assert [safe_cell(value) for value in (None, True, False, date(2026, 11, 16))] == ["", "yes", "no", "2026-11-16"]


@given(
    st.lists(
        st.lists(st.text(st.characters(blacklist_categories=("Cs",)), max_size=8), min_size=2, max_size=2), max_size=8
    )
)
def test_what_is_written_reads_back_and_never_begins_a_formula(rows):
    stream = io.StringIO(newline="")
    assert write_csv(stream, ("one", "two"), rows) == len(rows)
    stream.seek(0)
    back = list(csv.reader(stream))[1:]
    assert [[cell.removeprefix("'") for cell in row] for row in back] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    for cell in (cell for row in back for cell in row):
        assert not cell.startswith(("=", "@", "\t", "\r", "\uff1d", "\uff20"))


def test_the_template_is_a_file_that_the_importer_knows():
    assert tuple(template_csv().strip().split(",")) == TEMPLATE_HEADER
    row = "Rosewood House,mar_compliance_pct,2026-11-09,1204,1240,,,MAR-46\r\n"
    plan = check_observations(opened(template_csv() + row), find_mapping("observations"), known(), TODAY)
    assert plan.can_be_saved
    assert plan.rows[0].source_reference == "MAR-46"
