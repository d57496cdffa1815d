"""What the pages of recovery plans read: a fixed number of statements for each."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definitions
from mendline.catalogue.plans import plan_templates, template_from
from mendline.catalogue.status_rules import status_rules
from mendline.recovery.plans.rows import (
    InspectionLine,
    ObjectiveEventLine,
    ObjectiveLine,
    PlanLine,
    RequirementLine,
    RevisionLine,
    StepLine,
    TemplateLine,
    ThreadLine,
)
from mendline.recovery.plans.stepping import HeldReview
from tenants.errors import NotFoundError

_PLANS = text("""
select p.plan_id, p.template_key, p.template_version, p.framework_version, p.title, p.goal, p.target,
       coalesce(v.starts_on, p.starts_on) as starts_on, coalesce(v.weeks, p.weeks) as weeks,
       p.starts_on as first_starts_on, v.ended_on, p.inspection_id, p.started_label, p.recorded_at,
       case when m.milestones is null then p.content else jsonb_set(p.content, '{milestones}', m.milestones, false) end
         as content
from recovery_plan p
left join lateral (
    select starts_on, weeks, ended_on from plan_revision x
    where x.provider_id = p.provider_id and x.service_id = p.service_id and x.plan_id = p.plan_id
    order by revision desc limit 1) v on true
left join lateral (
    select milestones from plan_milestone_revision x
    where x.provider_id = p.provider_id and x.service_id = p.service_id and x.plan_id = p.plan_id
    order by revision desc limit 1) m on true
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
select s.plan_id, s.number, s.role, s.action, s.record, s.record_types, coalesce(v.cadence, s.cadence) as cadence,
       coalesce(v.rhythm, s.rhythm) as rhythm, coalesce(v.at_least, s.at_least) as at_least,
       case when v.number is null then s.due_weekday else v.due_weekday end as due_weekday,
       coalesce(v.shifts, s.shifts) as shifts
from plan_step s
left join lateral (
    select * from plan_step_revision x
    where x.provider_id = s.provider_id and x.service_id = s.service_id and x.plan_id = s.plan_id
      and x.number = s.number and x.from_on <= :on
    order by x.revision desc limit 1) v on true
where s.provider_id = :provider and s.service_id = :service
order by s.plan_id, s.number
""")

# How a plan was changed: its days, the rhythm of its steps, its milestones.
_REVISIONS = text("""
select plan_id, revision, starts_on, weeks, ended_on, cause, reason, recorded_label, recorded_at, null as says
from plan_revision where provider_id = :provider and service_id = :service
union all
select plan_id, revision, from_on, 0, null, 'rhythm', reason, recorded_label, recorded_at, says
from plan_step_revision where provider_id = :provider and service_id = :service
union all
select plan_id, revision, from_on, 0, null, 'milestones', reason, recorded_label, recorded_at, says
from plan_milestone_revision where provider_id = :provider and service_id = :service
order by plan_id, recorded_at desc
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

_REVIEWS = text("""
select r.indicator_id, r.held_on, r.decision from review r
where r.provider_id = :provider and r.service_id = :service and r.decision <> 'addendum'
  and exists (select 1 from objective_indicator t
              where t.provider_id = r.provider_id and t.service_id = r.service_id and t.indicator_id = r.indicator_id)
order by r.held_on
""")

# All that a breach or notice leads to: through the objectives that answer it, to their indicators, and from those on.
_THREAD = text("""
with answered as (
    select o.plan_id, o.objective_id from plan_objective o
    where o.provider_id = :provider and o.service_id = :service and :requirement = any (o.requirement_ids)
), measured as (
    select distinct t.indicator_id from objective_indicator t
    join answered using (plan_id, objective_id)
    where t.provider_id = :provider and t.service_id = :service and t.part <> 'watched'
    union
    -- Where no objective names it yet: indicators that are declared under its regulation.
    select i.indicator_id from service_indicator i
    where i.provider_id = :provider and i.service_id = :service and i.ended_on is null
      and not exists (select 1 from answered) and i.definition_key = any (:keys)
)
select 'indicator' as what, i.indicator_id::text as id, i.definition_key as title, s.sentence as detail,
       s.review_due_on as day, coalesce(s.composite, 'not_supported') as state, i.indicator_id
from service_indicator i
join measured using (indicator_id)
left join indicator_status s
  on s.provider_id = i.provider_id and s.service_id = i.service_id and s.indicator_id = i.indicator_id
 and s.rules_version = :rules
where i.provider_id = :provider and i.service_id = :service
union all
select 'action', a.reference, a.title, a.owner, coalesce(d.due_on, a.due_on), coalesce(m.kind, 'open'), a.indicator_id
from action a
join measured using (indicator_id)
left join lateral (
    select kind from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.kind <> 'redated'
    order by recorded_at desc, event_id desc limit 1) m on true
left join lateral (
    select due_on from action_event x
    where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
      and x.due_on is not null
    order by recorded_at desc, event_id desc limit 1) d on true
where a.provider_id = :provider and a.service_id = :service
union all
select distinct 'evidence', e.reference, e.title, e.letter, e.dated_on, e.evidence_id::text, null::uuid
from evidence e
join evidence_link l
  on l.provider_id = e.provider_id and l.service_id = e.service_id and l.evidence_id = e.evidence_id
join measured using (indicator_id)
where e.provider_id = :provider and e.service_id = :service
union all
select 'decision', r.review_id::text, r.decision, coalesce(r.why, r.what_follows, ''), r.held_on, r.decided_label,
       r.indicator_id
from review r
join measured using (indicator_id)
where r.provider_id = :provider and r.service_id = :service
order by 1, 5 desc nulls last, 2
limit 400
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


def steps_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, on: date) -> tuple[StepLine, ...]:
    """The steps of all plans of a service, each with the rhythm that holds on a day."""
    return tuple(StepLine(**row) for row in _rows(session, _STEPS, provider_id, service_id, on=on))


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


def reviews_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID
) -> tuple[tuple[uuid.UUID, HeldReview], ...]:
    """Decisions on the indicators of any plan, oldest first: what the rhythm steps down by."""
    found = _rows(session, _REVIEWS, provider_id, service_id)
    return tuple((row["indicator_id"], HeldReview(row["held_on"], row["decision"])) for row in found)


def thread_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, line: RequirementLine
) -> tuple[ThreadLine, ...]:
    """Actions, indicators, evidence and decisions that a breach or notice leads to: one statement."""
    keys = [key for key, definition in indicator_definitions().items() if line.regulation in definition.regulations]
    values = {
        "provider": provider_id, "service": service_id, "requirement": line.requirement_id, "keys": keys,
        "rules": status_rules().identity,
    }  # fmt: skip
    return tuple(ThreadLine(**row) for row in session.execute(_THREAD, values).mappings())


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
    session: Session, statement: TextClause, provider_id: uuid.UUID, service_id: uuid.UUID, **more: Any
) -> Sequence[dict[str, Any]]:
    found = session.execute(statement, {"provider": provider_id, "service": service_id, **more}).mappings()
    return [dict(row) for row in found]
