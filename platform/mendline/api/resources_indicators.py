"""What the API says of indicators and their figures. These names are a promise."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class TargetOut:
    """What is aimed at now."""

    operator: str
    value: float | None
    reach_by: date | None


@dataclass(frozen=True, slots=True)
class CurrentOut:
    """The newest figure; numerator and denominator wherever the measure has them."""

    period_start: date
    state: str | None
    numerator: float | None
    denominator: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class PartOut:
    """One part of a status: direction, target, data, currency, evidence or governance, with its code and its facts."""

    part: str
    code: str | None
    says: str


@dataclass(frozen=True, slots=True)
class TodoOut:
    """What would make a figure better supported; it goes by itself when that is done."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class GoingOut:
    """What will be out of date by the next review: the figure, or a letter of evidence, with its last day."""

    what: str
    until: date


@dataclass(frozen=True, slots=True)
class IndicatorOut:
    """An indicator of a service: baseline, current position, target, owner, status and its reasons.

    `reading` is one of the fixed words Improving, Stable, Deteriorating, Not supported; `target_reading` one of Meets
    target, Hit and miss, Misses target, Not judged. Where `is_supported` is false, nothing current stands behind the
    figure and it is to be drawn hollow. `parts` say why, by the rules of `rules_version`.
    """

    indicator_id: uuid.UUID
    service_id: uuid.UUID
    definition: str
    name: str
    unit: str
    measure_type: str
    cadence: str
    baseline: float | None
    current: CurrentOut | None
    target: TargetOut | None
    review_owner: str | None
    review_due_on: date | None
    last_decision: str | None
    last_decision_on: date | None
    reading: str
    target_reading: str
    status: str
    reason: str
    sentence: str
    since: date | None
    evidence_level: str
    evidence_marks: dict[str, Any]
    is_stale: bool
    is_supported: bool
    days_without_decision: int | None
    facts_recorded_at: datetime | None
    composite: str
    rules_version: str
    current_until: date | None
    parts: tuple[PartOut, ...]
    todos: tuple[TodoOut, ...]
    going_out_of_date: tuple[GoingOut, ...]


@dataclass(frozen=True, slots=True)
class ObservationOut:
    """A figure of one period, at its newest revision; `restated_on` is the day of one that took an earlier one's place."""

    observation_id: uuid.UUID
    period_start: date
    revision: int
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    source: str
    reason: str | None
    pointer: dict[str, Any] | None
    recorded_initials: str | None
    recorded_at: datetime
    restated_on: date | None


@dataclass(frozen=True, slots=True)
class SavedObservationOut:
    """A figure as it stands after a save; `changed` is false where it said the same already."""

    observation_id: uuid.UUID
    revision: int
    state: str
    value: float | None
    changed: bool


@dataclass(frozen=True, slots=True)
class SavedObservationsOut:
    """What a save did, in the order of what was sent."""

    saved: int
    unchanged: int
    observations: tuple[SavedObservationOut, ...]
