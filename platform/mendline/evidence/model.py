import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_indicator, of_provider, of_service


class Record(ServiceKey, Base):
    """A source record of a type that the catalogue declares; a correction is the next revision."""

    __tablename__ = "record"
    __table_args__ = (
        of_service(),
        Index("ix_record_type_happened", "provider_id", "service_id", "record_type", "happened_at"),
        Index("ix_record_recorded_by", "provider_id", "recorded_by", "recorded_at"),
        Index("ix_record_batch", "provider_id", "batch_id", postgresql_where=text("batch_id is not null")),
        Index(
            "ix_record_also_on",
            "provider_id",
            "service_id",
            "record_type",
            "also_on",
            postgresql_where=text("also_on is not null"),
        ),
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
    also_on: Mapped[date | None]  # the second day that places it, where its type has one: a shift's, a due date
    erased_at: Mapped[datetime | None]  # when what could lead to a person was taken out of it
    withdrawn_at: Mapped[datetime | None]  # of a revision that takes the record back: it counts nowhere from then on


class RecordMark(ProviderKey, Base):
    """Says that a record of a type and day was written, so that figures are measured again; removed when they were."""

    __tablename__ = "record_mark"
    __table_args__ = (of_provider(), Index("ix_record_mark_provider_id_marked_at", "provider_id", "marked_at"))

    mark_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID]
    record_type: Mapped[str]
    happened_on: Mapped[date]
    also_on: Mapped[date | None]
    marked_at: Mapped[datetime]


class Measurement(ServiceKey, Base):
    """What the records of a period came to at a moment; a later one is added beside it."""

    __tablename__ = "measurement"
    __table_args__ = (
        of_indicator(),
        CheckConstraint("outcome in ('written', 'agrees', 'differs')", name="outcome_known"),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period_start: Mapped[date] = mapped_column(primary_key=True)
    measurement: Mapped[int] = mapped_column(primary_key=True)
    definition_version: Mapped[str]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    value: Mapped[float | None]
    state: Mapped[str]
    counted: Mapped[int]
    left_out: Mapped[int]
    kinds: Mapped[dict[str, Any]]  # {"counted": {record type: how many}, "left_out": {reason: how many}}
    outcome: Mapped[str]  # written as a figure; agrees with the figure that stands; differs from it
    revision: Mapped[int | None]  # of the observation that it stands behind, or differs from
    measured_at: Mapped[datetime]


class CountedRecord(ServiceKey, Base):
    """A record as one measurement saw it. Rows say only what changed: what held before holds until the next one."""

    __tablename__ = "counted_record"
    __table_args__ = (
        of_indicator(),
        CheckConstraint("verdict in ('counted', 'left_out', 'gone')", name="verdict_known"),
    )

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period_start: Mapped[date] = mapped_column(primary_key=True)
    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    measurement: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int]
    record_type: Mapped[str]
    happened_on: Mapped[date]
    verdict: Mapped[str]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    why: Mapped[str | None]


class Restatement(ServiceKey, Base):
    """A correction of a figure that people outside the provider had seen, in a pack or on a page."""

    __tablename__ = "restatement"
    __table_args__ = (of_indicator(),)

    indicator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    period_start: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    earlier_revision: Mapped[int]
    reason: Mapped[str | None]
    packs: Mapped[list[str]]  # references of packs that hold the earlier figure
    outside_looks: Mapped[int]
    last_seen_at: Mapped[datetime | None]
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
    seen_at: Mapped[str | None]  # of practice: day, evening or night
    made_by: Mapped[str | None]  # who made it, where that is not who added it
    quality_statement: Mapped[str | None]
    framework_version: Mapped[str | None]
    category: Mapped[str | None]  # the regulator's kind of evidence, where whoever added it named one
    keep_until: Mapped[date | None]
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
    reason: Mapped[str | None]  # of a withdrawal


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
