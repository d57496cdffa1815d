"""A service within reach, and the list of them: one statement each."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definitions
from mendline.catalogue.status_rules import status_rules
from mendline.places.rows import Neighbour, Place, Plan, Rating, Requirement, ServiceLine
from tenants.errors import NotFoundError
from tenants.reach import Reach

# Facts are never changed: that a breach or notice is met stands in a later row of the same kind, regulation and issue.
_OPEN = """q.met_on is null and not exists (
             select 1 from regulatory_requirement m
              where m.provider_id = q.provider_id and m.service_id = q.service_id and m.kind = q.kind
                and m.regulation = q.regulation and m.issued_on is not distinct from q.issued_on
                and m.met_on is not null)"""

# An inspection that was wrong is corrected by a later row that names it.
_NOT_CORRECTED = """not exists (
             select 1 from inspection c
              where c.provider_id = i.provider_id and c.service_id = i.service_id and c.corrects = i.inspection_id)"""

# A plan's weeks as they hold now: those of its newest revision, where it has any.
_REVISED = """left join lateral (
             select starts_on, weeks, ended_on from plan_revision x
              where x.provider_id = r.provider_id and x.service_id = r.service_id and x.plan_id = r.plan_id
              order by revision desc limit 1) v on true"""

# A service that was transferred stands at both providers under one identifier; the old one keeps it to be read.
_GIVEN_AWAY = """exists (
             select 1 from service_freeze f
              where f.provider_id = s.provider_id and f.service_id = s.service_id and f.lifted_at is null)"""

# Which service comes before and after. Who does not work at the one before reads its name, and no more. The one after is
# looked up where there is one: as a plain join PostgreSQL begins with every service in reach.
_BEFORE = """(select jsonb_build_object('service_id', y.follows, 'name', coalesce(o.name, y.follows_name), 'from_on', y.from_on,
                'closed_on', o.closed_on, 'is_seen', o.service_id is not null)
          from (
            select x.follows, x.follows_name, x.from_on from service_succession x
             where x.provider_id = s.provider_id and x.service_id = s.service_id
             order by x.recorded_at desc, x.succession_id desc limit 1) y
          left join service o on o.provider_id = s.provider_id and o.service_id = y.follows
         where y.follows is not null)"""
_AFTER = """(select jsonb_build_object('service_id', o.service_id, 'name', o.name, 'from_on', y.from_on,
                'closed_on', o.closed_on, 'is_seen', true)
          from service_succession y
          join lateral (
             select service_id, name, closed_on from service x
              where x.provider_id = y.provider_id and x.service_id = y.service_id limit 1) o on true
         where y.provider_id = s.provider_id and y.follows = s.service_id
           and not exists (
               select 1 from service_succession z
                where z.provider_id = y.provider_id and z.service_id = y.service_id
                  and (z.recorded_at, z.succession_id) > (y.recorded_at, y.succession_id))
         order by y.from_on desc limit 1)"""

# The latest of each kind beside the service, in one statement; each subquery is one index look-up.
_PLACE = text(f"""
select s.provider_id, p.name as provider, s.service_id, s.name, s.code, s.kind, s.cqc_location_id, s.beds,
       s.people_count, s.registered_manager,
       (select to_jsonb(i) from inspection i
         where i.provider_id = s.provider_id and i.service_id = s.service_id and {_NOT_CORRECTED}
         order by i.inspected_on desc limit 1) as inspection,
       (select jsonb_build_object(
            'title', r.title, 'goal', r.goal, 'template_key', r.template_key, 'framework_version', r.framework_version,
            'starts_on', coalesce(v.starts_on, r.starts_on), 'weeks', coalesce(v.weeks, r.weeks),
            'as_of', reach.today())
          from recovery_plan r {_REVISED}
         where r.provider_id = s.provider_id and r.service_id = s.service_id and v.ended_on is null
         order by coalesce(v.starts_on, r.starts_on) desc limit 1) as plan,
       (select coalesce(jsonb_agg(to_jsonb(q) order by q.comply_by nulls last, q.regulation), '[]')
          from regulatory_requirement q
         where q.provider_id = s.provider_id and q.service_id = s.service_id and {_OPEN}) as requirements,
       {_GIVEN_AWAY} as given_away, s.closed_on, {_BEFORE} as before, {_AFTER} as after
from service s join provider p on p.provider_id = s.provider_id
where s.provider_id = any (:providers) and s.service_id = :service
""")  # noqa: S608 -- a constant of ours

_LISTING = text(f"""
select s.service_id, s.provider_id, p.name as provider, s.name, s.kind, s.people_count,
       (select i.overall from inspection i
         where i.provider_id = s.provider_id and i.service_id = s.service_id and {_NOT_CORRECTED}
         order by i.inspected_on desc limit 1) as rating,
       (select count(*) from regulatory_requirement q
         where q.provider_id = s.provider_id and q.service_id = s.service_id
           and {_OPEN} and q.kind = 'warning_notice') as notices,
       r.starts_on as plan_starts_on, r.weeks as plan_weeks,
       coalesce(t.improving, 0) as improving, coalesce(t.stable, 0) as stable,
       coalesce(t.deteriorating, 0) as deteriorating, coalesce(t.insufficient, 0) as insufficient,
       coalesce(t.unescalated, 0) as unescalated, t.last_decision, t.last_decision_on, s.closed_on
from service s
join provider p on p.provider_id = s.provider_id
left join lateral (
    select coalesce(v.starts_on, r.starts_on) as starts_on, coalesce(v.weeks, r.weeks) as weeks
    from recovery_plan r {_REVISED}
    where r.provider_id = s.provider_id and r.service_id = s.service_id and v.ended_on is null
    order by 1 desc limit 1) r on true
