"""What the page of the story shows."""

from dataclasses import dataclass

from mendline.web.components import Empty, Head, Link, Option, Pager


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """A line of the timeline; `icon` and `tone` say its kind beside its word."""

    heading: str
    when: str
    recorded: str
    text: str
    kind: str
    icon: str
    tone: str = ""
    about: tuple[Link, ...] = ()
    references: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryMonth:
    """The lines of one month, newest first."""

    heading: str
    entries: tuple[StoryEntry, ...]


@dataclass(frozen=True, slots=True)
class StoryFilters:
    """What is asked of the story, as the form above it shows it."""

    action: str
    kinds: tuple[Option, ...]
    kind: str
    indicators: tuple[Option, ...]
    indicator: str
    since: str
    until: str
    clear: str = ""


@dataclass(frozen=True, slots=True)
class StoryPage:
    """One timeline of a service, or of one of its indicators."""

    head: Head
    filters: StoryFilters
    months: tuple[StoryMonth, ...]
    empty: Empty
    pager: Pager | None = None
    tell: str = ""
