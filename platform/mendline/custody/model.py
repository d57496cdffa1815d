import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_provider, of_service


class RetentionRule(ProviderKey, Base):
    """How long a provider keeps a type of record; the newest counts, the catalogue's own years where there is none."""

    __tablename__ = "retention_rule"
    __table_args__ = (of_provider(), CheckConstraint("years between 1 and 100", name="years_sensible"))

    rule_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    years: Mapped[int]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class LegalHold(ProviderKey, Base):
    """What may not be erased: of a person, of a service, or of the whole provider where neither is named."""

    __tablename__ = "legal_hold"
    __table_args__ = (of_provider(), of_service())

    hold_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID | None]
    person_reference: Mapped[str | None]
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class LegalHoldRelease(ProviderKey, Base):
    """The end of a hold."""

    __tablename__ = "legal_hold_release"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "hold_id"], ["legal_hold.provider_id", "legal_hold.hold_id"]),
    )

    hold_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class CustodyRequest(ProviderKey, Base):
    """Something asked for about a person's data, or what the schedule says is due; a worker does it."""

    __tablename__ = "custody_request"
    __table_args__ = (
        of_provider(),
        of_service(),
        CheckConstraint("kind in ('person_export', 'person_erasure', 'retention')", name="kind_known"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    service_id: Mapped[uuid.UUID | None]
    person_reference: Mapped[str | None]  # gone once the person is erased
    also_named: Mapped[str | None]  # a name to look for in free text; gone with the reference
    reason: Mapped[str]
    detail: Mapped[dict[str, Any]]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class CustodyStep(ProviderKey, Base):
    """What became of a request: approved, refused, stopped by a hold, done."""

    __tablename__ = "custody_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "request_id"], ["custody_request.provider_id", "custody_request.request_id"]
        ),
        CheckConstraint("kind in ('approved', 'refused', 'stopped', 'done')", name="kind_known"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str | None]
    detail: Mapped[dict[str, Any]]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class CustodyFile(ProviderKey, Base):
    """The archive of a person's data, until it is collected or thirty days old."""

    __tablename__ = "custody_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "request_id"], ["custody_request.provider_id", "custody_request.request_id"]
        ),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    object_key: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int]
    made_at: Mapped[datetime]


class ServiceTransfer(ProviderKey, Base):
    """A service that goes from one provider to another; each side has a row of its own under the same identifier."""

    __tablename__ = "service_transfer"
    __table_args__ = (
        of_provider(),
        CheckConstraint("side in ('giving', 'taking')", name="side_known"),
        Index("ix_service_transfer_code", "provider_id", "code_hash"),
    )

    transfer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    side: Mapped[str]
    service_id: Mapped[uuid.UUID]  # as this side calls it
    service_name: Mapped[str]
    other_provider_id: Mapped[uuid.UUID | None]
    other_provider: Mapped[str | None]
    classes: Mapped[list[str]]
    reason: Mapped[str]
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class TransferStep(ProviderKey, Base):
    """What one side did: took up, approved, refused, done."""

    __tablename__ = "transfer_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "transfer_id"], ["service_transfer.provider_id", "service_transfer.transfer_id"]
        ),
        CheckConstraint("kind in ('taken_up', 'approved', 'refused', 'done')", name="kind_known"),
    )

    transfer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class TransferredTable(ProviderKey, Base):
    """How much of a table came along, with one checksum that both sides had."""

    __tablename__ = "transferred_table"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "transfer_id"], ["service_transfer.provider_id", "service_transfer.transfer_id"]
        ),
    )

    transfer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[int]
    checksum: Mapped[str]
    recorded_at: Mapped[datetime]


class TransferredRow(ProviderKey, Base):
    """Where a row came from, and the fingerprint of what it held there."""

    __tablename__ = "transferred_row"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "transfer_id"], ["service_transfer.provider_id", "service_transfer.transfer_id"]
        ),
    )

    transfer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    row_key: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)


class ServiceFreeze(ServiceKey, Base):
    """A service that was transferred away: whose period it tells of may read it, and nobody adds to it."""

    __tablename__ = "service_freeze"
    __table_args__ = (of_service(),)

    transfer_id: Mapped[uuid.UUID]
    frozen_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class ProviderLeaving(ProviderKey, Base):
    """A provider that leaves: read-only, and erased no earlier than the day named."""

    __tablename__ = "provider_leaving"
    __table_args__ = (of_provider(),)

    reason: Mapped[str]
    erase_from: Mapped[date]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
