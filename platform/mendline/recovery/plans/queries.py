"""What the pages of recovery plans read: a fixed number of statements for each."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from mendline.catalogue.plans import plan_templates, template_from
from mendline.recovery.plans.rows import (
    InspectionLine,
    ObjectiveEventLine,
    ObjectiveLine,
    PlanLine,
    RequirementLine,
    RevisionLine,
    StepLine,
    TemplateLine,
)
from tenants.errors import NotFoundError

_PLANS = text("""
select p.plan_id, p.template_key, p.template_version, p.framework_version, p.title, p.goal, p.target,
       coalesce(v.starts_on, p.starts_on) as starts_on, coalesce(v.weeks, p.weeks) as weeks,
       p.starts_on as first_starts_on, v.ended_on, p.inspection_id, p.content, p.started_label, p.recorded_at
from recovery_plan p
left join lateral (
    select starts_on, weeks, ended_on from plan_revision x
    where x.provider_id = p.provider_id and x.service_id = p.service_id and x.plan_id = p.plan_id
    order by revision desc limit 1) v on true
where p.provider_id = :provider and p.service_id = :service
order by v.ended_on is not null, 8 desc, p.recorded_at desc
limit 50
""")

_OBJECTIVES = text("""
select o.plan_id, o.objective_id, o.number, o.goal, o.target, o.weeks, o.hold_weeks, o.owner_role, o.sign_off_role,
       o.requirement_ids,
       (select coalesce(jsonb_agg(jsonb_build_object(
            'kind', e.kind, 'reason', e.reason, 'happened_on', e.happened_on, 'signed_label', e.signed_label,
            'signed_role', e.signed_role) order by e.recorded_at desc, e.event_id desc), '[]')
          from objective_event e
         where e.provider_id = o.provider_id and e.service_id = o.service_id and e.plan_id = o.plan_id
           and e.objective_id = o.objective_id) as events
from plan_objective o
where o.provider_id = :provider and o.service_id = :service
order by o.plan_id, o.number
""")

_STEPS = text("""
select plan_id, number, role, action, record, record_types, cadence, rhythm, at_least, due_weekday, shifts
from plan_step where provider_id = :provider and service_id = :service
order by plan_id, number
""")

_REVISIONS = text("""
select plan_id, revision, starts_on, weeks, ended_on, cause, reason, recorded_label, recorded_at
from plan_revision where provider_id = :provider and service_id = :service
order by plan_id, revision desc
""")

_INSPECTIONS = text("""
select i.inspection_id, i.inspected_on, i.published_on, i.framework_version, i.overall, i.key_questions, i.outcome,
       coalesce(i.quality_statements, '{}') as quality_statements, i.corrects, i.correction_reason, i.recorded_label,
       exists (select 1 from inspection c
               where c.provider_id = i.provider_id and c.service_id = i.service_id
                 and c.corrects = i.inspection_id) as is_corrected
from inspection i
where i.provider_id = :provider and i.service_id = :service
order by i.inspected_on desc, i.recorded_at desc
limit 50
""")

_REQUIREMENTS = text("""
select q.requirement_id, q.kind, q.regulation, q.summary, q.issued_on, q.comply_by, coalesce(q.met_on, m.met_on) as met_on,
       m.note as met_note, q.inspection_id, q.key_question, q.quality_statement
from regulatory_requirement q
left join lateral (
    select met_on, note from regulatory_requirement m
    where m.provider_id = q.provider_id and m.service_id = q.service_id and m.kind = q.kind
      and m.regulation = q.regulation and m.issued_on is not distinct from q.issued_on and m.met_on is not null
      and m.requirement_id <> q.requirement_id
    order by m.recorded_at desc limit 1) m on q.met_on is null
where q.provider_id = :provider and q.service_id = :service
  -- The row that says "met" is told with the one it is about.
  and not (q.met_on is not null and exists (
    select 1 from regulatory_requirement o
    where o.provider_id = q.provider_id and o.service_id = q.service_id and o.kind = q.kind
      and o.regulation = q.regulation and o.issued_on is not distinct from q.issued_on and o.met_on is null))
