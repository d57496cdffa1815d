"""What the pages of custody show: a page is a head, notes, lists, and the forms beside them."""

from dataclasses import dataclass, field

from mendline.web.components import Badge, Empty, Fact, Form, Head, Note


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list: its first cell leads somewhere where `href` says so."""

    cells: tuple[str, ...]
    href: str = ""
    detail: str = ""
    badge: Badge | None = None
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A card with a table; `columns` are its headings, the badge's column last where lines have one."""

    heading: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    empty: Empty
    about: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """A form in a card of its own."""

    heading: str
    form: Form
    about: str = ""


@dataclass(frozen=True, slots=True)
class CustodyPage:
    """One page of custody."""

    head: Head
    notes: tuple[Note, ...] = ()
    facts: tuple[Fact, ...] = ()
    state: Badge | None = None
    download: str = ""
    listings: tuple[Listing, ...] = ()
    asides: tuple[Aside, ...] = field(default=())
