"""A person's notices and how they want to be told: one statement for each page."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.telling.model import Notice, TellingSetting
from mendline.telling.timing import Wish

MOST = 100


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice as its person sees it."""

    provider_id: uuid.UUID
    notice_id: uuid.UUID
    kind: str
    title: str
    path: str
    presses: bool
    made_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Notices:
    """The newest notices of a person, unread ones first, with how many are unread in all."""

    lines: tuple[NoticeLine, ...]
    unread: int


def notices_of(session: Session, providers: Sequence[uuid.UUID], person_id: uuid.UUID) -> Notices:
    """What a person was told: one statement."""
    n = Notice
    rows = session.execute(
        select(
            n.provider_id, n.notice_id, n.kind, n.title, n.path, n.presses, n.made_at, n.read_at,
            func.count().filter(n.read_at.is_(None)).over().label("unread"),
        )
        .where(n.provider_id.in_(providers), n.person_id == person_id)
        .order_by(n.read_at.is_not(None), n.made_at.desc(), n.notice_id)
        .limit(MOST)
    ).all()  # fmt: skip
    return Notices(tuple(NoticeLine(*row[:-1]) for row in rows), rows[0].unread if rows else 0)


def notice_of(
    session: Session, providers: Sequence[uuid.UUID], person_id: uuid.UUID, notice_id: uuid.UUID
) -> NoticeLine | None:
    """One notice of a person; None where there is none of theirs."""
    n = Notice
    row = session.execute(
        select(n.provider_id, n.notice_id, n.kind, n.title, n.path, n.presses, n.made_at, n.read_at).where(
            n.provider_id.in_(providers), n.person_id == person_id, n.notice_id == notice_id
        )
    ).one_or_none()
    return NoticeLine(*row) if row else None


def wish_at(session: Session, provider_id: uuid.UUID, person_id: uuid.UUID) -> Wish:
    """How a person wants to be told by a provider."""
    t = TellingSetting
    row = session.execute(
        select(t.ways, t.quiet_from, t.quiet_until, t.presses_through, t.digest_hour, t.digest_weekday).where(
            t.provider_id == provider_id, t.person_id == person_id
        )
    ).one_or_none()
    return wish_of(row) if row else Wish()


def wish_of(row: Any) -> Wish:
    """The wish in a row that holds a setting's columns; the usual one where there is no setting."""
    if row.ways is None:
        return Wish()
    return Wish(
        {str(kind): str(way) for kind, way in row.ways.items()},
        row.quiet_from,
        row.quiet_until,
        row.presses_through,
        row.digest_hour,
        row.digest_weekday,
    )
