"""What every row has, whatever it holds: a width, a service, a day."""

from collections.abc import Iterator, Sequence
from datetime import date

from mendline.evidence.imports.binding import BoundColumn
from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.known import Known, KnownService
from mendline.evidence.imports.reading import Table
from mendline.evidence.imports.values import CellError

ANCIENT = date(1990, 1, 1)  # before it, no register of today's regulation existed: a slip of the pen


def whole_rows(table: Table, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Rows that are as wide as the header; the others become problems."""
    width = len(table.header)
    for line, cells in table.rows():
        if len(cells) != width:
            if len(cells) < width or any(cell.strip() for cell in cells[width:]):
                findings.problem(
                    line,
                    "",
                    "",
                    f"has {len(cells)} cells where the header has {width}",
                    "Look for a missing cell, or for a delimiter inside a text that is not in quotes.",
                )
                continue
            del cells[width:]
        yield line, cells


class ServiceFinder:
    """Finds a row's service by the first column that has an answer."""

    def __init__(self, columns: Sequence[BoundColumn], known: Known, findings: Findings) -> None:
        """Keeps what each cell was found to mean, as the same services come again and again."""
        self._columns = columns
        self._known = known
        self._findings = findings
        self._seen: dict[tuple[str, ...], KnownService | None] = {}

    def find(self, line: int, cells: Sequence[str]) -> KnownService | None:
        """The service, or none after a problem was noted."""
        texts = tuple([column.raw(cells) for column in self._columns])
        if texts not in self._seen:
            self._seen[texts] = self._look_up(texts)
        service = self._seen[texts]
        if service is None:
            self._complain(line, texts)
        return service

    def _look_up(self, texts: tuple[str, ...]) -> KnownService | None:
        pairs = zip(self._columns, texts, strict=True)
        found = (self._known.find_service(text, column.column.match) for column, text in pairs if text)
        return next((service for service in found if service is not None), None)

    def _complain(self, line: int, texts: tuple[str, ...]) -> None:
        column, text = next(((c, t) for c, t in zip(self._columns, texts, strict=True) if t), (self._columns[0], ""))
        if not text:
            self._findings.problem(
                line,
                column.header,
                "",
                "names no service",
                "Write its name, its CQC location ID or your own reference.",
            )
        elif self._known.shared(text, column.column.match):
            self._findings.problem(
                line, column.header, text, "is the name of two or more services", "Write the CQC location ID instead."
            )
        else:
            self._findings.problem(
                line,
                column.header,
                text,
                "is not a service that you can enter figures for",
                "Check the spelling, or write its CQC location ID. A new service is set up before its figures come.",
            )


def read_day(
    column: BoundColumn, line: int, cells: Sequence[str], today: date, service: KnownService | None, findings: Findings
) -> date | None:
    """The day in a row, or none after a problem was noted: unreadable, in the future, or outside the service's time.

    Without a service only the day itself is looked at.
    """
    try:
        day = column.read(cells)
    except CellError as error:
        findings.problem(line, column.header, column.raw(cells), error.reason, error.advice)
        return None
    if not isinstance(day, date):
        findings.problem(line, column.header, "", "has no date", "Write the day, week or month that the row is about.")
        return None
    reason, advice = _outside(day, today, service)
    if reason:
        findings.problem(line, column.header, column.raw(cells), reason, advice)
        return None
    return day


def _outside(day: date, today: date, service: KnownService | None) -> tuple[str, str]:
    if day > today:
        return "is in the future", f"Today is {today.isoformat()}. Figures come after their period has begun."
    if day < ANCIENT:
        return "is before 1990", "Check the year."
    return outside_service(day, service) if service is not None else ("", "")


def outside_service(day: date, service: KnownService) -> tuple[str, str]:
    """Why a day cannot belong to a service, with what to do; two empty texts where it can."""
    if service.opened_on is not None and day < service.opened_on:
        return f"is before the service opened on {service.opened_on.isoformat()}", "Check the date and the service."
    if service.closed_on is not None and day > service.closed_on:
        return f"is after the service closed on {service.closed_on.isoformat()}", "Check the date and the service."
    return "", ""
