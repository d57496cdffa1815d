"""What a pack says beside its figures: the recovery plan, checks of its claims, the regulator's clocks, the records."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.comparison.restated import Restated, restated_of
from mendline.duties.queries import work_at
from mendline.duties.rows import WorkLine
from mendline.evidence.checks.queries import checks_of, drills_of
from mendline.evidence.checks.rows import CheckLine, DrillLine
from mendline.places.rows import Place
from mendline.recovery.clocks.queries import clocks_of
from mendline.recovery.clocks.rows import ClockLine
from mendline.recovery.plans import queries
from mendline.recovery.plans.exit_test import ExitTest
from mendline.recovery.plans.judging import standing_of, targets_of
from mendline.recovery.plans.milestone_judging import verdicts_of
from mendline.recovery.plans.rows import ObjectiveLine, PlanLine, StepLine, TargetLine, VerdictLine
from tenants.clock import LONDON

SPAN = timedelta(days=365)
MOST_WORK = 5_000


@dataclass(frozen=True, slots=True)
class RecordsHeld:
    """How many source records of one kind the figures could be worked out from."""

    record_type: str
    records: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class RecoveryFacts:
    """The plan that runs, if any, with its objectives, steps and work; checks, clocks, corrections and records."""

    plan: PlanLine | None = None
    objectives: tuple[tuple[ObjectiveLine, tuple[TargetLine, ...], ExitTest], ...] = ()
    steps: tuple[StepLine, ...] = ()
    work: tuple[WorkLine, ...] = ()
    verdicts: tuple[VerdictLine, ...] = ()
    checks: tuple[CheckLine, ...] = ()
    drills: tuple[DrillLine, ...] = ()
    clocks: tuple[ClockLine, ...] = ()
    restated: tuple[Restated, ...] = ()
    records: tuple[RecordsHeld, ...] = ()


_RECORDS = text("""
select record_type, count(*) as records, min(happened_at) as first_at, max(happened_at) as last_at from record r
where provider_id = :provider and service_id = :service and recorded_at <= :as_at and withdrawn_at is null
  and not exists (
    select 1 from record n
    where n.provider_id = r.provider_id and n.service_id = r.service_id and n.record_id = r.record_id
      and n.revision > r.revision and n.recorded_at <= :as_at)
  and happened_at > :since and happened_at <= :as_at
group by record_type order by record_type
""")


def read_recovery(session: Session, place: Place, as_at: datetime) -> RecoveryFacts:
    """Reads it in twelve statements, whatever there is."""
    here, today = (place.provider_id, place.service_id), as_at.astimezone(LONDON).date()
    plan = next(
        (one for one in queries.plans_of(session, *here) if one.ended_on is None and one.recorded_at <= as_at), None
    )
    given: dict[str, Any] = {"provider": here[0], "service": here[1], "as_at": as_at, "since": as_at - SPAN}
    rest = RecoveryFacts(
        checks=tuple(one for one in checks_of(session, *here) if one.ended_at is not None and one.ended_at <= as_at),
        drills=tuple(one for one in drills_of(session, *here) if _is_over(one, as_at)),
        clocks=tuple(one for one in clocks_of(session, *here) if one.started_at <= as_at),
        restated=restated_of(session, *here, as_at=as_at),
        records=tuple(RecordsHeld(*row) for row in session.execute(_RECORDS, given)),
    )
    if plan is None:
        return rest
    targets = targets_of(session, here[0], [here[1]], today)
    objectives = [one for one in queries.objectives_of(session, *here) if one.plan_id == plan.plan_id]
    return RecoveryFacts(
        plan=plan,
        objectives=tuple(
            (one, found, standing_of(one, found)) for one in objectives for found in [targets.get(one.objective_id, ())]
        ),
        steps=tuple(one for one in queries.steps_of(session, *here, today) if one.plan_id == plan.plan_id),
        work=work_at(session, *here, first=plan.starts_on, last=today, plan_id=plan.plan_id, most=MOST_WORK),
        verdicts=verdicts_of(session, *here, as_at).get(plan.plan_id, ()),
        checks=rest.checks,
        drills=rest.drills,
        clocks=rest.clocks,
        restated=rest.restated,
        records=rest.records,
    )


def _is_over(drill: DrillLine, as_at: datetime) -> bool:
    """Answered to its end by a moment."""
    return len(drill.answers) == len(drill.claims) and all(one.recorded_at <= as_at for one in drill.answers)
