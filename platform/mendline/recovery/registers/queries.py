"""What the pages of escalations and oversight read: a fixed number of statements, each by provider and service."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from mendline.indicators.queries import standings
from mendline.places.rows import Place
from mendline.recovery.queries import FOREVER
from mendline.recovery.registers.rows import (
    ActionHistory,
    EpisodeLine,
    EscalationLine,
    FiredOther,
    FiredRecord,
    OneEscalation,
    OversightLine,
    RiskHistory,
    StepLine,
)
from mendline.recovery.triggers.ladder import may_decide
from tenants.errors import NotFoundError, RefusedError
from tenants.reach import Reach

MOST_ROWS = 500

_LINE = """
select e.provider_id, e.service_id, s.name as service, e.indicator_id, i.definition_key, e.escalation_id, e.trigger,
       coalesce(e.origin, 'decision') as origin, e.kind, e.to_role, e.to_label, coalesce(u.to_role, e.to_role) as role,
       e.asked, e.interim_control, e.opened_on, e.opened_label, e.due_on as first_due_on,
       coalesce(u.due_on, e.due_on) as due_on, coalesce(u.number, 0) as steps, e.episode_id,
       d.outcome, d.reason, d.decided_on, d.decided_label, d.decided_role, d.made, e.recorded_at, e.subject_person_id
from escalation e
join service s on s.provider_id = e.provider_id and s.service_id = e.service_id
join service_indicator i
  on i.provider_id = e.provider_id and i.service_id = e.service_id and i.indicator_id = e.indicator_id
left join escalation_decision d
  on d.provider_id = e.provider_id and d.service_id = e.service_id and d.indicator_id = e.indicator_id
 and d.escalation_id = e.escalation_id and d.recorded_at <= :as_at
left join lateral (
    select to_role, due_on, number from escalation_step x
    where x.provider_id = e.provider_id and x.service_id = e.service_id and x.indicator_id = e.indicator_id
      and x.escalation_id = e.escalation_id and x.recorded_at <= :as_at
    order by number desc limit 1) u on true
"""

_OF_SERVICE = text(f"""{_LINE}
where e.provider_id = :provider and e.service_id = :service
  and (cast(:escalation as uuid) is null or e.escalation_id = :escalation) and e.recorded_at <= :as_at
order by d.outcome is not null, coalesce(u.due_on, e.due_on), e.opened_on desc, e.escalation_id
limit :most
""")

_OF_PROVIDERS = text(f"""{_LINE}
where e.provider_id = any (:providers) and s.closed_on is null and (d.outcome is null or not :only_open)
order by d.outcome is not null, coalesce(u.due_on, e.due_on), e.opened_on desc, e.escalation_id
limit :most
""")

_OPEN_COUNTS = text("""
select e.service_id, count(*) as open, count(*) filter (where coalesce(u.due_on, e.due_on) < :today) as late
from escalation e
join service s on s.provider_id = e.provider_id and s.service_id = e.service_id
    and (s.closed_on is null or s.closed_on > :today)
left join lateral (
    select due_on from escalation_step x
    where x.provider_id = e.provider_id and x.service_id = e.service_id and x.indicator_id = e.indicator_id
      and x.escalation_id = e.escalation_id and x.recorded_at <= :as_at
    order by number desc limit 1) u on true
where e.provider_id = :provider and e.recorded_at <= :as_at
  and not exists (
    select 1 from escalation_decision d
    where d.provider_id = e.provider_id and d.service_id = e.service_id and d.indicator_id = e.indicator_id
      and d.escalation_id = e.escalation_id and d.recorded_at <= :as_at)
group by e.service_id
""")

_STEPS = text("""
select number, from_role, to_role, due_on, reason, happened_on from escalation_step
where provider_id = :provider and service_id = :service and escalation_id = :escalation
order by number
""")

_EPISODES = text("""
select e.rule_key, e.rule_version, e.sentence, e.facts, e.fact_count, e.thresholds, e.opened_on, e.held_back,
       x.ended_on, x.how, e.escalation_id, e.is_contradiction, e.family
from trigger_episode e
left join trigger_episode_end x
  on x.provider_id = e.provider_id and x.service_id = e.service_id and x.episode_id = e.episode_id
where e.provider_id = :provider and e.service_id = :service
  and (cast(:episode as uuid) is null or e.episode_id = :episode)
