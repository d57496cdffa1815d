"""What is open with its owners, who works where, and what was handed over: one statement each."""

import uuid
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.clocks import clock_kinds
from mendline.catalogue.indicators import indicator_definition
from mendline.recovery.handover.rows import Member, Owned, Passed

MOST = 2_000

_OWNED = text("""
with owned as (
    select i.provider_id, i.service_id, 'indicator' as kind, i.definition_key as subject, i.indicator_id as item_id,
           i.definition_key as title,
           coalesce((select o.owner from indicator_owner o where o.provider_id = i.provider_id
               and o.service_id = i.service_id and o.indicator_id = i.indicator_id
               order by o.number desc limit 1), i.review_owner) as owner,
           cast(null as uuid) as person_id, cast(null as date) as due_on
    from service_indicator i where i.provider_id = any (:providers) and i.ended_on is null
    union all
    select a.provider_id, a.service_id, 'action', a.reference, a.action_id,
           coalesce((select x.title from action_event x where x.provider_id = a.provider_id
               and x.service_id = a.service_id and x.action_id = a.action_id and x.title is not null
               order by x.recorded_at desc, x.event_id desc limit 1), a.title),
           coalesce((select x.owner from action_event x where x.provider_id = a.provider_id
               and x.service_id = a.service_id and x.action_id = a.action_id and x.owner is not null
               order by x.recorded_at desc, x.event_id desc limit 1), a.owner),
           null, coalesce((select x.due_on from action_event x where x.provider_id = a.provider_id
               and x.service_id = a.service_id and x.action_id = a.action_id and x.due_on is not null
               order by x.recorded_at desc, x.event_id desc limit 1), a.due_on)
    from action a
    where a.provider_id = any (:providers) and coalesce((select x.kind from action_event x
        where x.provider_id = a.provider_id and x.service_id = a.service_id and x.action_id = a.action_id
          and x.kind in ('closed', 'reopened', 'no_longer_applicable')
        order by x.recorded_at desc, x.event_id desc limit 1), 'reopened') = 'reopened'
    union all
    select r.provider_id, r.service_id, 'risk', r.reference, r.risk_id, r.title,
           coalesce((select x.owner from risk_event x where x.provider_id = r.provider_id
               and x.service_id = r.service_id and x.risk_id = r.risk_id and x.owner is not null
               order by x.recorded_at desc, x.event_id desc limit 1), r.owner), null, null
    from risk r
    where r.provider_id = any (:providers) and coalesce((select x.kind from risk_event x
        where x.provider_id = r.provider_id and x.service_id = r.service_id and x.risk_id = r.risk_id
          and x.kind in ('closed', 'reopened')
        order by x.recorded_at desc, x.event_id desc limit 1), 'reopened') = 'reopened'
    union all
    select e.provider_id, e.service_id, 'escalation', cast(e.escalation_id as text), e.escalation_id, e.asked,
           e.to_label, null, coalesce((select x.due_on from escalation_step x where x.provider_id = e.provider_id
               and x.service_id = e.service_id and x.escalation_id = e.escalation_id
               order by x.number desc limit 1), e.due_on)
    from escalation e
    where e.provider_id = any (:providers) and not exists (select 1 from escalation_decision d
        where d.provider_id = e.provider_id and d.service_id = e.service_id and d.escalation_id = e.escalation_id)
      and not exists (select 1 from escalation_step x where x.provider_id = e.provider_id
        and x.service_id = e.service_id and x.escalation_id = e.escalation_id)
    union all
    select w.provider_id, w.service_id, 'work', cast(w.work_item_id as text), w.work_item_id, w.title,
           w.assigned_label, w.assigned_id, w.due_on
    from work_item w where w.provider_id = any (:providers) and w.state = 'open' and w.assigned_id is not null
    union all
    select c.provider_id, c.service_id, 'clock', cast(c.clock_id as text), c.clock_id, c.kind,
           coalesce((select x.owner from regulator_clock_event x where x.provider_id = c.provider_id
               and x.service_id = c.service_id and x.clock_id = c.clock_id and x.owner is not null
               order by x.number desc limit 1), c.owner), null, cast(c.due_at as date)
    from regulator_clock c
    where c.provider_id = any (:providers) and coalesce((select x.kind from regulator_clock_event x
        where x.provider_id = c.provider_id and x.service_id = c.service_id and x.clock_id = c.clock_id
          and x.kind in ('sent', 'ended', 'undone') order by x.number desc limit 1), 'undone') = 'undone'
)
select o.provider_id, o.service_id, s.name as service, o.kind, o.subject, o.item_id, o.title, o.owner, o.person_id, o.due_on
from owned o join service s on s.provider_id = o.provider_id and s.service_id = o.service_id
where o.owner is not null and s.closed_on is null
order by s.name, o.kind, o.due_on nulls last, o.subject limit :most
""")

_MEMBERS = text("""
select provider_id, service_id, person_id, display_name, role, valid_until from membership
where provider_id = any (:providers) and valid_from <= current_date
order by display_name, person_id
""")

# Whoever holds a role above the service is not in the lists that a manager sees, and owns things there all the same.
_HOLDERS = text("select service_id, person_id, display_name, role from reach.holders(:provider)")

_PASSED = text("""
select s.name, h.kind, h.subject, h.title, h.from_label, h.to_label, h.days_without, h.reason, h.happened_on,
       h.recorded_label
from hand_over_item h join service s on s.provider_id = h.provider_id and s.service_id = h.service_id
where h.provider_id = any (:providers) and h.hand_over_id = :hand_over
order by s.name, h.kind, h.subject limit :most
""")


def everything_owned(session: Session, providers: Sequence[uuid.UUID]) -> tuple[Owned, ...]:
    """What is open and has an owner's name on it, at every service in reach."""
    rows = session.execute(_OWNED, {"providers": list(providers), "most": MOST}).mappings()
    return tuple(Owned(**{**row, "title": _title(row["kind"], row["title"])}) for row in rows)


def members(session: Session, providers: Sequence[uuid.UUID]) -> tuple[Member, ...]:
    """Who works or worked where, as far as the person may see it."""
    known = [Member(*row) for row in session.execute(_MEMBERS, {"providers": list(providers)})]
    seen = {(each.person_id, each.service_id, each.role) for each in known}
    for provider_id in providers:
        known += [
            Member(provider_id, row.service_id, row.person_id, row.display_name, row.role, None)
            for row in session.execute(_HOLDERS, {"provider": provider_id})
            if (row.person_id, row.service_id, row.role) not in seen
        ]
    return tuple(known)


def passed(session: Session, providers: Sequence[uuid.UUID], hand_over_id: uuid.UUID) -> tuple[Passed, ...]:
    """What one hand-over was made of."""
    given = {"providers": list(providers), "hand_over": hand_over_id, "most": MOST}
    return tuple(Passed(*row) for row in session.execute(_PASSED, given))


def _title(kind: str, title: str) -> str:
    if kind == "indicator":
        return indicator_definition(title).name
    kinds = clock_kinds()
    return kinds[title].label if kind == "clock" and title in kinds else title
