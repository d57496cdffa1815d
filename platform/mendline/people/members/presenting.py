"""The pages of members, from rows to words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from mendline.catalogue.wording import counted, long_date, short_date
from mendline.people.desk import Act, Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.members.commands import may_give
from mendline.people.members.forms import place_value
from mendline.people.members.rows import Asked, Member, Moved, Reachable, Vacancy
from mendline.places.head import Address
from mendline.web.asking import Asking
from mendline.web.components import (
    Badge,
    Button,
    Empty,
    Field,
    Filter,
    Filters,
    Form,
    Item,
    ItemList,
    Link,
    Option,
    Pager,
)
from tenants.clock import LONDON
from tenants.errors import RefusedError
from tenants.reach import Reach
from tenants.roles import ROLES

KIND_WORDS = {"substantive": "", "acting": "Acting up", "cover": "Cover"}
STATES = (("", "Now and coming"), ("coming", "Coming"), ("ended", "Ended"), ("all", "All"))


def members_page(
    held: Reach,
    found: Sequence[Member],
    asked: Sequence[Asked],
    vacant: Sequence[Vacancy],
    services: Sequence[Reachable],
    *,
    given: Mapping[str, str],
    older: str,
    newer: str,
    today: date,
    address: Address,
) -> DeskPage:
    """A provider's people: who holds which role where, what waits for an answer, and which post nobody holds."""
    manages = held.may_anywhere("change_members")
    people = len({each.person_id for each in found})
    tables = [
        Table(
            "members",
            "People and their roles",
            ("Name", "Role", "Where", "From", "Until"),
            tuple(_member(each, today, address) for each in found),
            Empty("Nobody", "No role matches. Widen what is asked for above."),
            counted(people, "person", "people"),
            Pager(f"{counted(len(found), 'role')} on this page", newer, older) if newer or older else None,
        )
    ]
    if asked:
        tables.insert(0, _requests(held, asked, address))
    return DeskPage(
        head=desk_head(
            held,
            "members.listing",
            address,
            "People",
            _sentence(vacant, asked),
            *((Button("Give a role", address("members.invite"), "i-plus", "primary"),) if manages else ()),
        ),
        filters=_filters(given, services, address),
        tables=tuple(tables),
        rail=(_vacant(vacant),),
        cards=(_post_card(services, held, address),) if manages and services else (),
    )


def _sentence(vacant: Sequence[Vacancy], asked: Sequence[Asked]) -> str:
    first = (
        f"{counted(len(vacant), 'post')} {'is' if len(vacant) == 1 else 'are'} vacant."
        if vacant
        else "Every post that is needed is filled."
    )
    return (
        f"{first} {counted(len(asked), 'role')} {'waits' if len(asked) == 1 else 'wait'} for an answer."
        if asked
        else first
    )


def _filters(given: Mapping[str, str], services: Sequence[Reachable], address: Address) -> Filters:
    return Filters(
        address("members.listing"),
        (
            Filter("name", "Name", given.get("name", ""), placeholder="Part of a name"),
            Filter("role", "Role", given.get("role", ""), (Option("", "All roles"), *role_options(ROLES))),
            Filter(
                "service",
                "Service",
                given.get("service", ""),
                (Option("", "All services"), *(Option(str(each.service_id), each.name) for each in services)),
            ),
            Filter("state", "Shown", given.get("state", ""), tuple(Option(value, words) for value, words in STATES)),
        ),
    )


def role_options(keys: Iterable[str]) -> tuple[Option, ...]:
    """Roles inside a provider, as choices."""
    inside = (ROLES[key] for key in keys)
    return tuple(Option(role.key, role.label) for role in inside if role.level in ("service", "provider"))


def _member(each: Member, today: date, address: Address) -> Row:
    ended = each.valid_until is not None and each.valid_until < today
    badge = None
    if ended:
        badge = Badge("Ended", kind="hollow")
    elif each.valid_from > today:
        badge = Badge("Coming", "i-clock", "pending")
    elif each.kind != "substantive":
        badge = Badge(KIND_WORDS[each.kind], "i-person", "pending")
    return Row(
        (
            Cell(each.display_name, href=address("members.one", membership_id=each.membership_id)),
            Cell(ROLES[each.role].label if each.role in ROLES else each.role, badge=badge),
            Cell(each.service or "Whole provider"),
            Cell(long_date(each.valid_from)),
            Cell(long_date(each.valid_until) if each.valid_until else "Open", each.reason or ""),
        )
    )


