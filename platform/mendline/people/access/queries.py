"""Who can see what, and why: what gives each person or outsider their view. One bounded statement."""

import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

PAGE = 200


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that gives somebody a view: a membership, a grant, an inspector's link or support access.

    Attributes:
        source: member, grant, inspector, support or opened.
        who: the person, or the body whose officers it covers.
        classes: what a grant or a link opens; None where the role says it.
        given_by: who gave it, where that is known.
    """

    source: str
    source_id: uuid.UUID
    who: str
    person_id: uuid.UUID | None
    service_id: uuid.UUID | None
    service: str | None
    role: str
    kind: str
    classes: list[str] | None
    first: date
    last: date | None
    reason: str | None
    given_by: str | None
    given_on: date | None


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """That somebody is cut from a record or another thing that is about them."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    service: str
    conflict_id: uuid.UUID
    person_id: uuid.UUID
    person: str | None
    about_kind: str
    about_id: uuid.UUID
    reason: str
    recorded_at: datetime
    by: str | None
    called: str | None  # its reference; of a record, its type


@dataclass(frozen=True, slots=True)
class Thing:
    """What somebody is to be cut from; `is_own` says whether whoever asks made it, where it is a record."""

    about_id: uuid.UUID
    is_own: bool


# Kind of thing -> its table, its identifier, and the letter of its reference where it has one.
_THINGS = {
    "record": ("record", "record_id", ""),
    "escalation": ("escalation", "escalation_id", ""),
    "action": ("action", "action_id", "A"),
    "risk": ("risk", "risk_id", "R"),
    "review": ("review", "review_id", ""),
    "evidence": ("evidence", "evidence_id", "E"),
}
_IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


_NAME = """(select named.display_name from membership named
         where named.provider_id = {0}.provider_id and named.person_id = {0}.{1}
         order by named.valid_from desc limit 1)"""

# The parts are constants of this module; every value is bound.
_SOURCES = text(f"""
select * from (
    select 'member' as source, m.membership_id as source_id, m.display_name as who, m.person_id, m.service_id,
           s.name as service, m.role, m.kind, null::text[] as classes, m.valid_from as first, m.valid_until as last,
           m.reason, {_NAME.format("m", "granted_by")} as given_by,
           (m.recorded_at at time zone 'Europe/London')::date as given_on
    from membership m
    left join service s on s.provider_id = m.provider_id and s.service_id = m.service_id
    where m.provider_id = :provider and m.valid_from <= :today and (m.valid_until is null or m.valid_until >= :today)
      and (cast(:service as uuid) is null or m.service_id is null or m.service_id = :service)
      and (cast(:roles as text[]) is null or m.role = any (:roles))
    union all
    select 'grant', g.grant_id, coalesce(b.name, 'A commissioner'), null, g.service_id, s.name, 'commissioner_officer',
           case when g.live then 'live' else 'released' end, g.classes, g.valid_from, g.valid_until, g.purpose,
           {_NAME.format("g", "approved_by")}, (g.recorded_at at time zone 'Europe/London')::date
    from commissioner_grant g
    join service s on s.provider_id = g.provider_id and s.service_id = g.service_id
    left join (select body_id, name from reach.bodies()) b on b.body_id = g.body_id
    where g.provider_id = :provider and g.withdrawn_at is null and g.valid_from <= :today and g.valid_until >= :today
      and (cast(:service as uuid) is null or g.service_id = :service)
      and (:class = '' or :class = any (g.classes) or :class = 'service')
    union all
    select 'inspector', l.link_id, l.named, null, l.service_id, s.name, 'inspector', 'link', l.classes,
           (l.opens_at at time zone 'Europe/London')::date, (l.closes_at at time zone 'Europe/London')::date, l.purpose,
           l.made_label, (l.recorded_at at time zone 'Europe/London')::date
    from inspector_link l
    join service s on s.provider_id = l.provider_id and s.service_id = l.service_id
    where l.provider_id = :provider and l.revoked_at is null and l.closes_at > now()
      and (cast(:service as uuid) is null or l.service_id = :service)
      and (:class = '' or :class = any (l.classes) or :class = 'service')
    union all
    select 'support', a.request_id, a.name, a.person_id, null, null, 'platform_operator', 'support', null,
           (a.consented_at at time zone 'Europe/London')::date, (a.ends_at at time zone 'Europe/London')::date, a.reason,
           {_NAME.format("a", "consented_by")}, (a.consented_at at time zone 'Europe/London')::date
    from support_access a
    where a.provider_id = :provider and a.ends_at > now() and a.ended_at is null
      and (cast(:roles as text[]) is null or 'platform_operator' = any (:roles))
    union all
    select 'opened', o.opening_id, coalesce({_NAME.format("o", "person_id")}, 'Somebody who left'), o.person_id,
           o.service_id, s.name, 'provider_quality_lead', 'opened', o.classes,
           (o.begun_at at time zone 'Europe/London')::date, (o.ends_at at time zone 'Europe/London')::date, o.reason, null,
           (o.begun_at at time zone 'Europe/London')::date
    from opened_records o
    join service s on s.provider_id = o.provider_id and s.service_id = o.service_id
    where o.provider_id = :provider and o.ends_at > now() and o.ended_at is null
      and (cast(:service as uuid) is null or o.service_id = :service)
      and (:class = '' or :class = any (o.classes) or :class = 'service')
) x
where :name = '' or strpos(lower(x.who), lower(:name)) > 0
order by x.who, x.service nulls first, x.source, x.source_id
limit :most offset :skip
""")  # noqa: S608

