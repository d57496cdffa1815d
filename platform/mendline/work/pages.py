"""What the first page of a day shows, and one piece of work."""

from dataclasses import dataclass

from mendline.evidence.pages import Tile
from mendline.web.components import (
    Button,
    Empty,
    Fact,
    Form,
    Head,
    ItemList,
    Link,
    Note,
    ScopeColumn,
    TimelineEntry,
    WorkList,
)


@dataclass(frozen=True, slots=True)
class MyWorkPage:
    """What waits for this person, most pressing first, and what they may enter.

    Attributes:
        tiles: the kinds of record that are offered first; `more` leads to all of them.
    """

    head: Head
    lists: tuple[WorkList, ...]
    rail: tuple[ItemList, ...] = ()
    tiles: tuple[Tile, ...] = ()
    more: Link | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class CoversPage:
    """What a sign-in covers, for somebody for whom there is nothing to do here."""

    head: Head
    columns: tuple[ScopeColumn, ...]


@dataclass(frozen=True, slots=True)
class WorkItemPage:
    """One piece of dated work: what it asks, the form of its record, who is asked, and what happened to it.

    Attributes:
        starts: the forms of the records that it asks for; making one counts for it.
        finish: says that it is done where no record of a declared kind is asked for; None where a record is.
        changes: moving, handing over and cancelling, each folded away until it is wanted.
    """

    head: Head
    facts: tuple[Fact, ...]
    starts: tuple[Button, ...]
    history: tuple[TimelineEntry, ...]
    finish: Form | None = None
    changes: tuple[tuple[str, str, Form], ...] = ()
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class HandOversPage:
    """Who stands in for whom at a service, and the form that hands a role's work over."""

    head: Head
    form: Form
    standing: tuple["StandingIn", ...]


@dataclass(frozen=True, slots=True)
class StandingIn:
    """A hand-over that holds or is to come; `end` is where ending it is posted."""

    heading: str
    text: str
    end: str
