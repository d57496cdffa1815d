"""Recovery plan templates: goal, targets, steps, evidence, early warnings and what they open."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from mendline.catalogue.indicators import Cadence, EvidenceLetter
from mendline.catalogue.reading import DATA, CatalogueError, build, parse_yaml, read_yaml, unique

Operator = Literal[">=", "<=", "==", "between", "reduce_from_baseline_pct"]

_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PlanTarget:
    """What one indicator reaches in the plan.

    Attributes:
        part: ``main`` targets make the goal; a ``floor`` must hold beside them; ``support`` shows that it is real.
        operator: as in an indicator's own target.
        value: in the indicator's unit; two numbers for ``between``.
        by_week: week of the plan.
    """

    indicator: str
    part: Literal["main", "floor", "support"]
    operator: Operator
    value: float | tuple[float, ...]
    by_week: int


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an indicator should show at a milestone."""

    indicator: str
    operator: Operator
    value: float


@dataclass(frozen=True, slots=True)
class Milestone:
    """A week at which progress is judged; weeks beyond the plan are sustain checks."""

    week: int
    title: str
    expects: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Who does what, how often, and what record it leaves.

    Attributes:
        record: what the step produces, in the words of the service.
        cadence: how work items are dated.
        rhythm: the same for people, with what the cadence alone does not say.
        record_types: record types whose making does the work item.
        at_least: how many of them each time.
        shifts: the bands of the day that a step of every shift covers.
        due_weekday: of a weekly step, 0 for Monday.
    """

    number: int
    role: str
    action: str
    record: str
    cadence: Literal["once", "every_shift", "weekly", "monthly", "as_due"]
    rhythm: str
    record_types: tuple[str, ...] = ()
    at_least: int = 1
    shifts: tuple[Literal["day", "afternoon", "evening", "night"], ...] = ("day", "evening", "night")
    due_weekday: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.at_least <= 100:
            raise ValueError("at_least must be from 1 to 100")
        if self.due_weekday is not None and not 0 <= self.due_weekday <= 4:
            raise ValueError("due_weekday must be from 0, Monday, to 4, Friday")


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the day that answers and delays are told apart by; `ends` may lie on the next day."""

    name: str
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """Where evidence comes from, and which of the four kinds it is."""

    source: str
    letter: EvidenceLetter
    record_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewRhythm:
    """Who reviews the plan's indicators, and where."""

    role: str
    cadence: Cadence
    forum: str


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """A sign that comes before the figure falls, or that says the figure cannot be believed.

    Attributes:
        meaning: one sentence for people.
        rule: the condition in the rule language: ``count``, ``exists``, ``share``, ``max_share``, ``p75`` over source
            records in a rolling window (``14d``); ``den(x)`` an indicator's denominator; ``3p`` the last three final
            periods; ``slope > 0`` each of them higher than the one before.
        window_days: length of the record window, where there is one.
        contradiction: whether it sets two figures against each other.
        indicators: figures whose change can make it true.
        records: record types whose change can make it true.
        thresholds: the numbers in the rule, for a provider to change.
        words: words that it looks for.
    """

    code: str
    title: str
    meaning: str
    rule: str
    window_days: int | None = None
    contradiction: bool = False
    indicators: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanTemplate:
    """A recovery plan that a service starts from.

    Attributes:
        weeks: length without the sustain checks.
        goal: what will be true for people.
        target: the measurable goal in one sentence.
        hold_weeks: how long the target is held before it counts as met.
        targets: the indicators that the goal is measured by.
        supporting_indicators: others on the plan's dashboard, at their own targets.
        triggers: keys of the trigger rules that belong to it.
        sign_off_role: who signs that the goal is met.
        confirmations: what that person confirms beside the figures.
        bands: parts of the day, where the plan tells them apart.
    """

    key: str
    version: str
    title: str
    weeks: int
    regulations: tuple[str, ...]
    quality_statements: tuple[str, ...]
    goal: str
    target: str
    hold_weeks: int
    targets: tuple[PlanTarget, ...]
    supporting_indicators: tuple[str, ...]
    milestones: tuple[Milestone, ...]
    steps: tuple[Step, ...]
    evidence: tuple[EvidenceSource, ...]
    reviews: tuple[ReviewRhythm, ...]
    early_warnings: tuple[EarlyWarning, ...]
    triggers: tuple[str, ...]
    sign_off_role: str = "nominated_individual"
    confirmations: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.weeks <= 104:
            raise ValueError("weeks must be from 1 to 104")
        if not 1 <= self.hold_weeks <= 52:
            raise ValueError("hold_weeks must be from 1 to 52")
        if [step.number for step in self.steps] != list(range(1, len(self.steps) + 1)):
            raise ValueError("the steps' numbers must run from 1 without gaps")
        if sorted({stone.week for stone in self.milestones}) != [stone.week for stone in self.milestones]:
            raise ValueError("milestones must be in order of their weeks, one for each")
        if not any(target.part == "main" for target in self.targets):
            raise ValueError("a plan needs a main target")
        named = self.indicators
        if len(set(named)) != len(named):
            raise ValueError("an indicator is named twice")

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator of the plan, targets first, in the order of its dashboard."""
        return (*(target.indicator for target in self.targets), *self.supporting_indicators)


def read_plans(folder: Path) -> Mapping[str, PlanTemplate]:
    """Every template in a folder, by key.

    Raises:
        CatalogueError: a file is wrong, or two share a key or a warning's code.
    """
    found = [build(PlanTemplate, read_yaml(path), path.name) for path in sorted(folder.glob("*.yaml"))]
    unique((warning for plan in found for warning in plan.early_warnings), "code", folder.name)
    if not found:
        raise CatalogueError(f"{folder.name}: holds no plan template")
    return MappingProxyType(unique(found, "key", folder.name))


def read_template(text: str, where: str) -> PlanTemplate:
    """A template from its text, as a provider writes it.

    Raises:
        CatalogueError: the text is no YAML, uses anchors, or says something that a template does not hold.
    """
    return build(PlanTemplate, parse_yaml(text, where, anchors=False), where)


def template_from(content: Mapping[str, Any], where: str) -> PlanTemplate:
    """A template as it was stored by `template_data`.

    Raises:
        CatalogueError: it does not fit, which a stored one only does after a change of this module.
    """
    return build(PlanTemplate, content, where)


def template_data(template: PlanTemplate) -> dict[str, Any]:
    """A template as JSON can hold it; `template_from` reads it back."""
    data: dict[str, Any] = _plain(template)
    return data


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(inside) for key, inside in value.items()}
    if isinstance(value, tuple):
        return [_plain(inside) for inside in value]
    return value


@cache
def plan_templates() -> Mapping[str, PlanTemplate]:
    """The catalogue's templates, by key."""
    return read_plans(DATA / "plans")


def plan_template(key: str) -> PlanTemplate:
    """One template.

    Raises:
        KeyError: the catalogue has no such template.
    """
    return plan_templates()[key]
