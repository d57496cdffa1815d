"""The coverage matrix of a service, from rows to words: statements down, kinds of evidence across, gaps named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.frameworks import FrameworkVersion, framework
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_type
from mendline.catalogue.wording import counted, listed, long_date, short_date
from mendline.indicators.staleness import going_out_of_date, next_review
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, service_head
from mendline.places.rows import Place
from mendline.services.coverage import Covered, Piece, RecordGroup, StatementRow, coverage_of, summary_of
from mendline.web.components import Button, Head, Item, ItemList
from mendline.web.readings import LETTERS

SHORT = {
    "people": "People's experience",
    "staff_leaders": "Staff and leaders",
    "partners": "Partners",
    "observation": "Observation",
    "processes": "Processes",
    "outcomes": "Outcomes",
}
WORDS = {"current": "current", "old": "out of date", "gap": "Gap", "none": "not looked for"}
MOST_GAPS = 8


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell: what is shown, how it is drawn, what a screen reader hears, where it leads."""

    label: str
    shown: str
    state: str
    heard: str
    href: str


@dataclass(frozen=True, slots=True)
class RowView:
    """A quality statement."""

    title: str
    meta: str
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """The statements of one key question."""

    title: str
    meaning: str
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """The whole page."""

    head: Head
    framework: str
    columns: tuple[str, ...]
    groups: tuple[GroupView, ...]
    rail: tuple[ItemList, ...]
    note: str


@dataclass(frozen=True, slots=True)
class CoverageCellPage:
    """What there is of one kind of evidence for one statement."""

    head: Head
    evidence: tuple[Item, ...]
    records: tuple[Item, ...]
    add: Button | None


def framework_of(place: Place) -> FrameworkVersion:
    """The framework of the plan, where it says which evidence is looked for; the one in use at present otherwise."""
    known = framework(place.plan.framework_version) if place.plan else framework("saf-2023")
    return known if any(node.evidence for node in known.nodes.values()) else framework("saf-2023")


def coverage_page(
    place: Place,
    standings: tuple[Standing, ...],
    pieces: Sequence[Piece],
    records: Sequence[RecordGroup],
    *,
    today: date,
    offers: Offers,
    address: Address,
) -> CoveragePage:
    """The page; `address(endpoint, **values)` writes its links."""
    known = framework_of(place)
    rows = coverage_of(known, pieces, records, today)
    names: dict[str, str] = {category.code: SHORT[category.code] for category in known.evidence_categories}
    head = service_head(
        place, standings, offers=offers, address=address, current="coverage.matrix", sentence=summary_of(rows, names)
    )
    groups = tuple(
        GroupView(
            question.title,
            question.meaning,
            tuple(
                _row(row, tuple(names.items()), place, address)
                for row in rows
                if row.node.key_question == question.code
            ),
        )
        for question in known.key_questions
    )
    return CoveragePage(
        head=head,
        framework=f"{known.name}, version {known.version}",
        columns=tuple(names.values()),
        groups=groups,
        rail=(_gaps(rows, tuple(names.items()), place, address), _going(standings, today, place, address)),
        note="Which kinds a statement needs is our own default, a check of completeness and no requirement of the regulator."
        " Records that your sign-in does not cover are not counted.",
    )


def _row(row: StatementRow, names: Sequence[tuple[str, str]], place: Place, address: Address) -> RowView:
    cells = tuple(
        _cell(row, cell, code, name, place, address) for cell, (code, name) in zip(row.cells, names, strict=True)
    )
    meta = counted(row.gaps, "gap") if row.gaps else "No gap"
    return RowView(row.node.title, meta, cells)