def _requests(held: Reach, asked: Sequence[Asked], address: Address) -> Table:
    rows = []
    for each in asked:
        acts: tuple[Act, ...] = ()
        about = f"{each.display_name}, {ROLES[each.role].label}"
        if each.person_id != held.person_id and may_give(held, each.provider_id, each.service_id, each.role):
            there = address("members.answer", request_id=each.request_id)
            acts = (
                Act("Give", there, (("answer", "give"),), "primary", about),
                Act("Decline", there, (("answer", "decline"),), "", about),
            )
        rows.append(
            Row(
                (
                    Cell(each.display_name, f"Asked for on {short_date(each.recorded_at.astimezone(LONDON).date())}"),
                    Cell(ROLES[each.role].label, KIND_WORDS.get(each.kind, "")),
                    Cell(each.service or "Whole provider"),
                    Cell(each.reason),
                ),
                acts,
                flagged=True,
            )
        )
    return Table(
        "asked",
        "Roles that wait for an answer",
        ("Name", "Role", "Where", "Why"),
        tuple(rows),
        Empty("Nothing waits", "Roles that somebody asked for would stand here."),
        "Answered by somebody who holds as much themselves",
    )


def _vacant(vacant: Sequence[Vacancy]) -> ItemList:
    items = []
    for each in vacant:
        stands_in = "Nobody stands in."
        if each.stand_in:
            until = f" until {short_date(each.stand_in_until)}" if each.stand_in_until else ""
            stands_in = f"{each.stand_in} {'acts up' if each.stand_in_kind == 'acting' else 'covers'}{until}."
        items.append(
            Item(
                f"{ROLES[each.role].label}, {each.place}",
                stands_in,
                due=f"Vacant since {long_date(each.since)}" if each.since else "Nobody on record",
                late=each.stand_in is None,
            )
        )
    return ItemList("Vacant posts", tuple(items), empty="Every post that is needed is filled.")


def _post_card(services: Sequence[Reachable], held: Reach, address: Address) -> Card:
    there = [each for each in services if held.may("change_members", each.provider_id, each.service_id)]
    return Card(
        "post",
        "Say that a role is needed",
        Form(
            address("members.post"),
            (
                Field(
                    "place", "Service", "select", options=tuple(Option(place_value(each), each.name) for each in there)
                ),
                Field(
                    "post_role",
                    "Role",
                    "select",
                    options=tuple(each for each in role_options(ROLES) if ROLES[each.value].level == "service"),
                ),
                Field(
                    "needed",
                    "From today",
                    "choice",
                    "yes",
                    options=(Option("yes", "It is needed"), Option("no", "It is not needed")),
                ),
            ),
            "Save",
        ),
        "A registered manager is always needed. Where nobody holds a role that is needed, it shows as vacant.",
    )


def invite_form(
    held: Reach,
    places: Sequence[Reachable],
    given: Mapping[str, str],
    *,
    today: date,
    address: Address,
    refused: RefusedError | None = None,
) -> DeskPage:
    """The form that gives a role to somebody, known or new."""
    ask = Asking(given, refused)
    kinds = (
        Option("substantive", "Holds the post"),
        Option("acting", "Acts up", "Does a higher role for a while, until it is filled"),
        Option("cover", "Covers", "Stands in while somebody is away"),
    )

    fields = (
        ask.field("name", "Name", hint="First name and surname"),
        ask.field("email", "Email address", "email", "They get a letter with the way in."),
        ask.field("place", "Where", "select", options=tuple(Option(place_value(each), each.name) for each in places)),
        ask.field("role", "Role", "select", options=role_options(ROLES)),
        Field(
            "kind",
            "How it is held",
            "choice",
            given.get("kind") or "substantive",
            options=kinds,
            error=ask.problems.get("kind", ""),
        ),
        Field(
            "valid_from",
            "From",
            "date",
            given.get("valid_from") or today.isoformat(),
            error=ask.problems.get("valid_from", ""),
        ),
        ask.field("valid_until", "Until", "date", "Acting up and cover need an end.", required=False),
        ask.field("reason", "Why", required=False, hint="Shown to whoever looks who can see what."),
    )
    form = Form(
        address("members.send"),
        fields,
        "Give the role",
        Link("Back to people", address("members.listing")),
        trouble=ask.trouble,
        footnote="A role that sees more than yours waits for somebody who holds it.",
    )
    return DeskPage(
        head=desk_head(
            held,
            "members.invite",
            address,
            "Give a role",
            "Nobody gives a role that sees or decides more than their own.",
        ),
        cards=(Card("role", "Who, what, where and until when", form),),
    )


