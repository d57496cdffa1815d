"""What queries of one service hand on: plain frozen rows, never live entities."""

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action that is not closed, with the date that holds now."""

    action_id: uuid.UUID
    reference: str
    title: str
    owner: str
    due_on: date
    first_due_on: date
    indicator_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class OpenEscalation:
    """An escalation that waits for its decision."""

    indicator_id: uuid.UUID
    trigger: str
    to_role: str
    to_label: str | None
    asked: str
    opened_on: date
    due_on: date
