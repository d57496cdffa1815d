"""What the components of a page show: small frozen values, filled by queries and drawn by `templates/components/`.

Every text arrives ready to read: numbers are formatted, dates are written out, sentences are whole. A template decides
how a thing looks and nothing else. An address (`href`) that is empty means that there is nowhere to go.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the top bar; `count` is shown as a badge when above nought."""

    label: str
    href: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class Who:
    """The person who is signed in, as the top bar shows them; `scope` is a badge such as "Read only"."""

    name: str
    role: str
    initials: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere: a crumb, a reference such as E-046, "All 9"."""

    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the same service."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A link that looks like a button and names its act; `kind` is primary, alert or nothing; `about` is for ears only."""

    label: str
    href: str
    icon: str = ""
    kind: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A boxed message; `kind` is alert, suggest, pending, scope or nothing."""

    heading: str
    text: str = ""
    kind: str = ""
    icon: str = "i-warn"
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class Badge:
    """A short state; `kind` is ok, alert, pending, improve, concern, steady, hollow or nothing."""

    word: str
    icon: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Weeks:
    """How far a recovery plan has come: week `now` of `total`."""

    now: int
    total: int

    @property
    def label(self) -> str:
        """What a screen reader says."""
        return f"Recovery week {self.now} of {self.total}"


@dataclass(frozen=True, slots=True)
class RegulatorCell:
    """One cell of the strip with rating, breaches, notice and plan; `detail_wide` is left out on phones."""

    term: str
    value: str
    detail: str = ""
    detail_wide: str = ""
    rating: int = 0
    weeks: Weeks | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class TallyItem:
    """One of the four counts under the summary sentence."""

    count: int
    word: str
    note: str
    icon: str
    tone: str
    href: str = "#indicators"
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a short list: heading, when it is due, the rest; `due_last` puts the rest first, as its own sentence.

    `source` is what it was worded from, behind a line that opens.
    """

    heading: str
    text: str = ""
    due: str = ""
    late: bool = False
    href: str = ""
    reference: Link | None = None
    badge: Badge | None = None
    due_last: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class ItemList:
    """A card with a short list; `empty` says what would stand here, and `note` how to read what stands here."""

    heading: str
    items: tuple[Item, ...] = ()
    empty: str = ""
    more: Link | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Something that waits for a person: what, by when, and the one act; `tone` is alert, pending or nothing."""

    heading: str
    text: str
    when: str
    when_note: str = ""
    late: bool = False
    href: str = ""
    icon: str = "i-review"
    tone: str = ""
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class WorkList:
    """A card of work items with a word beside its heading."""

    heading: str
    items: tuple[WorkItem, ...] = ()
    aside: str = ""
    more: Link | None = None
    empty: str = ""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A decision or another dated step, newest first."""

    heading: str
    meta: str
    text: str = ""
    quote: str = ""
    icon: str = "i-dot"
    tone: str = ""
    references: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A lettered event on a chart with its story."""

    letter: str
    when: str
    what_changed: str
    why: str
    what_followed: str
    reference: Link | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A term with its value; `big` for the two that matter most."""

    term: str
    value: str
    note: str = ""
    big: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """A line of "what you can see": an icon and words."""

    text: str
    icon: str = "i-tick"
    strong: str = ""


@dataclass(frozen=True, slots=True)
class ScopeColumn:
    """A column of "what you can see, and until when"."""

    heading: str
    lines: tuple[ScopeLine, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a field."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form, as it is asked, answered and refused.

    Attributes:
        kind: text, textarea, count (with buttons for one more and one fewer), number, date, time, datetime, select,
            choice (one of few), choices (any of few), yes_no, email, password, file or hidden.
        one: what one of a count is called, for the names of its buttons ("One more gap").
        values: the chosen ones of `choices`; `value` holds the answer of every other kind.
        error: why the answer was refused, in a sentence that says what to do.
        autocomplete: the browser's token; off unless the answer is the person's own.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    error: str = ""
    required: bool = True
    options: tuple[Option, ...] = ()
    values: tuple[str, ...] = ()
    unit: str = ""
    low: str = ""
    high: str = ""
    one: str = ""
    autocomplete: str = "off"
    heading: str = ""  # opens a group of questions


@dataclass(frozen=True, slots=True)
class Form:
    """A form that posts to `action`; what was refused stands in its fields, or in `trouble` if in none of them."""

    action: str
    fields: tuple[Field, ...]
    submit: str
    cancel: Link | None = None
    trouble: tuple[str, ...] = ()
    footnote: str = ""
    upload: bool = False

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """Every refusal with the id of the field that it belongs to, or none."""
        named = tuple((f"f-{item.name}", item.error) for item in self.fields if item.error)
        return tuple(("", text) for text in self.trouble) + named


@dataclass(frozen=True, slots=True)
class Filter:
    """One control above a list: a select with options, or a search field without."""

    name: str
    label: str
    value: str = ""
    options: tuple[Option, ...] = ()
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """The controls above a list, which ask for the same page again."""

    action: str
    controls: tuple[Filter, ...]
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What stands where there is nothing yet: what would be here, when the next is due, and one act."""

    heading: str
    text: str
    icon: str = "i-review"
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class Pager:
    """The way through a long list."""

    words: str
    newer: str = ""
    older: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """How every page opens: its one heading, what it is about, its acts, its neighbours, its generated sentence."""

    heading: str
    sub: str = ""
    sentence: str = ""
    buttons: tuple[Button, ...] = ()
    tabs: tuple[Tab, ...] = ()
    tabs_label: str = ""
    crumbs: tuple[Link, ...] = field(default=())
