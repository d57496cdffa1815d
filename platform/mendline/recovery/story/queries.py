"""Reads the story of a service: one statement, one page, whatever there is."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.recovery.story.rows import Asked, StoryLine

MOST = 200
_LAST_DAY, _FOREVER = date(9999, 1, 1), datetime(9999, 1, 1, tzinfo=UTC)

# One branch for each kind: kind, day, moment, entry, indicators, words. Row-level security leaves out what the reader
# may not see, so that the same statement serves everybody.
_HERE = "x.provider_id = :provider and x.service_id = :service"
_BRANCHES = {
    "status": """
select 'status', x.happened_on, x.recorded_at, 'status ' || x.change_id, array[x.indicator_id],
       jsonb_build_object('before', x.before, 'after', x.after, 'sentence', x.sentence)
from status_change x where <here>""",
    "figure": """
select 'figure', (x.recorded_at at time zone 'Europe/London')::date, x.recorded_at, 'figure ' || x.observation_id,
       array[x.indicator_id],
       jsonb_build_object('period', x.period_start, 'value', x.value, 'before', b.value, 'reason', x.reason,
                          'by', x.recorded_initials)
from observation x
join observation b on b.provider_id = x.provider_id and b.service_id = x.service_id
 and b.indicator_id = x.indicator_id and b.period_start = x.period_start and b.revision = x.revision - 1
where <here> and x.revision > 1 and x.source in ('entered', 'api')""",
    "event": """
select 'event', x.happened_on, x.recorded_at, 'event ' || x.event_id, array[x.indicator_id],
       jsonb_build_object('kind', x.kind, 'what', x.what_changed, 'why', x.why, 'followed', x.what_followed,
                          'reference', x.reference)
from chart_event x where <here> and x.kind not in ('staff', 'process', 'place')""",
    "change": """
select 'change', x.happened_on, x.recorded_at, 'change ' || x.change_id, x.indicator_ids,
       jsonb_build_object('kind', x.kind, 'what', x.what_changed, 'why', x.why, 'followed', x.what_followed,
                          'by', x.recorded_initials)
from service_change x where <here>
union all
select 'change', x.from_on, x.recorded_at, 'succession ' || x.succession_id, '{}'::uuid[],
       jsonb_build_object('kind', 'place', 'what', coalesce('It follows ' || x.follows_name, 'It follows no other service'),
                          'why', x.reason, 'followed', null, 'by', x.recorded_label)
from service_succession x where <here>
union all
select 'change', x.closed_on, x.closed_on::timestamp at time zone 'Europe/London', 'closing ' || x.service_id,
       '{}'::uuid[],
       jsonb_build_object('kind', 'place', 'what', 'The service closed', 'why', null, 'followed', null, 'by', null)
from service x where <here> and x.closed_on is not null""",
    "trigger": """
select 'trigger', x.opened_on, x.recorded_at, 'trigger ' || x.episode_id, x.indicator_ids,
       jsonb_build_object('sentence', x.sentence, 'family', x.family, 'rule', x.rule_key)
from trigger_episode x where <here>""",
    "decision": """
select 'decision', x.held_on, x.recorded_at, 'decision ' || x.review_id, array[x.indicator_id],
       jsonb_build_object('decision', x.decision, 'forum', x.forum, 'by', x.decided_label, 'what', x.what_changed,
                          'why', x.why, 'followed', x.what_follows, 'exception', x.exception_reason,
                          'relied_on', x.relied_on)
from review x where <here>""",
    "escalation": """
select 'escalation', x.opened_on, x.recorded_at, 'escalation ' || x.escalation_id, array[x.indicator_id],
       jsonb_build_object('step', 'opened', 'to', x.to_role, 'asked', x.asked, 'due_on', x.due_on, 'by', x.opened_label)
from escalation x where <here>
union all
select 'escalation', x.decided_on, x.recorded_at, 'escalation decided ' || x.escalation_id, array[x.indicator_id],
       jsonb_build_object('step', 'decided', 'outcome', x.outcome, 'reason', x.reason, 'by', x.decided_label,
                          'made', x.made)
from escalation_decision x where <here>
union all
select 'escalation', x.happened_on, x.recorded_at, 'escalation step ' || x.step_id, array[x.indicator_id],
       jsonb_build_object('step', 'went_up', 'to', x.to_role, 'from', x.from_role, 'reason', x.reason, 'due_on', x.due_on)
from escalation_step x where <here>""",
    "action": """
select 'action', x.opened_on, x.recorded_at, 'action ' || x.action_id, array_remove(array[x.indicator_id], null),
       jsonb_build_object('step', 'opened', 'reference', x.reference, 'title', x.title, 'owner', x.owner,
                          'due_on', x.due_on)
from action x where <here>
union all
select 'action', x.happened_on, x.recorded_at, 'action event ' || x.event_id,
       array_remove(array[a.indicator_id], null),
       jsonb_build_object('step', x.kind, 'reference', a.reference, 'title', a.title, 'due_on', x.due_on,
                          'note', x.note, 'evidence', x.evidence_reference)
