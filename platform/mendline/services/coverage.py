"""The coverage of quality statements by kinds of evidence, as pure rules: what counts where, and where the gaps are.

Which kinds a statement needs is our own default for completeness, never a gate taken from the regulator.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mendline.catalogue.frameworks import FrameworkNode, FrameworkVersion
from mendline.catalogue.indicators import EvidenceCategory, IndicatorDefinition, indicator_definition
from mendline.catalogue.record_types import record_types
from mendline.catalogue.status_rules import CoverageRules, status_rules
from mendline.indicators.evidence_words import WORKFORCE

CellState = Literal["current", "old", "gap", "none"]
GONE = frozenset({"withdrawn", "changed", "not_found"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A pointer to an original, with the indicators that it stands behind.

    Attributes:
        result: what the newest look at the original found.
        statement: the quality statement that it was added for, where one was named.
        category: the regulator's kind that it was added as, where one was named.
    """

    evidence_id: uuid.UUID
    reference: str
    title: str
    letter: str
    dated_on: date
    result: str | None
    statement: str | None
    definition_keys: tuple[str, ...]
    category: EvidenceCategory | None = None


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """Source records of one type: how many of late, and the newest."""

    record_type: str
    newest: date
    count: int


@dataclass(frozen=True, slots=True)
class Covered:
    """What there is in one cell."""

    state: CellState
    expected: bool
    count: int = 0
    newest: date | None = None
    pieces: tuple[Piece, ...] = ()
    records: tuple[RecordGroup, ...] = ()

    @property
    def is_gap(self) -> bool:
        """Whether something is looked for here and nothing current is found."""
        return self.expected and self.state != "current"


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A quality statement with its cells, in the order of the categories."""

    node: FrameworkNode
    cells: tuple[Covered, ...]

    @property
    def gaps(self) -> int:
        """How many kinds are looked for and not found current."""
        return sum(cell.is_gap for cell in self.cells)


def category_of(piece: Piece, definition: IndicatorDefinition | None) -> EvidenceCategory:
    """The regulator's kind of evidence that a pointer is: practice seen is observation, a voice is people's or staff's."""
    if piece.category:
        return piece.category
    if piece.letter == "P":
        return "observation"
    if piece.letter == "F":
        return "staff_leaders" if definition and definition.domain in WORKFORCE else "people"
    if piece.letter == "R" and definition and "outcomes" in definition.evidence_categories:
        return "outcomes"
    return "processes"


def coverage_of(
    framework: FrameworkVersion,
    pieces: Iterable[Piece],
    records: Iterable[RecordGroup],
    today: date,
    rules: CoverageRules | None = None,
) -> tuple[StatementRow, ...]:
    """The whole matrix, statements in the framework's order.

    Args:
        framework: whose statements.
        pieces: evidence of the service; an original that changed or is gone counts nowhere.
        records: source records of the service, by type.
        today: the date in England.
        rules: how long a piece counts.
    """
    rules = rules or status_rules().coverage
    found: dict[tuple[str, str], list[Piece]] = {}
    for piece in pieces:
        if piece.result not in GONE:
            for key in places_of(piece):
                found.setdefault(key, []).append(piece)
    grouped: dict[tuple[str, str], list[RecordGroup]] = {}
    for group in records:
        kind = record_types().get(group.record_type)
        for code in kind.quality_statements if kind else ():
            grouped.setdefault((code, kind.evidence_category if kind else ""), []).append(group)
    codes = [category.code for category in framework.evidence_categories]
    return tuple(
        StatementRow(
            node,
            tuple(_cell(node, code, found.get((node.code, code), []), grouped.get((node.code, code), []), today, rules)
                  for code in codes),
        )
        for node in framework.nodes.values()
    )  # fmt: skip


def places_of(piece: Piece) -> tuple[tuple[str, EvidenceCategory], ...]:
    """The cells that a piece of evidence counts in: its own statement, and those of the indicators it stands behind."""
    places: dict[tuple[str, EvidenceCategory], None] = {}
    definitions = [indicator_definition(key) for key in piece.definition_keys]
    if piece.statement:
        places[piece.statement, category_of(piece, definitions[0] if definitions else None)] = None
    for definition in definitions:
        for code in definition.quality_statements:
            places[code, category_of(piece, definition)] = None
    return tuple(places)


def _cell(
    node: FrameworkNode,
    category: EvidenceCategory,
    pieces: list[Piece],
    records: list[RecordGroup],
    today: date,
    rules: CoverageRules,
) -> Covered:
    expected = category in node.evidence
    days = [*(piece.dated_on for piece in pieces), *(group.newest for group in records)]
    newest = max(days, default=None)
    if newest is None:
        return Covered("gap" if expected else "none", expected)
    current = today - newest <= timedelta(days=rules.current_days)
    count = len(pieces) + sum(group.count for group in records)
    ordered = tuple(sorted(pieces, key=lambda piece: (piece.dated_on, piece.reference), reverse=True))
    return Covered("current" if current else "old", expected, count, newest, ordered, tuple(records))


def summary_of(rows: Iterable[StatementRow], names: Mapping[str, str]) -> str:
    """How the page opens: how many statements are covered, and which kind of evidence is missing most."""
    listed = list(rows)
    whole = sum(row.gaps == 0 for row in listed)
    gaps = sum(row.gaps for row in listed)
    if not listed:
        return "This framework has no statements."
    said = f"{whole} of {len(listed)} quality statements have current evidence of every kind that we look for."
    if not gaps:
        return said
    missing: dict[str, int] = {}
    for row in listed:
        for name, cell in zip(names.values(), row.cells, strict=True):
            missing[name] = missing.get(name, 0) + cell.is_gap
    most = max(missing, key=lambda name: missing[name])
    return f"{said} {gaps} gaps remain, most of them in {most[0].lower()}{most[1:]} ({missing[most]})."
