"""Tables of imports on pages: files that were sent, and a provider's own mappings."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, of_provider


class ImportFile(ProviderKey, Base):
    """A file that a person sent, and how far it is; the facts themselves come in with a batch."""

    __tablename__ = "import_file"
    __table_args__ = (
        of_provider(),
        CheckConstraint(
            "state in ('checking', 'checked', 'refused', 'saving', 'saved', 'undoing', 'undone')", name="state_known"
        ),
        CheckConstraint("on_conflict in ('stop', 'skip', 'update')", name="on_conflict_known"),
        Index("ix_import_file_newest", "provider_id", "recorded_at"),
    )

    import_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    object_key: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    mapping: Mapped[str]
    on_conflict: Mapped[str]
    state: Mapped[str]
    said: Mapped[str | None]  # how it ended, in words
    found: Mapped[dict[str, Any]]  # what the check found: counts, first rows, problems by line and column
    batch_id: Mapped[uuid.UUID | None]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_initials: Mapped[str | None]
    recorded_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ImportMapping(ProviderKey, Base):
    """Which column of a provider's own export means what, as YAML; a change is the next version."""

    __tablename__ = "import_mapping"
    __table_args__ = (of_provider(),)

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    declared: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]
