"""What the pages of packs show: what was made, asking for one, and how far it is."""

from dataclasses import dataclass

from mendline.web.components import Badge, Button, Empty, Fact, Form, Head, Link, Note


@dataclass(frozen=True, slots=True)
class PackRow:
    """A pack in a list; a ready one has a download."""

    reference: str
    href: str
    as_at: str
    requested: str
    state: Badge
    detail: str = ""
    download: Link | None = None


@dataclass(frozen=True, slots=True)
class PackListPage:
    """The packs of a service, newest first, with the form that asks for the next."""

    head: Head
    rows: tuple[PackRow, ...]
    form: Form | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class PackPage:
    """One pack while it is made and after.

    Attributes:
        working: whether it is still being made; the page then asks again every `refresh_seconds`.
        done: steps done, of `steps`; nothing while it waits for its turn.
        step: what is being done, in a few words.
    """

    head: Head
    state: Badge
    facts: tuple[Fact, ...]
    working: bool
    step: str = ""
    done: int | None = None
    steps: int = 0
    refresh_seconds: int = 2
    download: Button | None = None
    note: Note | None = None
