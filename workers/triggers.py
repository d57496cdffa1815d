"""Asks the trigger rules after a change, and once a day those that time alone makes true."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from mendline.recovery.registers.counting import count_actions
from mendline.recovery.triggers.evaluation import evaluate, one_round_at_a_time
from mendline.recovery.triggers.rising import raise_late
from tenants.clock import now, today
from tenants.directory.model import Service
from tenants.jobs import Job, enqueue
from workers.claiming import Work

log = logging.getLogger("mendline.workers")

SERVICES_AT_ONCE = 50
_JOB = cast("Table", Job.__table__)


def check_triggers(work: Work, *, services_at_once: int = SERVICES_AT_ONCE) -> None:
    """Asks the rules that changes can touch, for this job and for all others of its kind that wait.

    Args:
        work: the claimed job; `changed` says what changed by service, `daily` asks every rule of every service, from
            the service `after` on.
        services_at_once: how many services one pass of the daily round takes.
    """
    with work.completing() as session:
        one_round_at_a_time(session, work.provider_id)
        changed: dict[uuid.UUID, set[str]] = defaultdict(set)
        _add(changed, work.arguments)
        others = _others_waiting(session, work.provider_id, work.job_id)
        for _, arguments in others:
            _add(changed, arguments)
        raised = 0
        if "daily" in work.arguments:
            raised = _daily(session, work, changed, services_at_once)
        for service in closed_among(session, work.provider_id, list(changed)):
            del changed[service]
        acted = [service for service, names in changed.items() if "actions" in names]
        counted = count_actions(session, work.provider_id, acted, now())
        done = evaluate(session, work.reach, work.provider_id, changed, today=today(), now=now())
        _finish(session, work.provider_id, [job_id for job_id, _ in others])
    log.info(
        "asked %d rules at %d services: %d fired, %d ended, %d held back, %d escalations, %d went up, %d actions counted",
        done.asked, len(changed), done.fired, done.ended, done.held_back, done.escalations, raised, counted,
    )  # fmt: skip


def _add(changed: dict[uuid.UUID, set[str]], arguments: Mapping[str, Any]) -> None:
    for service, names in arguments.get("changed", {}).items():
        changed[uuid.UUID(service)] |= set(names)


def _daily(session: Session, work: Work, changed: dict[uuid.UUID, set[str]], most: int) -> int:
    """Adds the next services of the daily round; before the first of them, what is late goes up a level."""
    after = work.arguments.get("after")
    query = select(Service.service_id).where(Service.provider_id == work.provider_id, Service.closed_on.is_(None))
    if after:
        query = query.where(Service.service_id > uuid.UUID(after))
    found = list(session.execute(query.order_by(Service.service_id).limit(most)).scalars())
    for service_id in found:
        changed[service_id].add("*")
    if len(found) == most:
        arguments = {"daily": work.arguments["daily"], "after": str(found[-1])}
        enqueue(session, "check_triggers", provider_id=work.provider_id, arguments=arguments)
    if after:
        return 0
    return raise_late(session, work.reach, work.provider_id, today=today(), now=now())


def closed_among(session: Session, provider_id: uuid.UUID, services: list[uuid.UUID]) -> list[uuid.UUID]:
    """Which of these services have closed: no rule is asked there any more."""
    found = session.execute(
        select(Service.service_id).where(
            Service.provider_id == provider_id,
            Service.service_id == func.any(services),
            Service.closed_on.is_not(None),
        )
    )
    return list(found.scalars())


def _others_waiting(session: Session, provider_id: uuid.UUID, own: uuid.UUID) -> list[tuple[uuid.UUID, dict[str, Any]]]:
    """Jobs that this pass answers too; those booked for later and other daily rounds are left to their time."""
    found = session.execute(
        select(_JOB.c.job_id, _JOB.c.arguments)
        .where(
            _JOB.c.provider_id == provider_id,
            _JOB.c.kind == "check_triggers",
            _JOB.c.state == "queued",
            _JOB.c.due_at <= now(),
            _JOB.c.job_id != own,
            ~_JOB.c.arguments.has_key("daily"),
        )
        .limit(500)
        .with_for_update(skip_locked=True)
    )
    return [(row.job_id, row.arguments) for row in found]


def _finish(session: Session, provider_id: uuid.UUID, jobs: list[uuid.UUID]) -> None:
    if jobs:
        session.execute(
            update(_JOB)
            .where(_JOB.c.provider_id == provider_id, _JOB.c.job_id == func.any(jobs))
            .values(state="done", finished_at=now(), progress=100, error=None)
        )
