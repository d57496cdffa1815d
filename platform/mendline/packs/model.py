import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ServiceKey, of_service


class Pack(ServiceKey, Base):
    """A CQC pack that somebody asked for; the job makes it, its file is a row of its own."""

    __tablename__ = "pack"
    __table_args__ = (of_service(), UniqueConstraint("provider_id", "service_id", "reference"))

    pack_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]  # RH-2026-11-17-01
    as_at: Mapped[datetime]
    figures_to: Mapped[date | None]
    options: Mapped[dict[str, Any]]
    job_id: Mapped[uuid.UUID]
    requested_by: Mapped[uuid.UUID | None]
    requested_initials: Mapped[str | None]
    requested_at: Mapped[datetime]


class PackFile(ServiceKey, Base):
    """The finished pack: its fingerprint stays here, so that a copy can be checked later."""

    __tablename__ = "pack_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "pack_id"],
            ["pack.provider_id", "pack.service_id", "pack.pack_id"],
        ),
    )

    pack_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    object_key: Mapped[str]
    sha256: Mapped[str]
    manifest_sha256: Mapped[str]
    bytes: Mapped[int]
    pages: Mapped[int]
    made_at: Mapped[datetime]
