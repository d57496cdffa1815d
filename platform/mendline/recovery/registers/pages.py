"""What the pages of escalations, risks and single actions show."""

from dataclasses import dataclass

from mendline.web.components import Empty, Fact, Form, Head, ItemList, Note, TimelineEntry, WorkList


@dataclass(frozen=True, slots=True)
class EscalationsPage:
    """What waits for a decision, what was decided, and which early signs last."""

    head: Head
    lists: tuple[WorkList, ...]
    rail: tuple[ItemList, ...] = ()
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class NamedForm:
    """A form under its own heading; `key` keeps the identifiers of several on one page apart."""

    key: str
    heading: str
    form: Form


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One escalation, risk or action: what it says, what happened to it, and what may happen next."""

    head: Head
    facts: tuple[Fact, ...]
    facts_heading: str
    history: tuple[TimelineEntry, ...]
    history_heading: str
    forms: tuple[NamedForm, ...] = ()
    fired: ItemList | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form on its own, with what it should hold beside it."""

    head: Head
    heading: str
    form: Form
    advice: ItemList | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class RulesPage:
    """Every rule with its numbers, and the form that changes one."""

    head: Head
    lists: tuple[ItemList, ...]
    form: Form | None = None
    notes: tuple[Note, ...] = ()
    form_heading: str = "Change a threshold"
