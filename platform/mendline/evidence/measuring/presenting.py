"""Turns what is behind a figure into words: what was counted, what was not and why, and each revision with its marks."""

from collections.abc import Sequence

from mendline.catalogue.calendar import london_date, period_label
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.record_types import record_types
from mendline.catalogue.wording import counted, figure, long_date, of, short_date
from mendline.evidence.behind import evidence_row
from mendline.evidence.measuring.contributing import contribution
from mendline.evidence.measuring.pages import CountedRow, FigurePage
from mendline.evidence.measuring.queries import PAGE
from mendline.evidence.measuring.rows import CountedLine, FigureRevision, FigureSources, MeasurementRow
from mendline.evidence.records.answers import moment_words
from mendline.evidence.rows import EvidenceBehind
from mendline.indicators.marks import days_late as late_by
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.web.components import Button, Empty, Fact, Field, Form, Head, Item, Link, Note, Pager, Tab, TimelineEntry

SOURCES = {
    "entered": "Entered here",
    "imported": "Imported",
    "measured": "Measured from records here",
    "api": "From another system",
}
STATES = {
    "provisional": "Provisional, the period still runs or may still be added to",
    "final": "Final",
    "revised": "Revised after it was final",
    "missing": "Missing: expected and not recorded",
    "not_applicable": "Not applicable: there was nothing to count",
    "suspended": "Suspended",
}


def figure_page(
    place: Place,
    found: FigureSources,
    evidence: Sequence[EvidenceBehind],
    *,
    address: Address,
    see_records: bool,
    may_take: bool,
    page: int = 0,
    verdict: str | None = None,
    indicator_page: Link,
    may_check: bool = False,
) -> FigurePage:
    """The page behind one figure, for whoever sees figures as they are."""
    definition = indicator_definition(found.definition_key, found.definition_version)
    here = {"service_id": place.service_id, "indicator_id": found.indicator_id}
    at = {**here, "period_start": found.period_start.isoformat()}
    differs = _differs(found)
    is_sampled = may_check and found.measured is not None and not definition.is_computed
    return FigurePage(
        head=Head(
            heading=f"{definition.name}, {period_label(found.cadence, found.period_start)}",
            sub=place.name,
            sentence=_sentence(found, definition),
            buttons=(_test_button(place, found, address),) if is_sampled else (),
        ),
        facts=_facts(found, definition),
        how=_how(definition),
        kinds=_kinds(found.measured),
        left_out=_left_out(found.measured),
        rows=tuple(_row(line, definition, address, place) for line in found.lines) if see_records else (),
        views=_views(found.measured, at, verdict, address) if see_records else (),
        revisions=tuple(_revision(row, found, definition) for row in found.revisions),
        evidence=tuple(evidence_row(row, address, place.service_id) for row in evidence),
        behind="Declines" if definition.is_computed else "Records",
        notes=_notes(found, definition, see_records=see_records, differs=differs),
        pager=_pager(found, at, page, verdict, address) if see_records else None,
        empty=_empty(found),
        take=_take(at, indicator_page, address) if differs and may_take else None,
    )


def _test_button(place: Place, found: FigureSources, address: Address) -> Button:
    way = address("checks.new", service_id=place.service_id)
    asked = f"indicator={found.indicator_id}&period={found.period_start.isoformat()}"
    return Button("Test this claim", f"{way}?{asked}", "i-review")


def said(definition: IndicatorDefinition, value: float | None, state: str, against: float | None = None) -> str:
    """A figure, as beside its target, or why there is none."""
    return figure(value, definition, against) if value is not None else state.replace("_", " ").capitalize()


def days_late(found: FigureSources) -> int:
    """Days between the day by which a figure is due (three working days after its period) and its first recording."""
    if not found.revisions:
        return 0
    return late_by(found.cadence, found.period_start, found.revisions[-1].recorded_at)


