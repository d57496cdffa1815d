"""Recovery plans, inspections and templates as they are read: plain frozen rows."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mendline.catalogue.plans import PlanTemplate
from mendline.recovery.plans.exit_test import TargetFact


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A recovery plan with the weeks that hold now."""

    plan_id: uuid.UUID
    template_key: str
    template_version: str
    framework_version: str
    title: str
    goal: str
    target: str | None
    starts_on: date
    weeks: int
    first_starts_on: date
    ended_on: date | None
    inspection_id: uuid.UUID | None
    content: dict[str, Any] | None
    started_label: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """A change of a plan's weeks, its end, or a change of a step's rhythm or of the milestones.

    Attributes:
        starts_on: the first day that a plan had from then on; of a rhythm or milestones, the day from which they hold.
        weeks: how many the plan had from then on; 0 where the change is about something else.
        says: what differs; None of a change of the plan's weeks, which speak for themselves.
    """

    plan_id: uuid.UUID
    revision: int
    starts_on: date
    weeks: int
    ended_on: date | None
    cause: str
    reason: str
    recorded_label: str
    recorded_at: datetime
    says: str | None = None


def changes_of(lines: Sequence[RevisionLine], cause: str) -> int:
    """How many changes of a kind a plan has had: the number of the newest."""
    return max((each.revision for each in lines if each.cause == cause), default=0)


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """What was last found of a milestone in a week: by rule from its figures, or by a person.

    Attributes:
        seen: the figures that it was judged by, as they were; none where a person judged it.
        earlier: what had been found of the same milestone before that, with its day and its figures.
    """

    plan_id: uuid.UUID
    week: int
    title: str
    verdict: str
    reason: str
    carried_to: int | None
    by_rule: bool
    decided_on: date
    decided_label: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    earlier: str | None = None
    earlier_on: date | None = None
    earlier_seen: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class ObjectiveEventLine:
    """What happened to an objective."""

    kind: str
    reason: str
    happened_on: date
    signed_label: str
    signed_role: str


@dataclass(frozen=True, slots=True)
class ObjectiveLine:
    """An objective with what happened to it, newest first."""

    plan_id: uuid.UUID
    objective_id: uuid.UUID
    number: int
    goal: str
    target: str
    weeks: int
    hold_weeks: int
    owner_role: str
    sign_off_role: str
    requirement_ids: list[uuid.UUID]
    events: tuple[ObjectiveEventLine, ...]

    @property
    def signature(self) -> ObjectiveEventLine | None:
        """The signature that stands; none before it, and none after the objective was opened again."""
        standing = [each for each in self.events if each.kind != "closed"]
        return standing[0] if standing and standing[0].kind == "met" else None

    @property
    def is_closed(self) -> bool:
        """Whether it was closed after it held."""
        return bool(self.events) and self.events[0].kind == "closed"

    @property
    def reopened_on(self) -> date | None:
        """When its sustain clock last started anew."""
        return next((each.happened_on for each in self.events if each.kind == "reopened"), None)


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a plan."""

    plan_id: uuid.UUID
    number: int
    role: str
    action: str
    record: str
    record_types: list[str]
    cadence: str
    rhythm: str
    at_least: int
    due_weekday: int | None
    shifts: list[str]


@dataclass(frozen=True, slots=True)
class TargetLine:
    """An indicator of an objective with the facts of the exit test."""

    plan_id: uuid.UUID
    objective_id: uuid.UUID
    indicator_id: uuid.UUID
    definition_key: str
    by_week: int | None
    status: str
    fact: TargetFact


@dataclass(frozen=True, slots=True)
class InspectionLine:
    """An inspection as it was found; a correction stands in place of what it corrects."""

    inspection_id: uuid.UUID
    inspected_on: date
    published_on: date | None
    framework_version: str
    overall: str
    key_questions: dict[str, str]
    outcome: str | None
    quality_statements: dict[str, str]
    corrects: uuid.UUID | None
    correction_reason: str | None
    recorded_label: str | None
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """A breach, notice or condition; `met_on` comes from the later row that says so."""

    requirement_id: uuid.UUID
    kind: str
    regulation: str
    summary: str
    issued_on: date | None
    comply_by: date | None
    met_on: date | None
    met_note: str | None
    inspection_id: uuid.UUID | None
    key_question: str | None
    quality_statement: str | None


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template to start from: of the catalogue, or a version that the provider wrote."""

    key: str
    version: str
    title: str
    weeks: int
    is_own: bool
    template: PlanTemplate
    written: str = ""
    recorded_label: str = ""
    recorded_at: datetime | None = None
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """Something that a breach leads to.

    Attributes:
        what: indicator, action, evidence or decision.
        id: its reference or identifier.
        state: an indicator's status, an action's state, an evidence's identifier, who decided.
    """

    what: str
    id: str
    title: str
    detail: str | None
    day: date | None
    state: str
    indicator_id: uuid.UUID | None


def levels_of(targets: Iterable[TargetLine]) -> dict[str, str]:
    """How far evidence reaches now behind each figure that objectives name, by its definition."""
    return {each.definition_key: each.fact.evidence_level for each in targets}
