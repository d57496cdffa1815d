"""The pages about people and access: lists with their forms beside them, drawn by one template."""

from dataclasses import dataclass

from mendline.places.head import Address
from mendline.web.components import (
    Badge,
    Button,
    Empty,
    Filters,
    Form,
    Head,
    ItemList,
    Link,
    Note,
    Pager,
    ScopeColumn,
    Tab,
)
from tenants.reach import Reach


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: words, what stands small below them, and where they lead."""

    text: str
    sub: str = ""
    href: str = ""
    badge: Badge | None = None
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One press that posts: for what needs no further question."""

    label: str
    action: str
    fields: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table with its acts."""

    cells: tuple[Cell, ...]
    acts: tuple[Act, ...] = ()
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A card with a table; `empty` says what would stand here."""

    key: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: Empty
    note: str = ""
    pager: Pager | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A form in a card of its own."""

    key: str
    heading: str
    form: Form
    words: str = ""


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page: how it opens, what must be known first, lists, and forms beside them."""

    head: Head
    notes: tuple[Note, ...] = ()
    filters: Filters | None = None
    scope: tuple[ScopeColumn, ...] = ()
    tables: tuple[Table, ...] = ()
    cards: tuple[Card, ...] = ()
    rail: tuple[ItemList, ...] = ()
    download: Link | None = None


# The pages about access: words, endpoint, and the permission that opens it.
WAYS = (
    ("People", "members.listing", "see_people"),
    ("Who can see what", "access.listing", "see_people"),
    ("Conflicts of interest", "access.conflicts", "see_concerns"),
    ("Opened records", "opening.listing", "see_opened_records"),
    ("Commissioners", "grants.listing", "see_grants"),
    ("Inspectors", "inspectors.listing", "see_inspectors"),
    ("Support access", "support.overview", "see_support"),
    ("Ledger", "ledger.listing", "see_ledger"),
    ("Alerts", "alerts.listing", "see_ledger"),
    ("Service register", "register.listing", "see_people"),
    ("Webhooks", "webhooks.listing", "see_settings"),
)


def tabs(held: Reach, current: str, address: Address) -> tuple[Tab, ...]:
    """The pages about access that this person may open."""
    return tuple(
        Tab(words, address(endpoint), endpoint == current)
        for words, endpoint, permission in WAYS
        if held.may_anywhere(permission)
    )


def desk_head(held: Reach, current: str, address: Address, heading: str, sentence: str, *buttons: Button) -> Head:
    """How each of these pages opens."""
    where = ", ".join(dict.fromkeys(each.provider for each in held.held))
    return Head(heading, where, sentence, tuple(buttons), tabs(held, current, address), "Access")
