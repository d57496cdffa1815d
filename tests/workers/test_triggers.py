"""The job that asks the trigger rules: once for all that waits, once a day for what time alone makes true."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from support.escalating import an_escalation, works_as
from support.shifts import a_check
from support.triggers import Recovering, a_recovering_service, employ, rows_of, same_gaps

from mendline.catalogue.record_types import record_type
from mendline.evidence.records.commands import enter_record
from mendline.indicators.touching import look_again, touch
from tenants.clock import now, today
from tenants.database import Database
from tenants.ids import new_id
from tenants.jobs import enqueue
from workers.claiming import _work as work_of
from workers.claiming import do
from workers.triggers import check_triggers


@pytest.fixture
def home(database: Database) -> Recovering:
    return a_recovering_service(database)


def jobs(db: Database, home: Recovering, state: str) -> list[Any]:
    with db.administration() as session:
        found = session.execute(
            text("select * from job where provider_id = :p and state = :s and kind = 'check_triggers' order by due_at"),
            {"p": home.home.provider_id, "s": state},
        )
        return list(found)


def run_next(db: Database, home: Recovering, services_at_once: int = 50) -> None:
    claimed = db.claim(jobs(db, home, "queued")[0].job_id, worker="test", lease_seconds=60, kind="check_triggers")
    assert claimed is not None
    do(work_of(db, *claimed, 60), partial(check_triggers, services_at_once=services_at_once))


def say(db: Database, home: Recovering, *changed: str) -> None:
    with db.transaction(db.command_reach(home.home.provider_id)) as session:
        touch(session, home.home.provider_id, home.home.service_id, *changed)


def test_one_pass_answers_every_change_that_waits(database: Database, home: Recovering) -> None:
    same_gaps(database, home)
    for _ in range(3):
        say(database, home, "record:medicines_discrepancy")
    run_next(database, home)
    assert [row.rule_key for row in rows_of(database, home, "trigger_episode")] == ["M1"]
    assert len(jobs(database, home, "done")) == 3
    assert jobs(database, home, "queued") == []


def test_a_record_that_comes_in_asks_by_itself(database: Database, home: Recovering) -> None:
    reach = works_as(database, "registered_manager", home.home)
    with database.transaction(reach) as session:
        enter_record(
            session, reach, provider_id=home.home.provider_id, service_id=home.home.service_id,
            kind=record_type("end_of_shift_check"), record_id=new_id(), raw=a_check(), at=now(),
        )  # fmt: skip
    (job,) = jobs(database, home, "queued")
    assert job.arguments == {"changed": {str(home.home.service_id): ["record:end_of_shift_check"]}}
    run_next(database, home)
    assert len(jobs(database, home, "done")) == 1


def test_what_is_booked_for_later_waits_for_its_moment(database: Database, home: Recovering) -> None:
    with database.transaction(database.command_reach(home.home.provider_id)) as session:
        look_again(session, home.home.provider_id, home.home.service_id, ["M2"], now() + timedelta(hours=3))
    say(database, home, "record:complaint")
    run_next(database, home)
    (booked,) = jobs(database, home, "queued")
    assert booked.arguments == {"changed": {str(home.home.service_id): ["rule:M2"]}}


def test_the_daily_round_goes_through_every_service_and_puts_up_what_is_late(
    database: Database, home: Recovering
) -> None:
    others = [a_recovering_service(database, name=f"House {n}", provider_id=home.home.provider_id) for n in range(2)]
    for each in (home, *others):
        same_gaps(database, each)
    employ(database, home, "registered_manager", "nominated_individual")
    manager = works_as(database, "registered_manager", home.home)
    found = an_escalation(database, manager, home.home)
    with database.administration() as session:
        session.execute(
            text("update escalation set due_on = :day where escalation_id = :id"),
            {"day": today() - timedelta(days=1), "id": found},
        )
    with database.transaction(database.command_reach(home.home.provider_id)) as session:
        enqueue(session, "check_triggers", provider_id=home.home.provider_id, arguments={"daily": today().isoformat()})
    passes = 0
    while waiting := [job for job in jobs(database, home, "queued") if job.due_at <= now()]:
        assert waiting
        run_next(database, home, services_at_once=2)
        passes += 1
    assert passes == 2
    assert all("M1" in [row.rule_key for row in rows_of(database, each, "trigger_episode")] for each in (home, *others))
    assert [row.to_role for row in rows_of(database, home, "escalation_step")] == ["nominated_individual"]
