"""Tables of access: what moved a membership, roles asked for, posts, conflicts, releases, links and support access."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_provider, of_service


class MembershipEvent(ProviderKey, Base):
    """What moved the end of a membership, and why. Written by the function that moves it, and by nothing else."""

    __tablename__ = "membership_event"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "membership_id"], ["membership.provider_id", "membership.membership_id"]),
        CheckConstraint("kind in ('ended', 'shortened', 'lengthened')", name="kind_known"),
    )

    membership_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    until_before: Mapped[date | None]
    until_after: Mapped[date | None]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]


class RoleRequest(ProviderKey, Base):
    """A role that somebody asked for who may not give it: somebody who may answers."""

    __tablename__ = "role_request"
    __table_args__ = (
        of_provider(),
        ForeignKeyConstraint(["provider_id", "service_id"], ["service.provider_id", "service.service_id"]),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID | None]
    person_id: Mapped[uuid.UUID]
    role: Mapped[str]
    kind: Mapped[str]
    display_name: Mapped[str]
    initials: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    reason: Mapped[str]
    asked_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]
    answered_by: Mapped[uuid.UUID | None]
    answered_at: Mapped[datetime | None]
    given: Mapped[bool | None]
    answer: Mapped[str | None]


class RoleOffer(ProviderKey, Base):
    """A role that is offered to somebody who does not work for the provider yet: no membership until they accept.

    Written and answered by functions of the database, and by nothing else.
    """

    __tablename__ = "role_offer"
    __table_args__ = (
        of_provider(),
        ForeignKeyConstraint(["provider_id", "service_id"], ["service.provider_id", "service.service_id"]),
        CheckConstraint("kind in ('substantive', 'acting', 'cover')", name="kind_known"),
        CheckConstraint("role not in ('commissioner_officer', 'inspector', 'platform_operator')", name="role_inside"),
        CheckConstraint("answer in ('accepted', 'declined', 'withdrawn')", name="answer_known"),
        Index("ix_role_offer_person_id", "person_id"),
    )

    offer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID | None]
    person_id: Mapped[uuid.UUID]
    role: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str | None]
    display_name: Mapped[str]
    initials: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    offered_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None]
    answer_reason: Mapped[str | None]
    membership_id: Mapped[uuid.UUID | None]


class Post(ProviderKey, Base):
    """That a service, or the whole provider, needs a role filled, or no longer does; the newest row counts."""

    __tablename__ = "post"
    __table_args__ = (
        of_provider(),
        ForeignKeyConstraint(["provider_id", "service_id"], ["service.provider_id", "service.service_id"]),
    )

    post_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID | None]
    role: Mapped[str]
    needed: Mapped[bool]
    since: Mapped[date]
    reason: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]


class Conflict(ServiceKey, Base):
    """That a record, escalation or complaint is about somebody: the policies cut that person from it.

    `lifts` names an earlier row of the same person, which then counts no more.
    """

    __tablename__ = "conflict"
    __table_args__ = (of_service(), Index("ix_conflict_person_id", "person_id"))

    conflict_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID]
    about_kind: Mapped[str]  # record, escalation, action, risk, review, evidence
    about_id: Mapped[uuid.UUID]
    lifts: Mapped[uuid.UUID | None]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]


class Release(ServiceKey, Base):
    """One part of what a provider released of a service to commissioners, frozen as it stood, small numbers taken out."""

    __tablename__ = "release"
    __table_args__ = (
        of_service(),
        CheckConstraint("part in ('summary', 'actions', 'evidence_index', 'told')", name="part_known"),
        Index("ix_release_newest", "provider_id", "service_id", "recorded_at"),
    )

    release_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    figures_to: Mapped[date | None]
    content: Mapped[dict[str, Any]]
    note: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class InspectorLink(ServiceKey, Base):
    """A link for one named person to one frozen pack, and to the records behind it as they stood at its moment."""

    __tablename__ = "inspector_link"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "pack_id"], ["pack.provider_id", "pack.service_id", "pack.pack_id"]
        ),
        CheckConstraint("closes_at <= opens_at + interval '30 days'", name="thirty_days_at_most"),
    )

    link_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    pack_id: Mapped[uuid.UUID]
    named: Mapped[str]
    email: Mapped[str]
    purpose: Mapped[str]
    classes: Mapped[list[str]]
    as_at: Mapped[datetime]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None]
    made_label: Mapped[str]
    recorded_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[uuid.UUID | None]


class SupportAccess(ProviderKey, Base):
    """An operator's reading of one provider: asked, seconded by another, consented to by the provider, sixty minutes."""

    __tablename__ = "support_access"
    __table_args__ = (
        of_provider(),
        CheckConstraint("ends_at <= consented_at + interval '60 minutes'", name="sixty_minutes_at_most"),
        CheckConstraint("seconded_by <> person_id", name="two_people"),
        CheckConstraint("review in ('in_order', 'not_in_order')", name="review_known"),
        CheckConstraint("reviewed_by <> person_id", name="reviewed_by_another"),
        Index("ix_support_access_person_id", "person_id"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID]
    name: Mapped[str]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    seconded_by: Mapped[uuid.UUID | None]
    seconded_name: Mapped[str | None]
    seconded_at: Mapped[datetime | None]
    consented_by: Mapped[uuid.UUID | None]
    consented_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None]
    ended_at: Mapped[datetime | None]
    review: Mapped[str | None]
    reviewed_by: Mapped[uuid.UUID | None]
    reviewed_name: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]


class CommissionerNote(ServiceKey, Base):
    """What a commissioner asked of a service, or found on a visit: the commissioner's own, seen by no other body."""

    __tablename__ = "commissioner_note"
    __table_args__ = (of_service(), CheckConstraint("kind in ('request', 'finding', 'pack')", name="kind_known"))

    note_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    body_id: Mapped[uuid.UUID]
    body: Mapped[str]
    kind: Mapped[str]
    words: Mapped[str]
    answer_by: Mapped[date | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class CommissionerNoteAnswer(ServiceKey, Base):
    """What the provider answered."""

    __tablename__ = "commissioner_note_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "note_id"],
            ["commissioner_note.provider_id", "commissioner_note.service_id", "commissioner_note.note_id"],
        ),
    )

    note_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    answer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    body_id: Mapped[uuid.UUID]
    words: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]
    share_id: Mapped[uuid.UUID | None]  # the share of a pack that answers a request for one


class OpenedRecords(ServiceKey, Base):
    """That somebody who works with pseudonyms opened a service's records for an hour at most, and why."""

    __tablename__ = "opened_records"
    __table_args__ = (
        of_service(),
        CheckConstraint("ends_at <= begun_at + interval '60 minutes'", name="an_hour_at_most"),
        CheckConstraint("classes <@ array['records', 'records_medicines', 'records_staffing']", name="nothing_else"),
        Index("ix_opened_records_person_id", "person_id", "ends_at"),
    )

    opening_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID]
    classes: Mapped[list[str]]
    reason: Mapped[str]
    begun_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PlatformOperator(Base):
    """Somebody who runs the platform; sees no row of a tenant without its consent."""

    __tablename__ = "platform_operator"

    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
