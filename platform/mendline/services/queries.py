"""What the pages of a service read: a fixed number of statements each, whatever the size of the provider."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, func, select, text
from sqlalchemy.orm import Session

from mendline.indicators.model import IndicatorStatus, ServiceIndicator
from mendline.services.rows import (
    OpenAction,
    OpenEscalation,
    Place,
    Plan,
    Rating,
    Requirement,
    ServiceLine,
    Standing,
)
from tenants.directory.model import Service
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

_OPEN_WORK = text("""
with moved as (
    select distinct on (action_id) action_id, kind, due_on
    from action_event
    where provider_id = :provider and service_id = :service
    order by action_id, recorded_at desc, event_id desc
), dated as (
    select distinct on (action_id) action_id, due_on
    from action_event
    where provider_id = :provider and service_id = :service and due_on is not null
    order by action_id, recorded_at desc, event_id desc
)
select 'action' as what, a.action_id as id, a.reference, a.title, a.owner, a.due_on as first_due_on,
       coalesce(d.due_on, a.due_on) as due_on, a.indicator_id, a.opened_on,
       null as trigger, null as to_role, null as to_label
from action a
left join moved m on m.action_id = a.action_id
left join dated d on d.action_id = a.action_id
where a.provider_id = :provider and a.service_id = :service
  and coalesce(m.kind, 'open') not in ('closed', 'no_longer_applicable')
union all
select 'escalation', e.escalation_id, null, e.asked, null, null, e.due_on, e.indicator_id, e.opened_on,
       e.trigger, e.to_role, e.to_label
from escalation e
where e.provider_id = :provider and e.service_id = :service
  and not exists (
    select 1 from escalation_decision d
    where d.provider_id = e.provider_id and d.service_id = e.service_id
      and d.indicator_id = e.indicator_id and d.escalation_id = e.escalation_id)
order by due_on
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

_STANDING_COLUMNS = [
    ServiceIndicator.indicator_id,
    ServiceIndicator.definition_key,
    ServiceIndicator.cadence,
    ServiceIndicator.review_owner,
    ServiceIndicator.display_order,
    ServiceIndicator.in_plan,
    *(
        column
        for column in IndicatorStatus.__table__.columns
        if column.name
        in {
            "status", "reason", "sentence", "since", "variation", "assurance", "is_stale", "usable_points",
            "last_period", "last_state", "numerator", "denominator", "value", "centre", "lower", "upper",
            "target_operator", "target_value", "target_by", "baseline_value", "evidence_level", "evidence_marks",
            "declined_since", "unescalated_days", "review_due_on", "last_decision", "last_decision_on",
            "last_decision_by", "series", "facts_recorded_at",
        }
    ),
]  # fmt: skip

# An indicator that no worker has judged yet.
_UNJUDGED: Mapping[str, Any] = {
    "status": "insufficient",
    "reason": "not_judged_yet",
    "sentence": "This has not been judged yet. It is done in the background within a minute.",
    "is_stale": False,
    "usable_points": 0,
    "evidence_level": "not_supported",
    "evidence_marks": {},
    "series": {},
}


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


def standings(session: Session, place: Place, indicator_id: uuid.UUID | None = None) -> tuple[Standing, ...]:
    """Every running indicator of a service, or the one named, with where it stands: one statement."""
    si, st = ServiceIndicator, IndicatorStatus
    query = (
        select(*_STANDING_COLUMNS)
        .join_from(
            si,
            st,
            (st.provider_id == si.provider_id)
            & (st.service_id == si.service_id)
            & (st.indicator_id == si.indicator_id),
            isouter=True,
        )
        .where(si.provider_id == place.provider_id, si.service_id == place.service_id, si.ended_on.is_(None))
        .order_by(si.display_order)
    )
    if indicator_id is not None:
        query = query.where(si.indicator_id == indicator_id)
    return tuple(_standing(row) for row in session.execute(query).mappings())


def open_work(session: Session, place: Place) -> tuple[tuple[OpenAction, ...], tuple[OpenEscalation, ...]]:
    """Actions that are not closed and escalations that wait, soonest first: one statement."""
    rows = session.execute(_OPEN_WORK, {"provider": place.provider_id, "service": place.service_id}).all()
    actions = tuple(
        OpenAction(row.id, row.reference, row.title, row.owner, row.due_on, row.first_due_on, row.indicator_id)
        for row in rows
        if row.what == "action"
    )
    escalations = tuple(
        OpenEscalation(row.indicator_id, row.trigger, row.to_role, row.to_label, row.title, row.opened_on, row.due_on)
        for row in rows
        if row.what == "escalation"
    )
    return actions, escalations


def service_lines(session: Session, reach: Reach) -> tuple[ServiceLine, ...]:
    """The services within reach with how their indicators read, those that need attention first: one statement."""
    rows = session.execute(_LISTING, {"providers": list(reach.provider_ids)}).mappings()
    return tuple(ServiceLine(**row) for row in rows)


def services_in_reach(session: Session, reach: Reach) -> int:
    """How many services there are within reach."""
    found = session.execute(select(func.count()).where(Service.provider_id.in_(reach.provider_ids))).scalar_one()
    return int(found)


def _standing(row: RowMapping) -> Standing:
    values: dict[str, Any] = dict(row)
    if values["status"] is None:
        values |= _UNJUDGED
    return Standing(**values)


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
