"""The pages of the regulator's clocks, from rows to words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mendline.catalogue.clocks import BASIS_WORDS, ClockKind, clock_kinds
from mendline.catalogue.wording import counted, day_and_date, long_date
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, service_head
from mendline.places.rows import Place
from mendline.recovery.clocks.rows import ClockEventLine, ClockLine
from mendline.recovery.clocks.rules import ClockState, clock_state, day_of
from mendline.recovery.registers.pages import EntryPage, EscalationsPage, NamedForm
from mendline.web.components import (
    Badge,
    Button,
    Empty,
    Fact,
    Field,
    Form,
    Head,
    Item,
    ItemList,
    Note,
    TimelineEntry,
    WorkItem,
    WorkList,
)
from tenants.clock import LONDON
from tenants.errors import RefusedError

_EVENT_WORDS = {
    "sent": "Sent",
    "redated": "New date",
    "reassigned": "Handed on",
    "ended": "Ended without sending",
    "undone": "Opened again",
}
CHECK = Badge("Check before use", "i-warn", "pending")


def state_of(line: ClockLine, at: datetime) -> ClockState:
    """How a clock stands."""
    sent = line.closed_at if line.closed_kind == "sent" else None
    return clock_state(line.due_at, at, sent_at=sent, ended=line.closed_kind == "ended")


def clock_item(line: ClockLine, at: datetime, address: Address, *, with_service: bool = False) -> WorkItem:
    """A clock as a line of a list, here and on a person's own page."""
    kind, state = clock_kinds().get(line.kind), state_of(line, at)
    label = kind.label if kind else line.kind
    turn = f", report {line.turn}" if kind and kind.recurs else ""
    place = f"{line.service}. " if with_service else ""
    late = state.state in ("overdue", "sent_late")
    return WorkItem(
        heading=f"{label}{turn}",
        text=f"{place}{line.reference}: {line.summary} Owner: {line.owner}.",
        when=_due_words(line, kind),
        when_note=state.words,
        late=late,
        href=address("clocks.one", service_id=line.service_id, clock_id=line.clock_id),
        icon="i-clock",
        tone="alert" if state.state == "overdue" else "pending" if state.state == "soon" else "",
    )


def clocks_page(
    place: Place,
    lines: Sequence[ClockLine],
    found: Sequence[Standing],
    *,
    at: datetime,
    offers: Offers,
    may_start: bool,
    address: Address,
) -> EscalationsPage:
    """The clocks of one service."""
    running = [line for line in lines if line.closed_kind is None]
    closed = [line for line in lines if line.closed_kind is not None]
    head = service_head(
        place, found, offers=offers, address=address, current="clocks.listing", sentence=_sentence(running, at)
    )
    if may_start:
        start = Button("Start a clock", address("clocks.new", service_id=place.service_id), "i-plus", "primary")
        head = Head(head.heading, head.sub, head.sentence, (start,), head.tabs, head.tabs_label)
    lists = (
        WorkList("Running", tuple(clock_item(line, at, address) for line in running), empty="No clock runs."),
        *((WorkList("Sent or ended", tuple(clock_item(line, at, address) for line in closed[:50])),) if closed else ()),
    )
    empty = Empty(
        "No clocks yet",
        "When a letter from CQC, an incident or a complaint comes in, start its clocks here. Mendline counts the days.",
        "i-clock",
        Button("Start a clock", address("clocks.new", service_id=place.service_id)) if may_start else None,
    )
    return EscalationsPage(head=head, lists=lists if lines else (), rail=_unsure_card(running), empty=empty)


def provider_clocks_page(
    lines: Sequence[ClockLine], *, at: datetime, may_set: bool, address: Address
) -> EscalationsPage:
    """What runs at every service in reach, soonest first."""
    buttons = (Button("Numbers in force", address("clock_numbers.listing_")),) if may_set else ()
    head = Head("The regulator's clocks", "Every service in your reach", _sentence(lines, at), buttons)
    late = [line for line in lines if state_of(line, at).state == "overdue"]
    rest = [line for line in lines if state_of(line, at).state != "overdue"]
    lists = (
        *(
            (WorkList("Overdue", tuple(clock_item(line, at, address, with_service=True) for line in late)),)
            if late
            else ()
        ),
        WorkList(
            "Running",
            tuple(clock_item(line, at, address, with_service=True) for line in rest),
            empty="No other clock runs.",
        ),
    )
    return EscalationsPage(head=head, lists=lists, rail=_unsure_card(lines))


def _sentence(running: Sequence[ClockLine], at: datetime) -> str:
    late = sum(state_of(line, at).state == "overdue" for line in running)
    if not running:
        return "Nothing is due to anybody outside."
    told = f"{counted(len(running), 'clock')} {'runs' if len(running) == 1 else 'run'}."
    if late:
        return f"{told} {late} {'is' if late == 1 else 'are'} overdue."
    return f"{told} The next one ends on {day_and_date(day_of(running[0].due_at))}."


