"""What the API says of recovery plans and their dated work."""

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PlanTemplateOut:
    """A template that a plan can be started from; `is_own` where the provider wrote it."""

    key: str
    version: str
    title: str
    weeks: int
    goal: str
    target: str
    indicators: list[str]
    is_own: bool


@dataclass(frozen=True, slots=True)
class AimOut:
    """What an indicator must reach for an objective; `operator` is null where it is only watched."""

    indicator_id: uuid.UUID
    definition_key: str
    part: str
    operator: str | None
    value: float | None
    upper: float | None
    by_week: int | None


@dataclass(frozen=True, slots=True)
class ExitConditionOut:
    """One condition of the exit test, with what is missing in sentences."""

    key: str
    title: str
    holds: bool
    missing: list[str]


@dataclass(frozen=True, slots=True)
class ObjectiveOut:
    """An objective: working, holding, ready, met or closed by its exit test."""

    objective_id: uuid.UUID
    number: int
    goal: str
    target: str
    weeks: int
    hold_weeks: int
    sign_off_role: str
    stage: str
    requirement_ids: list[uuid.UUID]
    aims: list[AimOut]
    conditions: list[ExitConditionOut]


@dataclass(frozen=True, slots=True)
class StepOut:
    """A step of a plan: who does what and how often now; `rhythm` says the same in words."""

    number: int
    role: str
    action: str
    record: str
    cadence: str
    at_least: int
    due_weekday: int | None
    shifts: list[str]
    rhythm: str


@dataclass(frozen=True, slots=True)
class ExpectationOut:
    """What a milestone expects of an indicator."""

    definition_key: str
    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class MilestoneOut:
    """A milestone; `verdict` is met, not_met, not_supported or carried_over, and null while it is not yet judged."""

    week: int
    starts_on: date
    title: str
    expects: list[ExpectationOut]
    verdict: str | None
    reason: str | None
    by_rule: bool | None
    judged_on: date | None
    judged_label: str | None


@dataclass(frozen=True, slots=True)
class PlanOut:
    """A recovery plan with the week that it is in, its objectives, steps and milestones.

    `milestones_revision` is to be sent back with a change of the milestones.
    """

    plan_id: uuid.UUID
    title: str
    template_key: str
    template_version: str
    goal: str
    starts_on: date
    weeks: int
    week: int
    ended_on: date | None
    objectives: list[ObjectiveOut]
    steps: list[StepOut]
    milestones: list[MilestoneOut]
    milestones_revision: int


@dataclass(frozen=True, slots=True)
class ChangedStepOut:
    """A change of a step's rhythm, the day from which it holds, and its number."""

    number: int
    revision: int
    rhythm: str
    from_on: date


@dataclass(frozen=True, slots=True)
class ChangedMilestonesOut:
    """The number of the change."""

    milestones_revision: int


@dataclass(frozen=True, slots=True)
class JudgedMilestoneOut:
    """What was found of a milestone; `number` counts what was found in its week."""

    week: int
    number: int
    verdict: str


@dataclass(frozen=True, slots=True)
class StartedPlanOut:
    """What starting a plan made: indicators that began or were linked, and how much work was dated."""

    plan_id: uuid.UUID
    started: list[str]
    linked: list[str]
    without_baseline: list[str]
    work_items: int


@dataclass(frozen=True, slots=True)
class MadeObjectiveOut:
    """The identifier of an objective."""

    objective_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class WorkItemOut:
    """A piece of dated work; `first_due_on` stays when it is moved."""

    work_item_id: uuid.UUID
    plan_id: uuid.UUID | None
    step_number: int | None
    title: str
    record: str
    record_types: list[str]
    role: str
    asked_role: str
    assigned_label: str | None
    stands_in: str | None
    is_vacant: bool
    needed: int
    made: int
    opens_on: date
    first_due_on: date
    due_on: date
    shift_band: str | None
    state: str
    closed_on: date | None
    closed_label: str | None
