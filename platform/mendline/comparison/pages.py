"""What the pages that look across services show: the provider's comparison, the commissioner's portfolio."""

from dataclasses import dataclass
from typing import Any

from mendline.indicators.pages import Count, IndicatorRow
from mendline.web.components import (
    Empty,
    Fact,
    Filters,
    Head,
    ItemList,
    Link,
    Note,
    Pager,
    RegulatorCell,
    ScopeColumn,
    TallyItem,
    TimelineEntry,
    Weeks,
)
from mendline.web.readings import Reading


@dataclass(frozen=True, slots=True)
class Cell:
    """One indicator of one service; without a trend there was nothing in the period."""

    value: str = ""
    trend: Reading | None = None
    assurance: Reading | None = None
    flag: str = ""
    href: str = ""
    mark: str = ""  # that the figure came late or was restated


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A service with its cells, in the order of the columns."""

    name: str
    href: str
    rating: int
    detail: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """An indicator compared."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Services of one provider side by side, worst first.

    Attributes:
        funnel: what the macro `funnel_chart` of `components/chart.html` draws, or nothing.
        provider_row: the provider's pooled figures, shown last.
    """

    head: Head
    columns: tuple[Column, ...]
    rows: tuple[MatrixRow, ...]
    filters: Filters | None = None
    provider_row: MatrixRow | None = None
    funnel: Any = None
    funnel_heading: str = ""
    funnel_note: str = ""
    rail: tuple[ItemList, ...] = ()
    freshness: str = ""
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class CommissionedRow:
    """A service that a commissioner may see; `flag` is "8 days late", otherwise `waited` says how long a decision took."""

    name: str
    href: str
    provider: str
    rating: int
    rating_word: str
    notice: str
    weeks: Weeks | None
    counts: tuple[Count, ...]
    decision: str
    decided: str
    waited: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class DeclineRow:
    """A result that got worse and what the provider decided; `flag` is "None yet", or nothing."""

    service: str
    what: str
    seen: str
    decision: str
    did: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A service in a comparison by size; `width` is 0 to 100, `own` is drawn dark and by its name."""

    name: str
    value: str
    width: float
    own: bool


@dataclass(frozen=True, slots=True)
class BarCard:
    """A comparison of named services with others shown as codes."""

    heading: str
    note: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """The services that a commissioner may see, until when, and what they may not see."""

    head: Head
    scope: tuple[ScopeColumn, ...]
    rows: tuple[CommissionedRow, ...]
    declines: tuple[DeclineRow, ...]
    declines_note: str = ""
    bars: BarCard | None = None
    rail: tuple[ItemList, ...] = ()
    ask: Link | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class CommissionedServicePage:
    """One service as its commissioner sees it: figures, kinds of evidence and decisions, no records and no files."""

    head: Head
    scope: Note
    regulator: tuple[RegulatorCell, ...]
    tally: tuple[TallyItem, ...]
    rows: tuple[IndicatorRow, ...]
    weeks_shown: int
    decisions: tuple[TimelineEntry, ...] = ()
    rail: tuple[ItemList, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One service's part of a pooled figure; `apart` says why it is not in it, `href` leads to what is behind it."""

    service: str
    figure: str
    counts: str
    href: str = ""
    apart: str = ""


@dataclass(frozen=True, slots=True)
class PoolPage:
    """What a figure over several services was pooled from, one page of services at a time."""

    head: Head
    facts: tuple[Fact, ...]
    how: str
    rows: tuple[MemberRow, ...]
    pager: Pager | None = None