from action_event x
join action a on a.provider_id = x.provider_id and a.service_id = x.service_id and a.action_id = x.action_id
where <here>""",
    "effect": """
select 'effect', x.closed_on, x.recorded_at, 'effect booked ' || x.check_id, array[x.indicator_id],
       jsonb_build_object('step', 'booked', 'reference', a.reference, 'title', a.title, 'due_on', x.due_on)
from effect_check x
join action a on a.provider_id = x.provider_id and a.service_id = x.service_id and a.action_id = x.action_id
where <here>
union all
select 'effect', x.decided_on, x.recorded_at, 'effect judged ' || x.check_id, array[c.indicator_id],
       jsonb_build_object('step', 'judged', 'reference', a.reference, 'title', a.title, 'verdict', x.verdict,
                          'reason', x.reason, 'seen', x.seen ->> 'sentence', 'by', x.decided_label)
from effect_verdict x
join effect_check c on c.provider_id = x.provider_id and c.service_id = x.service_id and c.check_id = x.check_id
join action a on a.provider_id = c.provider_id and a.service_id = c.service_id and a.action_id = c.action_id
where <here>""",
    "risk": """
select 'risk', x.opened_on, x.recorded_at, 'risk ' || x.risk_id, array_remove(array[x.indicator_id], null),
       jsonb_build_object('step', 'opened', 'reference', x.reference, 'title', x.title, 'owner', x.owner)
from risk x where <here>
union all
select 'risk', x.judged_on, x.recorded_at, 'risk score ' || x.score_id, array_remove(array[r.indicator_id], null),
       jsonb_build_object('step', 'scored', 'reference', r.reference, 'title', r.title,
                          'likelihood', x.likelihood, 'impact', x.impact, 'reason', x.reason, 'by', x.judged_label)
from risk_score x
join risk r on r.provider_id = x.provider_id and r.service_id = x.service_id and r.risk_id = x.risk_id
where <here>
union all
select 'risk', x.happened_on, x.recorded_at, 'risk event ' || x.event_id, array_remove(array[r.indicator_id], null),
       jsonb_build_object('step', x.kind, 'reference', r.reference, 'title', r.title, 'reason', x.note,
                          'by', x.recorded_label)
from risk_event x
join risk r on r.provider_id = x.provider_id and r.service_id = x.service_id and r.risk_id = x.risk_id
where <here>""",
    "evidence": """
select 'evidence', x.dated_on, x.recorded_at, 'evidence ' || x.evidence_id,
       array(select l.indicator_id from evidence_link l
              where l.provider_id = x.provider_id and l.service_id = x.service_id and l.evidence_id = x.evidence_id
              order by l.indicator_id),
       jsonb_build_object('reference', x.reference, 'letter', x.letter, 'title', x.title,
                          'evidence_id', x.evidence_id)
from evidence x where <here>""",
    "plan": """
select 'plan', x.starts_on, x.recorded_at, 'plan ' || x.plan_id, array[]::uuid[],
       jsonb_build_object('step', 'started', 'title', x.title, 'goal', x.goal, 'weeks', x.weeks)
from recovery_plan x where <here>
union all
select 'plan', x.happened_on, x.recorded_at, 'plan event ' || x.event_id, array[]::uuid[],
       jsonb_build_object('step', x.kind, 'goal', o.goal, 'reason', x.reason, 'by', x.signed_label)
from objective_event x
join plan_objective o on o.provider_id = x.provider_id and o.service_id = x.service_id and o.plan_id = x.plan_id
 and o.objective_id = x.objective_id
where <here>
union all
select 'plan', (x.recorded_at at time zone 'Europe/London')::date, x.recorded_at, 'plan objective ' || x.objective_id,
       array[]::uuid[], jsonb_build_object('step', 'objective', 'goal', x.goal, 'target', x.target)
from plan_objective x where <here> and x.number > 1
union all
select 'plan', (x.recorded_at at time zone 'Europe/London')::date, x.recorded_at,
       'plan revision ' || x.plan_id || ' ' || x.revision, array[]::uuid[],
       jsonb_build_object('step', case when x.ended_on is null then 'moved' else 'ended' end, 'title', p.title,
                          'starts_on', x.starts_on, 'weeks', x.weeks, 'reason', x.reason, 'by', x.recorded_label)
from plan_revision x
join recovery_plan p on p.provider_id = x.provider_id and p.service_id = x.service_id and p.plan_id = x.plan_id
where <here>
union all
select 'plan', (x.recorded_at at time zone 'Europe/London')::date, x.recorded_at, 'plan rhythm ' || x.plan_id || ' ' || x.number || ' ' || x.revision,
       array[]::uuid[],
       jsonb_build_object('step', 'rhythm', 'says', x.says, 'reason', x.reason, 'by', x.recorded_label)
