"""Clocks as they stand: one statement for a service, one for a provider, whatever their number."""

import uuid
from typing import Any, cast

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from mendline.catalogue.clocks import Count, Unit
from mendline.recovery.clocks.model import ClockSetting, RegulatorClock, RegulatorClockEvent, RegulatorEvent
from mendline.recovery.clocks.rows import ClockEventLine, ClockLine
from tenants.directory.model import Service
from tenants.errors import NotFoundError

MOST = 500


def clocks_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[ClockLine, ...]:
    """The clocks of a service: those that run first, by their date, then the newest of those that are closed."""
    return _lines(
        session, _clocks().where(RegulatorClock.provider_id == provider_id, RegulatorClock.service_id == service_id)
    )


def running_clocks(session: Session, provider_ids: tuple[uuid.UUID, ...]) -> tuple[ClockLine, ...]:
    """What still runs at every service in reach, soonest first."""
    return tuple(
        line
        for line in _lines(session, _clocks(running=True).where(RegulatorClock.provider_id.in_(provider_ids)))
        if line.closed_kind is None
    )


def clock_of(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, clock_id: uuid.UUID
) -> tuple[ClockLine, tuple[ClockEventLine, ...]]:
    """One clock with everything that happened to it, newest first.

    Raises:
        NotFoundError: no such clock at the service.
    """
    found = _lines(
        session,
        _clocks().where(
            RegulatorClock.provider_id == provider_id,
            RegulatorClock.service_id == service_id,
            RegulatorClock.clock_id == clock_id,
        ),
    )
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


def _clocks(*, running: bool = False) -> Any:
    """Each clock beside its newest date, newest owner and what closed it."""
    c, v, e = RegulatorClock, RegulatorEvent, RegulatorClockEvent
    of_clock = and_(e.provider_id == c.provider_id, e.service_id == c.service_id, e.clock_id == c.clock_id)
    newest = (
        select(
            func.max(e.number).filter(e.kind == "redated").label("redated"),
            func.max(e.number).filter(e.owner.is_not(None)).label("reassigned"),
            func.max(e.number).filter(e.kind.in_(("sent", "ended", "undone"))).label("closed"),
        )
        .where(of_clock)
        .lateral("newest")
    )

    def told(column: Any, number: Any) -> Any:
        return select(column).where(of_clock, e.number == number).scalar_subquery()

    due = func.coalesce(told(e.due_at, newest.c.redated), c.due_at)
    closed = told(e.kind, newest.c.closed)
    wanted: Any = (
        select(
            c.provider_id, c.service_id, Service.name, c.clock_id, c.event_id, v.reference, v.about, v.summary, v.started_at,
            v.requirement_id, v.record_reference, c.kind, c.turn, c.counted, due.label("due"),
            func.coalesce(told(e.owner, newest.c.reassigned), c.owner), closed.label("closed"),
            told(e.happened_at, newest.c.closed), told(e.proof, newest.c.closed),
        )
        .join(v, and_(v.provider_id == c.provider_id, v.service_id == c.service_id, v.event_id == c.event_id))
        .join(Service, and_(Service.provider_id == c.provider_id, Service.service_id == c.service_id))
        .join(newest, true())
        .order_by((func.coalesce(closed, "undone") != "undone"), due)
        .limit(MOST)
    )  # fmt: skip
    return wanted.where(or_(closed.is_(None), closed == "undone")) if running else wanted


def _lines(session: Session, wanted: Any) -> tuple[ClockLine, ...]:
    def line(row: Any) -> ClockLine:
        closed = tuple(row[-3:])
        return ClockLine(*row[:-3], *((None, None, None) if closed[0] == "undone" else closed))

    return tuple(line(row) for row in session.execute(wanted))
