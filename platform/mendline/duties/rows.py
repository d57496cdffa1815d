"""Dated work as it is read: plain frozen rows."""

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A work item with the service it belongs to.

    Attributes:
        asked_role: whose work it is at present; another than `role` where nobody holds that.
        total: how many of its sort there are in all, of which a few are read.
    """

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    work_item_id: uuid.UUID
    plan_id: uuid.UUID | None
    step_number: int | None
    title: str
    record: str
    role: str
    asked_role: str
    assigned_id: uuid.UUID | None
    assigned_label: str | None
    stands_in: str | None
    is_vacant: bool
    record_types: list[str]
    needed: int
    made: int
    opens_on: date
    first_due_on: date
    due_on: date
    shift_band: str | None
    state: str
    closed_on: date | None
    closed_label: str | None
    total: int = 0


@dataclass(frozen=True, slots=True)
class WorkEvent:
    """Something that happened to a work item."""

    kind: str
    due_on: date | None
    note: str | None
    record_type: str | None
    record_id: uuid.UUID | None
    to_label: str | None
    happened_on: date
    by_label: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to whom work can be handed over."""

    person_id: uuid.UUID
    label: str
    role: str