order by x.ended_on is not null, e.opened_on desc, e.rule_key
limit :most
""")

_RECORDS = text("""
select distinct on (record_id) record_id, record_type, happened_at, withdrawn_at from record
where provider_id = :provider and service_id = :service and record_id = any (:records)
order by record_id, revision desc
""")

_OTHERS = text("""
select 'action' as kind, reference as key, title as words, due_on as day, indicator_id from action
where provider_id = :provider and service_id = :service and action_id = any (:actions)
union all
select 'review', review_id::text, decision, held_on, indicator_id from review
where provider_id = :provider and service_id = :service and review_id = any (:reviews)
union all
select 'change', event_id::text, what_changed, happened_on, indicator_id from chart_event
where provider_id = :provider and service_id = :service and event_id = any (:changes)
union all
select 'work', work_item_id::text, title, due_on, null from work_item
where provider_id = :provider and service_id = :service and work_item_id = any (:works)
order by 4 desc, 1, 2
""")

_OVERSIGHT = text("""
select o.service_id, s.name as service, o.oversight_id, o.reference, o.asked, o.to_role, o.escalation_id,
       o.indicator_id, o.opened_on, o.due_on, r.reply, r.replied_on, r.replied_label
from oversight o
join service s on s.provider_id = o.provider_id and s.service_id = o.service_id
left join oversight_reply r
  on r.provider_id = o.provider_id and r.service_id = o.service_id and r.oversight_id = o.oversight_id
where o.provider_id = any (:providers) and (cast(:service as uuid) is null or o.service_id = :service)
order by r.replied_on is not null, o.due_on, o.reference
limit :most
""")


def escalations_of(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    *,
    most: int = MOST_ROWS,
    as_at: datetime = FOREVER,
) -> tuple[EscalationLine, ...]:
    """The escalations of a service as they were known at a moment, open ones first, soonest first.

    One that is about the reader is not among them.
    """
    values = {"provider": provider_id, "service": service_id, "escalation": None, "most": most, "as_at": as_at}
    return tuple(EscalationLine(**row) for row in session.execute(_OF_SERVICE, values).mappings())


def every_escalation(session: Session, reach: Reach, *, only_open: bool = False) -> tuple[EscalationLine, ...]:
    """The escalations of every service within reach, open ones first: one statement."""
    values = {"providers": list(reach.provider_ids), "only_open": only_open, "most": MOST_ROWS, "as_at": FOREVER}
    return tuple(EscalationLine(**row) for row in session.execute(_OF_PROVIDERS, values).mappings())


def open_counts(
    session: Session, provider_id: uuid.UUID, today: date, as_at: datetime = FOREVER
) -> dict[uuid.UUID, tuple[int, int]]:
    """How many escalations of each service had no decision at a moment, and how many of them were late: one statement."""
    values = {"provider": provider_id, "today": today, "as_at": as_at}
    return {row.service_id: (row.open, row.late) for row in session.execute(_OPEN_COUNTS, values)}


def decides(reach: Reach, line: EscalationLine) -> bool:
    """Whether this person may decide an escalation at the level where it is now."""
    return reach.may("answer_escalation", line.provider_id, line.service_id) and may_decide(
        line.role, roles_at(reach, line.provider_id, line.service_id)
    )


def roles_at(reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID) -> frozenset[str]:
    """The roles that a person holds at a service, those for its whole provider included."""
    return frozenset(
        held.role for held in reach.held if held.provider_id == provider_id and held.service_id in (None, service_id)
    )


def one_escalation(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, escalation_id: uuid.UUID
) -> OneEscalation:
    """An escalation with its steps and the facts that fired it: at most five statements.

    Raises:
        NotFoundError: there is none at the service, or it is about the reader.
    """
    here = {"provider": provider_id, "service": service_id}
    values = {**here, "escalation": escalation_id, "most": 1, "as_at": FOREVER}
    row = session.execute(_OF_SERVICE, values).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such escalation at this service.")
    line = EscalationLine(**row)
    steps = session.execute(_STEPS, {**here, "escalation": escalation_id}).mappings()
    found = _episodes(session, here, line.episode_id, 1) if line.episode_id else ()
    episode = found[0] if found else None
    records = fired_records(session, provider_id, service_id, episode.facts) if episode else ()
    others = _fired_others(session, here, episode.facts) if episode else ()
    return OneEscalation(line, tuple(StepLine(**step) for step in steps), episode, records, others)


def episodes_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[EpisodeLine, ...]:
    """Early warnings and triggers of a service, those that last first."""
    return _episodes(session, {"provider": provider_id, "service": service_id}, None, MOST_ROWS)


def fired_records(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, facts: Sequence[dict[str, Any]]
) -> tuple[FiredRecord, ...]:
    """The records among what fired a rule, as far as the reader may see them."""
    wanted = [uuid.UUID(fact["id"]) for fact in facts if fact["kind"] == "record"]
    if not wanted:
        return ()
    values = {"provider": provider_id, "service": service_id, "records": wanted}
    found = [FiredRecord(**row) for row in session.execute(_RECORDS, values).mappings()]
    return tuple(sorted(found, key=lambda one: one.happened_at, reverse=True))


def _fired_others(
    session: Session, here: dict[str, uuid.UUID], facts: Sequence[dict[str, Any]]
) -> tuple[FiredOther, ...]:
    """Actions, decisions, changes and dated work among what fired a rule: one statement, or none."""
    wanted = {
        f"{kind}s": [uuid.UUID(fact["id"]) for fact in facts if fact["kind"] == kind]
        for kind in ("action", "review", "change", "work")
    }
    if not any(wanted.values()):
        return ()
    return tuple(FiredOther(**row) for row in session.execute(_OTHERS, {**here, **wanted}).mappings())


def oversight_of(session: Session, reach: Reach, service_id: uuid.UUID | None = None) -> tuple[OversightLine, ...]:
    """What is before the provider's level, open first; of one service, or of all within reach."""
    values = {"providers": list(reach.provider_ids), "service": service_id, "most": MOST_ROWS}
    return tuple(OversightLine(**row) for row in session.execute(_OVERSIGHT, values).mappings())


