"""The pages of custody, from rows to words."""

import uuid
from collections.abc import Callable, Iterable

from mendline.catalogue.wording import moment
from mendline.custody.pages import Aside, CustodyPage, Line, Listing
from mendline.custody.questions import Typed, apart, field, reason_field, service_field
from mendline.custody.rows import ERASURE, EXPORT, Hold, Keeper, Request, ServiceName
from mendline.custody.schedule import Kept
from mendline.web.components import Badge, Empty, Fact, Field, Form, Head, Link, Note, Option, Tab
from tenants.clock import LONDON

Address = Callable[..., str]

NAMES = {
    EXPORT: "Export of a person's data",
    ERASURE: "Erasure of a person's data",
    "retention": "Erasure by the schedule",
}
_STATES = {
    "asked": Badge("Waits for a second person", "i-clock", "pending"),
    "approved": Badge("Being done", "i-clock", "pending"),
    "refused": Badge("Refused", "i-warn", "hollow"),
    "stopped": Badge("Stopped by a hold", "i-warn", "alert"),
    "done": Badge("Done", "i-tick", "ok"),
}
_TABS = (
    ("Requests", "custody.requests"),
    ("Retention schedule", "custody.schedule"),
    ("Legal holds", "custody.holds"),
    ("Transfers", "custody.transfers"),
)


def head_of(keeper: Keeper, heading: str, sentence: str, address: Address, current: str) -> Head:
    """How each page of custody opens."""
    tabs = tuple(
        Tab(label, address(endpoint, provider_id=keeper.provider_id), current=endpoint == current)
        for label, endpoint in _TABS
    )
    return Head(heading, keeper.name, sentence, tabs=tabs, tabs_label="Data protection")


def start_page(keepers: Iterable[Keeper], address: Address) -> CustodyPage:
    """The providers whose custody somebody keeps."""
    lines = tuple(
        Line((keeper.name,), href=address("custody.requests", provider_id=keeper.provider_id)) for keeper in keepers
    )
    listing = Listing("Providers", ("Provider",), lines, Empty("No provider", "Your role keeps no provider's data."))
    sentence = "What is kept about people, for how long, and what was asked for it."
    return CustodyPage(Head("Data protection", sentence=sentence), listings=(listing,))


def requests_page(
    keeper: Keeper,
    found: tuple[Request, ...],
    services: tuple[ServiceName, ...],
    address: Address,
    *,
    typed: Typed,
    problems: Typed,
    asked: str,
) -> CustodyPage:
    """What was asked about people's data, and the two forms that ask."""
    sentence = (
        "Ask for everything that is held on one person, or for it to be erased. An erasure needs a second person; figures "
        "stay, since nobody can be found in them."
    )
    lines = tuple(_request_line(one, keeper, address) for one in found)
    empty = Empty("Nothing was asked for", "Requests stand here with who made and who approved them.")
    asides = tuple(
        Aside(heading, _person_form(kind, keeper, services, address, typed, problems, asked == kind), about)
        for kind, heading, about in (
            (EXPORT, "Export a person's data", "An archive with everything by their reference, made in a minute."),
            (ERASURE, "Erase a person's data", "Somebody else approves it. It cannot be undone."),
        )
    )
    listing = Listing("Requests", ("Request", "Asked", "State"), lines, empty)
    head = head_of(keeper, "Data protection", sentence, address, "custody.requests")
    return CustodyPage(head, leaving_notes(keeper), listings=(listing,), asides=asides)


