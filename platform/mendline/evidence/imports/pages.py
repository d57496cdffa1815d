"""What the pages of imports show."""

from dataclasses import dataclass

from mendline.web.components import Badge, Button, Empty, Fact, Field, Form, Head, Item, Link, Note, Pager, Tab


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A file in the history."""

    name: str
    href: str
    detail: str
    sent: str
    counts: str
    state: Badge


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """Where files are sent, and the files that were."""

    head: Head
    form: Form | None
    lines: tuple[ImportLine, ...]
    mappings: tuple[Item, ...]
    templates: Link
    pager: Pager | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows are what; `tone` colours the number's edge beside its word."""

    number: str
    word: str
    note: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row of the file as Mendline read it."""

    line: str
    cells: tuple[str, ...]
    becomes: Badge


@dataclass(frozen=True, slots=True)
class Clash:
    """A row that says something else than what somebody recorded by hand."""

    line: str
    what: str
    in_file: str
    stands: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a row may be."""

    value: str
    words: str
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A row that may be a record which is kept already, with the choices that a person has and what was said."""

    row_id: str
    line: str
    what: str
    candidates: tuple[Candidate, ...]
    is_new: bool = False
    is_open: bool = True
    said: str = ""


@dataclass(frozen=True, slots=True)
class MergingPage:
    """The rows of a file that may be records which are kept already; decided one by one, several, or all.

    Attributes:
        shown: which of them are listed.
        act: the buttons act on what is listed; empty where this person may only look.
        open: how many nobody has decided yet, in words; empty where there is none.
        open_with_one: those of them that look like one record alone, likewise.
    """

    head: Head
    shown: tuple[Tab, ...]
    rows: tuple[Proposal, ...]
    pager: Pager | None
    act: str
    back: Link
    open: str = ""
    open_with_one: str = ""
    errors: tuple[str, ...] = ()
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows that have to be decided, or were, in words, with the way to them."""

    words: str
    link: Link
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class DecideForm:
    """What is to be decided before a file is imported, and the button that imports it."""

    action: str
    submit: str
    conflict: Field | None
    waiting: Waiting | None = None
    errors: tuple[tuple[str, str], ...] = ()
    footnote: str = ""


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem with its place in the file."""

    line: str
    column: str
    value: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """Rows that contradict each other, and the button that leaves them out."""

    words: str
    action: str
    submit: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    """One file, from its first reading to its taking back."""

    head: Head
    state: Badge
    facts: tuple[Fact, ...]
    notes: tuple[Note, ...] = ()
    working: bool = False
    step: str = ""
    done: int | None = None
    refresh_seconds: int = 2
    counts: tuple[Count, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[PreviewRow, ...] = ()
    rows_hidden: str = ""
    problems: tuple[ProblemLine, ...] = ()
    more_problems: Link | None = None
    download: Link | None = None
    clashes: tuple[Clash, ...] = ()
    decide: DecideForm | None = None
    acts: tuple[Button, ...] = ()
    discard: str = ""
    again: str = ""
    leave_out: Dispute | None = None
    left_out: tuple[ProblemLine, ...] = ()
    left_out_words: str = ""


@dataclass(frozen=True, slots=True)
class MappingPage:
    """Which column means what: the first rows, the known mappings, and the questions."""

    head: Head
    header: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    pick: Form
    use: Form | None
    form: Form


@dataclass(frozen=True, slots=True)
class ProblemsPage:
    """The problems of a file, page by page."""

    head: Head
    lines: tuple[ProblemLine, ...]
    pager: Pager | None
    download: Link
    back: Link


@dataclass(frozen=True, slots=True)
class UndoPage:
    """What taking an import back means, and the reason that it needs."""

    head: Head
    notes: tuple[Note, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class TemplatesPage:
    """A template for each kind of record, and one for figures."""

    head: Head
    tiles: tuple[Item, ...]