def _differs(found: FigureSources) -> bool:
    newest = found.newest
    stands = found.revisions[0] if found.revisions else None
    return bool(newest and stands and newest.outcome == "differs" and stands.source != "measured")


def _sentence(found: FigureSources, definition: IndicatorDefinition) -> str:
    measured = found.measured
    if measured is None:
        return "No record in Mendline stands behind this figure; it was brought as a figure."
    records = counted(measured.counted, "decline" if definition.is_computed else "record")
    left = f", {whole_words(measured.left_out)} left out" if measured.left_out else ""
    if _differs(found):
        return f"The records say {_counts(found, definition, measured)}, which is not the figure that stands: {records} counted{left}."
    return f"{_counts(found, definition, measured)}: {records} counted{left}."


def came_in(definition: IndicatorDefinition, source: str) -> str:
    """How a figure came in, in words."""
    if source == "measured" and definition.is_computed:
        return "Worked out here from declines"
    return SOURCES.get(source, source)


def whole_words(number: int) -> str:
    """``3`` or ``none``."""
    return f"{number:,}" if number else "none"


def _counts(found: FigureSources, definition: IndicatorDefinition, row: MeasurementRow | FigureRevision) -> str:
    told = said(definition, row.value, row.state, found.target_value)
    if row.numerator is not None and row.denominator is not None:
        return f"{told}, {of(row.numerator, row.denominator)}"
    return told


def _facts(found: FigureSources, definition: IndicatorDefinition) -> tuple[Fact, ...]:
    if not found.revisions:
        return ()
    stands, late = found.revisions[0], days_late(found)
    counts = of(stands.numerator, stands.denominator) if None not in (stands.numerator, stands.denominator) else ""  # type: ignore[arg-type]  # neither is None
    facts = [
        Fact("Figure", said(definition, stands.value, stands.state, found.target_value), counts, big=True),
        Fact("State", STATES.get(stands.state, stands.state)),
        Fact("How it came in", came_in(definition, stands.source), _where(stands)),
        Fact(
            "Recorded",
            moment_words(stands.recorded_at),
            f"By {stands.recorded_initials}" if stands.recorded_initials else "",
        ),
    ]
    if late:
        facts.append(
            Fact("Late", f"{counted(late, 'day')} after it was due", "Due three working days after its period")
        )
    return tuple(facts)


def _where(row: FigureRevision) -> str:
    pointer = row.pointer or {}
    return ", ".join(str(pointer[name]) for name in ("system", "file", "reference") if pointer.get(name))


def _how(definition: IndicatorDefinition) -> tuple[Fact, ...]:
    facts = [Fact("Counted above" if definition.denominator else "Counted", definition.numerator)]
    if definition.denominator:
        facts.append(Fact("Counted below", definition.denominator))
    return (*facts, Fact("Definition", f"Version {definition.version}"))


def _title(kind: str, number: int) -> str:
    declared = record_types().get(kind)
    if declared is None:
        return kind.replace("_", " ").capitalize()
    return declared.title if number == 1 else declared.plural


def _kinds(measured: MeasurementRow | None) -> tuple[Item, ...]:
    rows = (measured.kinds.get("counted", {}) if measured else {}).items()
    return tuple(Item(_title(kind, number), f"{number:,} counted") for kind, number in sorted(rows))


def _left_out(measured: MeasurementRow | None) -> tuple[Item, ...]:
    rows = (measured.kinds.get("left_out", {}) if measured else {}).items()
    return tuple(
        Item(why, f"{counted(number, 'record')}") for why, number in sorted(rows, key=lambda row: (-row[1], row[0]))
    )


