"""What the pages of members read: one bounded statement each."""

import uuid
from datetime import date

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from mendline.people.members.rows import Asked, Member, Moved, OfferLine, Reachable, Vacancy

PAGE = 100

_MEMBER = """m.provider_id, m.membership_id, m.service_id, s.name as service, m.person_id, m.role, m.kind,
       m.display_name, m.valid_from, m.valid_until, m.reason, m.recorded_at,
       (select g.display_name from membership g
         where g.provider_id = m.provider_id and g.person_id = m.granted_by
         order by g.valid_from desc limit 1) as given_by"""

_MEMBERS = text(f"""
select {_MEMBER}
from membership m
left join service s on s.provider_id = m.provider_id and s.service_id = m.service_id
where m.provider_id = any (:providers)
  and (cast(:service as uuid) is null or m.service_id = :service or m.service_id is null)
  and (:name = '' or strpos(lower(m.display_name), lower(:name)) > 0)
  and (:role = '' or m.role = :role)
  and (case :state when 'ended' then m.valid_until < :today when 'coming' then m.valid_from > :today
       when 'all' then true else m.valid_until is null or m.valid_until >= :today end)
order by m.display_name, m.person_id, m.service_id nulls first, m.valid_from desc
limit :most offset :skip
""")  # noqa: S608 -- the columns are this module's

_ONE = text(f"""
select {_MEMBER}
from membership m
left join service s on s.provider_id = m.provider_id and s.service_id = m.service_id
where m.provider_id = any (:providers) and m.membership_id = :membership
""")  # noqa: S608

_MOVED = text("""
select e.kind, e.until_before, e.until_after, e.reason, e.recorded_at,
       (select g.display_name from membership g
         where g.provider_id = e.provider_id and g.person_id = e.recorded_by
         order by g.valid_from desc limit 1) as by
from membership_event e
where e.provider_id = :provider and e.membership_id = :membership
order by e.recorded_at desc limit 50
""")

_ASKED = text("""
select r.provider_id, r.request_id, r.service_id, s.name as service, r.person_id, r.role, r.kind, r.display_name,
       r.valid_from, r.valid_until, r.reason, r.asked_by, r.recorded_at
from role_request r
left join service s on s.provider_id = r.provider_id and s.service_id = r.service_id
where r.provider_id = any (:providers) and r.answered_at is null
order by r.recorded_at limit 100
""")

# Those that wait, and for a month those that came to nothing. Of whoever they were made to only the name that was typed.
_OFFERS = text("""
select o.provider_id, o.offer_id, o.service_id, s.name as service, o.role, o.kind, o.display_name, o.valid_from,
       o.valid_until, o.recorded_at, o.expires_at, o.answer, o.answered_at, o.answer_reason,
       o.expires_at <= now() or coalesce(o.valid_until < :today, false) as is_over,
       (select g.display_name from membership g
         where g.provider_id = o.provider_id and g.person_id = o.offered_by
         order by g.valid_from desc limit 1) as offered_by
from role_offer o
left join service s on s.provider_id = o.provider_id and s.service_id = o.service_id
where o.provider_id = any (:providers) and o.answer is distinct from 'accepted'
  and coalesce(o.answered_at, o.expires_at) > now() - interval '30 days'
order by o.answer nulls first, o.recorded_at desc limit 100
""")

# A registered manager is needed at each service and a nominated individual at each provider, by regulation; what else
# is needed the provider says. The newest word on a post counts.
_VACANCIES = text("""
with place as (
    select s.provider_id, s.service_id, s.name, null::date as since from service s
    where s.provider_id = any (:providers) and s.closed_on is null
),
said as (
    select distinct on (p.provider_id, p.service_id, p.role) p.provider_id, p.service_id, p.role, p.needed, p.since
    from post p where p.provider_id = any (:providers)
    order by p.provider_id, p.service_id, p.role, p.recorded_at desc
),
needed as (
    select provider_id, service_id, name, 'registered_manager' as role, since from place
    union
    select p.provider_id, null, p.name, 'nominated_individual', null::date from provider p
    where p.provider_id = any (:whole)
    union
    select x.provider_id, x.service_id, coalesce(l.name, v.name), x.role, x.since
    from said x join provider v on v.provider_id = x.provider_id
    left join place l on l.provider_id = x.provider_id and l.service_id = x.service_id
    where x.needed and (x.service_id is null or l.service_id is not null)
)
select distinct on (n.provider_id, n.name, n.service_id, n.role)
       n.provider_id, n.service_id, n.name as place, n.role, coalesce(last.until + 1, n.since) as since,
       c.display_name as stand_in, c.kind as stand_in_kind, c.valid_until as stand_in_until
from needed n
left join lateral (
    select max(m.valid_until) as until from membership m
    where m.provider_id = n.provider_id and m.service_id is not distinct from n.service_id and m.role = n.role
      and m.kind = 'substantive' and m.valid_until < :today) last on true
left join lateral (
    select m.display_name, m.kind, m.valid_until from membership m
    where m.provider_id = n.provider_id and m.service_id is not distinct from n.service_id and m.role = n.role
      and m.kind <> 'substantive' and m.valid_from <= :today and (m.valid_until is null or m.valid_until >= :today)
    order by m.valid_from limit 1) c on true
where not exists (
    select 1 from membership m
    where m.provider_id = n.provider_id and m.service_id is not distinct from n.service_id and m.role = n.role
      and m.kind = 'substantive' and m.valid_from <= :today and (m.valid_until is null or m.valid_until >= :today))
  and not exists (
    select 1 from said x
    where x.provider_id = n.provider_id and x.service_id is not distinct from n.service_id and x.role = n.role
      and not x.needed)
order by n.provider_id, n.name, n.service_id, n.role, n.since nulls last
limit 200
""")

