"""What the pages of the look-back are drawn from."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One look-back with its action and, where somebody looked, the verdict.

    Attributes:
        newest: whether no later look at the same action is booked.
    """

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    check_id: uuid.UUID
    number: int
    action_id: uuid.UUID
    reference: str
    title: str
    owner: str
    opened_on: date
    closed_on: date
    indicator_id: uuid.UUID
    definition_key: str
    definition_version: str
    cadence: str
    periods: int
    due_on: date
    reason: str | None
    newest: bool
    verdict: str | None
    verdict_reason: str | None
    seen: dict[str, Any] | None
    decided_on: date | None
    decided_label: str | None

    @property
    def waits(self) -> bool:
        """Nobody looked yet, and no later look took its place."""
        return self.verdict is None and self.newest