def _row(line: CountedLine, definition: IndicatorDefinition, address: Address, place: Place) -> CountedRow:
    known = line.record_type in record_types()
    here = {"service_id": place.service_id, "record_type": line.record_type, "record_id": line.record_id}
    corrected = f", corrected {counted(line.revision - 1, 'time')}" if line.revision > 1 else ""
    return CountedRow(
        when=long_date(line.happened_on),
        kind=_title(line.record_type, 1),
        counts=contribution(line, definition),
        why=line.why or "",
        by=line.recorded_initials or line.source_system or ("Imported" if known else "Worked out here"),
        recorded=f"{moment_words(line.recorded_at)}{corrected}" if line.recorded_at else "",
        href=address("records.one", **here) if known else _to_declined(line, place, address),
    )


def _to_declined(line: CountedLine, place: Place, address: Address) -> str:
    """A decline leads to its indicator, where it is told with whatever answered it."""
    if line.declined is None:
        return ""
    return address("services.indicator", service_id=place.service_id, indicator_id=line.declined)


def _views(
    measured: MeasurementRow | None, at: dict[str, object], verdict: str | None, address: Address
) -> tuple[Tab, ...]:
    if measured is None or not measured.left_out:
        return ()
    ways = ((None, f"All {measured.counted + measured.left_out:,}"), ("counted", f"Counted {measured.counted:,}"),
            ("left_out", f"Not counted {measured.left_out:,}"))  # fmt: skip
    return tuple(
        Tab(label, address("figures.one", **at, **({"show": way} if way else {})), way == verdict)
        for way, label in ways
    )


def _revision(row: FigureRevision, found: FigureSources, definition: IndicatorDefinition) -> TimelineEntry:
    first = row.revision == 1
    marks = []
    if first and (late := days_late(found)):
        marks.append(f"Recorded {counted(late, 'day')} late")
    if not first:
        marks.append(f"Restated on {short_date(london_date(row.recorded_at))}")
    if row.seen_outside:
        marks.append("The earlier figure had been seen outside the provider")
    by = f", {row.recorded_initials}" if row.recorded_initials else ""
    return TimelineEntry(
        heading=_counts(found, definition, row),
        meta=f"{moment_words(row.recorded_at)}{by}. {came_in(definition, row.source)}.",
        text=". ".join(marks) + "." if marks else "",
        quote=row.reason or "",
    )


def _notes(
    found: FigureSources, definition: IndicatorDefinition, *, see_records: bool, differs: bool
) -> tuple[Note, ...]:
    notes = []
    if differs and found.newest is not None and found.revisions:
        stands = found.revisions[0]
        notes.append(
            Note(
                "The records and the figure do not agree",
                f"The figure that stands is {_counts(found, definition, stands)}, {came_in(definition, stands.source).lower()}."
                f" The records make {_counts(found, definition, found.newest)}. The figure stands until a person takes the records' own.",
                kind="alert",
            )
        )
    if found.measured is not None and not see_records:
        notes.append(
            Note(
                "How many, and of which kind",
                "Your sign-in covers how many records were counted, not the records, which may lead to people.",
                kind="scope",
                icon="i-lock",
            )
        )
    return tuple(notes)


def _pager(
    found: FigureSources, at: dict[str, object], page: int, verdict: str | None, address: Address
) -> Pager | None:
    if not page and not found.more:
        return None
    show: dict[str, object] = {"show": verdict} if verdict else {}
    return Pager(
        words=f"Records {page * PAGE + 1:,} to {page * PAGE + len(found.lines):,}",
        newer=address("figures.one", **at, **show, page=page - 1) if page else "",
        older=address("figures.one", **at, **show, page=page + 1) if found.more else "",
    )


def _empty(found: FigureSources) -> Empty:
    if found.measured is None:
        return Empty(
            "No records in Mendline stand behind this figure",
            "Its records are kept elsewhere. The evidence below says where to look.",
        )
    return Empty("No records on this page", "Go back to the first page of records.")


def _take(at: dict[str, object], back: Link, address: Address) -> Form:
    return Form(
        action=address("figures.take", **at),
        fields=(
            Field(
                "reason",
                "Why are the records right?",
                hint="The figure that stands is kept beside it, with your reason.",
            ),
        ),
        submit="Take the records' figure",
        cancel=back,
    )
