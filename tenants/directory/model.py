import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_provider, of_service


class Provider(Base):
    """The registered legal entity: our tenant."""

    __tablename__ = "provider"

    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    cqc_provider_id: Mapped[str | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    plan: Mapped[str] = mapped_column(default="standard", server_default="standard")


class Service(ProviderKey, Base):
    """The registered place that CQC rates: a care home or a home-care branch."""

    __tablename__ = "service"
    __table_args__ = (
        of_provider(),
        CheckConstraint("beds is null or beds >= 0", name="beds_not_negative"),
        CheckConstraint("area_code ~ '^[ENSW][0-9]{8}$'", name="area_code"),
    )

    service_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    code: Mapped[str]  # what a commissioner sees before the provider lets the name be shown
    kind: Mapped[str]  # residential, nursing, home_care, supported_living: only like is rolled up with like
    cqc_location_id: Mapped[str | None]
    own_reference: Mapped[str | None]
    region: Mapped[str | None]
    area_code: Mapped[str | None]  # of the local authority that it lies in, as national statistics have it
    beds: Mapped[int | None]
    people_count: Mapped[int | None]
    registered_manager: Mapped[str | None]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Inspection(ServiceKey, Base):
    """One published CQC assessment: ratings overall and by key question, pinned to the framework of its visit."""

    __tablename__ = "inspection"
    __table_args__ = (of_service(),)

    inspection_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    inspected_on: Mapped[date]
    published_on: Mapped[date | None]
    framework_version: Mapped[str]
    overall: Mapped[str]  # inadequate, requires_improvement, good, outstanding, not_rated
    key_questions: Mapped[dict[str, Any]]  # {"safe": "inadequate", ...}
    outcome: Mapped[str | None]
    quality_statements: Mapped[dict[str, Any] | None]  # {"safe.medicines-optimisation": what was found, ...}
    corrects: Mapped[uuid.UUID | None]  # the inspection that this row stands in place of
    correction_reason: Mapped[str | None]
    recorded_label: Mapped[str | None]
    recorded_at: Mapped[datetime]


class RegulatoryRequirement(ServiceKey, Base):
    """A breach, notice or condition with its date; `met_on` is told by a later row with the same reference."""

    __tablename__ = "regulatory_requirement"
    __table_args__ = (of_service(),)

    requirement_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]  # breach, requirement_notice, warning_notice, condition
    regulation: Mapped[str]  # a code of the catalogue, such as hsca-12
    summary: Mapped[str]
    issued_on: Mapped[date | None]
    comply_by: Mapped[date | None]
    met_on: Mapped[date | None]
    inspection_id: Mapped[uuid.UUID | None]
    key_question: Mapped[str | None]
    quality_statement: Mapped[str | None]
    note: Mapped[str | None]  # on what it is taken as met
    recorded_label: Mapped[str | None]
    recorded_at: Mapped[datetime]


class Membership(ProviderKey, Base):
    """A person's role at a provider, or at one of its services when `service_id` is set."""

    __tablename__ = "membership"
    __table_args__ = (
        of_provider(),
        ForeignKeyConstraint(["provider_id", "service_id"], ["service.provider_id", "service.service_id"]),
        Index("ix_membership_person_id", "person_id"),
        CheckConstraint("kind in ('substantive', 'acting', 'cover')", name="kind_known"),
        CheckConstraint("role not in ('commissioner_officer', 'inspector', 'platform_operator')", name="role_inside"),
    )

    membership_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID | None]
    person_id: Mapped[uuid.UUID]
    role: Mapped[str]
    display_name: Mapped[str]
    initials: Mapped[str]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    granted_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(default="substantive", server_default="substantive")
    reason: Mapped[str | None]


class CommissioningBody(Base):
    """A council or integrated care board; its officers reach only what providers grant."""

    __tablename__ = "commissioning_body"

    body_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class CommissionerOfficer(Base):
    """A person who works for a commissioning body."""

    __tablename__ = "commissioner_officer"
    __table_args__ = (
        ForeignKeyConstraint(["body_id"], ["commissioning_body.body_id"]),
        Index("ix_commissioner_officer_person_id", "person_id"),
    )

    body_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


class CommissionerGrant(ServiceKey, Base):
    """What one provider lets one body see of one service, for how long and why."""

    __tablename__ = "commissioner_grant"
    __table_args__ = (
        of_service(),
        ForeignKeyConstraint(["body_id"], ["commissioning_body.body_id"]),
        CheckConstraint("valid_until <= valid_from + 366", name="twelve_months_at_most"),
        Index("ix_commissioner_grant_body_id", "body_id"),
    )

    grant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    body_id: Mapped[uuid.UUID]
    classes: Mapped[list[str]]  # summary, actions, evidence_index, evidence_files
    show_name: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    purpose: Mapped[str]
    lawful_basis: Mapped[str]
    approved_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    live: Mapped[bool] = mapped_column(default=False, server_default="false")  # figures as they stand, not as released
    renews: Mapped[uuid.UUID | None]
    withdrawn_by: Mapped[uuid.UUID | None]
    withdrawn_reason: Mapped[str | None]
