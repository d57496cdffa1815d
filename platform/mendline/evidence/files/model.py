"""Tables of evidence files. Rows are only added; no word of a file's content is in them."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey


class EvidenceFile(ServiceKey, Base):
    """A file that somebody sent as evidence, as it came."""

    __tablename__ = "evidence_file"
    __table_args__ = (
        UniqueConstraint("provider_id", "service_id", "evidence_id"),
        ForeignKeyConstraint(
            ["provider_id", "service_id", "evidence_id"],
            ["evidence.provider_id", "evidence.service_id", "evidence.evidence_id"],
        ),
    )

    file_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    evidence_id: Mapped[uuid.UUID]
    name: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int]
    object_key: Mapped[str]
    supports: Mapped[list[uuid.UUID]]  # figures that it is to support once it was found harmless
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class EvidenceFileVerdict(ServiceKey, Base):
    """What the examination of a file found, once. Only a file that is `ready` is ever given to anybody."""

    __tablename__ = "evidence_file_verdict"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "file_id"],
            ["evidence_file.provider_id", "evidence_file.service_id", "evidence_file.file_id"],
        ),
        CheckConstraint("verdict in ('ready', 'refused', 'held_back', 'infected')", name="verdict_known"),
        CheckConstraint("scan in ('clean', 'infected', 'none', 'not_asked')", name="scan_known"),
    )

    file_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    words: Mapped[str | None]  # why, where it is not ready
    kind: Mapped[str | None]
    object_key: Mapped[str | None]  # what is given out; nothing where nothing is
    sha256: Mapped[str | None]  # of what is given out; a picture drawn anew has another than what was sent
    bytes: Mapped[int | None]
    is_cleaned: Mapped[bool]
    pages: Mapped[int | None]
    scan: Mapped[str]
    decided_at: Mapped[datetime]


class FileShare(ServiceKey, Base):
    """That commissioners whose grant covers files may open a file, under words without names; or no longer."""

    __tablename__ = "file_share"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "file_id"],
            ["evidence_file.provider_id", "evidence_file.service_id", "evidence_file.file_id"],
        ),
    )

    file_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    share_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    is_shared: Mapped[bool]
    shown_as: Mapped[str]  # its title outside
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]
