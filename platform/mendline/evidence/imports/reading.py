"""A CSV file or a workbook as a header and rows with line numbers; CSV is streamed."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from mendline.evidence.imports.decoding import Decoding, UnreadableFileError, find_decoding
from mendline.evidence.imports.sheets import Sheet, is_workbook, read_sheet

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
WORKBOOK = "workbook"
_LOOKED_AT = 50  # rows from which delimiter and header are found
_SAMPLE = 1 << 16  # characters of those rows at most


@dataclass(frozen=True, slots=True)
class Table:
    """An open file whose shape is known.

    Attributes:
        stream: The bytes; stays open, is read again by every call of `rows`.
        decoding: How the bytes become text.
        delimiter: What stands between cells.
        header: The column names as written, trimmed.
        header_line: Line of the header in the file, counted from 1.
        sheet: What was read of a workbook; None for CSV.
    """

    stream: BinaryIO
    decoding: Decoding
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    sheet: Sheet | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was taken on trust or left out in reading."""
        return self.sheet.warnings if self.sheet else ()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row below the header that is not blank, with the line it starts on.

        Raises:
            UnreadableFileError: A quote that is never closed, or text after a closing quote.
        """
        if self.sheet is not None:
            yield from ((line, list(cells)) for line, cells in self.sheet.lines if line > self.header_line)
            return
        with _text(self.stream, self.decoding.encoding) as text:
            for line, cells in _lines(text, self.delimiter):
                if line > self.header_line and any(map(str.strip, cells)):
                    yield line, cells


def open_table(stream: BinaryIO, wanted: Collection[str] = (), *, allow_blank_headers: bool = False) -> Table:
    """Finds encoding, delimiter and header.

    Args:
        stream: A seekable binary stream.
        wanted: Column names that the header is known to hold; the first row with all of them is the header.
        allow_blank_headers: Columns without a name are passed over instead of refused.

    Raises:
        UnreadableFileError: The file cannot be read as a table; the message says what to do.
    """
    names = {normalised(name) for name in wanted}
    if is_workbook(stream):
        sheet = read_sheet(stream, names, normalised)
        line, header = _find_header(sheet.lines[:_LOOKED_AT], names)
        _refuse_unclear(header, line, allow_blank_headers=allow_blank_headers)
        return Table(stream, sheet.decoding, WORKBOOK, header, line, sheet)
    decoding = find_decoding(stream)
    sample = _sample(stream, decoding.encoding)
    delimiter = find_delimiter(sample)
    line, header = _find_header(list(_sample_rows(sample, delimiter)), names)
    _refuse_unclear(header, line, allow_blank_headers=allow_blank_headers)
    return Table(stream, decoding, delimiter, header, line)


def normalised(name: str) -> str:
    """A column name without case, punctuation and outer spaces, so that `Period start` finds `period_start`."""
    return "".join(character for character in name.casefold() if character.isalnum())


def find_delimiter(sample: str) -> str:
    """The delimiter under which most rows agree on a width of two or more; a comma where none does."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(cells) for _, cells in _sample_rows(sample, delimiter) if any(cells))
        width, agreeing = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]), default=(1, 0))
        score = (agreeing / max(1, widths.total()), width) if width > 1 else (0.0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


@contextmanager
def _text(stream: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The stream as text, from its start; the stream itself stays open."""
    stream.seek(0)
    wrapper = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield wrapper
    finally:
        wrapper.detach()


def _sample(stream: BinaryIO, encoding: str) -> str:
    with _text(stream, encoding) as text:
        return text.read(_SAMPLE)


def _sample_rows(sample: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The first rows; a row that the sample cuts in two, or that cannot be read, ends them quietly."""
    try:
        for number, item in enumerate(_lines(io.StringIO(sample, newline=""), delimiter), start=1):
            yield item
            if number == _LOOKED_AT:
                return
    except UnreadableFileError:
        return


def _lines(text: io.TextIOBase, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFileError(
            f"Line {line} cannot be split into cells ({error}). Usually a quotation mark is opened and never closed. "
            "Correct that line, or export the file again.",
            line,
        ) from error


def _find_header(rows: Sequence[tuple[int, list[str]]], wanted: set[str]) -> tuple[int, tuple[str, ...]]:
    candidates = [(line, _trimmed(cells)) for line, cells in rows]
    candidates = [(line, cells) for line, cells in candidates if cells]
    if not candidates:
        raise UnreadableFileError("The file holds no header row, only blank lines. Export it again with column names.")
    for line, cells in candidates:
        if wanted and wanted <= {normalised(cell) for cell in cells}:
            return line, cells
    # Titles and notes above a table are narrower than the table.
    widths = Counter(len(cells) for _, cells in candidates)
    usual = max(widths, key=lambda width: (widths[width], width))
    return next(((line, cells) for line, cells in candidates if 2 * len(cells) > usual), candidates[0])


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    names = [cell.strip().removeprefix("\ufeff") for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _refuse_unclear(header: tuple[str, ...], line: int, *, allow_blank_headers: bool) -> None:
    blank = [str(number) for number, name in enumerate(header, start=1) if not name]
    if blank and not allow_blank_headers:
        raise UnreadableFileError(
            f"Column {', '.join(blank[:10])} has no name in the header on line {line}. Name it or remove it.", line
        )
    times = Counter(normalised(name) for name in header if name)
    twice = sorted({name for name in header if name and times[normalised(name)] > 1})
    if twice:
        raise UnreadableFileError(
            f"The header on line {line} names {', '.join(f'“{name[:40]}”' for name in twice[:5])} more than once, so it is "
            "not clear which column counts. Rename or remove one of them.",
            line,
        )
