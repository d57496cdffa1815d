"""Whom there is to tell at a provider, and what."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in a role, at one service or, where `service_id` is None, at the whole provider."""

    person_id: uuid.UUID
    service_id: uuid.UUID | None
    role: str
    name: str

    def is_at(self, service_id: uuid.UUID) -> bool:
        """Whether they hold the role at a service."""
        return self.service_id is None or self.service_id == service_id


@dataclass(frozen=True, slots=True)
class Told:
    """A notice to write, for one person.

    Attributes:
        key: what it tells of; the same is told to nobody twice.
        presses: it is due today, or late.
    """

    person_id: uuid.UUID
    service_id: uuid.UUID | None
    kind: str
    key: str
    title: str
    path: str
    presses: bool