_PLACES = text("""
select s.provider_id, s.service_id, s.name from service s
where s.provider_id = any (:providers) and s.closed_on is null
order by s.name limit 1000
""")


def members(
    session: Session,
    providers: tuple[uuid.UUID, ...],
    *,
    today: date,
    name: str = "",
    role: str = "",
    service_id: uuid.UUID | None = None,
    state: str = "",
    number: int = 1,
) -> tuple[tuple[Member, ...], bool]:
    """A page of roles that people hold, and whether more follows.

    Args:
        session: a transaction in the reader's reach.
        providers: whose people.
        today: the day by which a role stands.
        name: a part of the person's name.
        role: only this role.
        service_id: only who works at this service, or for the whole provider.
        state: held now and coming by default; `ended`, `coming` or `all`.
        number: the page, from 1.
    """
    values = {
        "providers": list(providers), "service": service_id, "name": name, "role": role, "state": state,
        "today": today, "most": PAGE + 1, "skip": PAGE * (number - 1),
    }  # fmt: skip
    found = [_member(row) for row in session.execute(_MEMBERS, values).mappings()]
    return tuple(found[:PAGE]), len(found) > PAGE


def find_member(session: Session, providers: tuple[uuid.UUID, ...], membership_id: uuid.UUID) -> Member | None:
    """One membership; None where it is not within reach."""
    row = session.execute(_ONE, {"providers": list(providers), "membership": membership_id}).mappings().one_or_none()
    return _member(row) if row else None


def moves_of(session: Session, provider_id: uuid.UUID, membership_id: uuid.UUID) -> tuple[Moved, ...]:
    """What moved the end of a membership, newest first."""
    rows = session.execute(_MOVED, {"provider": provider_id, "membership": membership_id}).mappings()
    return tuple(Moved(**row) for row in rows)


def open_requests(session: Session, providers: tuple[uuid.UUID, ...]) -> tuple[Asked, ...]:
    """Roles that were asked for and wait for an answer."""
    return tuple(Asked(**row) for row in session.execute(_ASKED, {"providers": list(providers)}).mappings())


def offers(session: Session, providers: tuple[uuid.UUID, ...], *, today: date) -> tuple[OfferLine, ...]:
    """Roles that are offered, those that wait first; for a month also those that were declined, withdrawn or ran out."""
    rows = session.execute(_OFFERS, {"providers": list(providers), "today": today}).mappings()
    return tuple(OfferLine(**row) for row in rows)


def vacancies(
    session: Session, providers: tuple[uuid.UUID, ...], *, whole: tuple[uuid.UUID, ...], today: date
) -> tuple[Vacancy, ...]:
    """Posts that nobody holds substantively today.

    Args:
        session: a transaction in the reader's reach.
        providers: where.
        whole: providers whose own posts are looked at too; somebody at one service sees no others.
        today: the day.
    """
    values = {"providers": list(providers), "whole": list(whole), "today": today}
    return tuple(Vacancy(**row) for row in session.execute(_VACANCIES, values).mappings())


def services_of(session: Session, providers: tuple[uuid.UUID, ...]) -> tuple[Reachable, ...]:
    """The services within reach."""
    return tuple(Reachable(**row) for row in session.execute(_PLACES, {"providers": list(providers)}).mappings())


def _member(row: RowMapping) -> Member:
    return Member(**row)
