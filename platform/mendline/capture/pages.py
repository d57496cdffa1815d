"""What the templates of capture draw."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mendline.web.components import Field, Form, Item, Link, WorkList


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a shift form.

    Attributes:
        fill: how the phone fills it in by itself, such as `now`; nothing where it does not.
        quick: words, value and source of one touch that answers it: ("All 14", "14", "people_on_unit").
        can_wait: whether "I do not know yet" stands under it.
        waits: whether that was ticked.
        safe: the lowest and the highest that is safe, as numbers in words.
    """

    field: Field
    fill: str = ""
    quick: tuple[str, str, str] | None = None
    can_wait: bool = False
    waits: bool = False
    safe: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class FormPage:
    """A shift form, for one service or, without signal, for any.

    Attributes:
        key: the form's key.
        service_id: the service; nothing on the page that is kept for when there is no signal.
        record_id: made once for this draft; nothing where the phone makes it.
        fixed: hidden answers.
        steps: this part and all parts.
        then: the address of the form that follows, with `{n}` for how many; nothing where none does.
        person: stands for who is signed in, so that a device knows whose drafts it may open.
    """

    key: str
    title: str
    lead: str
    service_id: str
    record_id: str
    form: Form
    safety: str
    asked: tuple[Question, ...]
    folded: tuple[Question, ...]
    folded_title: str
    later: tuple[Question, ...]
    fixed: Mapping[str, str]
    is_folded_open: bool
    signed: str
    button: str
    steps: tuple[int, int] | None = None
    steps_text: str = ""
    then: str = ""
    then_counts: str = ""
    person: str = ""
    part: str = ""
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class FormTile:
    """A form that this person may fill in at a service."""

    key: str
    title: str
    says: str
    icon: str
    href: str


@dataclass(frozen=True, slots=True)
class Home:
    """A carer's first page: what is due, what can be recorded, what is not sent, what was sent today."""

    lead: str
    tiles: tuple[tuple[str, tuple[FormTile, ...]], ...]
    due: WorkList | None = None
    due_later: WorkList | None = None
    drafts: tuple[Item, ...] = ()
    sent: tuple[Item, ...] = ()
    conflicts: tuple[Item, ...] = ()
    person: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    is_away: bool = False
    arrivals: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One of two versions: who sent it and when, and every answer, those that differ first."""

    heading: str
    meta: str
    answers: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class ToChoose:
    """Two versions of one draft, and where the choice is sent."""

    heading: str
    href: str
    first: Version
    second: Version


@dataclass(frozen=True, slots=True)
class ArrivalsPage:
    """How records came in from phones, and what waits for a choice."""

    title: str
    lead: str
    to_choose: tuple[ToChoose, ...]
    arrivals: tuple[Item, ...]
    may_choose: bool
