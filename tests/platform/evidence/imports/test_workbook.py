"""Workbooks are read as the table that they show, and refused where that would be a guess."""

import hashlib
import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from support.evidence_files import a_document, a_workbook, an_archive, bad_files

from mendline.evidence.imports.decoding import UnreadableFileError
from mendline.evidence.imports.reading import open_table
from mendline.evidence.imports.workbook import cell_text


def workbook(*rows: list[Any], merged: tuple[str, ...] = (), before: tuple[str, ...] = ()) -> io.BytesIO:
    book = Workbook()
    for title in before:
        book.create_sheet(title, 0)
    sheet = book.worksheets[len(before)]
    for row in rows:
        sheet.append(row)
    for place in merged:
        sheet.merge_cells(place)
    made = io.BytesIO()
    book.save(made)
    made.seek(0)
    return made


def test_a_workbook_reads_like_its_csv() -> None:
    table = open_table(
        workbook(
            ["Service", "Period start", "Numerator", "Note"],
            ["Rosewood House", date(2026, 11, 2), 12, None],
            [],
            ["Elmscroft", datetime(2026, 11, 9, 0, 0), 3.5, "late"],  # noqa: DTZ001 -- a workbook knows no zone
        )
    )
    assert table.header == ("Service", "Period start", "Numerator", "Note")
    assert list(table.rows()) == [
        (2, ["Rosewood House", "2026-11-02", "12", ""]),
        (4, ["Elmscroft", "2026-11-09", "3.5", "late"]),
    ]


def test_the_fingerprint_is_that_of_the_file_as_sent() -> None:
    content = a_workbook()
    decoding = open_table(io.BytesIO(content)).decoding
    assert (decoding.sha256, decoding.size) == (hashlib.sha256(content).hexdigest(), len(content))


def test_the_sheet_with_the_wanted_columns_is_found_below_its_title() -> None:
    table = open_table(
        workbook(["Figures of the week"], [], ["service", "value"], ["Oak", 1], before=("Cover",)), ("value", "service")
    )
    assert (table.header_line, list(table.rows())) == (3, [(4, ["Oak", "1"])])
    assert any("Only the sheet" in warning for warning in table.warnings)


def test_cells_merged_in_a_title_are_let_be_and_among_the_rows_refused() -> None:
    rows = (["Title", None], ["service", "value"], ["Oak", 1], [None, 2])
    assert len(list(open_table(workbook(*rows, merged=("A1:B1",)), ("service", "value")).rows())) == 2
    with pytest.raises(UnreadableFileError, match="merged in sheet “Sheet” at A3:A4"):
        open_table(workbook(*rows, merged=("A3:A4",)), ("service", "value"))


def test_a_formula_without_its_value_is_told_with_its_cell() -> None:
    with pytest.raises(UnreadableFileError, match="Cell B2 holds a formula without its value") as told:
        open_table(workbook(["service", "value"], ["Oak", "=1+1"]))
    assert told.value.line == 2


def test_a_formula_with_its_value_is_taken_and_said() -> None:
    content = workbook(["service", "value"], ["Oak", "=1+1"]).getvalue()
    table = open_table(io.BytesIO(with_value(content, "<v></v>", "<v>2</v>")))
    assert list(table.rows()) == [(2, ["Oak", "2"])]
    assert table.warnings == ("1 cells hold formulas; the values they had when the workbook was saved were taken",)


def with_value(content: bytes, old: str, new: str) -> bytes:
    """The workbook as a program would save it that works formulas out."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    changed = parts[sheet].decode().replace(old, new).replace("<v />", new).replace("<v/>", new)
    assert changed.encode() != parts[sheet]
    return an_archive(parts | {sheet: changed.encode()})


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (None, "", ""),
        (0, "", "0"),
        (0.95, "0%", "95%"),
        (0.1 + 0.2, "", "0.3"),
        (True, "", "yes"),
        (datetime(2026, 11, 2, 6, 45), "", "2026-11-02 06:45"),  # noqa: DTZ001 -- a workbook knows no zone
        (" text ", "", "text"),
        ("#N/A", "", "#N/A"),
    ],
    ids=["nothing", "zero", "share", "noise", "true", "moment", "spaces", "error"],
)
def test_a_cell_becomes_the_text_that_a_csv_would_hold(value: object, form: str, text: str) -> None:
    assert cell_text(value, form) == text


@pytest.mark.parametrize("name", ["document-bomb", "document-macro", "document-climbs", "archive-as-document"])
def test_an_archive_made_to_do_harm_is_not_opened(name: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"^The file"):
        open_table(io.BytesIO(bad_files()[name].content))


def test_a_word_file_is_no_workbook() -> None:
    with pytest.raises(UnreadableFileError, match=r"not a \.xlsx file"):
        open_table(io.BytesIO(a_document()))
