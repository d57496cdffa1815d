import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_provider, of_service


class Record(ServiceKey, Base):
    """A source record of a type that the catalogue declares; a correction is the next revision."""

    __tablename__ = "record"
    __table_args__ = (
        of_service(),
        Index("ix_record_type_happened", "provider_id", "service_id", "record_type", "happened_at"),
        Index("ix_record_recorded_by", "provider_id", "recorded_by", "recorded_at"),
    )

    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # made by the client, so a re-send counts once
    revision: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    type_version: Mapped[str]
    happened_at: Mapped[datetime]
    payload: Mapped[dict[str, Any]]
    source_system: Mapped[str | None]
    source_reference: Mapped[str | None]
    reason: Mapped[str | None]
    batch_id: Mapped[uuid.UUID | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class Evidence(ServiceKey, Base):
    """A pointer to an original, with its fingerprint: Mendline does not replace it."""

    __tablename__ = "evidence"
    __table_args__ = (of_service(), UniqueConstraint("provider_id", "service_id", "reference"))

    evidence_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]  # E-046
    letter: Mapped[str]  # R record, A audit (independent check), F feedback (voice), P practice seen
    title: Mapped[str]
    dated_on: Mapped[date]
    system: Mapped[str]
    where_to_look: Mapped[str]
    sha256: Mapped[str | None]
    sample_size: Mapped[int | None]
    quality_statement: Mapped[str | None]
    framework_version: Mapped[str | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class EvidenceLink(ServiceKey, Base):
    """Evidence behind an indicator's figure."""

    __tablename__ = "evidence_link"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "evidence_id"],
            ["evidence.provider_id", "evidence.service_id", "evidence.evidence_id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "service_id", "indicator_id"],
            ["service_indicator.provider_id", "service_indicator.service_id", "service_indicator.indicator_id"],
        ),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    evidence_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]


class EvidenceCheck(ServiceKey, Base):
    """One look at an original: unchanged, changed, not found, or withdrawn."""

    __tablename__ = "evidence_check"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "evidence_id"],
            ["evidence.provider_id", "evidence.service_id", "evidence.evidence_id"],
        ),
    )

    evidence_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    check_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    result: Mapped[str]
    checked_at: Mapped[datetime]
    checked_initials: Mapped[str | None]


class ImportBatch(ProviderKey, Base):
    """A file of facts that was saved, all of it."""

    __tablename__ = "import_batch"
    __table_args__ = (of_provider(), Index("ix_import_batch_sha256", "provider_id", "sha256"))

    batch_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    sha256: Mapped[str]
    mapping: Mapped[str]
    rows: Mapped[int]
    saved: Mapped[int]
    unchanged: Mapped[int]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]
