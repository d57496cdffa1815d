"""Claims of the demonstration that were tested: two spot checks and an inspection drill at its first service."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.demonstration.model import Demonstration, DemoService
from mendline.demonstration.sources import at
from mendline.evidence.checks.commands import compare_record, draw_check, end_check
from mendline.evidence.checks.drilling import answer_claim, start_drill
from mendline.evidence.checks.model import SpotCheck
from mendline.evidence.checks.queries import check_of, drills_of
from mendline.evidence.measuring.deriving import measure_figures
from mendline.evidence.measuring.reading import indicators_measured
from mendline.evidence.queries import evidence_behind
from tenants.clock import now
from tenants.reach import Reach

CHECKER = "Ravi Menon"  # the quality lead: made none of the records
NOT_ON_THE_TABLE = 5  # the claim of the drill, counted from nought, whose evidence was looked for in vain
SECONDS = (95, 140, 60, 210, 75, 330, 120, 180)


@dataclass(frozen=True, slots=True)
class DemoCheck:
    """A spot check of the week before the newest one.

    Attributes:
        seed: what draws the sample, 16 hexadecimal digits.
        days_later: how many days after the first one of that week it was made.
        missing: what is said of the one original that was not found; empty where all were.
    """

    definition_key: str
    seed: str
    purpose: str
    days_later: int
    missing: str = ""


CHECKS = (
    DemoCheck("mar_compliance_pct", "8d1f60c2a97b4e35", "Before the monthly oversight meeting", 10),
    DemoCheck(
        "care_review_on_time_pct", "27c5e9043bd8f16a", "The figure rose quickly", 11,
        "Not in the care file. Looked in the archive box and asked the senior.",
    ),
)  # fmt: skip


def load_checks(session: Session, reach: Reach, planned: Demonstration, provider_id: uuid.UUID) -> None:
    """Tests claims at the first service of the provider that has the story; nothing where one was tested already."""
    service = planned.services[0]
    known = select(func.count()).select_from(SpotCheck).where(SpotCheck.provider_id == provider_id)
    if service.provider_id != provider_id or session.scalar(known):
        return
    checker = replace(reach, name=CHECKER)
    _measure(session, planned, service)
    for check in CHECKS:
        _check(session, checker, planned, service, check)
    _drill(session, checker, service, now().replace(second=0, microsecond=0) - timedelta(minutes=75))


def _measure(session: Session, planned: Demonstration, service: DemoService) -> None:
    """Works out from records what is tested; workers do the rest once they run."""
    keys = [check.definition_key for check in CHECKS]
    found = indicators_measured(session, service.provider_id, [service.service_id], keys)
    week = planned.last_week - timedelta(days=7)
    measure_figures(session, service.provider_id, {each: [week] for each in found}, today=planned.today, at=now())
    session.flush()


def _check(session: Session, reach: Reach, planned: Demonstration, service: DemoService, check: DemoCheck) -> None:
    here = {"provider_id": service.provider_id, "service_id": service.service_id}
    day = planned.last_week + timedelta(days=check.days_later - 7)
    moment = at(day, 10, 0)
    indicator_id = next(
        one.indicator_id
        for one in planned.indicators
        if (one.service_id, one.definition_key) == (service.service_id, check.definition_key)
    )
    check_id = draw_check(
        session, reach, **here, indicator_id=indicator_id, period_start=planned.last_week - timedelta(days=7),
        seed=check.seed, purpose=check.purpose, today=day, at=moment,
    )  # fmt: skip
    session.flush()
    _, drawn = check_of(session, service.provider_id, service.service_id, check_id, None)
    for number, record in enumerate(drawn, start=1):
        missing = bool(check.missing) and number == len(drawn)
        compare_record(
            session, reach, **here, check_id=check_id, record_id=record.record_id,
            finding="not_found" if missing else "agrees", words=check.missing if missing else "",
            at=moment + timedelta(minutes=4 * number),
        )  # fmt: skip
    end_check(session, reach, **here, check_id=check_id, today=day, at=moment + timedelta(minutes=4 * len(drawn) + 6))


def _drill(session: Session, reach: Reach, service: DemoService, began: datetime) -> None:
    here = {"provider_id": service.provider_id, "service_id": service.service_id}
    drill_id = start_drill(session, reach, **here, seed="c40b7e918a26f5d3", at=began)
    session.flush()
    (drill,) = drills_of(session, service.provider_id, service.service_id, drill_id)
    moment = began
    for number, claim in enumerate(drill.claims):
        moment += timedelta(seconds=SECONDS[number])
        behind = evidence_behind(session, service.provider_id, service.service_id, uuid.UUID(claim["indicator_id"]))
        found = bool(behind) and number != NOT_ON_THE_TABLE
        given = {
            "result": "found" if found else "not_found",
            "evidence_reference": behind[0].reference if found else "",
            "note": "" if found else "Asked for in the office and on the unit; not on the table in time.",
        }
        answer_claim(session, reach, **here, drill_id=drill_id, given=given, at=moment)
