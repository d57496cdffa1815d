"""What checking a file ends in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mendline.evidence.imports.findings import Findings, RowProblem
from mendline.evidence.imports.mapping import FileMapping
from mendline.evidence.imports.reading import DELIMITERS, Table

Place = tuple[int, str, UUID | None]

STATES = ("provisional", "final", "revised", "missing", "not_applicable", "suspended")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One figure that may be saved.

    Attributes:
        line: Where it stands in the file.
        service_id: The service it belongs to.
        indicator: The definition's key.
        period_start: Monday of the week, or first day of the month.
        numerator: None for figures that come as a value only, and where the state says that there is none.
        denominator: As the numerator.
        value: Only where no numerator and denominator were given, in the indicator's unit.
        state: One of `STATES`.
        source_reference: The source system's own reference.
    """

    line: int
    service_id: UUID
    indicator: str
    period_start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    source_reference: str | None

    @property
    def place(self) -> Place:
        """Where it stands in the file: a line may hold figures of several indicators, or come to several services."""
        return self.line, self.indicator, self.service_id

    def without_figures(self, state: str) -> "ImportRow":
        """The same row with a state that has no figures."""
        return ImportRow(
            self.line,
            self.service_id,
            self.indicator,
            self.period_start,
            None,
            None,
            None,
            state,
            self.source_reference,
        )

    def figures(self) -> tuple[float | None, float | None, float | None, str]:
        """What makes two rows the same figure."""
        return self.numerator, self.denominator, self.value, self.state


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One source record that may be saved; its payload has been checked against the record type."""

    line: int
    service_id: UUID
    record_type: str
    type_version: str
    happened_at: datetime
    payload: Mapping[str, Any]
    source_reference: str | None
    source_system: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands in the file."""
        return self.line, "", None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A file, read and checked. It is saved as a whole, or not at all.

    Attributes:
        mapping: Name of the mapping.
        record_type: Key of the type of its records; none for figures.
        rows: What would be saved.
        problems: The first of what keeps it from being saved.
        problem_count: All of it.
        warnings: What was counted once, left out or taken as a guess.
        lines_read: Rows below the header that are not blank.
        repeated: Rows that said the same as an earlier row and were counted once.
        encoding: How the bytes were read.
        delimiter: In words.
        sha256: Fingerprint of the file as sent.
        columns: Its header.
        contradictions: How many of the problems are rows that contradict another row of the file.
        left_out: The first rows that were left out because they contradict another one, as a person chose.
        left_out_count: All of them.
    """

    mapping: str
    record_type: str | None
    rows: tuple[ImportRow | RecordRow, ...]
    problems: tuple[RowProblem, ...]
    problem_count: int
    warnings: tuple[str, ...]
    lines_read: int
    repeated: int
    encoding: str
    delimiter: str
    sha256: str
    columns: tuple[str, ...]
    contradictions: int = 0
    left_out: tuple[RowProblem, ...] = ()
    left_out_count: int = 0

    @property
    def can_be_saved(self) -> bool:
        """Whether nothing stands in the way and there is something to save."""
        return self.problem_count == 0 and bool(self.rows)

    @property
    def can_leave_out(self) -> bool:
        """Whether nothing stands in the way but rows that contradict each other."""
        return 0 < self.problem_count == self.contradictions


def made_plan(
    table: Table,
    mapping: FileMapping,
    rows: tuple[ImportRow | RecordRow, ...],
    findings: Findings,
    *,
    lines_read: int,
    repeated: int,
) -> ImportPlan:
    """Puts a plan together."""
    if not lines_read:
        findings.problem(0, "", "", "has a header and no rows", "Export it again for a period that holds figures.")
    for warning in table.warnings:
        findings.warn(warning)
    if not table.decoding.certain:
        findings.warn(f"The encoding was taken to be {table.decoding.encoding}; look at names with accents or £ signs")
    return ImportPlan(
        mapping=mapping.name,
        record_type=mapping.record_type if mapping.target == "records" else None,
        rows=rows,
        problems=_by_line(findings.problems),
        problem_count=findings.total,
        warnings=findings.told_warnings(),
        lines_read=lines_read,
        repeated=repeated,
        encoding=table.decoding.encoding,
        delimiter=DELIMITERS.get(table.delimiter, "sheet"),
        sha256=table.decoding.sha256,
        columns=table.header,
        contradictions=findings.contradictions,
        left_out=_by_line(findings.left_out),
        left_out_count=findings.left_out_count,
    )


def _by_line(found: Sequence[RowProblem]) -> tuple[RowProblem, ...]:
    """As they stand in the file; series of figures are looked at one after the other, after the last row."""
    return tuple(sorted(found, key=lambda one: one.line))
