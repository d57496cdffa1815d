"""What the pages of packs read: one statement each."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.errors import NotFoundError
from tenants.reach import Reach


@dataclass(frozen=True, slots=True)
class PackLine:
    """A pack with how far it is."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    pack_id: uuid.UUID
    reference: str
    as_at: datetime
    requested_initials: str | None
    requested_at: datetime
    job_state: str | None
    progress: int | None
    progress_text: str | None
    error: str | None
    object_key: str | None
    sha256: str | None
    manifest_sha256: str | None
    bytes: int | None
    pages: int | None
    made_at: datetime | None
    options: dict[str, Any] = field(default_factory=dict)
    for_body: str | None = None  # the commissioner it is made for; none: it is for the regulator


_PACKS = """
select p.provider_id, p.service_id, s.name as service, p.pack_id, p.reference, p.as_at, p.requested_initials,
       p.requested_at, j.state as job_state, j.progress, j.progress_text, j.error,
       f.object_key, f.sha256, f.manifest_sha256, f.bytes, f.pages, f.made_at, p.options,
       c.body as for_body
from pack p
join service s on s.provider_id = p.provider_id and s.service_id = p.service_id
left join job j on j.provider_id = p.provider_id and j.job_id = p.job_id
left join pack_file f on f.provider_id = p.provider_id and f.service_id = p.service_id and f.pack_id = p.pack_id
left join commissioner_pack c
  on c.provider_id = p.provider_id and c.service_id = p.service_id and c.pack_id = p.pack_id
where p.provider_id = any (:providers) {narrowed}
order by p.requested_at desc
limit :most
"""
MOST = 100
_ALL = text(_PACKS.format(narrowed=""))
_OF_SERVICE = text(_PACKS.format(narrowed="and p.service_id = :service"))
_ONE = text(_PACKS.format(narrowed="and p.pack_id = :pack"))


def packs_in_reach(session: Session, reach: Reach) -> tuple[PackLine, ...]:
    """The newest packs of every service within reach."""
    rows = session.execute(_ALL, {"providers": list(reach.provider_ids), "most": MOST}).mappings()
    return tuple(PackLine(**row) for row in rows)


def packs_of_service(
    session: Session, reach: Reach, service_id: uuid.UUID, *, most: int = MOST
) -> tuple[PackLine, ...]:
    """The newest packs of one service."""
    asked = {"providers": list(reach.provider_ids), "service": service_id, "most": most}
    rows = session.execute(_OF_SERVICE, asked).mappings()
    return tuple(PackLine(**row) for row in rows)


def find_pack(session: Session, reach: Reach, pack_id: uuid.UUID) -> PackLine:
    """One pack.

    Raises:
        NotFoundError: there is no such pack within reach.
    """
    row = (
        session.execute(_ONE, {"providers": list(reach.provider_ids), "pack": pack_id, "most": 1})
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFoundError("There is no such pack within your sign-in.")
    return PackLine(**row)
