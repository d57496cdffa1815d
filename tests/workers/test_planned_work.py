"""The day's pass over planned work: what was missed or fell overdue is told to the rules over work at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from support.triggers import Recovering, a_recovering_service, rows_of

from mendline.recovery.plans.scheduling import ask_daily
from tenants.clock import now, today
from tenants.database import Database
from tenants.ids import new_id
from tenants.jobs import enqueue
from workers.claiming import _work as work_of
from workers.claiming import do
from workers.planned_work import plan_work

DAY = timedelta(days=1)


@pytest.fixture
def home(database: Database) -> Recovering:
    found = a_recovering_service(database)
    with database.transaction(database.command_reach(found.home.provider_id)) as session:
        ask_daily(session, found.home.provider_id, found.home.service_id, today() - DAY)
    return found


def due(db: Database, home: Recovering, on: date, shift: str | None = None) -> None:
    with db.administration() as session:
        session.execute(
            text("""insert into work_item (
                provider_id, service_id, work_item_id, occurrence, title, record, role, asked_role, is_vacant,
                record_types, needed, made, opens_on, first_due_on, due_on, shift_band, state, recorded_at)
            values (:p, :s, :w, :key, 'Watch a round', 'Competency findings', 'medicines_lead', 'medicines_lead', false,
                '{}', 1, 0, :day, :day, :day, :shift, 'open', :at)"""),
            {"p": home.home.provider_id, "s": home.home.service_id, "w": new_id(), "key": f"{on} {shift}", "day": on,
             "shift": shift, "at": now()},
        )  # fmt: skip


def queued(db: Database, home: Recovering, kind: str) -> list[Any]:
    with db.administration() as session:
        return list(
            session.execute(
                text("select * from job where provider_id = :p and state = 'queued' and kind = :k order by due_at"),
                {"p": home.home.provider_id, "k": kind},
            )
        )


def run_pass(db: Database, home: Recovering) -> None:
    with db.transaction(db.command_reach(home.home.provider_id)) as session:
        enqueue(session, "plan_work", provider_id=home.home.provider_id, arguments={})
    (job,) = queued(db, home, "plan_work")
    claimed = db.claim(job.job_id, worker="test", lease_seconds=60, kind="plan_work")
    assert claimed is not None
    do(work_of(db, *claimed, 60), plan_work)


def told(db: Database, home: Recovering) -> list[dict[str, Any]]:
    return [job.arguments for job in queued(db, home, "check_triggers")]


def test_a_silent_shift_is_told_to_the_rules_by_the_pass_that_marks_it(database: Database, home: Recovering) -> None:
    due(database, home, today() - 9 * DAY, "night")
    run_pass(database, home)
    assert [row.state for row in rows_of(database, home, "work_item")] == ["missed"]
    assert told(database, home) == [{"changed": {str(home.home.service_id): ["work"]}}]


def test_work_that_fell_overdue_since_the_pass_before_is_told_once(database: Database, home: Recovering) -> None:
    due(database, home, today() - DAY)
    run_pass(database, home)
    run_pass(database, home)
    assert told(database, home) == [{"changed": {str(home.home.service_id): ["work"]}}]


def test_work_that_is_due_today_or_was_told_before_asks_no_rule(database: Database, home: Recovering) -> None:
    due(database, home, today())
    due(database, home, today() - 3 * DAY)
    run_pass(database, home)
    assert told(database, home) == []
