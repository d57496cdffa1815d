"""What the pages of grants read: one bounded statement each."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class GrantLine:
    """What a provider lets a body see of a service, and how often it was looked at."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    grant_id: uuid.UUID
    body_id: uuid.UUID
    body: str | None
    classes: list[str]
    live: bool
    show_name: bool
    valid_from: date
    valid_until: date
    purpose: str
    lawful_basis: str
    approved: str | None
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    renews: uuid.UUID | None
    looks: int
    last_look: datetime | None

    def state(self, today: date) -> str:
        """coming, stands, over or withdrawn."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.valid_from > today:
            return "coming"
        return "stands" if self.valid_until >= today else "over"


@dataclass(frozen=True, slots=True)
class LookLine:
    """One look of a commissioner at a service; `definition_key` where it was at the figure of an indicator."""

    recorded_at: datetime
    service: str | None
    subject: str | None
    definition_key: str | None
    body: str | None
    origin: dict[str, Any] | None


_GRANTS = """
select g.provider_id, g.service_id, s.name as service, g.grant_id, g.body_id, b.name as body, g.classes, g.live,
       g.show_name, g.valid_from, g.valid_until, g.purpose, g.lawful_basis, g.recorded_at, g.withdrawn_at,
       g.withdrawn_reason, g.renews,
       (select m.display_name from membership m
         where m.provider_id = g.provider_id and m.person_id = g.approved_by
         order by m.valid_from desc limit 1) as approved,
       coalesce(e.looks, 0) as looks, e.last_look
from commissioner_grant g
join service s on s.provider_id = g.provider_id and s.service_id = g.service_id
left join reach.bodies() b on b.body_id = g.body_id
left join lateral (
    select count(*) as looks, max(e.recorded_at) as last_look from ledger_entry e
    where e.provider_id = g.provider_id and e.service_id = g.service_id and e.act = 'external look'
      and e.recorded_at >= g.recorded_at and e.detail ->> 'body' = b.name) e on true
where g.provider_id = any (:providers) {narrowed}
order by g.withdrawn_at nulls first, g.valid_until desc, s.name, b.name
limit 200
"""
_ALL = text(_GRANTS.format(narrowed=""))
_ONE = text(_GRANTS.format(narrowed="and g.grant_id = :grant"))

_LOOKS = text("""
select e.recorded_at, s.name as service, e.subject, i.definition_key, e.detail ->> 'body' as body, e.origin
from ledger_entry e
left join service s on s.provider_id = e.provider_id and s.service_id = e.service_id
left join service_indicator i on i.provider_id = e.provider_id and i.service_id = e.service_id
  and e.subject like 'figure %' and i.indicator_id::text = split_part(e.subject, ' ', 2)
where e.provider_id = any (:providers) and e.act = 'external look'
  and (cast(:service as uuid) is null or e.service_id = :service)
  and (cast(:body as text) is null or e.detail ->> 'body' = :body)
order by e.recorded_at desc, e.entry_id desc
limit 200
""")


def grants(session: Session, providers: tuple[uuid.UUID, ...]) -> tuple[GrantLine, ...]:
    """Every grant within reach, those that stand first."""
    return tuple(GrantLine(**row) for row in session.execute(_ALL, {"providers": list(providers)}).mappings())


def find_grant(session: Session, providers: tuple[uuid.UUID, ...], grant_id: uuid.UUID) -> GrantLine | None:
    """One grant; None where it is not within reach."""
    row = session.execute(_ONE, {"providers": list(providers), "grant": grant_id}).mappings().one_or_none()
    return GrantLine(**row) if row else None


def looks(
    session: Session,
    providers: tuple[uuid.UUID, ...],
    *,
    service_id: uuid.UUID | None = None,
    body: str | None = None,
) -> tuple[LookLine, ...]:
    """The newest looks of commissioners, at any service or one, of any body or one."""
    values = {"providers": list(providers), "service": service_id, "body": body}
    return tuple(LookLine(**row) for row in session.execute(_LOOKS, values).mappings())


def bodies(session: Session) -> tuple[tuple[uuid.UUID, str], ...]:
    """Commissioning bodies, for whoever may grant something to one."""
    rows = session.execute(text("select body_id, name from reach.bodies()"))
    return tuple((row.body_id, row.name) for row in rows)
