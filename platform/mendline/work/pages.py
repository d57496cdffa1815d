"""What the first page of a day shows."""

from dataclasses import dataclass

from mendline.evidence.pages import Tile
from mendline.web.components import Empty, Head, ItemList, Link, ScopeColumn, WorkList


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
