"""Pages about inspectors' links, and the pages that a link opens, in words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from mendline.catalogue.calendar import period_end
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.record_types import RecordType, record_types
from mendline.catalogue.wording import counted, date_range, figure, long_date, of, short_date
from mendline.evidence.files.leaving import MARKED
from mendline.evidence.measuring.answers import SourceRecord
from mendline.evidence.records.answers import answers_of, happened_words, moment_words
from mendline.evidence.records.rows import StoredRecord
from mendline.packs.queries import PackLine
from mendline.people.desk import Act, Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.inspection.commands import LONGEST, SECTIONS, USUAL
from mendline.people.inspection.queries import (
    LinkLine,
    LookLine,
    ShownChange,
    ShownDecision,
    ShownEvidence,
    ShownFigure,
    ShownIndicator,
)
from mendline.places.head import Address
from mendline.web.components import Badge, Button, Empty, Field, Form, Head, Item, ItemList, Link, Option
from mendline.web.page import day_and_time
from mendline.web.readings import DECISION_WORDS
from tenants.clock import LONDON
from tenants.errors import RefusedError
from tenants.reach import Inspecting, Reach

STATES = {
    "coming": Badge("Not open yet", "i-clock", "pending"),
    "open": Badge("Open", "i-eye", "alert"),
    "over": Badge("Over", kind="hollow"),
    "revoked": Badge("Revoked", kind="hollow"),
}
LOOK_WORDS = {
    "inspector code sent": "Asked for a code",
    "inspector code refused": "Typed a code that was refused",
    "inspector link refused": "Was refused a code",
    "inspector signed in": "Opened the link",
    "inspector look": "Looked",
    "inspector refused": "Was refused",
}


def links_page(held: Reach, links: Sequence[LinkLine], *, at: datetime, address: Address) -> DeskPage:
    """Every link with how it stands and how often it was looked through."""
    may = held.may_anywhere("invite_inspector")
    open_now = sum(each.state(at) == "open" for each in links)
    rows = tuple(
        Row(
            (
                Cell(each.named, each.email, address("inspectors.one", link_id=each.link_id)),
                Cell(each.service, each.pack or ""),
                Cell(f"{day_and_time(each.opens_at)} to", day_and_time(each.closes_at)),
                Cell("", badge=STATES[each.state(at)]),
                Cell(counted(each.looks, "look"), f"last {day_and_time(each.last_look)}" if each.last_look else ""),
            ),
            flagged=each.state(at) == "open",
        )
        for each in links
    )
    head = desk_head(
        held, "inspectors.listing", address, "Inspectors",
        f"{counted(open_now, 'link')} {'is' if open_now == 1 else 'are'} open now." if open_now else "No link is open now.",
        *((Button("Make a link", address("inspectors.new"), "i-plus", "primary"),) if may else ()),
    )  # fmt: skip
    table = Table(
        "links",
        "Links",
        ("For whom", "Service and pack", "Open", "State", "Looks"),
        rows,
        Empty("No link yet", "A link opens one pack, and the records behind it, to one named inspector."),
        "Read only, for 30 days at most",
    )
    return DeskPage(head, tables=(table,))


def link_form(
    held: Reach,
    packs: Sequence[PackLine],
    given: Mapping[str, str],
    sections: Sequence[str],
    *,
    today: date,
    address: Address,
    refused: RefusedError | None = None,
) -> DeskPage:
    """The form that makes a link."""
    problems = refused.problems if refused else {}

    def field(name: str, label: str, kind: str = "text", **more: object) -> Field:
        return Field(name, label, kind, given.get(name, ""), error=problems.get(name, ""), **more)  # type: ignore[arg-type]

    options = tuple(
        Option(str(each.pack_id), f"{each.reference}, {each.service}, as at {day_and_time(each.as_at)}")
        for each in packs
    )
    form = Form(
        address("inspectors.create"),
        (
            field("pack", "Pack", "select", options=options, hint="What it shows stays as it was at that moment."),
            field("named", "Inspector's name", hint="One person; each needs a link of their own"),
            field("email", "Inspector's email address", "email", hint="The link and each code go here and nowhere else."),
            field("purpose", "What for", hint="Such as: inspection of 3 December"),
            Field("opens", "Opens on", "date", given.get("opens") or today.isoformat(), error=problems.get("opens", "")),
            Field(
                "days", "For how many days", "count", given.get("days") or str(USUAL.days), "30 at most",
                problems.get("days", ""), low="1", high=str(LONGEST.days), one="day",
            ),
            Field(
                "sections", "What can be opened behind the pack", "choices", required=False,
                options=tuple(Option(key, words) for key, words in SECTIONS.items()), values=tuple(sections),
                error=problems.get("sections", ""),
            ),
        ),
        "Make the link and send it",
        Link("Back", address("inspectors.listing")),
        trouble=(str(refused),) if refused and not problems else (),
        footnote="You can revoke it at any time.",
    )  # fmt: skip
    head = desk_head(
        held, "inspectors.new", address, "A link for an inspector",
        "One named person reads one pack, and the records behind its figures as they stood at its moment.",
    )  # fmt: skip
    return DeskPage(head, cards=(Card("link", "For whom, what, until when", form),))


def link_page(held: Reach, link: LinkLine, looks: Sequence[LookLine], *, at: datetime, address: Address) -> DeskPage:
    """One link with every look through it, and the press that revokes it."""
    state = link.state(at)
    opened = [SECTIONS[each] for each in link.classes if each in SECTIONS]
    facts = (
        Item("For", f"{link.named}, {link.email}"),
        Item("What for", link.purpose),
        Item("Pack", f"{link.pack}, as at {day_and_time(link.as_at)}"),
        Item("Also opened", ", ".join(opened) or "Nothing but the pack"),
        Item("Open", f"{day_and_time(link.opens_at)} to {day_and_time(link.closes_at)}"),
        Item("Made by", link.made_label),
    )
    rows = tuple(
        Row(
            (
                Cell(day_and_time(each.recorded_at)),
                Cell(LOOK_WORDS.get(each.act, each.act), each.because or ""),
                Cell((each.subject or "").replace(f"inspector link {link.link_id}", "")),
                Cell(each.device or ""),
            ),
            flagged="refused" in each.act,
        )
        for each in looks
    )
    acts: tuple[Act, ...] = ()
    if state in ("open", "coming") and held.may("invite_inspector", link.provider_id, link.service_id):
        acts = (Act("Revoke this link now", address("inspectors.revoke", link_id=link.link_id), kind="alert"),)
    revoke = Table(
        "state",
        "This link",
        ("State", "Looks"),
        (Row((Cell("", badge=STATES[state]), Cell(counted(link.looks, "look"))), acts),),
        Empty("", ""),
        "Ended links open nothing, in the middle of a page too",
    )
    looked = Table(
        "looks",
        "What was looked at",
        ("When", "What", "Page", "From"),
        rows,
        Empty("Nothing yet", "Each page that is opened stands here at once."),
        "Newest first",
    )
    head = desk_head(
        held,
        "inspectors.one",
        address,
        f"Link for {link.named}",
        f"{link.service}. {counted(link.looks, 'look')} so far.",
    )
    return DeskPage(head, tables=(revoke, looked), rail=(ItemList("About it", facts),))


# ------------------------------------------------------------------ what an inspector sees


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
                            each.source.replace("_", " "),
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


def sections_of(given: Iterable[str]) -> tuple[str, ...]:
    """The sections that were ticked, in the order in which they are asked; anything else is kept to be refused."""
    ticked = tuple(dict.fromkeys(given))
    return tuple(each for each in SECTIONS if each in ticked) + tuple(each for each in ticked if each not in SECTIONS)
