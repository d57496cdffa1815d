"""What waits for a person, as it is read: plain frozen rows."""

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Workplace:
    """A service where the person holds a role."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class WaitingFigure:
    """A figure that declines without a decision, or whose review is due.

    Attributes:
        what: decline or review.
        total: how many of this sort wait in all, of which a few are read.
    """

    what: str
    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    indicator_id: uuid.UUID
    definition_key: str
    sentence: str
    unescalated_days: int | None
    declined_since: date | None
    review_due_on: date | None
    last_decision: str | None
    last_decision_on: date | None
    total: int


@dataclass(frozen=True, slots=True)
class LateAction:
    """An open action whose date has passed."""

    service_id: uuid.UUID
    service: str
    reference: str
    title: str
    owner: str
    first_due_on: date
    due_on: date
    total: int


@dataclass(frozen=True, slots=True)
class OpenEscalation:
    """An escalation that nobody has decided yet."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    indicator_id: uuid.UUID
    definition_key: str
    to_role: str
    to_label: str | None
    asked: str
    opened_on: date
    due_on: date
    origin: str | None = None  # rule, person or decision


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that waits within a person's reach, each sort cut to what one page shows."""

    figures: tuple[WaitingFigure, ...]
    actions: tuple[LateAction, ...]
    escalations: tuple[OpenEscalation, ...]


@dataclass(frozen=True, slots=True)
class StandIn:
    """A hand-over that holds or is to come; `title` is that of the one item that it is about."""

    delegation_id: uuid.UUID
    role: str
    from_label: str | None
    to_label: str
    why: str
    from_on: date
    until_on: date | None
    note: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened within a person's reach since their last visit.

    Attributes:
        what: decision, action, escalation, work, plan or evidence.
        count: how many of its sort at the service.
    """

    what: str
    service_id: uuid.UUID
    service: str
    count: int
    latest: str
