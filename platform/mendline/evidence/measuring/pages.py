"""What the page behind a figure shows."""

from dataclasses import dataclass

from mendline.indicators.pages import EvidenceRow
from mendline.web.components import Empty, Fact, Form, Head, Item, Note, Pager, Tab, TimelineEntry


@dataclass(frozen=True, slots=True)
class CountedRow:
    """A record behind a figure; `href` leads to it for whoever may see it."""

    when: str
    kind: str
    counts: str
    why: str
    by: str
    recorded: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class FigurePage:
    """One figure with everything behind it.

    Attributes:
        kinds: how many records of which kind counted, and how many did not and why: for everybody.
        rows: the records themselves, one page of them; empty for whoever sees no records.
        views: all records, those counted, those not.
        revisions: the figure before each correction, newest first.
        behind: what the rows are, as their table is headed.
        take: the form that takes the records' figure in place of the one that stands.
    """

    head: Head
    facts: tuple[Fact, ...]
    how: tuple[Fact, ...]
    kinds: tuple[Item, ...]
    left_out: tuple[Item, ...]
    rows: tuple[CountedRow, ...]
    views: tuple[Tab, ...]
    revisions: tuple[TimelineEntry, ...]
    evidence: tuple[EvidenceRow, ...] = ()
    behind: str = "Records"
    notes: tuple[Note, ...] = ()
    pager: Pager | None = None
    empty: Empty | None = None
    take: Form | None = None