def _episodes(
    session: Session, here: dict[str, uuid.UUID], episode_id: uuid.UUID | None, most: int
) -> tuple[EpisodeLine, ...]:
    values = {**here, "episode": episode_id, "most": most}
    return tuple(EpisodeLine(**row) for row in session.execute(_EPISODES, values).mappings())


_RISK_HISTORY = text("""
select * from (
    select 'scored' as kind, s.likelihood, s.impact, s.reason as words, null::text as controls, s.look_again_on,
           s.judged_on as happened_on, s.judged_label as label, s.recorded_at
    from risk_score s join risk r
      on r.provider_id = s.provider_id and r.service_id = s.service_id and r.risk_id = s.risk_id
    where r.provider_id = :provider and r.service_id = :service and r.reference = :reference
    union all
    select e.kind, null, null, e.note, e.controls, e.look_again_on, e.happened_on, e.recorded_label, e.recorded_at
    from risk_event e join risk r
      on r.provider_id = e.provider_id and r.service_id = e.service_id and r.risk_id = e.risk_id
    where r.provider_id = :provider and r.service_id = :service and r.reference = :reference) x
order by happened_on desc, recorded_at desc
limit :most
""")

_ACTION_HISTORY = text("""
select * from (
    select 'opened' as kind, a.due_on, a.title as note, null::text as evidence_reference, null::text as title,
           null::text as owner, null::text as measure, a.opened_on as happened_on, a.recorded_initials, a.recorded_at
    from action a where a.provider_id = :provider and a.service_id = :service and a.reference = :reference
    union all
    select e.kind, e.due_on, e.note, e.evidence_reference, e.title, e.owner, e.measure, e.happened_on,
           e.recorded_initials, e.recorded_at
    from action_event e join action a
      on a.provider_id = e.provider_id and a.service_id = e.service_id and a.action_id = e.action_id
    where a.provider_id = :provider and a.service_id = :service and a.reference = :reference) x
order by happened_on desc, recorded_at desc
limit :most
""")


def risk_history(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, reference: str
) -> tuple[RiskHistory, ...]:
    """Scores and changes of a risk, newest first."""
    rows = _history(session, _RISK_HISTORY, provider_id, service_id, reference)
    return tuple(RiskHistory(**row) for row in rows)


def action_history(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, reference: str
) -> tuple[ActionHistory, ...]:
    """What happened to an action, newest first; its opening is the last line."""
    rows = _history(session, _ACTION_HISTORY, provider_id, service_id, reference)
    return tuple(ActionHistory(**row) for row in rows)


def _history(
    session: Session, statement: TextClause, provider_id: uuid.UUID, service_id: uuid.UUID, reference: str
) -> list[dict[str, Any]]:
    values = {"provider": provider_id, "service": service_id, "reference": reference, "most": MOST_ROWS}
    found = session.execute(statement, values).mappings()
    return [{name: value for name, value in row.items() if name != "recorded_at"} for row in found]


def indicator_of(session: Session, place: Place, wanted: uuid.UUID) -> uuid.UUID:
    """The indicator that a form names, which must run at the place.

    Raises:
        RefusedError: it does not run here.
    """
    if not standings(session, place.provider_id, place.service_id, wanted, periods="none"):
        raise RefusedError("Nothing was saved.", {"indicator_id": "No such indicator runs here."})
    return wanted


def maybe_indicator(session: Session, place: Place, wanted: uuid.UUID | None) -> uuid.UUID | None:
    """The same, where a form may leave it out."""
    return indicator_of(session, place, wanted) if wanted else None
