"""What pages about inspectors' links read: one bounded statement each."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link with how often it was looked through."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    link_id: uuid.UUID
    pack_id: uuid.UUID
    pack: str | None
    named: str
    email: str
    purpose: str
    classes: list[str]
    as_at: datetime
    opens_at: datetime
    closes_at: datetime
    made_label: str
    revoked_at: datetime | None
    looks: int
    last_look: datetime | None

    def state(self, at: datetime) -> str:
        """coming, open, over or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if self.opens_at > at:
            return "coming"
        return "open" if self.closes_at > at else "over"


@dataclass(frozen=True, slots=True)
class LookLine:
    """One thing that was done through a link; `definition_key` where it is about an indicator."""

    recorded_at: datetime
    act: str
    subject: str | None
    definition_key: str | None
    because: str | None
    device: str | None


_LINKS = """
select l.provider_id, l.service_id, s.name as service, l.link_id, l.pack_id, p.reference as pack, l.named, l.email,
       l.purpose, l.classes, l.as_at, l.opens_at, l.closes_at, l.made_label, l.revoked_at,
       coalesce(e.looks, 0) as looks, e.last_look
from inspector_link l
join service s on s.provider_id = l.provider_id and s.service_id = l.service_id
left join pack p on p.provider_id = l.provider_id and p.service_id = l.service_id and p.pack_id = l.pack_id
left join lateral (
    select count(*) as looks, max(e.recorded_at) as last_look from ledger_entry e
    where e.provider_id = l.provider_id and e.service_id = l.service_id and e.actor = 'inspector'
      and e.recorded_at >= l.recorded_at and e.act = 'inspector look' and e.detail ->> 'link' = l.link_id::text) e on true
where l.provider_id = any (:providers) {narrowed}
order by l.recorded_at desc
limit 100
"""
_ALL = text(_LINKS.format(narrowed=""))
_ONE = text(_LINKS.format(narrowed="and l.link_id = :link"))

_LOOKS = text("""
select e.recorded_at, e.act, e.subject, i.definition_key, e.detail ->> 'because' as because,
       e.origin ->> 'device' as device
from ledger_entry e
left join service_indicator i on i.provider_id = e.provider_id and i.service_id = e.service_id
  and e.subject like '/inspection/indicators/%' and i.indicator_id::text = split_part(e.subject, '/', 4)
where e.provider_id = :provider and e.service_id = :service and e.actor = 'inspector' and e.recorded_at >= :since
  and (e.detail ->> 'link' = cast(:link as text) or e.subject = 'inspector link ' || cast(:link as text))
order by e.recorded_at desc, e.entry_id desc
limit 200
""")


def links(session: Session, providers: tuple[uuid.UUID, ...]) -> tuple[LinkLine, ...]:
    """The newest links within reach."""
    return tuple(LinkLine(**row) for row in session.execute(_ALL, {"providers": list(providers)}).mappings())


def find_link(session: Session, providers: tuple[uuid.UUID, ...], link_id: uuid.UUID) -> LinkLine | None:
    """One link; None where it is not within reach."""
    row = session.execute(_ONE, {"providers": list(providers), "link": link_id}).mappings().one_or_none()
    return LinkLine(**row) if row else None


def looks(session: Session, link: LinkLine, since: datetime) -> tuple[LookLine, ...]:
    """What was done through a link, newest first."""
    values = {"provider": link.provider_id, "service": link.service_id, "link": str(link.link_id), "since": since}
    return tuple(LookLine(**row) for row in session.execute(_LOOKS, values).mappings())
