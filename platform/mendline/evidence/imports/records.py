"""A file of source records, checked row by row against the declaration of their type."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, BinaryIO

from mendline.evidence.imports.binding import Binder, BoundColumn
from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.known import Known
from mendline.evidence.imports.mapping import FileMapping
from mendline.evidence.imports.plan import ImportPlan, RecordRow, made_plan
from mendline.evidence.imports.reading import open_table
from mendline.evidence.imports.rows import ServiceFinder, read_day, whole_rows
from mendline.evidence.imports.values import CellError

# Given a payload, says what is wrong with it: field and reason. The catalogue's declaration of the type answers.
PayloadCheck = Callable[[Mapping[str, Any]], Sequence[tuple[str, str]]]


def check_records(
    stream: BinaryIO, mapping: FileMapping, known: Known, today: date, check_payload: PayloadCheck
) -> ImportPlan:
    """Reads and checks a file of records.

    Args:
        stream: A seekable binary stream.
        mapping: What its columns mean; its target is `records`.
        known: Services that the file may name.
        today: Nothing after it is accepted.
        check_payload: The record type's own rules.

    Raises:
        UnreadableFileError: The file cannot be read as a table with the mapping's columns.
    """
    table = open_table(stream, mapping.wanted(), allow_blank_headers=mapping.allow_blank_headers)
    findings = Findings()
    binder = Binder(table, mapping)
    finder = ServiceFinder(binder.services(), known, findings)
    happened, reference = binder.maybe(mapping.happened_at), binder.maybe(mapping.reference)
    fields = {key: bound for key, column in mapping.fields.items() if (bound := binder.need(column)) is not None}
    binder.finish()
    rows: dict[tuple[object, ...], RecordRow] = {}
    lines = repeated = 0
    for line, cells in whole_rows(table, findings):
        lines += 1
        service = finder.find(line, cells)
        day = read_day(happened, line, cells, today, service, findings) if service and happened else None
        payload = _payload(fields, line, cells, findings)
        if service is None or day is None or payload is None or not _holds(payload, check_payload, line, findings):
            continue
        told = (reference.raw(cells) or None) if reference is not None else None
        row = RecordRow(line, service.service_id, str(mapping.record_type), day, payload, told)
        key = (service.service_id, told) if told else (service.service_id, day, repr(sorted(payload.items())))
        repeated += _kept(rows, key, row, findings)
    return made_plan(table, mapping, tuple(rows.values()), findings, lines_read=lines, repeated=repeated)


def _kept(
    rows: dict[tuple[object, ...], RecordRow], key: tuple[object, ...], row: RecordRow, findings: Findings
) -> int:
    """Keeps a row; 1 where it repeats an earlier one."""
    earlier = rows.setdefault(key, row)
    if earlier is row:
        return 0
    if earlier.payload == row.payload and earlier.happened_on == row.happened_on:
        findings.warn("A row said the same as an earlier one and was counted once")
        return 1
    findings.problem(
        row.line,
        "",
        row.source_reference or "",
        f"says something else than line {earlier.line} with the same reference",
        "Keep the row that is right and remove the other.",
    )
    return 0


def _payload(
    fields: Mapping[str, BoundColumn], line: int, cells: Sequence[str], findings: Findings
) -> dict[str, Any] | None:
    payload: dict[str, Any] = {}
    before = findings.total
    for key, column in fields.items():
        try:
            value = column.read(cells)
        except CellError as error:
            findings.problem(line, column.header, column.raw(cells), error.reason, error.advice)
            continue
        if value is not None:
            payload[key] = value.isoformat() if isinstance(value, date) else value
    return payload if findings.total == before else None


def _holds(payload: Mapping[str, Any], check_payload: PayloadCheck, line: int, findings: Findings) -> bool:
    wrong = check_payload(payload)
    for key, reason in wrong:
        findings.problem(line, key, str(payload.get(key, "")), reason, "Correct the cell, or leave the row out.")
    return not wrong
