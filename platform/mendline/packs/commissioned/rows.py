"""Packs for commissioners, as pages and the worker read them."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

LONGEST_PURPOSE = 300
ALL = "all"
WEEKS = (12, 26, 52)  # how far back the figures of a pack may be asked for


@dataclass(frozen=True, slots=True)
class GrantChoice:
    """A grant of the service that stands, or is to come."""

    grant_id: uuid.UUID
    body_id: uuid.UUID
    body: str
    classes: list[str]
    show_name: bool
    live: bool
    valid_from: date
    valid_until: date
    purpose: str

    def covers(self, made: "MadeFor") -> bool:
        """Whether a pack may be shared with it: of the same body, holding no more than the grant opens."""
        return (
            made.body_id == self.body_id
            and set(made.classes) <= set(self.classes)
            and (self.show_name or not made.show_name)
        )


@dataclass(frozen=True, slots=True)
class MadeFor:
    """For whom a pack is made, of which release, and what of it the grant opened.

    Attributes:
        classes: of content that the grant opens, as `tenants.roles.GRANTABLE` names them.
        show_name: whether the service is named, or goes by its code.
        weeks: how far back figures are shown; None for all that was released.
        purpose: why it was asked for; it stands on the cover.
    """

    pack_id: uuid.UUID
    body_id: uuid.UUID
    body: str
    grant_id: uuid.UUID
    release_id: uuid.UUID
    classes: list[str]
    show_name: bool
    weeks: int | None
    purpose: str


@dataclass(frozen=True, slots=True)
class ShareLine:
    """That a pack is shared with a grant, or was.

    Attributes:
        grant_until: the last day of the grant.
        looks: how many times officers opened it, all of them together.
        last_look: the newest of these, in UTC; None before the first.
    """

    share_id: uuid.UUID
    grant_id: uuid.UUID
    body: str
    reference: str
    purpose: str
    shared_label: str
    shared_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    grant_until: date
    grant_withdrawn_at: datetime | None
    looks: int
    last_look: datetime | None

    def is_open(self, today: date) -> bool:
        """Whether officers may open it now, as far as share and grant decide."""
        return self.withdrawn_at is None and self.grant_withdrawn_at is None and self.grant_until >= today


@dataclass(frozen=True, slots=True)
class ReleaseRead:
    """The parts of a release that a pack's grant opened, and no other."""

    recorded_at: datetime
    figures_to: date | None
    parts: dict[str, dict[str, Any]]