_CONFLICTS = text(f"""
select c.provider_id, c.service_id, s.name as service, c.conflict_id, c.person_id,
       {_NAME.format("c", "person_id")} as person, c.about_kind, c.about_id, c.reason, c.recorded_at,
       {_NAME.format("c", "recorded_by")} as by,
       coalesce(
           (select a.reference from action a
            where a.provider_id = c.provider_id and a.service_id = c.service_id and a.action_id = c.about_id),
           (select r.reference from risk r
            where r.provider_id = c.provider_id and r.service_id = c.service_id and r.risk_id = c.about_id),
           (select e.reference from evidence e
            where e.provider_id = c.provider_id and e.service_id = c.service_id and e.evidence_id = c.about_id),
           (select replace(k.record_type, '_', ' ') from record k
            where k.provider_id = c.provider_id and k.service_id = c.service_id and k.record_id = c.about_id limit 1)
       ) as called
from conflict c
join service s on s.provider_id = c.provider_id and s.service_id = c.service_id
where c.provider_id = any (:providers) and c.lifts is null and not (c.about_id = any (reach.cut())) and not exists (
    select 1 from conflict l
    where l.provider_id = c.provider_id and l.service_id = c.service_id and l.lifts = c.conflict_id
      and l.person_id = c.person_id)
order by c.recorded_at desc, c.conflict_id
limit 200
""")  # noqa: S608

_COLLEAGUES = text("""
select distinct on (m.person_id) m.person_id, m.display_name from membership m
where m.provider_id = :provider and m.valid_from <= :today and (m.valid_until is null or m.valid_until >= :today)
order by m.person_id, m.display_name
limit 2000
""")


def sources(
    session: Session,
    provider_id: uuid.UUID,
    *,
    today: date,
    name: str = "",
    service_id: uuid.UUID | None = None,
    class_: str = "",
    roles: tuple[str, ...] | None = None,
    number: int = 1,
) -> tuple[tuple[Source, ...], bool]:
    """A page of what gives people and outsiders their view, and whether more follows.

    Args:
        session: a transaction in the reader's reach.
        provider_id: the provider.
        today: the day.
        name: a part of a person's or a body's name.
        service_id: only what reaches this service.
        class_: only what opens this class, for grants and links.
        roles: the roles that hold it, for members and support; all where None.
        number: the page, from 1.
    """
    values = {
        "provider": provider_id, "today": today, "name": name, "service": service_id, "class": class_,
        "roles": list(roles) if roles is not None else None, "most": PAGE + 1, "skip": PAGE * (number - 1),
    }  # fmt: skip
    found = [Source(**row) for row in session.execute(_SOURCES, values).mappings()]
    return tuple(found[:PAGE]), len(found) > PAGE


def conflicts(session: Session, providers: tuple[uuid.UUID, ...]) -> tuple[ConflictLine, ...]:
    """The conflicts that stand, newest first; never one's own, nor another's about what one is cut from oneself."""
    return tuple(ConflictLine(**row) for row in session.execute(_CONFLICTS, {"providers": list(providers)}).mappings())


def colleagues(session: Session, provider_id: uuid.UUID, today: date) -> tuple[tuple[uuid.UUID, str], ...]:
    """Who works for the provider today, within reach."""
    rows = session.execute(_COLLEAGUES, {"provider": provider_id, "today": today})
    return tuple(sorted(((row.person_id, row.display_name) for row in rows), key=lambda each: each[1]))


def works_here(session: Session, provider_id: uuid.UUID, person_id: uuid.UUID | None) -> bool:
    """Whether somebody works for the provider today, for whoever works there too: a carer does not read who else does."""
    found = session.execute(
        text("select 1 from reach.holders(:provider) h where h.person_id = :person limit 1"),
        {"provider": provider_id, "person": person_id},
    )
    return found.first() is not None


def thing_named(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, kind: str, words: str, person_id: uuid.UUID | None
) -> Thing | None:
    """The thing of a service that somebody named, by its reference or the address of its page; None where they see none.

    Args:
        session: a transaction in the reach of whoever names it.
        provider_id: the provider.
        service_id: its service.
        kind: record, escalation, action, risk, review or evidence.
        words: as they typed it.
        person_id: who names it.
    """
    table, column, letter = _THINGS[kind]
    values = {"provider": provider_id, "service": service_id, "me": person_id}
    given = re.search(rf"\b{letter}-\d{{1,6}}\b", words, re.IGNORECASE) if letter else None
    if given:
        where, values["wanted"] = "reference = :wanted", given[0].upper()  # type: ignore[assignment]
    else:
        named = _IDENTIFIER.findall(words)
        if not named:
            return None
        where, values["wanted"] = f"{column} = :wanted", uuid.UUID(named[-1])
    own = "bool_or(recorded_by = :me)" if kind == "record" else "false"
    row = session.execute(
        text(  # the parts are constants of this module
            f"select {column} as about_id, {own} as is_own from {table}"  # noqa: S608
            f" where provider_id = :provider and service_id = :service and {where} group by {column} limit 1"
        ),
        values,
    ).one_or_none()
    return None if row is None else Thing(row.about_id, bool(row.is_own))
