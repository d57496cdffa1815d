"""What the pages of minutes show."""

from dataclasses import dataclass

from mendline.web.components import Form, Head, Item, Note


@dataclass(frozen=True, slots=True)
class MinutesListPage:
    """The months of a provider, newest first."""

    head: Head
    months: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class MinutesEntry:
    """A decision in the minutes."""

    heading: str
    meta: str
    text: str
    weak: bool


@dataclass(frozen=True, slots=True)
class MinutesService:
    """A service with what was decided there."""

    name: str
    entries: tuple[MinutesEntry, ...]


@dataclass(frozen=True, slots=True)
class MinutesPage:
    """The minutes of a month; `form` edits and signs them, or adds a correction once they are signed."""

    head: Head
    summary: str
    services: tuple[MinutesService, ...]
    attendance: tuple[str, ...]
    challenge: str
    notes: str
    addenda: tuple[Item, ...]
    signed: Note | None
    form: Form | None
    may_draft: bool = False
