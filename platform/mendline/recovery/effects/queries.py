"""Look-backs as they stand: one statement for a service, for one look-back, and for what waits for a person."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.recovery.effects.rows import EffectLine
from mendline.recovery.effects.rules import OtherChange, SeenPeriod
from tenants.errors import NotFoundError

MOST = 300

_COLUMNS = """c.provider_id, c.service_id, s.name as service, c.check_id, c.number, c.action_id, a.reference,
       coalesce((select x.title from action_event x where x.provider_id = a.provider_id and x.service_id = a.service_id
           and x.action_id = a.action_id and x.title is not null
           order by x.recorded_at desc, x.event_id desc limit 1), a.title) as title,
       coalesce((select x.owner from action_event x where x.provider_id = a.provider_id and x.service_id = a.service_id
           and x.action_id = a.action_id and x.owner is not null
           order by x.recorded_at desc, x.event_id desc limit 1), a.owner) as owner,
       a.opened_on, c.closed_on, c.indicator_id, i.definition_key, i.definition_version, i.cadence, c.periods, c.due_on,
       c.reason, not exists (select 1 from effect_check n where n.provider_id = c.provider_id
           and n.service_id = c.service_id and n.action_id = c.action_id and n.number > c.number) as newest,
       v.verdict, v.reason as verdict_reason, v.seen, v.decided_on, v.decided_label"""
_FROM = """from effect_check c
join service s on s.provider_id = c.provider_id and s.service_id = c.service_id
join action a on a.provider_id = c.provider_id and a.service_id = c.service_id and a.action_id = c.action_id
join service_indicator i on i.provider_id = c.provider_id and i.service_id = c.service_id
  and i.indicator_id = c.indicator_id
left join effect_verdict v on v.provider_id = c.provider_id and v.service_id = c.service_id
  and v.check_id = c.check_id"""

_AT = text(f"""
select {_COLUMNS} {_FROM}
where c.provider_id = :provider and c.service_id = :service and (cast(:action as text) is null or a.reference = :action)
order by (v.verdict is not null), c.due_on desc, c.check_id limit :most
""")

_ONE = text(f"""
select {_COLUMNS} {_FROM}
where c.provider_id = :provider and c.service_id = :service and c.check_id = :check
""")

_DUE = text(f"""
select * from (select {_COLUMNS} {_FROM}
    where c.provider_id = any (:providers) and c.due_on <= :today and v.verdict is null and s.closed_on is null) d
where d.newest order by d.due_on, d.check_id limit :most
""")  # noqa: S608 -- constants of ours

_FIGURES = text("""
select period_start, value, numerator, denominator from (
    select distinct on (period_start) period_start, value, numerator, denominator, state from observation
    where provider_id = :provider and service_id = :service and indicator_id = :indicator
      and period_start between :first and :last
    order by period_start, revision desc) o
where value is not null and state in ('final', 'revised')
order by period_start
""")

_OTHERS = text("""
select happened_on, words from (
    select e.happened_on, 'action ' || a.reference || ' was closed' as words from action a
    join action_event e on e.provider_id = a.provider_id and e.service_id = a.service_id
      and e.action_id = a.action_id and e.kind = 'closed'
    where a.provider_id = :provider and a.service_id = :service and a.indicator_id = :indicator
      and a.action_id <> :action
    union
    select c.happened_on, 'a change marked on the chart' from chart_event c
    where c.provider_id = :provider and c.service_id = :service and c.indicator_id = :indicator
    union
    select g.happened_on, 'a staff or process change' from service_change g
    where g.provider_id = :provider and g.service_id = :service) x
where happened_on between :first and :last
order by happened_on, words limit 50
""")


def checks_at(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, action: str | None = None
) -> tuple[EffectLine, ...]:
    """The look-backs of a service, those that wait first; of one action where its reference is given."""
    values = {"provider": provider_id, "service": service_id, "action": action, "most": MOST}
    return tuple(_line(row) for row in session.execute(_AT, values).mappings())


def check_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, check_id: uuid.UUID) -> EffectLine:
    """One look-back.

    Raises:
        NotFoundError: there is none at the service.
    """
    values = {"provider": provider_id, "service": service_id, "check": check_id}
    row = session.execute(_ONE, values).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such look-back at this service.")
    return _line(row)


def due_checks(session: Session, provider_ids: Sequence[uuid.UUID], today: date, most: int) -> tuple[EffectLine, ...]:
    """What is to be looked at by today within reach, longest first."""
    values = {"providers": list(provider_ids), "today": today, "most": most}
    return tuple(_line(row) for row in session.execute(_DUE, values).mappings())


def figures_around(session: Session, line: EffectLine, first: date, last: date) -> tuple[SeenPeriod, ...]:
    """The final figures of the indicator from one day to another, oldest first."""
    return tuple(SeenPeriod(*row) for row in session.execute(_FIGURES, _window(line, first, last)))


def others_in(session: Session, line: EffectLine, first: date, last: date) -> tuple[OtherChange, ...]:
    """What else happened to the indicator or the service in a window, by what the person may see."""
    return tuple(OtherChange(*row) for row in session.execute(_OTHERS, _window(line, first, last)))


def _window(line: EffectLine, first: date, last: date) -> dict[str, Any]:
    return {
        "provider": line.provider_id,
        "service": line.service_id,
        "indicator": line.indicator_id,
        "action": line.action_id,
        "first": first,
        "last": last,
    }


def _line(row: Any) -> EffectLine:
    return EffectLine(**row)
