"""What the pages of reviews read."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mendline.recovery.reviews.model import ReviewDraft, ReviewSitting

MOST = 24


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote and did not sign."""

    answers: dict[str, Any]
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class SittingLine:
    """A signed review of a service."""

    sitting_id: uuid.UUID
    forum: str
    period_from: date
    held_on: date
    decided: list[dict[str, Any]]
    summary: str | None
    signed_label: str
    signed_role: str


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A decision with its identifier, so that a correction can be added to it."""

    review_id: uuid.UUID
    indicator_id: uuid.UUID
    definition_key: str
    held_on: date
    decision: str
    forum: str
    decided_label: str
    what_changed: str | None
    why: str | None
    what_follows: str | None
    exception_reason: str | None


_DECIDED = text("""
select r.review_id, r.indicator_id, i.definition_key, r.held_on, r.decision, r.forum, r.decided_label, r.what_changed,
       r.why, r.what_follows, r.exception_reason
from review r
join service_indicator i on i.provider_id = r.provider_id and i.service_id = r.service_id
 and i.indicator_id = r.indicator_id
where r.provider_id = :provider and r.service_id = :service and r.held_on between :first and :last
order by r.held_on desc, r.recorded_at desc
limit 200
""")

_SAMPLE = text("""
select record_id, record_type, happened_at from record r
where provider_id = :provider and service_id = :service and happened_at >= :since and happened_at < :until
  and withdrawn_at is null and not exists (
    select 1 from record n
    where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
      and n.revision > r.revision)
order by happened_at desc
limit 5000
""")

_WORK = text("""
select work_item_id, record_types from work_item
where provider_id = :provider and service_id = :service and state = 'open' and asked_role = any (:roles)
  and opens_on <= :today and due_on between :first and :last
  and 'indicator_review' = any (record_types)
order by due_on limit 1
""")


def draft_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID, person_id: uuid.UUID
) -> Draft | None:
    """What this person wrote of an indicator and has not signed."""
    d = ReviewDraft
    found = session.execute(
        select(d.answers, d.saved_at).where(
            d.provider_id == provider_id,
            d.service_id == service_id,
            d.indicator_id == indicator_id,
            d.person_id == person_id,
        )
    ).one_or_none()
    return Draft(found.answers, found.saved_at) if found else None


def sittings_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[SittingLine, ...]:
    """The newest signed reviews of a service."""
    s = ReviewSitting
    names = SittingLine.__dataclass_fields__
    found = session.execute(
        select(*(getattr(s, name) for name in names))
        .where(s.provider_id == provider_id, s.service_id == service_id)
        .order_by(s.held_on.desc(), s.recorded_at.desc())
        .limit(MOST)
    )
    return tuple(SittingLine(*row) for row in found)


def decided_between(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, first: date, last: date
) -> tuple[DecidedLine, ...]:
    """Decisions and corrections of a service between two days, newest first."""
    values = {"provider": provider_id, "service": service_id, "first": first, "last": last}
    return tuple(DecidedLine(*row) for row in session.execute(_DECIDED, values))


def records_since(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, since: datetime, until: datetime
) -> dict[uuid.UUID, tuple[str, datetime]]:
    """What a sample is drawn from: the records that happened between two moments, by identifier."""
    values = {"provider": provider_id, "service": service_id, "since": since, "until": until}
    return {row.record_id: (row.record_type, row.happened_at) for row in session.execute(_SAMPLE, values)}


def review_work(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    roles: list[str],
    first: date,
    last: date,
    today: date,
) -> uuid.UUID | None:
    """The open piece of planned work that a signed review is the record of."""
    values = {"provider": provider_id, "service": service_id, "roles": roles, "first": first, "last": last}
    return session.execute(_WORK, {**values, "today": today}).scalars().first()
