"""Capture as it is sent and read: plain frozen rows."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Outcome = Literal["sent", "again", "open", "conflict"]


@dataclass(frozen=True, slots=True)
class Sending:
    """What a phone sends.

    Attributes:
        record_id: made on the phone, once for each draft.
        answers: as they were typed.
        unknown: questions of which the person said that they do not know yet.
        finished_at: when they pressed the button, by the phone's clock.
        sent_at: when it was sent, by the phone's clock.
        device: the kind of device, in words.
        completes: the work that asked for the record.
    """

    record_id: uuid.UUID
    answers: Mapping[str, Any]
    unknown: tuple[str, ...]
    finished_at: datetime
    sent_at: datetime
    device: str
    completes: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it: sent, had arrived before, kept with open questions, or in conflict with what arrived first."""

    outcome: Outcome
    open_questions: tuple[str, ...] = ()
    is_late: bool = False
    is_clock_wrong: bool = False


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """How one record came in."""

    service_id: uuid.UUID
    service: str
    record_id: uuid.UUID
    form: str
    record_type: str
    finished_at: datetime
    received_at: datetime
    clock_seconds: int
    is_clock_wrong: bool
    is_moved: bool
    is_late: bool
    device: str
    recorded_label: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """Answers that wait for one more."""

    service_id: uuid.UUID
    service: str
    record_id: uuid.UUID
    form: str
    answers: Mapping[str, Any]
    open_questions: tuple[str, ...]
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A draft that came twice, with the version that stands."""

    service_id: uuid.UUID
    record_id: uuid.UUID
    digest: str
    form: str
    record_type: str
    answers: Mapping[str, Any]
    received_at: datetime
    device: str
    recorded_label: str
    first: Mapping[str, Any] | None
    first_revision: int
    first_label: str
    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class WhatWas:
    """What the newest record of a unit says of it: its name and how many people live there."""

    unit: str
    people: int | None


@dataclass(frozen=True, slots=True)
class Workplace:
    """A service where a person holds a role."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    name: str
