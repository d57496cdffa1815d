"""A file of source records, checked row by row against the declaration of their type."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import BinaryIO

from mendline.catalogue.calendar import london_date
from mendline.catalogue.record_types import RecordType
from mendline.catalogue.validation import FieldProblem
from mendline.catalogue.validation_many import CheckedRow, Validator
from mendline.evidence.imports.belonging import empty_cell
from mendline.evidence.imports.binding import Binder, BoundColumn
from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.known import Known, KnownService
from mendline.evidence.imports.mapping import Column, FileMapping
from mendline.evidence.imports.plan import ImportPlan, RecordRow, made_plan
from mendline.evidence.imports.reading import Table, open_table
from mendline.evidence.imports.rows import ServiceFinder, outside_service, whole_rows


def mapping_of(declared: RecordType) -> FileMapping:
    """The mapping of a record type's own template: a column for each field, `service` and `source_reference` beside them."""
    return FileMapping(
        name=declared.key.replace("_", "-"),
        system=None,
        version=1,
        title=declared.plural,
        purpose=f"{declared.description} The form is the record type's template, with a column “service” in front.",
        target="records",
        record_type=declared.key,
        missing=frozenset({""}),
        allow_blank_headers=False,
        service=(Column(("service", "location_id", "own_reference", "service_name")),),
        period=None,
        reference=Column(("source_reference", "reference_at_source"), required=False),
        source_system=Column(("source_system",), required=False),
        figures=(),
        fields={one.name: Column((one.name, one.label), required=one.required) for one in declared.fields},
    )


def check_records(
    stream: BinaryIO,
    mapping: FileMapping,
    declared: RecordType,
    known: Known,
    now: datetime,
    service: KnownService | None = None,
    *,
    leaves_out: bool = False,
) -> ImportPlan:
    """Reads and checks a file of records.

    Args:
        stream: A seekable binary stream.
        mapping: What its columns mean; its target is `records`.
        declared: The record type, whose own rules each row must keep.
        known: Services that the file may name.
        now: Nothing that happened after it is accepted.
        service: Where a row belongs that does not say so, for a file that was sent to one service.
        leaves_out: Whether rows that contradict each other are left out, all of them, and told.

    Raises:
        UnreadableFileError: The file cannot be read as a table with the mapping's columns.
    """
    table = open_table(stream, mapping.wanted(), allow_blank_headers=mapping.allow_blank_headers)
    check = _Check(table, mapping, declared, known, now, service)
    check.findings.leaves_out = leaves_out
    for line, cells in whole_rows(table, check.findings):
        check.row(line, cells)
    return check.finish()


class _Check:
    """One pass over one file."""

    def __init__(
        self,
        table: Table,
        mapping: FileMapping,
        declared: RecordType,
        known: Known,
        now: datetime,
        service: KnownService | None,
    ) -> None:
        self._table, self._mapping, self._declared, self._now, self._service = table, mapping, declared, now, service
        self.findings = Findings()
        binder = Binder(table, mapping)
        told = binder.services(needed=service is None)
        self._finder = ServiceFinder(told, known, self.findings) if told else None
        self._reference = binder.maybe(mapping.reference)
        self._system = binder.maybe(mapping.source_system)
        self._validator = Validator(declared, now)
        self._labels = {one.name: one.label for one in declared.fields}
        self._fields: Mapping[str, BoundColumn] = {
            key: bound for key, column in mapping.fields.items() if (bound := binder.need(column)) is not None
        }
        self._cells = tuple((key, column.index, column.texts) for key, column in self._fields.items())
        binder.finish()
        self._rows: dict[tuple[object, ...], RecordRow] = {}
        self._disputed: set[tuple[object, ...]] = set()
        self._days: dict[datetime, date] = {}
        self._lines = self._repeated = 0

    def row(self, line: int, cells: Sequence[str]) -> None:
        self._lines += 1
        service = self._finder.find(line, cells) if self._finder is not None else self._service
        answers = {}
        for key, index, texts in self._cells:
            text = texts.get(cells[index])
            answers[key] = self._fields[key].raw(cells) if text is None else text
        checked = self._validator.check(answers)
        if isinstance(checked, list):
            for problem in checked:
                self._tell(line, problem, answers.get(problem.field, ""))
        elif service is not None:
            self._keep(line, service, checked, cells)

    def _tell(self, line: int, problem: FieldProblem, text: str) -> None:
        column = self._fields.get(problem.field)
        header = column.header if column is not None else problem.field
        reason, advice = "cannot be taken", problem.message
        if not text:
            reason, advice = empty_cell(self._declared.field(problem.field), self._labels)
        self.findings.problem(line, header, text, reason, advice)

    def _keep(self, line: int, service: KnownService, checked: CheckedRow, cells: Sequence[str]) -> None:
        reason, advice = outside_service(self._day(checked.happened_at), service)
        if reason:
            column = self._fields[self._declared.happened_field]
            self.findings.problem(line, column.header, column.raw(cells), reason, advice)
            return
        told = (self._reference.raw(cells) or None) if self._reference is not None else None
        system = (self._system.raw(cells) if self._system is not None else "") or self._mapping.system
        kind = self._declared
        row = RecordRow(
            line, service.service_id, kind.key, kind.version, checked.happened_at, checked.payload, told, system
        )
        same = (system, told) if told else (checked.happened_at, repr(sorted(checked.payload.items())))
        key = (service.service_id.int, *same)
        earlier = self._rows.setdefault(key, row)
        if earlier is row:
            return
        if earlier.payload == row.payload:
            self._repeated += 1
            self.findings.warn("A row said the same as an earlier one and was counted once")
            return
        reason = f"is the reference of line {earlier.line} too, which says something else"
        header = self._reference.header if self._reference is not None else ""
        self._disputed.add(key)
        self.findings.contradiction(line, header, told or "", reason)

    def _day(self, moment: datetime) -> date:
        day = self._days.get(moment)
        if day is None:
            day = self._days[moment] = london_date(moment)
        return day

    def finish(self) -> ImportPlan:
        rows = tuple(self._rows.values())
        if self._disputed:
            rows = tuple(row for key, row in self._rows.items() if key not in self._disputed)
        return made_plan(
            self._table, self._mapping, rows, self.findings, lines_read=self._lines, repeated=self._repeated
        )