def _unsure(lines: Sequence[ClockLine]) -> tuple[Note, ...]:
    kinds = clock_kinds()
    if not any(line.kind in kinds and kinds[line.kind].check for line in lines):
        return ()
    return (
        Note(
            "Check these numbers before you rely on them",
            "Some of these counts were not re-checked against their source. The date in your letter always goes first. "
            "This is not legal advice.",
            "pending",
        ),
    )


def _unsure_card(lines: Sequence[ClockLine]) -> tuple[ItemList, ...]:
    return tuple(ItemList("Counts", (Item(note.heading, note.text, badge=CHECK),)) for note in _unsure(lines))


def clock_page(
    place: Place,
    line: ClockLine,
    events: Sequence[ClockEventLine],
    *,
    at: datetime,
    may_change: bool,
    given: Mapping[str, str],
    refused: RefusedError | None,
    address: Address,
) -> EntryPage:
    """One clock: what it asks for, how it stands, everything that happened to it, and what may happen next."""
    kind, state = clock_kinds().get(line.kind), state_of(line, at)
    facts = [
        Fact("Due", _due_words(line, kind), state.words, big=True),
        Fact("Goes to", kind.recipient if kind else ""),
        Fact("Owner", line.owner),
        Fact("Counted", f"{line.counted}, from {_moment(line.started_at)}", BASIS_WORDS[kind.basis] if kind else ""),
        Fact("Comes from", kind.regulation if kind else ""),
        Fact("Because of", f"{line.reference}: {line.summary}", line.record_reference or ""),
        Fact("Keep as proof", kind.proof if kind else ""),
    ]
    notes = _unsure((line,)) if line.closed_kind is None else ()
    return EntryPage(
        head=Head(
            kind.label if kind else line.kind,
            f"{place.name}, {line.reference}",
            _standing_sentence(state),
            (Button("All clocks", address("clocks.listing", service_id=place.service_id)),),
        ),
        facts=tuple(fact for fact in facts if fact.value),
        facts_heading="What is due",
        history=tuple(_entry(event) for event in events),
        history_heading="What happened",
        forms=_change_forms(line, given, refused, address) if may_change else (),
        notes=notes,
    )


def _standing_sentence(state: ClockState) -> str:
    return (
        f"{state.words}." if state.state not in ("running", "soon") else f"{state.words[0].upper()}{state.words[1:]}."
    )


def _entry(event: ClockEventLine) -> TimelineEntry:
    parts = [
        f"By {event.method}." if event.method else "",
        f"Reference {event.proof}." if event.proof else "",
        f"Evidence {event.evidence_reference}." if event.evidence_reference else "",
        f"Now due {long_date(day_of(event.due_at))}." if event.due_at else "",
        f"Now with {event.owner}." if event.owner else "",
    ]
    return TimelineEntry(
        _EVENT_WORDS[event.kind],
        f"{_moment(event.happened_at)}, {event.recorded_label}",
        " ".join(part for part in parts if part),
        quote=event.reason or "",
        icon="i-tick" if event.kind == "sent" else "i-dot",
    )


def _change_forms(
    line: ClockLine, given: Mapping[str, str], refused: RefusedError | None, address: Address
) -> tuple[NamedForm, ...]:
    href = address("clocks.one", service_id=line.service_id, clock_id=line.clock_id)
    shown = given.get("kind", "")

    def form(kind: str, heading: str, button: str, *fields: tuple[str, str, str, str, bool]) -> NamedForm:
        problems = refused.problems if refused and shown == kind else {}
        drawn = tuple(
            Field(
                f"{kind}_{name}",
                label,
                how,
                given.get(f"{kind}_{name}", ""),
                hint,
                problems.get(name, ""),
                required=needed,
            )
            for name, label, how, hint, needed in fields
        )
        return NamedForm(kind, heading, Form(href, (Field("kind", "", "hidden", kind), *drawn), button))

    if line.closed_kind is not None:
        return (form("undone", "Open it again", "Open again", ("reason", "Why?", "textarea", "", True)),)
    return (
        form(
            "sent",
            "It was sent",
            "Record that it was sent",
            ("happened_on", "On which day?", "date", "Today, if you leave it empty.", False),
            ("method", "How?", "text", "Provider portal, e-mail, letter.", True),
            ("proof", "Their reference", "text", "What shows that it arrived.", False),
            ("evidence_reference", "Evidence kept", "text", "Such as E-046.", False),
        ),
        form(
            "redated",
            "The date changed",
            "Record the new date",
            ("due_on", "New date", "date", "", True),
            ("reason", "Why?", "textarea", "Who agreed to it, and when.", True),
        ),
        form("reassigned", "Hand it on", "Hand on", ("owner", "New owner", "text", "An initial and a surname.", True)),
        form("ended", "It is no longer needed", "End it", ("reason", "Why?", "textarea", "", True)),
    )


def _due_words(line: ClockLine, kind: ClockKind | None) -> str:
    if kind and kind.counts and kind.counts.unit == "hours":
        return _moment(line.due_at)
    return day_and_date(day_of(line.due_at))


def _moment(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return f"{long_date(local.date())}, {local:%H:%M}"
