"""What the pages of recovery plans, inspections and templates show."""

from dataclasses import dataclass

from mendline.web.components import (
    Badge,
    Button,
    Empty,
    Fact,
    Form,
    Head,
    ItemList,
    Link,
    Note,
    RegulatorCell,
    TimelineEntry,
    Weeks,
    WorkList,
)


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition of the exit test: whether it holds, what is known and what is missing."""

    title: str
    holds: bool
    facts: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetRow:
    """An indicator of an objective; `state` says whether it reaches its target now."""

    name: str
    href: str
    part: str
    target: str
    now: str
    state: Badge
    due: str
    now_href: str = ""  # what is behind the last final figure


@dataclass(frozen=True, slots=True)
class ObjectiveBlock:
    """An objective with its exit test."""

    heading: str
    goal: str
    target: str
    state: Badge
    answers: tuple[Link, ...]
    conditions: tuple[ConditionRow, ...]
    targets: tuple[TargetRow, ...]
    rhythm: str
    acts: tuple[Button, ...]
    history: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step with who holds it and how its work goes."""

    number: int
    action: str
    record: str
    role: str
    holder: str
    vacant: bool
    rhythm: str
    done: str
    next: str
    late: bool
    change: Link | None = None


@dataclass(frozen=True, slots=True)
class StoneCell:
    """A milestone in its week: what it expects, whether it was met, why, and the form by which a person judges it."""

    title: str
    expects: str
    state: Badge
    says: str
    judge: Button | None = None


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A week of the plan: what was due in it and what became of that."""

    label: str
    dates: str
    stone: StoneCell | None
    done: int
    late: int
    open: int
    current: bool


@dataclass(frozen=True, slots=True)
class PlanBlock:
    """One plan of the service."""

    heading: str
    sub: str
    weeks: Weeks
    facts: tuple[Fact, ...]
    objectives: tuple[ObjectiveBlock, ...]
    steps: tuple[StepRow, ...]
    weeks_done: tuple[WeekRow, ...]
    late: WorkList
    revisions: tuple[TimelineEntry, ...]
    change: Button | None = None
    add: Button | None = None
    milestones: Button | None = None


@dataclass(frozen=True, slots=True)
class PlanPage:
    """The recovery plans of a service."""

    head: Head
    plans: tuple[PlanBlock, ...]
    notes: tuple[Note, ...] = ()
    empty: Empty | None = None


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """A template to start from."""

    key: str
    title: str
    text: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class StartPage:
    """The one page that starts a plan: the template, the form, and what will be made."""

    head: Head
    cards: tuple[TemplateCard, ...]
    form: Form | None
    steps: tuple[StepRow, ...] = ()
    indicators: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class InspectionsPage:
    """Inspections, breaches and notices of a service."""

    head: Head
    cells: tuple[RegulatorCell, ...]
    requirements: ItemList
    inspections: ItemList
    met: ItemList | None = None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A breach or notice with all that leads from it: objectives, actions, indicators, evidence, effect."""

    head: Head
    facts: tuple[Fact, ...]
    lists: tuple[ItemList, ...]
    story: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class TemplatesPage:
    """The templates of a provider beside those of the catalogue."""

    head: Head
    lists: tuple[ItemList, ...]


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """One of the provider's templates with its versions."""

    head: Head
    key: str
    written: str
    versions: ItemList
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class PlanFormPage:
    """A form with what is known beside it."""

    head: Head
    form: Form
    definition: tuple[Fact, ...] = ()
    recent: tuple[object, ...] = ()
    beside: str = "What stands now"
