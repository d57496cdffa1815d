import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
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


class CommissionerPack(ServiceKey, Base):
    """That a pack is made for a commissioner: of one release, and of the classes that one grant opened. Only such are shared."""

    __tablename__ = "commissioner_pack"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "pack_id"],
            ["pack.provider_id", "pack.service_id", "pack.pack_id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "service_id", "grant_id"],
            ["commissioner_grant.provider_id", "commissioner_grant.service_id", "commissioner_grant.grant_id"],
        ),
        ForeignKeyConstraint(["body_id"], ["commissioning_body.body_id"]),
    )

    pack_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    body_id: Mapped[uuid.UUID]
    body: Mapped[str]
    grant_id: Mapped[uuid.UUID]
    release_id: Mapped[uuid.UUID]
    classes: Mapped[list[str]]
    show_name: Mapped[bool]
    weeks: Mapped[int | None]  # how far its figures go back; all that was released where nothing
    recorded_by: Mapped[uuid.UUID | None]
    recorded_label: Mapped[str]
    recorded_at: Mapped[datetime]


class PackShare(ServiceKey, Base):
    """That officers with a grant may open a pack, while both stand; with all that they may know of it.

    Written and withdrawn by functions of the database, and by nothing else.
    """

    __tablename__ = "pack_share"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "pack_id"],
            ["commissioner_pack.provider_id", "commissioner_pack.service_id", "commissioner_pack.pack_id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "service_id", "grant_id"],
            ["commissioner_grant.provider_id", "commissioner_grant.service_id", "commissioner_grant.grant_id"],
        ),
        Index("ix_pack_share_grant_id", "grant_id"),
        Index("ix_pack_share_untold", "shared_at", postgresql_where=text("told_at is null and withdrawn_at is null")),
    )

    share_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    pack_id: Mapped[uuid.UUID]
    grant_id: Mapped[uuid.UUID]
    body: Mapped[str]
    reference: Mapped[str]
    released_at: Mapped[datetime]
    figures_to: Mapped[date | None]
    object_key: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int]
    pages: Mapped[int]
    purpose: Mapped[str]
    shared_by: Mapped[uuid.UUID | None]
    shared_label: Mapped[str]
    shared_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[uuid.UUID | None]
    withdrawn_reason: Mapped[str | None]
    told_at: Mapped[datetime | None]  # when the grant's officers were written to; nothing before the grant begins
