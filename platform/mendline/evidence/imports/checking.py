"""A file of figures, checked row by row; every problem is collected, nothing is guessed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import BinaryIO

from mendline.evidence.imports.areas import AREA, NOT_KEPT, NOT_OPEN, AreaFinder
from mendline.evidence.imports.binding import Binder, BoundColumn, BoundFigure
from mendline.evidence.imports.contradictions import NEEDS_PARTS, blamed, contradiction
from mendline.evidence.imports.cumulative import RunningTotal, weekly_changes
from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.known import Known, KnownIndicator, KnownService
from mendline.evidence.imports.mapping import FileMapping
from mendline.evidence.imports.plan import STATES, ImportPlan, ImportRow, made_plan
from mendline.evidence.imports.reading import Table, open_table
from mendline.evidence.imports.rows import ServiceFinder, outside_service, read_day, whole_rows
from mendline.evidence.imports.values import CellError, monday, month_start

_WITHOUT_FIGURES = ("missing", "not_applicable", "suspended")


def check_observations(
    stream: BinaryIO,
    mapping: FileMapping,
    known: Known,
    today: date,
    service: KnownService | None = None,
    *,
    leaves_out: bool = False,
) -> ImportPlan:
    """Reads and checks a file of figures.

    Args:
        stream: A seekable binary stream.
        mapping: What its columns mean; its target is `observations`.
        known: Services and indicators that the file may name.
        today: Nothing after it is accepted.
        service: Where a row belongs that does not say so, for a file that was sent to one service.
        leaves_out: Whether rows that contradict each other are left out, all of them, and told.

    Raises:
        UnreadableFileError: The file cannot be read as a table with the mapping's columns.
    """
    table = open_table(stream, mapping.wanted(), allow_blank_headers=mapping.allow_blank_headers)
    check = _Check(table, mapping, known, today, service)
    check.findings.leaves_out = leaves_out
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
        area = next((column for column in told if column.column.match == AREA), None)
        self._areas = AreaFinder(area, known, self.findings) if area is not None else None
        self._service = service
        self._period = binder.maybe(mapping.period)
        self._reference = binder.maybe(mapping.reference)
        self._figures = [bound for figure in mapping.figures if (bound := binder.figure(figure)) is not None]
        binder.finish()
        self._rows: dict[tuple[object, str, date], ImportRow] = {}
        self._disputed: set[tuple[object, str, date]] = set()
        self._totals: list[RunningTotal] = []
        self._indicators: dict[tuple[object, str], KnownIndicator | tuple[str, str] | None] = {}
        self._lines = self._repeated = 0

    def row(self, line: int, cells: Sequence[str]) -> None:
        self._lines += 1
        if self._areas is not None:
            self._area_row(self._areas.find(cells), line, cells)
            return
        service = self._finder.find(line, cells) if self._finder is not None else self._service
        if service is None or self._period is None:
            return
        day = read_day(self._period, line, cells, self._today, service, self.findings)
        if day is not None:
            self._figures_at(service, day, line, cells)

    def _area_row(self, services: Sequence[KnownService], line: int, cells: Sequence[str]) -> None:
        """The row at each service of its area; what is wrong with it is told once."""
        if not services or self._period is None:
            return
        before = self.findings.total
        day = read_day(self._period, line, cells, self._today, None, self.findings)
        for service in services:
            if day is None or self.findings.total > before:
                return
            if outside_service(day, service)[0]:
                self.findings.warn(NOT_OPEN)
            else:
                self._figures_at(service, day, line, cells)

    def _figures_at(self, service: KnownService, day: date, line: int, cells: Sequence[str]) -> None:
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
        if found is None:
            self.findings.warn(NOT_KEPT)
            return None
        column = figure.named_by()
        if column is figure.indicator or any(each.raw(cells) for each in figure.cells()):
            self.findings.problem(line, column.header, key, *found)
        return None

    def _look_up(self, service: KnownService, key: str, every: str | None) -> KnownIndicator | tuple[str, str] | None:
        """The indicator, or a reason and what to do; none where a service of an area does not keep it."""
        if not key:
            return "is empty, so it is not known what the figure is of", "Write the name or the key of an indicator."
        found = self._known.find_indicator(key)
        if found is None:
            return "is not an indicator of the catalogue", "Write its name or its key as the catalogue has them."
        cadence = self._known.cadence(service, found)
        if cadence is None and self._areas is not None:
            return None
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
        reason = contradiction(row, indicator)
        if reason:
            column, text = blamed(row, figure, cells)
            self.findings.problem(row.line, column, text, reason[0], reason[1])
            return None
        if row.numerator is None and row.denominator is None and row.value is None:
            self.findings.warn("A row without figures was read as “missing”, which is never zero")
            return row.without_figures("missing")
        if row.denominator == 0 and indicator.measure_type in NEEDS_PARTS:
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
        self._disputed.add(key)
        self.findings.contradiction(
            row.line,
            self._period.header if self._period is not None else "",
            day.isoformat(),
            f"says something else than line {earlier.line} about {row.indicator} in the same period",
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
        rows = tuple(row for key, row in self._rows.items() if key not in self._disputed)
        if self._areas is not None:
            self._areas.finish(len(rows))
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


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
