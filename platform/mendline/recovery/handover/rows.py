"""What hand-over pages are drawn from."""

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Owned:
    """Something open that somebody owns.

    Attributes:
        kind: indicator, action, risk, escalation, work or clock.
        subject: its reference, or its identifier where it has none.
        owner: as it is written there.
        person_id: whom it names, where it names more than words.
    """

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    kind: str
    subject: str
    item_id: uuid.UUID
    title: str
    owner: str
    person_id: uuid.UUID | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a role, now or formerly; `until` is their last day, where there is one."""

    provider_id: uuid.UUID
    service_id: uuid.UUID | None
    person_id: uuid.UUID
    name: str
    role: str
    until: date | None

    def works(self, provider_id: uuid.UUID, service_id: uuid.UUID, today: date) -> bool:
        """Whether they hold a role at a service today."""
        return (
            self.provider_id == provider_id
            and (self.service_id is None or self.service_id == service_id)
            and (self.until is None or self.until >= today)
        )


@dataclass(frozen=True, slots=True)
class Passed:
    """One thing that was handed over."""

    service: str
    kind: str
    subject: str
    title: str
    from_label: str
    to_label: str
    days_without: int
    reason: str
    happened_on: date
    recorded_label: str
