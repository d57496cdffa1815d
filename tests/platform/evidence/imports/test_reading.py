import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.import_files import DATA, opened, real

from mendline.evidence.imports.decoding import UnreadableFileError
from mendline.evidence.imports.reading import open_table

SPECTRUM = sorted(path.stem for path in (DATA / "messy" / "csv-spectrum" / "csvs").glob("*.csv"))


def read(stream):
    table = open_table(stream)
    return table, [cells for _, cells in table.rows()]


def messy(name):
    return io.BytesIO((DATA / "messy" / name).read_bytes())


@pytest.mark.parametrize("name", [name for name in SPECTRUM if name != "location_coordinates"])
def test_every_csv_of_the_spectrum_reads_as_its_authors_say(name):
    expected = json.loads((DATA / "messy" / "csv-spectrum" / "json" / f"{name}.json").read_text())
    table, rows = read(messy(f"csv-spectrum/csvs/{name}.csv"))
    assert [dict(zip(table.header, cells, strict=True)) for cells in rows] == expected


def test_a_bare_quotation_mark_inside_a_cell_is_kept():
    _, rows = read(messy("csv-spectrum/csvs/location_coordinates.csv"))
    assert rows[0][1].endswith('17.9"W')


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "header", "count"),
    [
        ("frictionless/bom.csv", "utf-8-sig", ",", ("id", "name"), 2),
        ("frictionless/latin1.csv", "cp1252", ",", ("id", "name"), 2),
        ("frictionless/delimiter.csv", "utf-8", ";", ("id", "name"), 2),
        ("frictionless/blank-rows.csv", "utf-8", ",", ("id", "name", "age"), 2),
        ("frictionless/skip-rows-before-headers.csv", "utf-8", ",", ("id", "name"), 2),
        ("frictionless/without-rows.csv", "utf-8", ",", ("id", "name"), 0),
        ("messytables/skip_initials.csv", "utf-8", ",", ("field1", "field2"), 2),
        ("messytables/utf8bom.csv", "utf-8-sig", ",", ("kitten", "win"), 0),
    ],
)
def test_messy_files_are_read(name, encoding, delimiter, header, count):
    table, rows = read(messy(name))
    assert (table.decoding.encoding, table.delimiter, table.header, len(rows)) == (encoding, delimiter, header, count)


def test_a_real_file_of_a_health_service_in_utf_16_is_read():
    table, rows = read(messy("messytables/utf-16le_encoded.csv"))
    assert (table.decoding.encoding, table.header[0], len(rows)) == ("utf-16", "Organisation_code", 327)


def test_a_tab_separated_file_is_read():
    table, rows = read(messy("messytables/example.tsv"))
    assert (table.delimiter, len(table.header), len(rows)) == ("\t", 17, 140)


def test_a_real_file_in_latin_1_is_read_and_said_to_be_a_guess():
    table, rows = read(real("care_services_2023-08-31_providers_A.csv.gz"))
    assert (table.decoding.encoding, table.decoding.certain) == ("cp1252", False)
    assert len(rows) == 1593
    assert all(len(cells) == 35 for cells in rows)


def test_leading_zeros_stay():
    assert read(messy("frictionless/leading-zeros.csv"))[1] == [["01"], ["002"], ["00003"]]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("frictionless/empty.csv", "is empty"),
        ("frictionless/blank-headers.csv", "Column 2 has no name"),
        ("frictionless/duplicate-headers.csv", "“id” more than once"),
        ("frictionless/merged-cells.xlsx", "merged in sheet"),
        ("messytables/excel_properties.xls", "older Excel workbook"),
        ("messytables/blank_line.ods", "workbook"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_what_to_do(name, message):
    with pytest.raises(UnreadableFileError, match=message):
        open_table(messy(name))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,\0\n", "Line 2 holds a NUL"),
        ("a,b\n£,1\n".encode() + b"\xa3,1\n", "Line 3 holds bytes that are not UTF-8"),
        (b'a,b\n1,"2\n3,4\n', "Line 2 cannot be split"),
        (b'a,b\n1,"2"x\n', "Line 2 cannot be split"),
        (b"\n\n\n", "only blank lines"),
        (b"\xef\xbb\xbf", "only blank lines"),
        (b"a,b\n\x81,1\n", "not valid cp1252"),
    ],
)
def test_damage_is_told_with_its_line(content, message):
    with pytest.raises(UnreadableFileError, match=message):
        list(open_table(io.BytesIO(content)).rows())


def test_columns_without_a_name_are_passed_over_only_where_the_mapping_allows_it():
    table = open_table(messy("frictionless/blank-headers.csv"), allow_blank_headers=True)
    assert table.header == ("id", "", "age")


def test_the_header_is_found_below_a_title_and_notes():
    table, rows = read(
        opened("Weekly report,\nRun on,16/11/2026\n\nservice;period;numerator\nA;2026-W45;1\nB;2026-W45;2\n")
    )
    assert (table.delimiter, table.header_line, table.header, len(rows)) == (
        ";",
        4,
        ("service", "period", "numerator"),
        2,
    )


def test_line_numbers_count_line_breaks_inside_cells():
    table = open_table(opened('a,b\n"one\ntwo",1\nthree,2\n'))
    assert [line for line, _ in table.rows()] == [2, 4]


def test_a_table_can_be_read_twice_and_leaves_its_stream_open():
    stream = opened("a,b\n1,2\n")
    table = open_table(stream)
    assert list(table.rows()) == list(table.rows()) == [(2, ["1", "2"])]
    assert not stream.closed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_british_text_survives_each_unicode_encoding(encoding):
    table, rows = read(opened("service,note\nRosewood House,£5 café\n", encoding))
    assert (table.header, rows) == (("service", "note"), [["Rosewood House", "£5 café"]])


cells = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"), min_size=1, max_size=12
).filter(str.strip)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=20), st.sampled_from([",", ";", "\t"]))
def test_what_a_csv_writer_writes_is_what_is_read(rows, delimiter):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("one", "two", "three"), *rows])
    table, found = read(opened(text.getvalue()))
    assert table.delimiter == delimiter
    assert found == [list(row) for row in rows]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_message(content):
    try:
        lines, message = [line for line, _ in open_table(io.BytesIO(content)).rows()], "Read."
    except UnreadableFileError as error:
        lines, message = [], str(error)
    assert message.endswith(".")
    assert all(line >= 2 for line in lines)
