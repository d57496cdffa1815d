"""What pages and the worker read of packs for commissioners: one statement each."""

import uuid
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.packs.commissioned.rows import GrantChoice, MadeFor, ReleaseRead, ShareLine
from mendline.places.rows import Place

_GRANTS = text("""
select g.grant_id, g.body_id, b.name as body, g.classes, g.show_name, g.live, g.valid_from, g.valid_until, g.purpose
from commissioner_grant g
join reach.bodies() b on b.body_id = g.body_id
where g.provider_id = :provider and g.service_id = :service and g.withdrawn_at is null and g.valid_until >= :today
  and 'summary' = any (g.classes)
order by b.name, g.valid_until desc limit 100
""")

_MADE_FOR = text("""
select c.pack_id, c.body_id, c.body, c.grant_id, c.release_id, c.classes, c.show_name, c.weeks, g.purpose
from commissioner_pack c
join commissioner_grant g
  on g.provider_id = c.provider_id and g.service_id = c.service_id and g.grant_id = c.grant_id
where c.provider_id = :provider and c.service_id = :service and c.pack_id = :pack
""")

_SHARES = text("""
select s.share_id, s.grant_id, s.body, s.reference, s.purpose, s.shared_label, s.shared_at, s.withdrawn_at,
       s.withdrawn_reason, g.valid_until as grant_until, g.withdrawn_at as grant_withdrawn_at, l.looks, l.last_look
from pack_share s
join commissioner_grant g
  on g.provider_id = s.provider_id and g.service_id = s.service_id and g.grant_id = s.grant_id
left join lateral (
    select count(*) as looks, max(e.recorded_at) as last_look from ledger_entry e
    where e.provider_id = s.provider_id and e.service_id = s.service_id and e.act = 'external look'
      and e.detail ->> 'share' = s.share_id::text) l on true
where s.provider_id = :provider and s.service_id = :service and s.pack_id = :pack
order by s.shared_at desc limit 100
""")

_NEWEST_RELEASE = text("""
select r.release_id, r.recorded_at, r.figures_to from release r
where r.provider_id = :provider and r.service_id = :service and r.part = 'summary'
order by r.recorded_at desc, r.release_id desc limit 1
""")

# What the release tells of earlier ones is for nobody outside, so it is no part of a pack either.
_RELEASE = text("""
select r.part, r.recorded_at, r.figures_to, r.content from release r
where r.provider_id = :provider and r.service_id = :service and r.release_id = :release
  and r.part = any (:classes) and r.part <> 'told'
""")


def grants_of(session: Session, place: Place, today: date) -> tuple[GrantChoice, ...]:
    """The grants of a service that stand or are to come, and cover figures."""
    here = {"provider": place.provider_id, "service": place.service_id, "today": today}
    return tuple(GrantChoice(**row) for row in session.execute(_GRANTS, here).mappings())


def made_for(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, pack_id: uuid.UUID) -> MadeFor | None:
    """For whom a pack is made; None where it is for the regulator."""
    here = {"provider": provider_id, "service": service_id, "pack": pack_id}
    row = session.execute(_MADE_FOR, here).mappings().one_or_none()
    return MadeFor(**row) if row else None


def shares_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, pack_id: uuid.UUID
) -> tuple[ShareLine, ...]:
    """With which grants a pack is shared or was, newest first."""
    here = {"provider": provider_id, "service": service_id, "pack": pack_id}
    return tuple(ShareLine(**row) for row in session.execute(_SHARES, here).mappings())


def newest_release(session: Session, place: Place) -> tuple[uuid.UUID, ReleaseRead] | None:
    """The newest release of a service, without its parts."""
    here = {"provider": place.provider_id, "service": place.service_id}
    row = session.execute(_NEWEST_RELEASE, here).one_or_none()
    return (row.release_id, ReleaseRead(row.recorded_at, row.figures_to, {})) if row else None


def read_release(session: Session, place: Place, made: MadeFor) -> ReleaseRead:
    """The parts of a pack's release that its grant opened.

    Raises:
        NoResultFound: the release is not there, or tells no figures.
    """
    here = {
        "provider": place.provider_id,
        "service": place.service_id,
        "release": made.release_id,
        "classes": list(made.classes),
    }
    rows = session.execute(_RELEASE, here).all()
    summary = next(row for row in rows if row.part == "summary")
    return ReleaseRead(summary.recorded_at, summary.figures_to, {row.part: row.content for row in rows})
