"""Who can see what, and why, in words; and the conflicts of interest that narrow it."""

import uuid
from collections.abc import Mapping, Sequence

from mendline.catalogue.wording import counted, long_date
from mendline.people.access.commands import ABOUT
from mendline.people.access.queries import ConflictLine, Source
from mendline.people.desk import Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.members.rows import Reachable
from mendline.places.head import Address
from mendline.web.asking import Asking
from mendline.web.components import Badge, Empty, Field, Filter, Filters, Form, Option, Pager
from tenants.classes import CLASSES
from tenants.clock import LONDON
from tenants.errors import RefusedError
from tenants.reach import Reach
from tenants.roles import ROLES

# Each class in a word or two, as a manager would say it.
NAMES = {
    "service": "the service's name",
    "summary": "indicators and plans",
    "figures": "figures",
    "story": "what changed and why",
    "plans": "recovery plans",
    "actions": "actions and decisions",
    "work": "work items",
    "reviews": "reviews",
    "assurance": "assuring",
    "escalations": "answers to escalations",
    "risks": "risk register",
    "checks": "spot checks",
    "meetings": "minutes",
    "evidence_index": "evidence index",
    "evidence_files": "evidence files",
    "records": "care records",
    "records_medicines": "medicines records",
    "records_staffing": "rotas and deployment",
    "records_staff": "staff files",
    "concerns": "concerns and complaints",
    "capture": "own records",
    "packs": "packs",
    "released": "what is released",
    "release": "releases",
    "inspectors": "inspectors' links",
    "people": "who works where",
    "members": "roles",
    "grants": "commissioners' grants",
    "support": "support access",
    "clocks": "CQC clocks",
    "telling": "reminders",
    "imports": "imports",
    "exports": "exports",
    "rollup": "comparison",
    "identifiers": "opened records",
    "settings": "settings",
    "custody": "data protection",
    "ledger": "ledger",
    "visits": "own requests and findings",
    "operations": "health of the platform",
}


_BADGES = {"member": None, "opened": Badge("For a while", "i-clock", "pending")}


def class_name(class_: str) -> str:
    """A class in a word or two."""
    return NAMES[class_]


def roles_with(class_: str) -> tuple[str, ...] | None:
    """The roles that hold a class in any way; None for every role."""
    return tuple(role.key for role in ROLES.values() if role.classes.get(class_)) if class_ in CLASSES else None


def access_page(
    held: Reach,
    found: Sequence[Source],
    cut: Mapping[uuid.UUID, int],
    services: Sequence[Reachable],
    *,
    given: Mapping[str, str],
    older: str,
    newer: str,
    address: Address,
) -> DeskPage:
    """Each person and outsider with what gives them their view."""
    class_ = given.get("class", "")
    filters = Filters(
        address("access.listing"),
        (
            Filter("name", "Person or body", given.get("name", ""), placeholder="Part of a name"),
            Filter(
                "service", "Service", given.get("service", ""),
                (Option("", "All services"), *(Option(str(each.service_id), each.name) for each in services)),
            ),
            Filter(
                "class", "Can see", class_,
                (Option("", "Anything"), *(Option(key, words[0].upper() + words[1:]) for key, words in CLASSES.items())),
            ),
        ),
    )  # fmt: skip
    table = Table(
        "access",
        "Who can see what, and why",
        ("Who", "Where", "Reads", "Changes", "Why"),
        tuple(_row(each, class_, cut) for each in found),
        Empty("Nobody", "Nobody sees that here. Widen what is asked for above."),
        f"{counted(len(found), 'right')} on this page",
        Pager("", newer, older) if newer or older else None,
    )
    outside = sum(each.source not in _BADGES for each in found)
    head = desk_head(
        held, "access.listing", address, "Who can see what",
        f"{counted(len({each.who for each in found}), 'name')}; {counted(outside, 'right')} {'is' if outside == 1 else 'are'}"
        " held from outside."
        if found else "Nobody sees that here.",
    )  # fmt: skip
    return DeskPage(head, filters=filters, tables=(table,))


def why(source: Source) -> str:
    """What gives the view, since when, until when, by whom."""
    until = f" until {long_date(source.last)}" if source.last else ""
    by = f", given by {source.given_by}" if source.given_by else ""
    if source.source == "grant":
        return f"Grant since {long_date(source.first)}{until}{by}. Purpose: {(source.reason or '').rstrip('.')}."
    if source.source == "inspector":
        return f"Inspector's link since {long_date(source.first)}{until}{by}. {source.reason}"
    if source.source == "support":
        return f"Support access, agreed{f' by {source.given_by}' if source.given_by else ''}. {source.reason}"
    if source.source == "opened":
        return f"Opened for themselves{until}. {source.reason}"
    kind = {"acting": " (acting up)", "cover": " (cover)"}.get(source.kind, "")
    where = source.service or "the whole provider"
    reason = f" {source.reason}" if source.reason else ""
    return f"{ROLES[source.role].label}{kind} at {where} since {long_date(source.first)}{until}{by}.{reason}"