def _cell(row: StatementRow, cell: Covered, code: str, name: str, place: Place, address: Address) -> CellView:
    there = address("coverage.cell", service_id=place.service_id, code=row.node.code, category=code)
    newest = f", newest {short_date(cell.newest)}" if cell.newest else ""
    heard = f"{row.node.title}, {name}: "
    if cell.state in ("current", "old"):
        heard += f"{counted(cell.count, 'piece')}{newest}, {WORDS[cell.state]}"
        shown = f"{cell.count}" if cell.count else "Old"
    elif cell.state == "gap":
        heard, shown = f"{heard}gap, nothing found", "Gap"
    else:
        return CellView(name, "", "none", f"{heard}not looked for", "")
    return CellView(name, shown, "gap" if cell.state == "gap" else cell.state, heard, there)


def _gaps(rows: Sequence[StatementRow], names: Sequence[tuple[str, str]], place: Place, address: Address) -> ItemList:
    worst = sorted((row for row in rows if row.gaps), key=lambda row: -row.gaps)
    items = []
    for row in worst[:MOST_GAPS]:
        missing = [(code, name) for cell, (code, name) in zip(row.cells, names, strict=True) if cell.is_gap]
        there = address("coverage.cell", service_id=place.service_id, code=row.node.code, category=missing[0][0])
        items.append(Item(row.node.title, f"No current {listed([name.lower() for _, name in missing])}", href=there))
    return ItemList("Largest gaps", tuple(items), empty="Every kind that we look for is there.")


def _going(standings: Sequence[Standing], today: date, place: Place, address: Address) -> ItemList:
    """What will be out of date by the next review of its indicator, soonest first."""
    found = [
        (each.until, each.name, standing)
        for standing in standings
        for each in going_out_of_date(standing.parts, next_review(standing.review_due_on, today))
    ]
    found.sort(key=lambda one: (one[0], one[2].display_order))
    return ItemList(
        "Out of date by the next review",
        tuple(
            Item(
                indicator_definition(standing.definition_key).name,
                name,
                due=f"after {short_date(until)}",
                href=f"{address('services.indicator', service_id=place.service_id, indicator_id=standing.indicator_id)}#going",
                due_last=True,
            )
            for until, name, standing in found[:MOST_GAPS]
        ),
        empty="Nothing: what holds now will hold at the next review.",
    )


def cell_page(
    place: Place,
    row: StatementRow,
    category: str,
    known: FrameworkVersion,
    *,
    offers: Offers,
    address: Address,
    see_records: bool,
) -> CoverageCellPage:
    """What there is of one kind for one statement, each leading to the evidence itself."""
    codes = [each.code for each in known.evidence_categories]
    cell = row.cells[codes.index(category)]  # type: ignore[arg-type]  # the view has checked the code
    title = next(each.title for each in known.evidence_categories if each.code == category)
    service = {"service_id": place.service_id}
    evidence = tuple(
        Item(
            f"{piece.reference} {piece.title}",
            f"{LETTERS[piece.letter]}, {long_date(piece.dated_on)}",
            href=address("evidence.one", evidence_id=piece.evidence_id, **service),
        )
        for piece in cell.pieces
    )
    records = tuple(
        Item(
            record_type(group.record_type).plural,
            f"{counted(group.count, 'record')} of late, newest {long_date(group.newest)}",
            href=address("records.listing", record_type=group.record_type, **service) if see_records else "",
        )
        for group in cell.records
    )
    return CoverageCellPage(
        head=Head(
            f"{row.node.title}: {SHORT[category]}",
            f"{place.name}. {known.label(row.node.code)}, {known.name}.",
            _cell_sentence(cell, title),
        ),
        evidence=evidence,
        records=records,
        add=Button("Add evidence", address("evidence.add", **service), "i-plus", "primary")
        if offers.enter and offers.see_evidence
        else None,
    )


def _cell_sentence(cell: Covered, title: str) -> str:
    if cell.newest is None:
        if cell.expected:
            return f"Nothing is found here. {title} is looked for: add what there is, or say what will be done."
        return "Nothing is looked for here."
    word = "current" if cell.state == "current" else "out of date"
    return f"{counted(cell.count, 'piece')} found, newest {long_date(cell.newest)}: {word}."
