"""What the pages of recovery show: actions, reviews, and the form that records a decision."""

from dataclasses import dataclass
from typing import Any

from mendline.recovery.story.pages import StoryEntry
from mendline.web.components import (
    Badge,
    Empty,
    Field,
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
from mendline.web.readings import Kinds, Reading


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action in a list; `due` is "5 days late" or "Due 22 Nov"."""

    reference: str
    title: str
    href: str
    owner: str
    due: str
    state: Badge
    supports: Link | None = None
    late: bool = False
    moved: str = ""


@dataclass(frozen=True, slots=True)
class ActionsPage:
    """The actions of a service, late ones first; or its risks, highest score first."""

    head: Head
    rows: tuple[ActionRow, ...]
    name: str = "Action"
    when: str = "Due"
    filters: Filters | None = None
    pager: Pager | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """Reviews that are due, and decisions that were recorded."""

    head: Head
    due: WorkList
    decisions: tuple[TimelineEntry, ...]
    pager: Pager | None = None


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Recording a decision beside what is known; a suggestion says why and leaves the choice.

    Attributes:
        chart: what the macro `xmr_chart` draws, or nothing.
        decision: the field with Assured, Further action and Escalate.
        relied_on: the field with the evidence to choose from.
        form: the other questions; its action, submit words and refusals hold for the whole form.
    """

    head: Head
    trend: Reading
    assurance: Reading
    kinds: Kinds
    known: tuple[Item, ...]
    earlier: tuple[TimelineEntry, ...]
    form: Form
    decision: Field
    relied_on: Field | None = None
    suggestion: Note | None = None
    chart: Any = None
    chart_note: str = ""
    since: tuple[StoryEntry, ...] = ()
    drafted: str = ""