def request_page(
    keeper: Keeper, found: Request, person: uuid.UUID | None, address: Address, problems: Typed, *, collects: bool
) -> CustodyPage:
    """One request, what became of it, and the decision where it waits for one.

    Args:
        keeper: the provider.
        found: the request.
        person: who reads the page.
        address: of other pages.
        problems: with what was sent.
        collects: whether they may read what an archive holds.
    """
    where = {"provider_id": keeper.provider_id, "request_id": found.request_id}
    asides: tuple[Aside, ...] = ()
    if found.is_open and found.recorded_by != person:
        asides = (
            Aside("Approve", Form(address("custody.approve", **where), (), "Approve the erasure"), _approving(found)),
            Aside("Refuse", Form(address("custody.refuse", **where), (reason_field(problems),), "Refuse")),
        )
    notes = leaving_notes(keeper)
    if found.is_open and found.recorded_by == person:
        notes += (Note("Somebody else decides", "You asked for this, so another person approves it.", "pending"),)
    if found.object_key and not collects:
        notes += (
            Note("The archive is ready", "Whoever reads the records of the whole provider collects it.", "pending"),
        )
    counted = found.counts or found.due
    listing = Listing(
        "What is in it" if found.kind == EXPORT else "What it covers",
        ("Kind", "Rows"),
        tuple(Line((name.replace("_", " ").capitalize(), f"{count:,}")) for name, count in sorted(counted.items())),
        Empty("Not counted yet", "Numbers stand here once it is done."),
    )
    return CustodyPage(
        Head(NAMES[found.kind], keeper.name, found.reason),
        notes,
        _request_facts(found),
        _STATES[_state(found)],
        address("custody.file", **where) if found.object_key and collects else "",
        (listing,),
        asides,
    )


def schedule_page(
    keeper: Keeper, kept: tuple[Kept, ...], address: Address, typed: Typed, problems: Typed
) -> CustodyPage:
    """What is kept, what for, on what basis and for how long."""
    sentence = "How long each type of record is kept. What is due is proposed here, and erased once two people agreed."
    lines = tuple(
        Line((one.title, f"{one.years} years", "Yours" if one.own else "Usual"), detail=f"{one.purpose}. {one.basis}.")
        for one in kept
    )
    listing = Listing(
        "Retention schedule",
        ("Record", "Kept for", "Set by"),
        lines,
        Empty("No records", "The catalogue names no types of record."),
        "Counted from the day a record is about.",
    )
    options = tuple(Option(one.key, one.title) for one in kept)
    form = Form(
        address("custody.set_years", provider_id=keeper.provider_id),
        (
            field("record_type", "Record", typed, problems, kind="select", options=options),
            field("years", "Years", typed, problems, kind="number", unit="years"),
            reason_field(problems, typed),
        ),
        "Set the years",
    )
    head = head_of(keeper, "Retention schedule", sentence, address, "custody.schedule")
    return CustodyPage(
        head, leaving_notes(keeper), listings=(listing,), asides=(Aside("Keep for longer or shorter", form),)
    )


def holds_page(
    keeper: Keeper,
    found: tuple[Hold, ...],
    services: tuple[ServiceName, ...],
    address: Address,
    typed: Typed,
    problems: Typed,
) -> CustodyPage:
    """Legal holds: those that stand, and those that ended."""
    sentence = "What a hold covers is not erased, by anybody or by the schedule, until the hold is released."
    lines = tuple(_hold_line(one, keeper, address) for one in found)
    listing = Listing(
        "Legal holds",
        ("Covers", "Placed", "State"),
        lines,
        Empty("No legal hold", "Place one when a claim, an inquest or an inspection needs records to stay."),
    )
    form = Form(
        address("custody.place_hold", provider_id=keeper.provider_id),
        (
            service_field(services, typed, problems, "All services"),
            field(
                "person_reference",
                "Person's reference",
                typed,
                problems,
                required=False,
                hint="Such as P-014. Leave it empty to hold everything.",
            ),
            reason_field(problems, typed),
        ),
        "Place a hold",
    )
    head = head_of(keeper, "Legal holds", sentence, address, "custody.holds")
    return CustodyPage(head, leaving_notes(keeper), listings=(listing,), asides=(Aside("Place a hold", form),))


