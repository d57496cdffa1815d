"""What the pages of source records and evidence show, from a carer's first page to the fingerprint of an original."""

from dataclasses import dataclass

from mendline.evidence.files.pages import FileCard, SharingCard
from mendline.indicators.pages import EvidenceRow
from mendline.web.components import (
    Badge,
    Empty,
    Fact,
    Filters,
    Form,
    Head,
    Item,
    Link,
    Note,
    Pager,
    TimelineEntry,
    WorkList,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A kind of record that this person may enter; `due` says when it is next wanted, or nothing."""

    label: str
    href: str
    text: str
    icon: str = "i-plus"
    due: Badge | None = None


@dataclass(frozen=True, slots=True)
class CarerHomePage:
    """All that a carer needs: what they may enter, and what they entered."""

    head: Head
    tiles: tuple[Tile, ...]
    entries: tuple[Item, ...]
    notes: tuple[Note, ...] = ()
    empty: Empty | None = None
    lists: tuple[WorkList, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordFormPage:
    """A record, asked one question after another; the form comes from the record type's declaration.

    Attributes:
        safety: the line that comes before every question, such as whom to call first.
        steps: this part and all parts, such as (1, 3), where the record has more than one.
        signed: "Checked by A Okafor, senior carer. Your name and the time are saved with this check."
    """

    head: Head
    form: Form
    safety: str = ""
    steps: tuple[int, int] | None = None
    steps_text: str = ""
    signed: str = ""
    back: Link | None = None
    state: Badge | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record in a list: its cells stand in the order of the page's columns."""

    when: str
    href: str
    cells: tuple[str, ...]
    by: str
    badge: Badge | None = None


@dataclass(frozen=True, slots=True)
class RecordListPage:
    """Records of one type, newest first."""

    head: Head
    columns: tuple[str, ...]
    rows: tuple[RecordRow, ...]
    filters: Filters | None = None
    pager: Pager | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record with its two clocks, its answers, and what it was before each correction.

    Attributes:
        used_in: the figures that it is behind; None for whoever may not know them.
        unused: why there is none.
    """

    head: Head
    answers: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    revisions: tuple[TimelineEntry, ...] = ()
    used_in: tuple[Item, ...] | None = None
    unused: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceListPage:
    """The evidence index of a service."""

    head: Head
    rows: tuple[EvidenceRow, ...]
    filters: Filters | None = None
    pager: Pager | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """One piece of evidence: what it is, where its original is, its fingerprint, its checks, what leans on it.

    Attributes:
        form: records another look at the original; nothing for who may not.
        file: the original itself, where it is kept here and the reader may see files.
        sharing: whether commissioners may open it, for whoever decides on that.
    """

    head: Head
    facts: tuple[Fact, ...]
    fingerprint: str
    check: Badge
    checks: tuple[TimelineEntry, ...]
    supports: tuple[Item, ...]
    notes: tuple[Note, ...] = ()
    form: Form | None = None
    file: FileCard | None = None
    sharing: SharingCard | None = None


@dataclass(frozen=True, slots=True)
class EvidenceFormPage:
    """Adding evidence: a pointer to an original that stays where it is."""

    head: Head
    form: Form


@dataclass(frozen=True, slots=True)
class RecordTypesPage:
    """The kinds of record of a service: what may be entered here, and what is kept here.

    Attributes:
        kept: each kind that has records, with when its newest happened; nothing for who sees only their own.
        entries: what this person entered.
    """

    head: Head
    tiles: tuple[Tile, ...]
    kept: tuple[Tile, ...] = ()
    entries: tuple[Item, ...] = ()
    empty: Empty | None = None
