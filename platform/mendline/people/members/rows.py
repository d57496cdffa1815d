"""Who works where, as pages read it."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A role that somebody holds, held or is about to hold."""

    provider_id: uuid.UUID
    membership_id: uuid.UUID
    service_id: uuid.UUID | None
    service: str | None
    person_id: uuid.UUID
    role: str
    kind: str
    display_name: str
    valid_from: date
    valid_until: date | None
    reason: str | None
    given_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved the end of a membership."""

    kind: str
    until_before: date | None
    until_after: date | None
    reason: str
    recorded_at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A role that waits for somebody who may give it."""

    provider_id: uuid.UUID
    request_id: uuid.UUID
    service_id: uuid.UUID | None
    service: str | None
    person_id: uuid.UUID
    role: str
    kind: str
    display_name: str
    valid_from: date
    valid_until: date | None
    reason: str
    asked_by: uuid.UUID | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A role that is offered to somebody who does not work for the provider yet; `answer` is None while it waits."""

    provider_id: uuid.UUID
    offer_id: uuid.UUID
    service_id: uuid.UUID | None
    service: str | None
    role: str
    kind: str
    display_name: str
    valid_from: date
    valid_until: date | None
    offered_by: str | None
    recorded_at: datetime
    expires_at: datetime
    answer: str | None
    answered_at: datetime | None
    answer_reason: str | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A role that is needed and that nobody holds substantively, who stands in, and since when, where that is on record."""

    provider_id: uuid.UUID
    service_id: uuid.UUID | None
    place: str
    role: str
    since: date | None
    stand_in: str | None
    stand_in_kind: str | None
    stand_in_until: date | None


@dataclass(frozen=True, slots=True)
class Reachable:
    """A provider or one of its services where this person manages people."""

    provider_id: uuid.UUID
    service_id: uuid.UUID | None
    name: str
