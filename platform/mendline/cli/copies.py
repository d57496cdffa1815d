"""Copies of packs that were handed to somebody outside: whose a file is, by its fingerprint or by the mark on its pages."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.clock import LONDON

# Whoever opens a link is named by the link; an officer by the body, since the provider granted it to the body.
_HANDED = text("""
select e.recorded_at, e.detail ->> 'mark' as mark, coalesce(l.named || ', inspector', 'an officer of ' || s.body) as whom
from ledger_entry e
left join inspector_link l
  on l.provider_id = e.provider_id and l.service_id = e.service_id and l.pack_id = :pack
 and l.link_id::text = e.detail ->> 'link'
left join pack_share s
  on s.provider_id = e.provider_id and s.service_id = e.service_id and s.pack_id = :pack
 and s.share_id::text = e.detail ->> 'share'
where e.provider_id = :provider and e.service_id = :service and e.act in ('external look', 'inspector look')
  and (l.link_id is not null or s.share_id is not null)
  and (e.detail ->> 'sha256' = :sha256 or e.detail ->> 'mark' = :mark)
order by e.recorded_at
limit 1
""")


@dataclass(frozen=True, slots=True)
class PackKey:
    """Which pack."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    pack_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Handed:
    """A copy that left the house."""

    whom: str
    at: datetime
    mark: str | None

    def __str__(self) -> str:
        """Such as: Iris Holt, inspector, on 23 November 2026 at 10:01."""
        return f"{self.whom}, on {self.at.astimezone(LONDON):%d %B %Y at %H:%M}"


def handed_copy(session: Session, pack: PackKey, *, sha256: str = "", mark: str = "") -> Handed | None:
    """The copy with this fingerprint, or with these words across its pages; None where none such was handed out.

    Args:
        session: a transaction that sees the provider.
        pack: of which pack.
        sha256: the fingerprint of a whole file.
        mark: the words that stand across the pages of one.
    """
    here = {"provider": pack.provider_id, "service": pack.service_id, "pack": pack.pack_id}
    row = session.execute(_HANDED, {**here, "sha256": sha256, "mark": mark}).one_or_none()
    return Handed(row.whom, row.recorded_at, row.mark) if row else None
