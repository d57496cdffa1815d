"""An Excel workbook read as the table that a CSV of it would be.

The value that a formula had when the workbook was saved is taken, and said so; a formula without one, and cells merged
below the header, are told with their place, because nobody can know what was meant.
"""

import hashlib
import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.cell.cell import TYPE_FORMULA
from openpyxl.utils.exceptions import InvalidFileException

from mendline.evidence.files.archives import judge_office_stream
from mendline.evidence.files.verdict import RefusedFileError
from mendline.evidence.imports.decoding import CHUNK, Decoding, UnreadableFileError
from mendline.evidence.imports.sheets import Sheet

MOST_ROWS = 250_000
MOST_COLUMNS = 500

_MERGED = re.compile(rb'<mergeCell\s[^>]{0,100}?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}(\d{1,7}))"')
_SHOWN = 5


def read_workbook(stream: BinaryIO, wanted: Collection[str], normalised: Any) -> Sheet:
    """Reads the first sheet that holds the wanted columns, or else the first that holds anything.

    Args:
        stream: a seekable binary stream.
        wanted: column names, in the form that `normalised` gives.
        normalised: how a name is compared.

    Raises:
        UnreadableFileError: it is no workbook, is made to do harm, or holds what cannot be read without guessing.
    """
    try:
        judge_office_stream(stream, "xlsx")
        with zipfile.ZipFile(stream) as archive:
            merged = _merged(archive)
        values = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        formulas = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
    except RefusedFileError as refused:
        raise UnreadableFileError(f"{refused} A workbook is sent as .xlsx, or as “CSV UTF-8”.") from refused
    except (InvalidFileException, KeyError, ValueError, OSError, SyntaxError, zipfile.BadZipFile, EOFError) as broken:
        raise UnreadableFileError("The workbook is damaged and cannot be opened. Save it again as .xlsx.") from broken
    shown = [sheet.title for sheet in values.worksheets if sheet.sheet_state == "visible"]
    if not shown:
        raise UnreadableFileError("The workbook has no sheet that is shown.")
    title, lines = _choose(values, shown, wanted, normalised)
    number = values.sheetnames.index(title)
    taken = _formulas(formulas[title], lines)
    top = next((line for line, cells in lines if _is_header(cells, wanted, normalised)), lines[0][0] if lines else 0)
    _refuse_merged(title, merged.get(number, ()), top)
    told = (
        [f"{taken:,} cells hold formulas; the values they had when the workbook was saved were taken"] if taken else []
    )
    if len(shown) > 1:
        told.append(f"Only the sheet “{title[:40]}” was read, of {len(shown)}")
    return Sheet(title, _fingerprint(stream), tuple(lines), tuple(told))


def _choose(
    book: Any, shown: Sequence[str], wanted: Collection[str], normalised: Any
) -> tuple[str, list[tuple[int, list[str]]]]:
    """The sheet and its rows; the first one with the wanted columns among its first rows."""
    first: tuple[str, list[tuple[int, list[str]]]] | None = None
    for title in shown:
        lines = list(_lines(book[title]))
        if first is None or not first[1]:
            first = (title, lines)
        if wanted and any(_is_header(cells, wanted, normalised) for _, cells in lines[:50]):
            return title, lines
    if first is None or not first[1]:
        raise UnreadableFileError("The workbook is empty. Save it again, with a header row and rows below it.")
    return first


def _is_header(cells: Sequence[str], wanted: Collection[str], normalised: Any) -> bool:
    return bool(wanted) and set(wanted) <= {normalised(cell) for cell in cells}


def _lines(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    width = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [cell_text(cell.value, getattr(cell, "number_format", None) or "") for cell in row[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if number > MOST_ROWS:
            raise UnreadableFileError(
                f"The sheet has more than {MOST_ROWS:,} rows. Save it as CSV, or in parts.", number
            )
        width = max(width, len(cells))
        yield number, cells + [""] * (width - len(cells))


def cell_text(value: Any, form: str = "") -> str:
    """A cell as a CSV would hold it: ISO dates, whole numbers without a point, shares with their sign."""
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case datetime():
            whole_day = value.time() == time()
            text = value.date().isoformat() if whole_day else value.isoformat(sep=" ", timespec="minutes")
        case date():
            text = value.isoformat()
        case time():
            text = value.isoformat(timespec="minutes")
        case timedelta():
            text = f"{value.total_seconds() / 60:.12g}"
        case int() | float():
            text = f"{value * 100:.15g}%" if "%" in form else f"{value:.15g}"
        case _:
            text = str(value).strip()
    return text


def _formulas(sheet: Any, lines: Sequence[tuple[int, list[str]]]) -> int:
    """How many formulas were taken by their last value.

    Raises:
        UnreadableFileError: one has none, because a program wrote the workbook that works nothing out.
    """
    found, held = 0, dict(lines)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        for column, cell in enumerate(row[:MOST_COLUMNS]):
            if getattr(cell, "data_type", None) != TYPE_FORMULA:
                continue
            cells = held.get(number, [])
            if column >= len(cells) or not cells[column]:
                raise UnreadableFileError(
                    f"Cell {cell.coordinate} holds a formula without its value. Open the workbook in a spreadsheet "
                    "program, save it, and send that file; or replace formulas by their values.",
                    number,
                )
            found += 1
    return found


def _merged(archive: zipfile.ZipFile) -> dict[int, tuple[tuple[str, int], ...]]:
    """Merged ranges of each sheet, by its number in the workbook: the range, and its last row."""
    sheets = sorted(
        (name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet\d{1,6}\.xml", name)),
        key=lambda name: int(re.sub(r"\D", "", name.rpartition("/")[2])),
    )
    return {number: _merged_in(archive, name) for number, name in enumerate(sheets)}


def _merged_in(archive: zipfile.ZipFile, name: str) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    rest = b""
    with archive.open(name) as part:
        while block := part.read(CHUNK):
            text = rest + block
            found |= {match[1].decode(): int(match[2]) for match in _MERGED.finditer(text)}
            rest = text[-200:]
    return tuple(found.items())


def _refuse_merged(title: str, merged: Sequence[tuple[str, int]], header: int) -> None:
    """A merged title above the table does no harm; below, it leaves cells empty that were meant to be filled."""
    below = [where for where, last in merged if last >= header]
    if below:
        more = f" and {len(below) - _SHOWN:,} more" if len(below) > _SHOWN else ""
        raise UnreadableFileError(
            f"Cells are merged in sheet “{title[:40]}” at {', '.join(below[:_SHOWN])}{more}, so it is not clear which rows "
            "they speak for. Split them and fill each cell."
        )


def _fingerprint(stream: BinaryIO) -> Decoding:
    stream.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := stream.read(CHUNK):
        digest.update(block)
        size += len(block)
    stream.seek(0)
    return Decoding("workbook", certain=True, sha256=digest.hexdigest(), size=size)
