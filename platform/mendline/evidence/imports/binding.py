"""A mapping tied to one file's header: which cell of a row gives which value."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mendline.evidence.imports.decoding import UnreadableFileError
from mendline.evidence.imports.mapping import Column, Figure, FileMapping
from mendline.evidence.imports.reading import Table, normalised
from mendline.evidence.imports.values import READERS, Cell, CellError, Reader

_KEPT = 10_000  # different cells of a column that are kept; a file of 200,000 different notes must not be held


@dataclass(frozen=True, slots=True)
class BoundColumn:
    """A column found in a file. The same few cells come again and again, so what they were read as is kept.

    Attributes:
        index: Its place in a row; -1 for a constant.
        texts: What cells say, of those that were looked at before.
    """

    index: int
    header: str
    column: Column
    reader: Reader
    missing: frozenset[str]
    texts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _numbers: dict[str, float | None] = field(default_factory=dict, repr=False, compare=False)

    def raw(self, cells: Sequence[str]) -> str:
        """The cell's text, with leading zeros put back and other spellings resolved; empty where there is no value."""
        cell = cells[self.index] if self.index >= 0 else self.column.constant or ""
        text = self.texts.get(cell)
        if text is None:
            text = self._resolved(cell)
            if len(self.texts) < _KEPT:
                self.texts[cell] = text
        return text

    def _cell(self, cells: Sequence[str]) -> str:
        return cells[self.index] if self.index >= 0 else self.column.constant or ""

    def _resolved(self, cell: str) -> str:
        text = cell.strip()
        if text.casefold() in self.missing:
            return ""
        if self.column.lookup:
            text = self.column.lookup.get(text.casefold(), text)
        return text.zfill(self.column.pad) if self.column.pad else text

    def read(self, cells: Sequence[str]) -> Cell:
        """The value, or none where the cell says 'no value'.

        Raises:
            CellError: The cell cannot be read.
        """
        text = self.raw(cells)
        return self.reader(text) if text else None

    def number(self, cells: Sequence[str]) -> float | None:
        """The value as a number, multiplied as the mapping says.

        Raises:
            CellError: The cell is not a number.
        """
        cell = self._cell(cells)
        if cell in self._numbers:
            return self._numbers[cell]
        value = self.read(cells)
        if value is not None and not isinstance(value, (int, float)):
            raise CellError("is not a number", "Write digits only, such as 1240 or 97.1.")
        number = None if value is None else value * self.column.times
        if len(self._numbers) < _KEPT:
            self._numbers[cell] = number
        return number


@dataclass(frozen=True, slots=True)
class BoundFigure:
    """One figure's columns in a file."""

    indicator: BoundColumn
    numerator: BoundColumn | None
    denominator: BoundColumn | None
    value: BoundColumn | None
    state: BoundColumn | None
    every: str | None

    def cells(self) -> tuple[BoundColumn, ...]:
        """The columns that hold the figure itself."""
        return tuple(one for one in (self.numerator, self.denominator, self.value) if one is not None)

    def named_by(self) -> BoundColumn:
        """The column whose header or cell says which indicator it is: its own first one, where the mapping says it."""
        return next(iter(self.cells()), self.indicator) if self.indicator.index < 0 else self.indicator


class Binder:
    """Finds a mapping's columns in a header and keeps a list of those that are absent."""

    def __init__(self, table: Table, mapping: FileMapping) -> None:
        """Indexes the header."""
        self._places = {normalised(name): index for index, name in enumerate(table.header) if name}
        self._table = table
        self._mapping = mapping
        self._absent: list[str] = []

    def need(self, column: Column) -> BoundColumn | None:
        """The column, or none; one that is required and absent is remembered for `finish`."""
        if column.constant is not None:
            return BoundColumn(-1, "", column, READERS[column.reader], self._mapping.missing)
        for source in column.sources:
            index = self._places.get(normalised(source))
            if index is not None:
                return BoundColumn(
                    index, self._table.header[index], column, READERS[column.reader], self._mapping.missing
                )
        if column.required:
            self._absent.append(" or ".join(column.sources))
        return None

    def maybe(self, column: Column | None) -> BoundColumn | None:
        """As `need`, for a column that the mapping may not have."""
        return self.need(column) if column is not None else None

    def figure(self, figure: Figure) -> BoundFigure | None:
        """The figure's columns, or none where the file does not name the indicator."""
        indicator = self.need(figure.indicator)
        numerator, denominator = self.maybe(figure.numerator), self.maybe(figure.denominator)
        value, state = self.maybe(figure.value), self.maybe(figure.state)
        return (
            BoundFigure(indicator, numerator, denominator, value, state, figure.every)
            if indicator is not None
            else None
        )

    def services(self, *, needed: bool = True) -> tuple[BoundColumn, ...]:
        """The columns that tell the service; at least one must be there, unless the file was sent to one service."""
        before = len(self._absent)
        found = tuple(bound for column in self._mapping.service if (bound := self.need(column)) is not None)
        named = self._absent[before:]
        del self._absent[before:]
        if not found and needed:
            self._absent.append(" or ".join(named))
        return found

    def finish(self) -> None:
        """Refuses the file where a required column is absent.

        Raises:
            UnreadableFileError: Names the absent columns and those that were found.
        """
        if self._absent:
            found = ", ".join(f"“{name[:40]}”" for name in self._table.header[:20])
            raise UnreadableFileError(
                f"The file has no column {', '.join(f'“{name}”' for name in self._absent)}, which the mapping "
                f"“{self._mapping.name}” needs. Its header on line {self._table.header_line} has: {found}. "
                "Choose another mapping, or correct the header.",
                self._table.header_line,
            )
