from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from support.facts import Home, figures, two_providers

from mendline.comparison.derivation import derive_indicators
from mendline.indicators.marking import mark_stale
from tenants.clock import today
from tenants.database import Database
from tenants.jobs import enqueue
from workers.claiming import _work as work_of
from workers.claiming import do
from workers.rollups import derive

MONDAY = date(2026, 1, 5)


@pytest.fixture
def homes(database: Database) -> list[Home]:
    mine, theirs = two_providers(database)
    with database.administration() as session:
        for home in (*mine, *theirs):
            figures(session, home, [(90, 100)] * 3)
    return [*mine, *theirs]


def mark(db: Database, home: Home, period: date | None = MONDAY) -> None:
    with db.transaction(db.command_reach(home.provider_id)) as session:
        mark_stale(session, home.provider_id, home.service_id, home.indicator_id, period)


def jobs(db: Database, home: Home, state: str) -> list[Any]:
    with db.administration() as session:
        found = session.execute(
            text("select * from job where provider_id = :p and state = :s and kind = 'derive' order by created_at"),
            {"p": home.provider_id, "s": state},
        )
        return list(found)


def run_next(db: Database, home: Home, judge_at_once: int = 200) -> None:
    waiting = jobs(db, home, "queued")
    claimed = db.claim(waiting[0].job_id, worker="test", lease_seconds=20, kind="derive")
    assert claimed is not None
    do(work_of(db, *claimed, 20), partial(derive, judge_at_once=judge_at_once))


def test_one_pass_answers_every_job_that_waits_for_the_provider(database: Database, homes: list[Home]) -> None:
    for home in homes[:2] * 3:
        mark(database, home)
    mark(database, homes[2])
    run_next(database, homes[0])
    assert len(jobs(database, homes[0], "done")) == 6
    assert jobs(database, homes[0], "queued") == []
    assert len(jobs(database, homes[2], "queued")) == 1  # the other provider's work waits for its own job


def test_the_other_provider_has_no_derived_row_of_it(database: Database, homes: list[Home]) -> None:
    mark(database, homes[0])
    run_next(database, homes[0])
    with database.administration() as session:
        owners = set(session.execute(text("select provider_id from roll_up")).scalars())
        assert homes[2].provider_id not in owners
        assert homes[0].provider_id in owners


def test_a_job_that_another_pass_answered_is_not_run_again(database: Database, homes: list[Home]) -> None:
    mark(database, homes[0])
    mark(database, homes[0])
    second = jobs(database, homes[0], "queued")[1]
    run_next(database, homes[0])
    assert database.claim(second.job_id, worker="test", lease_seconds=20, kind="derive") is None


def test_a_daily_job_judges_again_and_leaves_no_mark(database: Database, homes: list[Home]) -> None:
    with database.transaction(database.command_reach(homes[0].provider_id)) as session:
        keys = [(home.service_id, home.indicator_id) for home in homes[:2]]
        derive_indicators(session, homes[0].provider_id, keys, today() - timedelta(days=1))
        enqueue(session, "derive", provider_id=homes[0].provider_id, arguments={"judge": True})
    run_next(database, homes[0])
    with database.administration() as session:
        judged = session.execute(
            text("select judged_on from indicator_status where provider_id = :p"), {"p": homes[0].provider_id}
        ).scalars()
        assert set(judged) == {today()}
    assert jobs(database, homes[0], "queued") == []


def test_a_daily_job_too_large_for_one_pass_asks_for_the_next(database: Database, homes: list[Home]) -> None:
    with database.transaction(database.command_reach(homes[0].provider_id)) as session:
        keys = [(home.service_id, home.indicator_id) for home in homes[:2]]
        derive_indicators(session, homes[0].provider_id, keys, today() - timedelta(days=1))
        enqueue(session, "derive", provider_id=homes[0].provider_id, arguments={"judge": True})
    passes = 0
    while jobs(database, homes[0], "queued"):
        run_next(database, homes[0], judge_at_once=1)
        passes += 1
    assert passes == 3  # two indicators, and one pass that finds nothing left


def test_a_figure_never_waits_behind_the_daily_job(database: Database, homes: list[Home]) -> None:
    with database.transaction(database.command_reach(homes[0].provider_id)) as session:
        enqueue(session, "derive", provider_id=homes[0].provider_id, arguments={"judge": True})
    mark(database, homes[0])
    run_next(database, homes[0])  # the daily one, which answers the figure's job as well
    assert [job.arguments for job in jobs(database, homes[0], "done")] == [{"judge": True}, {}]


def triggers_asked(db: Database, home: Home) -> list[Any]:
    with db.administration() as session:
        found = session.execute(
            text("select arguments from job where provider_id = :p and kind = 'check_triggers' order by created_at"),
            {"p": home.provider_id},
        )
        return list(found.scalars())


def test_a_new_status_asks_for_the_trigger_rules_of_its_service_alone(database: Database, homes: list[Home]) -> None:
    mark(database, homes[0])
    run_next(database, homes[0])
    assert triggers_asked(database, homes[0]) == [
        {"changed": {str(homes[0].service_id): [f"indicator:{homes[0].indicator_id}"]}}
    ]


def test_a_new_day_asks_for_every_rule_once_all_is_judged_again(database: Database, homes: list[Home]) -> None:
    with database.transaction(database.command_reach(homes[0].provider_id)) as session:
        keys = [(home.service_id, home.indicator_id) for home in homes[:2]]
        derive_indicators(session, homes[0].provider_id, keys, today() - timedelta(days=1))
        enqueue(session, "derive", provider_id=homes[0].provider_id, arguments={"judge": True})
    while jobs(database, homes[0], "queued"):
        run_next(database, homes[0], judge_at_once=1)
    assert triggers_asked(database, homes[0]) == [{"daily": today().isoformat()}]
