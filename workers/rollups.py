"""Keeps dashboards fresh: one pass does everything that waits for a provider."""

import logging
import uuid
from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, func, select, text, update
from sqlalchemy.orm import Session

from mendline.comparison.derivation import derive_marked, judge_again, one_at_a_time
from mendline.comparison.restated import tell_outsiders
from mendline.evidence.measuring.declines import measure_declines
from mendline.evidence.measuring.deriving import Measuring, measure_marked, settle_ended
from mendline.evidence.measuring.restating import note_restatements
from mendline.indicators.marking import mark_service_stale
from mendline.indicators.touching import touch_many
from mendline.recovery.plans.judging import judge_objectives
from mendline.recovery.plans.milestone_judging import judge_milestones
from tenants.clock import now, today
from tenants.jobs import Job, enqueue
from workers.claiming import Work

log = logging.getLogger("mendline.workers")

JUDGE_AT_ONCE = 200
_JOB = cast("Table", Job.__table__)


def derive(work: Work, *, judge_at_once: int = JUDGE_AT_ONCE) -> None:
    """Recomputes what is stale for the provider, for this job and for all others of its kind that wait.

    Args:
        work: the claimed job; its argument `judge` asks to judge again what was judged on an earlier day, `service` to
            work out everything of a service that closed or opened again.
        judge_at_once: how many of these one pass takes, so that figures do not wait behind them.
    """
    with work.completing() as session:
        one_at_a_time(session, work.provider_id)
        also = _others_waiting(session, work.provider_id, work.job_id)
        judging = bool(work.arguments.get("judge"))
        if "service" in work.arguments:
            mark_service_stale(session, work.provider_id, uuid.UUID(work.arguments["service"]))
        measured = _measure(session, work.provider_id, judging=judging)
        done = derive_marked(session, work.provider_id, today())
        judged = (
            judge_again(session, work.provider_id, today(), most=judge_at_once) if work.arguments.get("judge") else 0
        )
        _finish(session, work.provider_id, also)
        _tell_triggers(session, work, done.keys, judged < judge_at_once)
        if done.keys or work.arguments.get("judge"):
            # What was met may drift with any new status, and with the calendar alone.
            services = None if work.arguments.get("judge") else list({service for service, _ in done.keys})
            judge_objectives(session, work.reach, work.provider_id, services, today())
            judge_milestones(session, work.provider_id, services, today())
            measure_declines(session, work.provider_id, services, today=today(), at=now())
        if measured.more or done.more or judged == judge_at_once:
            enqueue(session, "derive", provider_id=work.provider_id, arguments={"judge": judged == judge_at_once})
        else:  # rings the relay, which looks for jobs that came in the meantime
            session.execute(text("select pg_notify('mendline_job', '')"))
    log.info(
        "derived %d indicators and %d roll-ups for %d marks and %d jobs",
        done.indicators + judged,
        done.roll_ups,
        done.marks,
        len(also) + 1,
    )


def _tell_triggers(
    session: Session, work: Work, keys: Sequence[tuple[uuid.UUID, uuid.UUID]], is_last_pass: bool
) -> None:
    """A new status may fire a rule; so may a new day, once everything has been judged on it."""
    changed: dict[uuid.UUID, set[str]] = {}
    for service_id, indicator_id in keys:
        changed.setdefault(service_id, set()).add(f"indicator:{indicator_id}")
    touch_many(session, work.provider_id, changed)
    if work.arguments.get("judge") and is_last_pass:
        arguments = {"daily": today().isoformat()}
        enqueue(session, "check_triggers", provider_id=work.provider_id, arguments=arguments)


def _measure(session: Session, provider_id: uuid.UUID, *, judging: bool) -> Measuring:
    """Turns records into figures first, so that what follows from them is worked out in the same pass."""
    if judging:
        settle_ended(session, provider_id, today=today(), at=now())
    measured = measure_marked(session, provider_id, today=today(), at=now())
    tell_outsiders(session, provider_id, note_restatements(session, provider_id))
    return measured


def _others_waiting(session: Session, provider_id: uuid.UUID, own: uuid.UUID) -> list[uuid.UUID]:
    """Jobs that this pass answers too. They are read before the marks: whatever they are about is visible then."""
    found = session.execute(
        select(_JOB.c.job_id)
        .where(
            _JOB.c.provider_id == provider_id,
            _JOB.c.kind == "derive",
            _JOB.c.state == "queued",
            _JOB.c.job_id != own,
            ~_JOB.c.arguments.has_key("judge"),
        )
        .with_for_update(skip_locked=True)
    )
    return list(found.scalars())


def _finish(session: Session, provider_id: uuid.UUID, jobs: list[uuid.UUID]) -> None:
    if jobs:
        session.execute(
            update(_JOB)
            .where(_JOB.c.provider_id == provider_id, _JOB.c.job_id == func.any(jobs))
            .values(state="done", finished_at=now(), progress=100, error=None)
        )