def crumbs(keeper: Keeper, address: Address, *last: Link) -> tuple[Link, ...]:
    """The way to a page of custody."""
    start = Link("Data protection", address("custody.start"))
    return (start, Link(keeper.name, address("custody.requests", provider_id=keeper.provider_id)), *last)


def _request_line(one: Request, keeper: Keeper, address: Address) -> Line:
    who = one.person_reference or ("by the schedule" if one.kind == "retention" else "the person is erased")
    where = f"at {one.service}" if one.service else "at all services"
    return Line(
        (NAMES[one.kind], f"{moment(one.recorded_at.astimezone(LONDON))} by {one.recorded_initials or 'Mendline'}"),
        href=address("custody.one", provider_id=keeper.provider_id, request_id=one.request_id),
        detail=f"{who}, {where}",
        badge=_STATES[_state(one)],
    )


def _state(one: Request) -> str:
    return "approved" if one.state == "asked" and one.kind == EXPORT else one.state


def _request_facts(found: Request) -> tuple[Fact, ...]:
    facts = [
        Fact("Person", found.person_reference or "Not named any more"),
        Fact("Services", found.service or "All"),
        Fact("Asked", f"{moment(found.recorded_at.astimezone(LONDON))} by {found.recorded_initials or 'Mendline'}"),
    ]
    if found.kind == "retention":
        facts = facts[2:]
    if found.state_at:
        facts.append(Fact("Since", moment(found.state_at.astimezone(LONDON)), found.state_reason or ""))
    if found.sha256:
        facts.append(Fact("Fingerprint, SHA-256", found.sha256))
    return tuple(facts)


def _approving(found: Request) -> str:
    if found.kind == ERASURE:
        return f"Everything that leads to {found.person_reference} is taken out. It cannot be undone."
    return "What may lead to a person is taken out of these records. It cannot be undone."


def _hold_line(one: Hold, keeper: Keeper, address: Address) -> Line:
    covers = " at ".join([one.person_reference or "Everything", one.service or "all services"])
    stands = one.released_at is None
    where = {"provider_id": keeper.provider_id, "hold_id": one.hold_id}
    form = Form(address("custody.release_hold", **where), (Field("reason", "Reason to release"),), "Release")
    return Line(
        (covers, f"{moment(one.recorded_at.astimezone(LONDON))} by {one.recorded_initials or 'Mendline'}"),
        detail=one.reason if stands else f"{one.reason} Released: {one.released_reason}",
        badge=Badge("Stands", "i-warn", "alert") if stands else Badge("Released", "i-tick", "hollow"),
        form=form if stands else None,
    )


def leaving_notes(keeper: Keeper) -> tuple[Note, ...]:
    """What stands above each page of a provider that leaves."""
    if not keeper.is_leaving:
        return ()
    text = "Everything can be read and exported. Nothing more is written until it is erased."
    return (Note(f"{keeper.name} is leaving Mendline", text, "alert"),)


def _person_form(
    kind: str,
    keeper: Keeper,
    services: tuple[ServiceName, ...],
    address: Address,
    typed: Typed,
    problems: Typed,
    is_this: bool,
) -> Form:
    given, wrong = (typed, problems) if is_this else ({}, {})
    prefix = "x" if kind == EXPORT else "e"
    fields = (
        field("person_reference", "Person's reference", given, wrong, hint="As records show it, such as P-014."),
        field(
            "also_named",
            "Their name",
            given,
            wrong,
            required=False,
            hint="Looked for in words as well. It is not kept afterwards.",
        ),
        service_field(services, given, wrong, "All services"),
        reason_field(wrong, given),
    )
    endpoint = "custody.ask_export" if kind == EXPORT else "custody.ask_erasure"
    submit = "Make the archive" if kind == EXPORT else "Ask for the erasure"
    return Form(address(endpoint, provider_id=keeper.provider_id), apart(fields, prefix), submit)
