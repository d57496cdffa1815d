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
    proposals: Mapped[list[Any]]  # empty: such rows are an ImportProposal each
    decisions: Mapped[dict[str, Any]]  # of the file as a whole; what is decided of a row stands with its proposal
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


class ImportProposal(ServiceKey, Base):
    """A row of a checked file that may be a record which is kept already; it goes when the file comes in or is put aside."""

    __tablename__ = "import_proposal"
    __table_args__ = (
        of_service(),
        CheckConstraint("decision in ('new', 'same')", name="decision_known"),
        CheckConstraint("(decision is not distinct from 'same') = (record_id is not null)", name="same_as_one"),
        Index("ix_import_proposal_line", "provider_id", "import_id", "line"),
        Index(
            "ix_import_proposal_record",
            "provider_id",
            "import_id",
            "record_id",
            unique=True,
            postgresql_where=text("record_id is not null"),
        ),
    )

    import_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    row_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    line: Mapped[int]
    what: Mapped[str]
    candidates: Mapped[list[Any]]  # kept records: who recorded it, its action, where it differs
    only_record: Mapped[uuid.UUID | None]  # the one candidate, where there is just one
    decision: Mapped[str | None]
    record_id: Mapped[uuid.UUID | None]  # the record that it is
    decided_by: Mapped[uuid.UUID | None]
    decided_initials: Mapped[str | None]
    decided_at: Mapped[datetime | None]


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
