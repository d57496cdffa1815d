"""Tables of telling people: what each was told, how they want to be told, and when the last look was."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, of_provider


class Notice(ProviderKey, Base):
    """Something that a person is told of: its kind, where, and the page that shows it; no content of records."""

    __tablename__ = "notice"
    __table_args__ = (
        of_provider(),
        UniqueConstraint("provider_id", "person_id", "key", name="uq_notice_key"),
        Index("ix_notice_person", "provider_id", "person_id", "made_at"),
        Index("ix_notice_unread", "provider_id", "person_id", postgresql_where=text("read_at is null")),
        Index("ix_notice_unmailed", "provider_id", "made_at", postgresql_where=text("mailed_at is null")),
    )

    notice_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID]
    service_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    key: Mapped[str]  # what it tells of, so that nobody is told twice
    title: Mapped[str]
    path: Mapped[str]
    presses: Mapped[bool]  # it is due today, or late: it may break quiet hours
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mail_id: Mapped[uuid.UUID | None]  # the letter that told of it
    mailed_at: Mapped[datetime | None]  # set without a letter where the person wants none


class TellingSetting(ProviderKey, Base):
    """How a person wants to be told, and the hours in which no mail goes out to them."""

    __tablename__ = "telling_setting"
    __table_args__ = (
        of_provider(),
        CheckConstraint(
            "(quiet_from is null or quiet_from between 0 and 23) and"
            " (quiet_until is null or quiet_until between 0 and 23)"
            " and digest_hour between 0 and 23 and digest_weekday between 0 and 6",
            name="hours_sensible",
        ),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ways: Mapped[dict[str, Any]]  # kind -> at_once, daily, weekly or never
    quiet_from: Mapped[int | None]  # the hour in England; none where no hour is quiet
    quiet_until: Mapped[int | None]
    presses_through: Mapped[bool]
    digest_hour: Mapped[int]
    digest_weekday: Mapped[int]  # 0 is Monday
    changed_at: Mapped[datetime]


class TellingPass(ProviderKey, Base):
    """When a provider's people were last told what there is to tell, and when the next look is due."""

    __tablename__ = "telling_pass"
    __table_args__ = (of_provider(),)

    passed_at: Mapped[datetime]
    next_at: Mapped[datetime]
