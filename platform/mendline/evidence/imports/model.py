"""Tables of imports: files that were sent, a provider's own mappings, rows merged with records, batches taken back."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_provider, of_service

STATES = (
    "reading", "unmapped", "checking", "checked", "refused", "saving", "saved", "undoing", "undone", "discarded",
)  # fmt: skip
_KNOWN = ", ".join(f"'{state}'" for state in STATES)


class ImportFile(ProviderKey, Base):
    """A file that was sent for import, and how far it is; the facts themselves come in with a batch."""

    __tablename__ = "import_file"
    __table_args__ = (
        of_provider(),
        of_service(),
        CheckConstraint(f"state in ({_KNOWN})", name="state_known"),
        CheckConstraint("on_conflict in ('stop', 'skip', 'update')", name="on_conflict_known"),
        Index("ix_import_file_newest", "provider_id", "recorded_at"),
    )

    import_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID | None]  # the only service that it speaks of; none where it may name any
    file_name: Mapped[str]
    object_key: Mapped[str | None]  # where the file is kept until its facts are in
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    mapping: Mapped[str | None]  # by name; a provider's own by its number and version as well
    mapping_id: Mapped[uuid.UUID | None]
    mapping_version: Mapped[int | None]
    on_conflict: Mapped[str]
    state: Mapped[str]
    said: Mapped[str | None]  # how it ended, in words
    found: Mapped[dict[str, Any]]  # what the check found: counts, first rows, conflicts, columns
    problems: Mapped[list[Any]]  # line, column, cell, reason, advice
    proposals: Mapped[list[Any]]  # rows that may be records which are kept already
    decisions: Mapped[dict[str, Any]]  # line of a proposal -> the record that it is, or "new"
    job_id: Mapped[uuid.UUID | None]
    batch_id: Mapped[uuid.UUID | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ImportMapping(ProviderKey, Base):
    """Which column of a provider's own export means what, as YAML; a change is the next version."""

    __tablename__ = "import_mapping"
    __table_args__ = (of_provider(), of_service())

    mapping_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID | None]
    name: Mapped[str]
    declared: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]


class ImportMerge(ServiceKey, Base):
    """A person said that a row of a file is a record that is kept already; under this number it is known from then on."""

    __tablename__ = "import_merge"
    __table_args__ = (of_service(),)

    row_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    record_id: Mapped[uuid.UUID]
    import_id: Mapped[uuid.UUID]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]


class ImportUndo(ProviderKey, Base):
    """A batch that was taken back as one step; its facts have revisions that withdraw them."""

    __tablename__ = "import_undo"
    __table_args__ = (
        ForeignKeyConstraint(["provider_id", "batch_id"], ["import_batch.provider_id", "import_batch.batch_id"]),
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    withdrawn: Mapped[int]
    left_standing: Mapped[int]
    services: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # how many facts changed, by service
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]