from plan_step_revision x where <here>
union all
select 'plan', x.from_on, x.recorded_at, 'plan milestones ' || x.plan_id || ' ' || x.revision, array[]::uuid[],
       jsonb_build_object('step', 'milestones', 'says', x.says, 'reason', x.reason, 'by', x.recorded_label)
from plan_milestone_revision x where <here>
union all
select 'plan', x.decided_on, x.recorded_at, 'milestone ' || x.plan_id || ' ' || x.week || ' ' || x.number,
       array[]::uuid[],
       jsonb_build_object('step', 'milestone', 'title', x.title, 'week', x.week, 'verdict', x.verdict,
                          'reason', x.reason, 'carried_to', x.carried_to, 'by_rule', x.by_rule, 'by', x.decided_label)
from milestone_verdict x where <here>""",
    # A clock that ended unanswered is told on the day after its last, whenever the report was sent.
    "clock": """
select 'clock', (x.started_at at time zone 'Europe/London')::date, x.recorded_at, 'clock began ' || x.event_id,
       array[]::uuid[], jsonb_build_object('step', 'began', 'reference', x.reference, 'summary', x.summary)
from regulator_event x where <here>
union all
select 'clock', (x.happened_at at time zone 'Europe/London')::date, x.recorded_at,
       'clock event ' || x.clock_id || ' ' || x.number, array[]::uuid[],
       jsonb_build_object('step', x.kind, 'clock', c.kind, 'reference', e.reference, 'method', x.method,
                          'proof', x.proof, 'reason', x.reason, 'owner', x.owner, 'by', x.recorded_label,
                          'due_on', ((x.due_at at time zone 'Europe/London') - interval '1 microsecond')::date)
from regulator_clock_event x
join regulator_clock c on c.provider_id = x.provider_id and c.service_id = x.service_id and c.clock_id = x.clock_id
join regulator_event e on e.provider_id = c.provider_id and e.service_id = c.service_id and e.event_id = c.event_id
where <here>
union all
select 'clock', (l.due_at at time zone 'Europe/London')::date, l.due_at, 'clock late ' || x.clock_id, array[]::uuid[],
       jsonb_build_object('step', 'late', 'clock', x.kind, 'reference', e.reference, 'owner', l.owner,
                          'due_on', ((l.due_at at time zone 'Europe/London') - interval '1 microsecond')::date)
from regulator_clock x
join regulator_event e on e.provider_id = x.provider_id and e.service_id = x.service_id and e.event_id = x.event_id
cross join lateral (
    select coalesce((array_agg(n.due_at order by n.number desc) filter (where n.due_at is not null))[1], x.due_at) as due_at,
           coalesce((array_agg(n.owner order by n.number desc) filter (where n.owner is not null))[1], x.owner) as owner,
           (array_agg(n.kind order by n.number desc) filter (where n.kind in ('sent', 'ended', 'undone')))[1] as last,
           (array_agg(n.happened_at order by n.number desc)
              filter (where n.kind in ('sent', 'ended', 'undone')))[1] as answered_at
    from regulator_clock_event n
    where n.provider_id = x.provider_id and n.service_id = x.service_id and n.clock_id = x.clock_id) l
where <here> and l.due_at < now()
  and (coalesce(l.last, 'undone') = 'undone' or l.answered_at > l.due_at)""",
}

_TOLD = """
select kind, happened_on, recorded_at, entry, indicator_ids, said
from (<branches>) as told (kind, happened_on, recorded_at, entry, indicator_ids, said)
where recorded_at <= :as_at and happened_on between :since and :until
  and (cast(:indicator as uuid) is null or cast(:indicator as uuid) = any (indicator_ids))
  and (happened_on, recorded_at, entry) < (:day, :moment, :entry)
order by happened_on desc, recorded_at desc, entry desc
limit :most
"""


def story_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, asked: Asked
) -> tuple[tuple[StoryLine, ...], bool]:
    """A page of the story, newest first, and whether there is more.

    Args:
        session: a transaction of whoever reads.
        provider_id: the provider.
        service_id: the service.
        asked: which part.
    """
    kinds = asked.kinds or tuple(_BRANCHES)
    branches = "\nunion all\n".join(_BRANCHES[kind] for kind in _BRANCHES if kind in kinds)
    if not branches:
        return (), False
    day, moment, entry = asked.after or (_LAST_DAY, _FOREVER, "")
    most = max(1, min(asked.most, MOST))
    values: dict[str, Any] = {
        "provider": provider_id,
        "service": service_id,
        "indicator": asked.indicator_id,
        "since": asked.since or date(1900, 1, 1),
        "until": asked.until or _LAST_DAY,
        "as_at": asked.as_at or _FOREVER,
        "day": day,
        "moment": moment,
        "entry": entry,
        "most": most + 1,
    }
    found = session.execute(text(_TOLD.replace("<branches>", branches).replace("<here>", _HERE)), values).all()
    lines = tuple(
        StoryLine(row.kind, row.happened_on, row.recorded_at, row.entry, tuple(row.indicator_ids), row.said)
        for row in found
    )
    return lines[:most], len(lines) > most