def _row(source: Source, class_: str, cut: Mapping[uuid.UUID, int]) -> Row:
    modes = ROLES[source.role].classes
    if source.classes is not None:
        modes = dict.fromkeys(("service", *source.classes), "r")
    shown = {each: modes.get(each, "") for each in CLASSES if not class_ or each == class_}
    reads = [class_name(each) for each, mode in shown.items() if "r" in mode]
    writes = [class_name(each) for each, mode in shown.items() if "w" in mode]
    badge = _BADGES.get(source.source, Badge("From outside", "i-eye", "pending"))
    cuts = cut.get(source.person_id, 0) if source.person_id else 0
    narrowed = f"Cut from {counted(cuts, 'thing')} about them." if cuts else ""
    live = {"live": "Figures as they stand", "released": "As last released"}.get(source.kind, "")
    return Row(
        (
            Cell(source.who, ROLES[source.role].label, badge=badge),
            Cell(source.service or "Whole provider"),
            Cell(", ".join(reads) or "Nothing", live or narrowed),
            Cell(", ".join(writes) or "Nothing"),
            Cell(why(source)),
        )
    )


def conflicts_page(
    held: Reach,
    lines: Sequence[ConflictLine],
    services: Sequence[Reachable],
    people: Sequence[tuple[uuid.UUID, str]],
    *,
    given: Mapping[str, str],
    address: Address,
    refused: RefusedError | None = None,
) -> DeskPage:
    """Who is cut from what, and the form that names another conflict."""
    rows = tuple(
        Row(
            (
                Cell(each.person or "Somebody who left"),
                Cell(ABOUT.get(each.about_kind, each.about_kind), each.called or str(each.about_id)),
                Cell(each.service),
                Cell(each.reason, f"{long_date(each.recorded_at.astimezone(LONDON).date())}, {each.by or 'Mendline'}"),
                Cell("Lift", href=address("access.lifting", conflict_id=each.conflict_id)),
            )
        )
        for each in lines
    )
    table = Table(
        "conflicts",
        "Conflicts of interest",
        ("Who", "Cut from", "Service", "Why", "Lift"),
        rows,
        Empty("None named", "Whoever a concern, complaint or escalation is about is cut from it here."),
        "One's own are never shown",
    )
    head = desk_head(
        held, "access.conflicts", address, "Conflicts of interest",
        "Whoever something is about does not see it, even the manager. It goes to the nominated individual instead.",
    )  # fmt: skip
    return DeskPage(
        head,
        tables=(table,),
        cards=(
            Card(
                "name",
                "Cut somebody from what is about them",
                _conflict_form(Asking(given, refused), services, people, address),
            ),
        ),
    )


def _conflict_form(
    ask: Asking, services: Sequence[Reachable], people: Sequence[tuple[uuid.UUID, str]], address: Address
) -> Form:
    places = tuple(Option(str(each.service_id), each.name) for each in services)
    kinds = tuple(Option(key, words) for key, words in ABOUT.items())
    names = tuple(Option(str(key), name) for key, name in people)
    return Form(
        address("access.name"),
        (
            ask.field("place", "Service", "select", options=places),
            ask.field("about_kind", "What it is", "select", options=kinds),
            ask.field("about", "Which one", hint="Its reference, such as R-015, or the address of its page"),
            ask.field("person", "Whom it is about", "select", options=names),
            ask.field("reason", "Why", hint="Without what happened: that stands in the record"),
        ),
        "Cut them from it",
        trouble=ask.trouble,
        footnote="From their next press on they do not see it, whatever role they hold.",
    )


def lifting_page(held: Reach, line: ConflictLine, *, address: Address, refused: RefusedError | None = None) -> DeskPage:
    """Takes one conflict back."""
    form = Form(
        address("access.lift", conflict_id=line.conflict_id),
        (Field("reason", "Why it no longer stands"),),
        "Lift the conflict",
        trouble=(str(refused),) if refused else (),
    )
    head = desk_head(
        held, "access.conflicts", address, "Lift a conflict of interest",
        f"{line.person or 'Somebody'} is cut from {ABOUT.get(line.about_kind, 'this').lower()}"
        f" {line.called or line.about_id}.",
    )  # fmt: skip
    return DeskPage(head, cards=(Card("lift", "Why it no longer stands", form),))