order by coalesce(q.met_on, m.met_on) nulls first, q.comply_by nulls last, q.regulation, q.requirement_id
limit 200
""")

_TEMPLATES = text("""
select distinct on (template_key) template_key, version, title, weeks, content, written, recorded_label, recorded_at,
       is_withdrawn
from plan_template where provider_id = :provider
order by template_key, version desc
""")

_VERSIONS = text("""
select template_key, version, title, weeks, content, written, recorded_label, recorded_at, is_withdrawn
from plan_template where provider_id = :provider and template_key = :key
order by version desc limit 50
""")


def plans_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[PlanLine, ...]:
    """The plans of a service, those that run first, newest first."""
    return tuple(PlanLine(**row) for row in _rows(session, _PLANS, provider_id, service_id))


def objectives_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[ObjectiveLine, ...]:
    """The objectives of all plans of a service."""
    return tuple(objective_from(row) for row in _rows(session, _OBJECTIVES, provider_id, service_id))


def objective_from(row: dict[str, Any]) -> ObjectiveLine:
    """An objective from a row whose `events` are JSON, newest first."""
    events = tuple(
        ObjectiveEventLine(**{**each, "happened_on": date.fromisoformat(each["happened_on"])}) for each in row["events"]
    )
    return ObjectiveLine(**{**row, "events": events})


def steps_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[StepLine, ...]:
    """The steps of all plans of a service."""
    return tuple(StepLine(**row) for row in _rows(session, _STEPS, provider_id, service_id))


def revisions_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID
) -> dict[uuid.UUID, tuple[RevisionLine, ...]]:
    """How the weeks of each plan were changed, newest first."""
    found: dict[uuid.UUID, list[RevisionLine]] = defaultdict(list)
    for row in _rows(session, _REVISIONS, provider_id, service_id):
        found[row["plan_id"]].append(RevisionLine(**row))
    return {plan_id: tuple(lines) for plan_id, lines in found.items()}


def inspections_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[InspectionLine, ...]:
    """The inspections of a service with those that were corrected, newest first."""
    return tuple(InspectionLine(**row) for row in _rows(session, _INSPECTIONS, provider_id, service_id))


def requirements_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[RequirementLine, ...]:
    """Breaches, notices and conditions of a service, open ones first."""
    return tuple(RequirementLine(**row) for row in _rows(session, _REQUIREMENTS, provider_id, service_id))


def templates_for(session: Session, provider_id: uuid.UUID) -> tuple[TemplateLine, ...]:
    """What a plan can be started from: the catalogue's templates, then the newest version of each of the provider's."""
    shipped = [
        TemplateLine(one.key, one.version, one.title, one.weeks, is_own=False, template=one)
        for one in sorted(plan_templates().values(), key=lambda one: one.title)
    ]
    rows = session.execute(_TEMPLATES, {"provider": provider_id}).mappings()
    return (*shipped, *(_own(dict(row)) for row in rows))


def versions_of(session: Session, provider_id: uuid.UUID, key: str) -> tuple[TemplateLine, ...]:
    """Every version of one of the provider's templates, newest first.

    Raises:
        NotFoundError: the provider has no such template.
    """
    rows = session.execute(_VERSIONS, {"provider": provider_id, "key": key}).mappings()
    found = tuple(_own(dict(row)) for row in rows)
    if not found:
        raise NotFoundError("There is no such template.")
    return found


def _own(row: dict[str, Any]) -> TemplateLine:
    return TemplateLine(
        key=row["template_key"],
        version=str(row["version"]),
        title=row["title"],
        weeks=row["weeks"],
        is_own=True,
        template=template_from(row["content"], row["template_key"]),
        written=row["written"],
        recorded_label=row["recorded_label"],
        recorded_at=row["recorded_at"],
        is_withdrawn=row["is_withdrawn"],
    )


def _rows(
    session: Session, statement: TextClause, provider_id: uuid.UUID, service_id: uuid.UUID
) -> Sequence[dict[str, Any]]:
    found = session.execute(statement, {"provider": provider_id, "service": service_id}).mappings()
    return [dict(row) for row in found]
