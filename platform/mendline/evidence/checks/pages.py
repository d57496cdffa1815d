"""What the pages of spot checks and drills show."""

from dataclasses import dataclass

from mendline.web.components import Empty, Fact, Form, Head, Item, ItemList, Note, WorkList


@dataclass(frozen=True, slots=True)
class ChecksPage:
    """Checks and drills of a service."""

    head: Head
    lists: tuple[WorkList, ...]
    start: Form | None
    rail: tuple[ItemList, ...] = ()
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """How long a claim has waited for its evidence, in seconds and in words, and the seconds that are aimed at."""

    waited: int
    allowed: int
    words: str


@dataclass(frozen=True, slots=True)
class TestPage:
    """One check or drill: what it tests, how far it is, the next thing to look at, and what was found."""

    head: Head
    facts: tuple[Fact, ...]
    now_heading: str
    now: Item | None
    form: Form | None
    done: ItemList
    notes: tuple[Note, ...] = ()
    end: Form | None = None
    clock: Clock | None = None
