from datetime import date

from sqlalchemy import select
from support.facts import a_home, a_provider

from mendline.indicators.marking import mark_many_stale, mark_stale
from mendline.indicators.model import StaleMark
from tenants.database import Database
from tenants.jobs import Job

MONDAY = date(2026, 11, 9)


def test_one_transaction_asks_for_one_derivation_however_much_it_marks(database: Database) -> None:
    with database.administration() as session:
        home = a_home(session, a_provider(session))
    reach = database.command_reach(home.provider_id)
    with database.transaction(reach) as session:
        mark_stale(session, home.provider_id, home.service_id, home.indicator_id, MONDAY)
        mark_stale(session, home.provider_id, home.service_id, home.indicator_id, None)
        mark_many_stale(session, home.provider_id, [(home.service_id, home.indicator_id, MONDAY)] * 3)
    with database.transaction(reach) as session:
        assert len(session.scalars(select(StaleMark).where(StaleMark.provider_id == home.provider_id)).all()) == 3
        assert [job.kind for job in session.scalars(select(Job).where(Job.provider_id == home.provider_id))] == [
            "derive"
        ]


def test_the_next_transaction_asks_again(database: Database) -> None:
    with database.administration() as session:
        home = a_home(session, a_provider(session))
    reach = database.command_reach(home.provider_id)
    for _ in range(2):
        with database.transaction(reach) as session:
            mark_stale(session, home.provider_id, home.service_id, home.indicator_id, MONDAY)
    with database.transaction(reach) as session:
        assert len(session.scalars(select(Job).where(Job.provider_id == home.provider_id)).all()) == 2


def test_marking_nothing_asks_for_nothing(database: Database) -> None:
    with database.administration() as session:
        home = a_home(session, a_provider(session))
    reach = database.command_reach(home.provider_id)
    with database.transaction(reach) as session:
        mark_many_stale(session, home.provider_id, [])
        assert session.scalars(select(Job).where(Job.provider_id == home.provider_id)).all() == []


def test_a_mark_that_is_rolled_back_leaves_neither_mark_nor_job(database: Database) -> None:
    with database.administration() as session:
        home = a_home(session, a_provider(session))
    reach = database.command_reach(home.provider_id)
    with database.transaction(reach) as session:
        mark_stale(session, home.provider_id, home.service_id, home.indicator_id, MONDAY)
        session.rollback()
    with database.transaction(reach) as session:
        assert session.scalars(select(StaleMark).where(StaleMark.provider_id == home.provider_id)).all() == []
        assert session.scalars(select(Job).where(Job.provider_id == home.provider_id)).all() == []