left join lateral (
    select count(*) filter (where composite = 'improving') as improving,
           count(*) filter (where composite in ('stable', 'changed')) as stable,
           count(*) filter (where composite = 'deteriorating') as deteriorating,
           count(*) filter (where composite in ('too_few', 'not_supported')) as insufficient,
           count(*) filter (where unescalated_days is not null) as unescalated,
           (array_agg(last_decision order by last_decision_on desc nulls last))[1] as last_decision,
           max(last_decision_on) as last_decision_on
    from (select x.unescalated_days, x.last_decision, x.last_decision_on,
                 case when x.rules_version = :rules then coalesce(x.composite, 'not_supported')
                      else 'not_supported' end as composite
            from indicator_status x
           join service_indicator i
             on i.provider_id = x.provider_id and i.service_id = x.service_id and i.indicator_id = x.indicator_id
            and i.ended_on is null
          where x.provider_id = s.provider_id and x.service_id = s.service_id
            and x.definition_key <> all (cast(:hidden as text[]))) y) t on true
where s.provider_id = any (:providers) and (s.closed_on is null or :closed)
order by p.name, t.unescalated desc nulls last, t.deteriorating desc nulls last, s.name
""")  # noqa: S608 -- a constant of ours


def find_place(session: Session, reach: Reach, service_id: uuid.UUID) -> Place:
    """A service of one's own provider, with what its pages open with: one statement.

    A service that is only granted to a commissioner is not found here: outsiders read pages of their own, where small
    numbers are withheld.

    Raises:
        NotFoundError: there is no such service, or it is not within reach; the two look the same.
    """
    return _found(session, service_id, [each for each in reach.provider_ids if is_own(reach, each, service_id)])


def find_granted_place(session: Session, reach: Reach, service_id: uuid.UUID) -> Place:
    """A service that its provider shares with a commissioner: one statement.

    Raises:
        NotFoundError: there is no such service, or it is not granted at present; the two look the same.
    """
    return _found(session, service_id, [each.provider_id for each in reach.granted if each.service_id == service_id])


def is_own(reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID) -> bool:
    """Whether somebody works at a service or for the whole of its provider; a grant alone is not that."""
    return reach.kind in ("job", "command") or any(
        held.provider_id == provider_id and held.service_id in (None, service_id) for held in reach.held
    )


def _found(session: Session, service_id: uuid.UUID, providers: list[uuid.UUID]) -> Place:
    rows = session.execute(_PLACE, {"providers": providers, "service": service_id}).all() if providers else []
    kept = [each for each in rows if not each.given_away] or rows
    row = kept[0] if len(kept) == 1 else None  # under one identifier at two providers: neither is meant
    if row is None:
        raise NotFoundError("There is no such service within your sign-in.")
    return Place(
        provider_id=row.provider_id,
        provider=row.provider,
        service_id=row.service_id,
        name=row.name,
        code=row.code,
        kind=row.kind,
        cqc_location_id=row.cqc_location_id,
        beds=row.beds,
        people_count=row.people_count,
        registered_manager=row.registered_manager,
        rating=_rating(row.inspection),
        requirements=tuple(
            Requirement(each["kind"], each["regulation"], each["summary"], _day(each["comply_by"]))
            for each in row.requirements
        ),
        plan=_plan(row.plan),
        closed_on=row.closed_on,
        before=_neighbour(row.before),
        after=_neighbour(row.after),
    )


def _neighbour(told: Mapping[str, Any] | None) -> Neighbour | None:
    if told is None:
        return None
    closed = told["closed_on"]
    return Neighbour(
        uuid.UUID(told["service_id"]),
        told["name"],
        date.fromisoformat(told["from_on"]),
        date.fromisoformat(closed) if closed else None,
        told["is_seen"],
    )


def service_lines(session: Session, reach: Reach) -> tuple[ServiceLine, ...]:
    """One's own services with how their indicators read, those that need attention first: one statement."""
    lines = _lines(session, reach.provider_ids, ())
    return tuple(line for line in lines if is_own(reach, line.provider_id, line.service_id))


def granted_lines(session: Session, reach: Reach) -> tuple[ServiceLine, ...]:
    """The services that providers share with a commissioner, closed ones too: a grant holds until it ends.

    An indicator that is not released is not counted.
    """
    hidden = tuple(
        key for key, definition in indicator_definitions().items() if definition.external_view == "internal_only"
    )
    granted = {(each.provider_id, each.service_id) for each in reach.granted}
    lines = _lines(session, tuple(provider_id for provider_id, _ in granted), hidden, closed=True)
    return tuple(line for line in lines if (line.provider_id, line.service_id) in granted)


def _lines(
    session: Session, providers: Iterable[uuid.UUID], hidden: Iterable[str], *, closed: bool = False
) -> list[ServiceLine]:
    rows = session.execute(
        _LISTING,
        {
            "providers": list(providers),
            "hidden": list(hidden),
            "rules": status_rules().identity,
            "closed": closed,
        },
    ).mappings()
    return [ServiceLine(**row) for row in rows]


def _rating(found: Mapping[str, Any] | None) -> Rating | None:
    if found is None:
        return None
    return Rating(
        overall=found["overall"],
        key_questions=found["key_questions"],
        inspected_on=date.fromisoformat(found["inspected_on"]),
        published_on=_day(found["published_on"]),
        framework_version=found["framework_version"],
        outcome=found["outcome"],
    )


def _plan(found: Mapping[str, Any] | None) -> Plan | None:
    if found is None:
        return None
    return Plan(
        title=found["title"],
        goal=found["goal"],
        starts_on=date.fromisoformat(found["starts_on"]),
        weeks=found["weeks"],
        template_key=found["template_key"],
        framework_version=found["framework_version"],
        as_of=_day(found["as_of"]),
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
