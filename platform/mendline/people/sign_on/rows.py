"""A provider's single sign-on as its administrator sees it."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class SignOnSettings:
    """What was set last; `is_proven` says whether the keeper of the domain's mail agreed."""

    connection_id: uuid.UUID
    revision: int
    label: str
    issuer: str
    client_id: str
    domain: str
    default_role: str
    default_service_id: uuid.UUID | None
    strong_values: tuple[str, ...]
    longest_minutes: int
    enabled: bool
    is_proven: bool
