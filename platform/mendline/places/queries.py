"""A service within reach, and the list of them: one statement each."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.places.rows import Place, Plan, Rating, Requirement, ServiceLine
from tenants.errors import NotFoundError
from tenants.reach import Reach

# The latest of each kind beside the service, in one statement; each subquery is one index look-up.
_PLACE = text("""
select s.provider_id, p.name as provider, s.service_id, s.name, s.code, s.kind, s.cqc_location_id, s.beds,
       s.people_count, s.registered_manager,
       (select to_jsonb(i) from inspection i
         where i.provider_id = s.provider_id and i.service_id = s.service_id
         order by i.inspected_on desc limit 1) as inspection,
       (select to_jsonb(r) from recovery_plan r
         where r.provider_id = s.provider_id and r.service_id = s.service_id
         order by r.starts_on desc limit 1) as plan,
       (select coalesce(jsonb_agg(to_jsonb(q) order by q.comply_by nulls last, q.regulation), '[]')
          from regulatory_requirement q
         where q.provider_id = s.provider_id and q.service_id = s.service_id and q.met_on is null) as requirements
from service s join provider p on p.provider_id = s.provider_id
where s.provider_id = any (:providers) and s.service_id = :service
""")

_LISTING = text("""
select s.service_id, s.provider_id, p.name as provider, s.name, s.kind, s.people_count,
       (select i.overall from inspection i
         where i.provider_id = s.provider_id and i.service_id = s.service_id
         order by i.inspected_on desc limit 1) as rating,
       (select count(*) from regulatory_requirement q
         where q.provider_id = s.provider_id and q.service_id = s.service_id
           and q.met_on is null and q.kind = 'warning_notice') as notices,
       r.starts_on as plan_starts_on, r.weeks as plan_weeks,
       coalesce(t.improving, 0) as improving, coalesce(t.stable, 0) as stable,
       coalesce(t.deteriorating, 0) as deteriorating, coalesce(t.insufficient, 0) as insufficient,
       coalesce(t.unescalated, 0) as unescalated, t.last_decision, t.last_decision_on
from service s
join provider p on p.provider_id = s.provider_id
left join lateral (
    select starts_on, weeks from recovery_plan r
    where r.provider_id = s.provider_id and r.service_id = s.service_id
    order by r.starts_on desc limit 1) r on true
left join lateral (
    select count(*) filter (where supported and status = 'improving') as improving,
           count(*) filter (where supported and status in ('stable', 'changed')) as stable,
           count(*) filter (where supported and status = 'deteriorating') as deteriorating,
           count(*) filter (where not supported or status = 'insufficient') as insufficient,
           count(*) filter (where unescalated_days is not null) as unescalated,
           (array_agg(last_decision order by last_decision_on desc nulls last))[1] as last_decision,
           max(last_decision_on) as last_decision_on
    from (select status, unescalated_days, last_decision, last_decision_on,
                 evidence_level <> 'not_supported' and not is_stale as supported
            from indicator_status x
           where x.provider_id = s.provider_id and x.service_id = s.service_id) y) t on true
where s.provider_id = any (:providers) and s.closed_on is null
order by p.name, t.unescalated desc nulls last, t.deteriorating desc nulls last, s.name
""")


def find_place(session: Session, reach: Reach, service_id: uuid.UUID) -> Place:
    """A service within reach, with what its pages open with: one statement.

    Raises:
        NotFoundError: there is no such service, or it is not within reach; the two look the same.
    """
    row = session.execute(_PLACE, {"providers": list(reach.provider_ids), "service": service_id}).one_or_none()
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
    )


def service_lines(session: Session, reach: Reach) -> tuple[ServiceLine, ...]:
    """The services within reach with how their indicators read, those that need attention first: one statement."""
    rows = session.execute(_LISTING, {"providers": list(reach.provider_ids)}).mappings()
    return tuple(ServiceLine(**row) for row in rows)


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
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