def member_page(
    held: Reach,
    member: Member,
    moves: Sequence[Moved],
    *,
    today: date,
    address: Address,
    refused: RefusedError | None = None,
    given: Mapping[str, str] | None = None,
) -> DeskPage:
    """One role of one person: since when, by whom, what changed, and how to change or end it."""
    role = ROLES[member.role].label
    where = member.service or "the whole provider"
    is_over = member.valid_until is not None and member.valid_until < today
    manages = held.may("change_members", member.provider_id, member.service_id)
    facts = [
        Item("From", long_date(member.valid_from)),
        Item("Until", long_date(member.valid_until) if member.valid_until else "Open"),
        Item("Given by", member.given_by or "Whoever set up this provider"),
    ]
    if member.reason:
        facts.append(Item("Why", member.reason))
    kind = f" ({KIND_WORDS[member.kind].lower()})" if KIND_WORDS.get(member.kind) else ""
    head = desk_head(
        held, "members.one", address, f"{member.display_name}: {role}",
        f"{role}{kind} at {where}. {'This role has ended.' if is_over else 'This role stands.'}",
    )  # fmt: skip
    return DeskPage(
        head=head,
        tables=(_moves(moves),),
        rail=(ItemList("This role", tuple(facts)),),
        cards=_change_cards(member, address, refused, given or {}) if manages and not is_over else (),
    )


def _moves(moves: Sequence[Moved]) -> Table:
    words = {"ended": "Ended at once", "shortened": "Ends sooner", "lengthened": "Lasts longer"}

    def end(day: date | None) -> str:
        return long_date(day) if day else "open"

    return Table(
        "moves",
        "What changed",
        ("What", "When", "By", "Why"),
        tuple(
            Row(
                (
                    Cell(words.get(each.kind, each.kind), f"From {end(each.until_before)} to {end(each.until_after)}"),
                    Cell(short_date(each.recorded_at.astimezone(LONDON).date())),
                    Cell(each.by or "Mendline"),
                    Cell(each.reason),
                )
            )
            for each in moves
        ),
        Empty("No change yet", "Each change of this role's end would stand here with its reason."),
    )


def _change_cards(
    member: Member, address: Address, refused: RefusedError | None, given: Mapping[str, str]
) -> tuple[Card, ...]:
    problems = refused.problems if refused else {}
    there = address("members.change", membership_id=member.membership_id)
    trouble = (str(refused),) if refused and not problems else ()
    ending = given.get("act") == "end"
    until = given.get("valid_until") or (member.valid_until.isoformat() if member.valid_until else "")
    why = {True: ("", given.get("reason", "")), False: (given.get("reason", ""), "")}[ending]
    change = Form(
        there,
        (
            Field("act", "", "hidden", "move"),
            Field(
                "valid_until", "Until", "date", until, "Empty: no end", problems.get("valid_until", ""), required=False
            ),
            Field("reason", "Why", value=why[0], error="" if ending else problems.get("reason", "")),
        ),
        "Move the end",
        trouble=() if ending else trouble,
    )
    end = Form(
        there,
        (
            Field("act", "", "hidden", "end"),
            Field("why", "Why", value=why[1], error=problems.get("reason", "") if ending else ""),
        ),
        "End it now",
        trouble=trouble if ending else (),
        footnote="They see nothing more with their next press.",
    )
    return (Card("move", "Change until when", change), Card("end", "End this role", end))
