"""Clocks as they stand: one statement for a service, one for a provider, whatever their number."""

import uuid
from typing import Any, cast

from sqlalchemy import TextClause, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from mendline.catalogue.clocks import Count, Unit
from mendline.recovery.clocks.model import ClockSetting, RegulatorClockEvent
from mendline.recovery.clocks.rows import ClockEventLine, ClockLine
from tenants.errors import NotFoundError

MOST = 500

# Each clock beside its newest date, newest owner and what closed it; one whose sending was taken back runs on.
_CLOCK = """
select c.provider_id, c.service_id, s.name, c.clock_id, c.event_id, v.reference, v.about, v.summary, v.started_at,
       v.requirement_id, v.record_reference, c.kind, c.turn, c.counted, coalesce(n.due_at, c.due_at) as due,
       coalesce(n.owner, c.owner) as owner, n.closed[1] as closed, n.happened_at, n.closed[2] as proof
from regulator_clock c
join regulator_event v
  on v.provider_id = c.provider_id and v.service_id = c.service_id and v.event_id = c.event_id
join service s on s.provider_id = c.provider_id and s.service_id = c.service_id
left join lateral (
    select (array_agg(e.due_at order by e.number desc) filter (where e.kind = 'redated'))[1] as due_at,
           (array_agg(e.owner order by e.number desc) filter (where e.owner is not null))[1] as owner,
           (array_agg(e.happened_at order by e.number desc)
              filter (where e.kind in ('sent', 'ended', 'undone')))[1] as happened_at,
           array[(array_agg(e.kind order by e.number desc) filter (where e.kind in ('sent', 'ended', 'undone')))[1],
                 (array_agg(e.proof order by e.number desc) filter (where e.kind in ('sent', 'ended', 'undone')))[1]]
             as closed
    from regulator_clock_event e
    where e.provider_id = c.provider_id and e.service_id = c.service_id and e.clock_id = c.clock_id) n on true
"""
_OF_SERVICE = text(f"""{_CLOCK}
where c.provider_id = :provider and c.service_id = :service
  and (cast(:clock as uuid) is null or c.clock_id = :clock)
order by coalesce(n.closed[1], 'undone') <> 'undone', due limit :most
""")
_RUNNING = text(f"""{_CLOCK}
where c.provider_id = any (:providers) and coalesce(n.closed[1], 'undone') = 'undone'
order by due limit :most
""")


def clocks_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[ClockLine, ...]:
    """The clocks of a service: those that run first, by their date, then the newest of those that are closed."""
    return _lines(session, _OF_SERVICE, provider=provider_id, service=service_id, clock=None)


def running_clocks(session: Session, provider_ids: tuple[uuid.UUID, ...]) -> tuple[ClockLine, ...]:
    """What still runs at every service in reach, soonest first."""
    return _lines(session, _RUNNING, providers=list(provider_ids))


def clock_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, clock_id: uuid.UUID
) -> tuple[ClockLine, tuple[ClockEventLine, ...]]:
    """One clock with everything that happened to it, newest first.

    Raises:
        NotFoundError: no such clock at the service.
    """
    found = _lines(session, _OF_SERVICE, provider=provider_id, service=service_id, clock=clock_id)
    if not found:
        raise NotFoundError("There is no such clock here.")
    e = RegulatorClockEvent
    events = session.execute(
        select(
            e.number, e.kind, e.happened_at, e.method, e.proof, e.evidence_reference, e.due_at, e.owner, e.reason,
            e.recorded_label, e.recorded_at,
        )
        .where(e.provider_id == provider_id, e.service_id == service_id, e.clock_id == clock_id)
        .order_by(e.number.desc())
    )  # fmt: skip
    return found[0], tuple(ClockEventLine(*row) for row in events)


def counts_in_force(session: Session, provider_id: uuid.UUID) -> dict[str, Count]:
    """The provider's own numbers, by kind of clock."""
    return {row.kind: Count(cast("Unit", row.unit), row.number) for row in settings_of(session, provider_id)}


def settings_of(session: Session, provider_id: uuid.UUID) -> tuple[Any, ...]:
    """The newest setting of each kind: kind, unit, number, reason, recorded_label, recorded_at."""
    s = ClockSetting
    return tuple(
        session.execute(
            select(s.kind, s.unit, s.number, s.reason, s.recorded_label, s.recorded_at)
            .ext(distinct_on(s.kind))
            .where(s.provider_id == provider_id)
            .order_by(s.kind, s.recorded_at.desc(), s.setting_id.desc())
        ).all()
    )


def _lines(session: Session, statement: TextClause, **values: Any) -> tuple[ClockLine, ...]:
    def line(row: Any) -> ClockLine:
        closed = tuple(row[-3:])
        return ClockLine(*row[:-3], *((None, None, None) if closed[0] == "undone" else closed))

    return tuple(line(row) for row in session.execute(statement, {**values, "most": MOST}))
