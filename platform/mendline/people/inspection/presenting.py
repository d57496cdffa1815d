"""What an inspector's link opens, in words: the pack, its indicators, and the records behind a figure."""

from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.calendar import period_end
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.record_types import RecordType, record_types
from mendline.catalogue.wording import counted, date_range, figure, long_date, of, short_date
from mendline.evidence.files.leaving import MARKED
from mendline.evidence.measuring.answers import SourceRecord
from mendline.evidence.measuring.presenting import SOURCES
from mendline.evidence.records.answers import answers_of, happened_words, moment_words
from mendline.evidence.records.rows import StoredRecord
from mendline.packs.queries import PackLine
from mendline.people.desk import Cell, DeskPage, Row, Table
from mendline.people.inspection.queries import (
    ShownChange,
    ShownDecision,
    ShownEvidence,
    ShownFigure,
    ShownIndicator,
)
from mendline.places.head import Address
from mendline.web.components import Button, Empty, Head
from mendline.web.page import day_and_time
from mendline.web.readings import DECISION_WORDS
from tenants.clock import LONDON
from tenants.reach import Inspecting


def overview_page(
    here: Inspecting, indicators: Sequence[ShownIndicator], pack: PackLine, *, address: Address
) -> DeskPage:
    """What a link opens: the pack, and each indicator with its figure at that moment."""
    rows = tuple(
        Row(
            (
                Cell(_name(each.definition_key), href=address("inspection.indicator", indicator_id=each.indicator_id)),
                Cell(_value(each.definition_key, each.value), _counts(each.numerator, each.denominator)),
                Cell(_period(each.cadence, each.period_start)),
            )
        )
        for each in indicators
    )
    table = Table(
        "indicators",
        "Figures behind the pack",
        ("Indicator", "Figure", "Period"),
        rows,
        Empty("Not opened", "The service did not open its figures with this link. The pack shows them."),
        f"As at {day_and_time(here.as_at)}",
    )
    head = Head(
        f"{here.service}: evidence pack {pack.reference}",
        here.provider,
        "The pack, and the records behind its figures as they stood when it was made. Read only.",
        (Button("Open the pack (PDF)", address("inspection.pack_file"), "i-down", "primary"),),
    )
    return DeskPage(head, tables=(table,))


def indicator_page(
    here: Inspecting,
    shown: ShownIndicator,
    figures: Sequence[ShownFigure],
    evidence: Sequence[ShownEvidence],
    decisions: Sequence[ShownDecision],
    changes: Sequence[ShownChange] = (),
    *,
    address: Address,
) -> DeskPage:
    """One indicator: each figure with the way to its records, the evidence, and what was decided."""
    key = shown.definition_key
    behind = any(each in here.classes for each in ("records", "records_medicines", "records_staffing"))

    def way(start: date) -> str:
        there = {"indicator_id": shown.indicator_id, "period": start.isoformat()}
        return address("inspection.behind", **there) if behind else ""

    tables = [
        Table(
            "figures",
            "Figures",
            ("Period", "Figure", "Entered", "Source"),
            tuple(
                Row(
                    (
                        Cell(_period(shown.cadence, each.period_start), href=way(each.period_start)),
                        Cell(_value(key, each.value), _counts(each.numerator, each.denominator)),
                        Cell(
                            f"{each.recorded_initials or 'Mendline'}, {short_date(each.recorded_at.astimezone(LONDON).date())}"
                        ),
                        Cell(
                            SOURCES.get(each.source, each.source),
                            f"Corrected: {each.reason}" if each.revision > 1 and each.reason else "",
                        ),
                    )
                )
                for each in figures
            ),
            Empty("No figure", "There was none at that moment."),
        )
    ]
    if "evidence_index" in here.classes:
        tables.append(_evidence(evidence, address))
    if "story" in here.classes:
        tables.append(_changes(changes))
    if "actions" in here.classes:
        tables.append(_decisions(decisions))
    definition = indicator_definition(key)
    told = f"As at {day_and_time(here.as_at)}. Each figure leads to its records."
    if any(each.has_file for each in evidence):
        told = f"{told} {MARKED}"
    head = Head(definition.name, here.service, told)
    return DeskPage(head, tables=tuple(tables))


def _evidence(evidence: Sequence[ShownEvidence], address: Address) -> Table:
    def where(each: ShownEvidence) -> Cell:
        if not each.has_file:
            return Cell(each.where_to_look, each.system)
        return Cell("Save the file", each.where_to_look, address("inspection.file", evidence_id=each.evidence_id))

    return Table(
        "evidence",
        "Evidence",
        ("Reference", "What", "Dated", "The original"),
        tuple(
            Row((Cell(each.reference), Cell(each.title), Cell(short_date(each.dated_on)), where(each)))
            for each in evidence
        ),
        Empty("None", "No evidence was linked to this indicator at that moment."),
    )


