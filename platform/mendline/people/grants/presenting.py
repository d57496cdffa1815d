"""The pages of grants, releases and looks, in words."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, long_date
from mendline.comparison.commissioned import CLASS_WORDS
from mendline.comparison.releasing import LastRelease
from mendline.people.desk import Act, Card, Cell, DeskPage, Row, Table, desk_head
from mendline.people.grants.commands import BASES
from mendline.people.grants.queries import GrantLine, LookLine
from mendline.people.members.rows import Reachable
from mendline.places.head import Address
from mendline.web.asking import Asking
from mendline.web.components import Badge, Button, Empty, Field, Form, Item, ItemList, Link, Option
from mendline.web.page import day_and_time
from mendline.web.typed import day_or_none
from tenants.clock import LONDON
from tenants.errors import RefusedError
from tenants.reach import Reach

STATES = {
    "coming": Badge("Coming", "i-clock", "pending"),
    "stands": Badge("Stands", "i-eye", "ok"),
    "over": Badge("Over", kind="hollow"),
    "withdrawn": Badge("Withdrawn", kind="hollow"),
}
HOW = {True: "Figures as they stand", False: "As last released"}


def grants_page(
    held: Reach,
    grants: Sequence[GrantLine],
    services: Sequence[Reachable],
    released: Mapping[uuid.UUID, LastRelease],
    looks: Sequence[LookLine],
    *,
    today: date,
    address: Address,
) -> DeskPage:
    """What commissioners may see, what was released to them, and what they looked at."""
    may = held.may_anywhere("change_grants")
    stand = [each for each in grants if each.state(today) == "stands"]
    soon = [each for each in stand if (each.valid_until - today).days <= 30]
    said = f"{counted(len(stand), 'grant')} {'stands' if len(stand) == 1 else 'stand'}."
    if soon:
        said += f" {counted(len(soon), 'grant')} {'ends' if len(soon) == 1 else 'end'} within 30 days."
    head = desk_head(
        held, "grants.listing", address, "Commissioners", said,
        *((Button("Grant a view", address("grants.new"), "i-plus", "primary"),) if may else ()),
    )  # fmt: skip
    return DeskPage(
        head,
        tables=(_grants(grants, today, address), _releases(held, services, released, address), looks_table(looks)),
    )


def _grants(grants: Sequence[GrantLine], today: date, address: Address) -> Table:
    return Table(
        "grants",
        "Grants",
        ("Commissioner", "Service", "May see", "Until", "State", "Looks"),
        tuple(
            Row(
                (
                    Cell(each.body or "A commissioner", each.purpose, address("grants.one", grant_id=each.grant_id)),
                    Cell(each.service, "" if each.show_name else "Shown by a code"),
                    Cell(", ".join(CLASS_WORDS.get(class_, class_).lower() for class_ in each.classes), HOW[each.live]),
                    Cell(long_date(each.valid_until), f"from {long_date(each.valid_from)}"),
                    Cell("", badge=STATES[each.state(today)]),
                    Cell(
                        counted(each.looks, "look"),
                        f"last {day_and_time(each.last_look)}" if each.last_look else "",
                    ),
                )
            )
            for each in grants
        ),
        Empty("No grant", "A grant lets a council or integrated care board see a service, without names or records."),
        "Twelve months at most",
    )


def _releases(
    held: Reach, services: Sequence[Reachable], released: Mapping[uuid.UUID, LastRelease], address: Address
) -> Table:
    rows = []
    for each in services:
        if each.service_id is None:
            continue
        last = released.get(each.service_id)
        may = held.may("release_figures", each.provider_id, each.service_id)
        acts = (
            (Act("Release now", address("grants.release", service_id=each.service_id), about=each.name),) if may else ()
        )
        rows.append(
            Row(
                (
                    Cell(each.name),
                    Cell(
                        f"Figures to {long_date(last.figures_to)}"
                        if last and last.figures_to
                        else "Nothing released yet"
                    ),
                    Cell(day_and_time(last.recorded_at) if last else "", last.recorded_label if last else ""),
                ),
                acts,
            )
        )
    return Table(
        "releases",
        "Released to commissioners",
        ("Service", "Released", "When and by whom"),
        tuple(rows),
        Empty("No service", "Services would stand here with what was last released."),
        "A grant shows nothing newer, unless it says otherwise. Counts under 5 are taken out.",
    )


def looks_table(looks: Sequence[LookLine]) -> Table:
    """What commissioners looked at."""
    return Table(
        "looks",
        "What commissioners looked at",
        ("When", "Who", "What", "From"),
        tuple(
            Row(
                (
                    Cell(day_and_time(each.recorded_at)),
                    Cell(f"An officer of {each.body}" if each.body else "An officer"),
                    Cell(each.service or "Their portfolio", _look_words(each)),
                    Cell(str((each.origin or {}).get("device", ""))),
                )
            )
            for each in looks
        ),
        Empty("No look yet", "Each page that an officer opens stands here at once."),
        "Newest first",
    )


_LOOK_WORDS = {
    "portfolio": "Among the services they commission",
    "service": "The page of the service",
    "requests and findings": "Their requests and findings",
}


def _look_words(look: LookLine) -> str:
    """What it was: a page in words, a pack by its reference, a figure by its indicator and first day."""
    subject = look.subject or ""
    if look.definition_key:
        name, day = indicator_definition(look.definition_key).name, day_or_none(subject.rpartition(" ")[2])
        return f"{name}, figure from {long_date(day)}" if day else name
    if subject.startswith("file "):
        return "A shared file, a copy"
    return _LOOK_WORDS.get(subject, f"{subject[:1].upper()}{subject[1:]}")


def grant_form(
    held: Reach,
    services: Sequence[Reachable],
    bodies: Sequence[tuple[uuid.UUID, str]],
    given: Mapping[str, str],
    classes: Sequence[str],
    *,
    today: date,
    address: Address,
    refused: RefusedError | None = None,
) -> DeskPage:
    """The form that grants a view."""
    ask = Asking(given, refused)
    year = (today + timedelta(days=364)).isoformat()
    fields = (
        ask.field("service", "Service", "select", options=tuple(Option(str(each.service_id), each.name) for each in services)),
        ask.field("body", "Commissioner", "select", options=tuple(Option(str(key), name) for key, name in bodies)),
        ask.field(
            "classes", "What may be seen", "choices", options=tuple(Option(key, words) for key, words in CLASS_WORDS.items()),
            values=tuple(classes),
        ),
        Field(
            "live", "How new", "choice", given.get("live") or "released",
            options=(
                Option("released", "As last released", "Nothing newer than what you released is seen"),
                Option("live", "As it stands", "Figures are seen as soon as they are here"),
            ),
        ),
        Field(
            "show_name", "The service's name", "choice", given.get("show_name") or "code",
            options=(Option("code", "Shown by a code"), Option("name", "Shown by its name")),
        ),
        Field("valid_from", "From", "date", given.get("valid_from") or today.isoformat(), error=ask.problems.get("valid_from", "")),
        Field(
            "valid_until", "Until", "date", given.get("valid_until") or year, "Twelve months at most",
            ask.problems.get("valid_until", ""),
        ),
        ask.field("purpose", "Purpose", "textarea", hint="The commissioner reads it too."),
        ask.field("lawful_basis", "Ground in law", "select", options=tuple(Option(key, words) for key, words in BASES.items())),
    )  # fmt: skip
    form = Form(
        address("grants.create"),
        (*fields, Field("renews", "", "hidden", given.get("renews", ""))),
        "Grant this view",
        Link("Back", address("grants.listing")),
        trouble=ask.trouble,
        footnote="You can withdraw it at any time.",
    )
    head = desk_head(
        held, "grants.new", address, "Grant a commissioner a view",
        "They see figures without names or records; counts under 5 are withheld; each look is noted.",
    )  # fmt: skip
    return DeskPage(head, cards=(Card("grant", "Who, what, until when and why", form),))


def grant_page(
    held: Reach,
    grant: GrantLine,
    looks: Sequence[LookLine],
    *,
    today: date,
    address: Address,
    refused: RefusedError | None = None,
) -> DeskPage:
    """One grant: what it opens, every look, renewing and withdrawing."""
    state = grant.state(today)
    facts = [
        Item("Commissioner", grant.body or "A commissioner"),
        Item("May see", ", ".join(CLASS_WORDS.get(each, each) for each in grant.classes)),
        Item("How new", HOW[grant.live]),
        Item("From and until", f"{long_date(grant.valid_from)} to {long_date(grant.valid_until)}"),
        Item("Purpose", grant.purpose),
        Item("Ground in law", BASES.get(grant.lawful_basis, grant.lawful_basis)),
        Item("Approved by", grant.approved or "Whoever set up this provider"),
    ]
    if grant.withdrawn_at:
        when = long_date(grant.withdrawn_at.astimezone(LONDON).date())
        facts.append(Item("Withdrawn", grant.withdrawn_reason or "", due=when))
    may = held.may("change_grants", grant.provider_id)
    cards: tuple[Card, ...] = ()
    buttons: tuple[Button, ...] = ()
    if may and state in ("stands", "coming"):
        problems = refused.problems if refused else {}
        form = Form(
            address("grants.end", grant_id=grant.grant_id),
            (Field("reason", "Why", error=problems.get("reason", "")),),
            "Withdraw it now",
            trouble=(str(refused),) if refused and not problems else (),
            footnote="Their next press sees nothing.",
        )
        cards = (Card("withdraw", "Withdraw this grant", form),)
    if may:
        buttons = (Button("Renew", address("grants.new", renews=grant.grant_id), "i-clock"),)
    head = desk_head(
        held, "grants.one", address, f"{grant.body or 'A commissioner'}: {grant.service}",
        f"{STATES[state].word}. {counted(grant.looks, 'look')} so far.", *buttons,
    )  # fmt: skip
    return DeskPage(head, tables=(looks_table(looks),), cards=cards, rail=(ItemList("This grant", tuple(facts)),))
