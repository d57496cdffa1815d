"""A file of figures, checked row by row; every problem is collected, nothing is guessed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import BinaryIO

from mendline.evidence.imports.binding import Binder, BoundColumn, BoundFigure
from mendline.evidence.imports.cumulative import RunningTotal, weekly_changes
from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.known import Known, KnownIndicator, KnownService
from mendline.evidence.imports.mapping import FileMapping
from mendline.evidence.imports.plan import STATES, ImportPlan, ImportRow, made_plan
from mendline.evidence.imports.reading import Table, open_table
from mendline.evidence.imports.rows import ServiceFinder, read_day, whole_rows
from mendline.evidence.imports.values import CellError, monday, month_start

_WITHOUT_FIGURES = ("missing", "not_applicable", "suspended")
_NEEDS_PARTS = ("proportion", "rate")


def check_observations(
    stream: BinaryIO, mapping: FileMapping, known: Known, today: date, service: KnownService | None = None
) -> ImportPlan:
    """Reads and checks a file of figures.

    Args:
        stream: A seekable binary stream.
        mapping: What its columns mean; its target is `observations`.
        known: Services and indicators that the file may name.
        today: Nothing after it is accepted.
        service: Where a row belongs that does not say so, for a file that was sent to one service.

    Raises:
        UnreadableFileError: The file cannot be read as a table with the mapping's columns.
    """
    table = open_table(stream, mapping.wanted(), allow_blank_headers=mapping.allow_blank_headers)
    check = _Check(table, mapping, known, today, service)
    for line, cells in whole_rows(table, check.findings):
        check.row(line, cells)
    return check.finish()


class _Check:
    """One pass over one file."""

    def __init__(
        self, table: Table, mapping: FileMapping, known: Known, today: date, service: KnownService | None
    ) -> None:
        self._table, self._mapping, self._known, self._today = table, mapping, known, today
        self.findings = Findings()
        binder = Binder(table, mapping)
        told = binder.services(needed=service is None)
        self._finder = ServiceFinder(told, known, self.findings) if told else None
        self._service = service
        self._period = binder.maybe(mapping.period)
        self._reference = binder.maybe(mapping.reference)
        self._figures = [bound for figure in mapping.figures if (bound := binder.figure(figure)) is not None]
        binder.finish()
        self._rows: dict[tuple[object, str, date], ImportRow] = {}
        self._totals: list[RunningTotal] = []
        self._indicators: dict[tuple[object, str], KnownIndicator | tuple[str, str]] = {}
        self._lines = self._repeated = 0

    def row(self, line: int, cells: Sequence[str]) -> None:
        self._lines += 1
        service = self._finder.find(line, cells) if self._finder is not None else self._service
        if service is None or self._period is None:
            return
        day = read_day(self._period, line, cells, self._today, service, self.findings)
        if day is None:
            return
        for figure in self._figures:
            self._figure(figure, line, cells, service, day)

    def _figure(self, figure: BoundFigure, line: int, cells: Sequence[str], service: KnownService, day: date) -> None:
        indicator = self._indicator(figure, line, cells, service)
        if indicator is None:
            return
        try:
            state = self._state(figure.state, cells)
            numerator, denominator = _number(figure.numerator, cells), _number(figure.denominator, cells)
            value = _number(figure.value, cells)
        except _CellOfColumnError as error:
            self.findings.problem(
                line, error.column.header, error.column.raw(cells), error.cell.reason, error.cell.advice
            )
            return
        reference = self._reference.raw(cells) or None if self._reference is not None else None
        period = monday(day) if indicator.cadence == "weekly" else month_start(day)
        row = ImportRow(
            line, service.service_id, indicator.key, period, numerator, denominator, value, state, reference
        )
        if figure.numerator is not None and figure.numerator.column.cumulative:
            self._totals.append(RunningTotal(row, day, figure.numerator.header))
        elif (settled := self._settled(row, indicator, figure, cells)) is not None:
            self._keep(settled, day)

    def _indicator(
        self, figure: BoundFigure, line: int, cells: Sequence[str], service: KnownService
    ) -> KnownIndicator | None:
        """The row's indicator at the cadence that its service keeps, or none after a problem was noted.

        Empty cells below the name of an indicator that the service does not keep say nothing, and are no problem.
        """
        key = figure.indicator.raw(cells)
        place = (service.service_id, key)
        if place not in self._indicators:
            self._indicators[place] = self._look_up(service, key, figure.every)
        found = self._indicators[place]
        if isinstance(found, KnownIndicator):
            return found
        column = figure.named_by()
        if column is figure.indicator or any(each.raw(cells) for each in figure.cells()):
            self.findings.problem(line, column.header, key, *found)
        return None

    def _look_up(self, service: KnownService, key: str, every: str | None) -> KnownIndicator | tuple[str, str]:
        """The indicator, or a reason and what to do."""
        found = self._known.find_indicator(key)
        if found is None:
            return "is not an indicator of the catalogue", "Write its name or its key as the catalogue has them."
        cadence = self._known.cadence(service, found)
        if cadence is None:
            return f"is not set up at {service.name}", "Add the indicator to the service first, or leave the row out."
        if every not in {None, cadence}:
            return (
                f"is kept {cadence} at {service.name} and this file is {every}",
                "Change how often the service keeps it.",
            )
        return replace(found, cadence=cadence)

    def _state(self, column: BoundColumn | None, cells: Sequence[str]) -> str:
        if column is None:
            return ""
        state = column.raw(cells).casefold().replace(" ", "_")
        if state and state not in STATES:
            problem = CellError("is not a state", f"Leave it empty, or use one of {', '.join(STATES)}.")
            raise _CellOfColumnError(column, problem)
        return state

    def _settled(
        self, row: ImportRow, indicator: KnownIndicator, figure: BoundFigure | None = None, cells: Sequence[str] = ()
    ) -> ImportRow | None:
        """The row with its state decided, or none after a problem was noted."""
        if row.state in _WITHOUT_FIGURES:
            return row.without_figures(row.state)
        reason = _contradiction(row, indicator)
        if reason:
            column, text = _blamed(row, figure, cells)
            self.findings.problem(row.line, column, text, reason[0], reason[1])
            return None
        if row.numerator is None and row.denominator is None and row.value is None:
            self.findings.warn("A row without figures was read as “missing”, which is never zero")
            return row.without_figures("missing")
        if row.denominator == 0 and indicator.measure_type in _NEEDS_PARTS:
            self.findings.warn("A denominator of zero was read as “not applicable”")
            return row.without_figures("not_applicable")
        whole = row.denominator is not None and row.numerator is not None
        if row.state and not (whole and row.value is not None):
            return row
        return ImportRow(
            row.line,
            row.service_id,
            row.indicator,
            row.period_start,
            row.numerator,
            row.denominator,
            None if whole else row.value,  # the parts are the figure; the quotient is ours to make
            row.state or self._natural_state(row.period_start, indicator),
            row.source_reference,
        )

    def _natural_state(self, period: date, indicator: KnownIndicator) -> str:
        """Provisional until the period is over: a week ends on its Sunday, a month on its last day."""
        following = period + timedelta(days=7) if indicator.cadence == "weekly" else _next_month(period)
        return "final" if following <= self._today else "provisional"

    def _keep(self, row: ImportRow, day: date) -> None:
        key = (row.service_id, row.indicator, row.period_start)
        earlier = self._rows.setdefault(key, row)
        if earlier is row:
            return
        if earlier.figures() == row.figures():
            self._repeated += 1
            self.findings.warn("A row said the same as an earlier one and was counted once")
            return
        self.findings.problem(
            row.line,
            self._period.header if self._period is not None else "",
            day.isoformat(),
            f"says something else than line {earlier.line} about {row.indicator} in the same period",
            "Keep the row that is right and remove the other.",
        )

    def finish(self) -> ImportPlan:
        for reading, day in weekly_changes(self._totals, self.findings):
            row = reading
            if row.numerator is not None and (row.denominator is None or (row.numerator and not row.denominator)):
                self.findings.warn("A week of a running total had no denominator, or zero, and was read as “missing”")
                row = row.without_figures("missing")
            settled = self._settled(row, self._known.indicators[row.indicator])
            if settled is not None:
                self._keep(settled, day)
        rows = tuple(self._rows.values())
        return made_plan(
            self._table, self._mapping, rows, self.findings, lines_read=self._lines, repeated=self._repeated
        )


class _CellOfColumnError(Exception):
    def __init__(self, column: BoundColumn, cell: CellError) -> None:
        super().__init__(column.header)
        self.column, self.cell = column, cell


def _number(column: BoundColumn | None, cells: Sequence[str]) -> float | None:
    if column is None:
        return None
    try:
        return column.number(cells)
    except CellError as error:
        raise _CellOfColumnError(column, error) from error


def _contradiction(row: ImportRow, indicator: KnownIndicator) -> tuple[str, str] | None:
    """What no true figure can say, with what to do; the first that holds."""
    top, bottom = row.numerator, row.denominator
    parts = indicator.measure_type in _NEEDS_PARTS
    bounded = indicator.measure_type == "proportion" and indicator.bounded
    if top is not None and bottom and row.value is None and 0 <= top <= bottom:
        return None  # by far the most rows
    over = bounded and top is not None and bottom is not None and top > bottom
    rules = (
        ((top or 0) < 0 or (bottom or 0) < 0, "is below zero", "Counts and denominators are zero or more."),
        (
            parts and top is not None and bottom is None,
            "has no denominator",
            "Give the denominator too, so that services can be pooled; or give only the value.",
        ),
        (
            parts and bool(bottom) and top is None and row.value is None,
            "has no numerator",
            "Write 0 if nothing was counted, or the state “missing”.",
        ),
        (bottom == 0 and bool(top), "is counted out of a denominator of zero", "Check both figures."),
        (over, f"is more than its denominator of {bottom or 0:g}", "A part cannot be more than the whole: check both."),
        (
            row.value is not None and top is None and not _possible(row.value, indicator),
            "is out of range",
            "A percentage of this kind is from 0 to 100; other figures are zero or more.",
        ),
        (
            indicator.unit == "%" and _disagrees(row),
            f"does not agree with a value of {row.value or 0:g}",
            "Give the parts or the value. A thousands comma outside quotation marks moves figures to the next column.",
        ),
    )
    return next(((reason, advice) for holds, reason, advice in rules if holds), None)


def _disagrees(row: ImportRow) -> bool:
    """Whether a percentage is not that of its parts, beyond rounding to a whole percent."""
    if row.value is None or row.numerator is None or not row.denominator:
        return False
    return abs(100 * row.numerator / row.denominator - row.value) > 0.6


def _possible(value: float, indicator: KnownIndicator) -> bool:
    if indicator.unit == "percentage points":
        return -100 <= value <= 100
    if indicator.unit == "%":
        return 0 <= value <= (100 if indicator.bounded else 1000)
    return value >= 0


def _blamed(row: ImportRow, figure: BoundFigure | None, cells: Sequence[str]) -> tuple[str, str]:
    """The column that a problem of a figure is about, and its cell."""
    if figure is None:
        return "", ""
    below = figure.denominator if (row.denominator or 0) < 0 or (row.numerator is None and row.denominator) else None
    column = below or (figure.numerator if row.numerator is not None else figure.value)
    return (column.header, column.raw(cells)) if column is not None else ("", "")


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