_CHANGE_WORDS = {
    "staff": "Staff",
    "process": "How work is done",
    "place": "The place",
    "event": "At this chart",
    "status": "Where it stands",
}


def _changes(changes: Sequence[ShownChange]) -> Table:
    return Table(
        "changes",
        "What changed",
        ("When", "What", "Why", "What followed"),
        tuple(
            Row(
                (
                    Cell(short_date(each.happened_on)),
                    Cell(each.what, _CHANGE_WORDS.get(each.kind, "")),
                    Cell(each.why or ""),
                    Cell(each.followed or ""),
                )
            )
            for each in changes
        ),
        Empty("Nothing", "No change was on record for this indicator at that moment."),
    )


def _decisions(decisions: Sequence[ShownDecision]) -> Table:
    return Table(
        "decisions",
        "Decisions",
        ("When", "Decision", "By", "Why, and what follows"),
        tuple(
            Row(
                (
                    Cell(short_date(each.held_on)),
                    Cell(DECISION_WORDS.get(each.decision, each.decision)),
                    Cell(each.decided_label, each.decided_role),
                    Cell(" ".join(words for words in (each.what_changed, each.why, each.what_follows) if words)),
                )
            )
            for each in decisions
        ),
        Empty("None", "No decision was recorded at that moment."),
    )


def behind_page(
    here: Inspecting,
    shown: ShownIndicator,
    period: date,
    found: Mapping[str, Sequence[SourceRecord]],
    *,
    address: Address,
) -> DeskPage:
    """The records behind one figure, by kind, each in the revision that stood."""
    tables = tuple(
        Table(
            f"kind-{key.replace('_', '-')}",
            record_types()[key].plural,
            ("When", "Recorded", "Revision"),
            tuple(_record(each, address) for each in rows[:200]),
            Empty("None", ""),
            counted(len(rows), "record"),
        )
        for key, rows in sorted(found.items())
        if rows
    )
    nothing = Table(
        "none",
        "Records",
        ("Record",),
        (),
        Empty("No record", "Nothing that this link opens was recorded for this period."),
    )
    head = Head(
        f"Records behind {_name(shown.definition_key)}",
        f"{here.service}, {_period(shown.cadence, period)}",
        f"What the figure was counted from, as at {day_and_time(here.as_at)}.",
    )
    return DeskPage(head, tables=tables or (nothing,))


def _record(each: SourceRecord, address: Address) -> Row:
    return Row(
        (
            Cell(
                happened_words(each.kind, each.happened_at), href=address("inspection.record", record_id=each.record_id)
            ),
            Cell(moment_words(each.recorded_at)),
            Cell(str(each.revision)),
        )
    )


def record_page(here: Inspecting, kind: RecordType, revisions: Sequence[StoredRecord]) -> DeskPage:
    """One record with its answers, and what stood before each correction."""
    newest = revisions[0]
    tables = tuple(
        Table(
            f"revision-{each.revision}",
            _stood(each, newest),
            ("Question", "Answer"),
            tuple(Row((Cell(fact.term), Cell(fact.value, fact.note))) for fact in answers_of(kind, each.payload)),
            Empty("No answer", ""),
            f"Recorded by {each.recorded_initials or 'Mendline'}, {moment_words(each.recorded_at)}",
        )
        for each in revisions
    )
    head = Head(
        kind.title, here.service, f"{happened_words(kind, newest.happened_at)}. As at {day_and_time(here.as_at)}."
    )
    return DeskPage(head, tables=tables)


def _stood(each: StoredRecord, newest: StoredRecord) -> str:
    if each.withdrawn_at is not None:
        return "Withdrawn: it counts nowhere"
    return "As it stood" if each.revision == newest.revision else f"Before correction {each.revision}"


def _name(key: str) -> str:
    return indicator_definition(key).name


def _value(key: str, value: float | None) -> str:
    definition: IndicatorDefinition = indicator_definition(key)
    return figure(value, definition) if value is not None else "No figure"


def _counts(numerator: float | None, denominator: float | None) -> str:
    return of(numerator, denominator) if numerator is not None and denominator else ""


def _period(cadence: str, start: date | None) -> str:
    if start is None:
        return ""
    last = period_end(cadence, start)  # type: ignore[arg-type]
    return date_range(start, last) if last != start else long_date(start)
