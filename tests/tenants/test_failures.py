"""What goes wrong with the database is told in words that a person can act on, and nothing is half-saved."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session
from support.tenancy import Groups, make_groups, signed_in

from tenants.database import Database
from tenants.errors import ConflictError, NoReachError, UnavailableError
from tenants.failures import AWAY, BUSY, CHANGED, TOO_LONG
from tenants.reach import Reach


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return make_groups(database)


@pytest.fixture
def reach(database: Database, groups: Groups) -> Reach:
    return signed_in(database, "registered_manager", groups.first)


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://x@127.0.0.1:1/mendline", "postgresql+psycopg://x@/mendline?host=/nowhere/at/all"],
)
def test_a_refused_connection_is_told(url: str, reach: Reach) -> None:
    db = Database(url, {"web": "x"})
    with pytest.raises(UnavailableError, match=AWAY[:40]), db.transaction(reach) as session:
        session.execute(text("select 1"))
    db.dispose()


def test_a_session_that_an_administrator_ends_is_told(database: Database, reach: Reach) -> None:
    with pytest.raises(UnavailableError) as told, database.transaction(reach) as session:  # noqa: PT012 -- the story is one
        pid = session.execute(text("select pg_backend_pid()")).scalar_one()
        with database.administration() as other:
            other.execute(text("reset role"))
            other.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        session.execute(text("select 1"))
    assert str(told.value) == AWAY


def test_connections_that_ended_between_two_requests_fail_nobody(database: Database, reach: Reach) -> None:
    with database.transaction(reach) as session:
        pid = session.execute(text("select pg_backend_pid()")).scalar_one()
    with database.administration() as other:
        other.execute(text("reset role"))
        other.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with database.transaction(reach) as session:
        assert session.execute(text("select pg_backend_pid()")).scalar_one() != pid


@pytest.mark.parametrize("setting", ["statement_timeout", "transaction_timeout"])
def test_what_takes_too_long_is_told(database: Database, reach: Reach, setting: str) -> None:
    with pytest.raises(UnavailableError) as told, database.transaction(reach) as session:
        session.execute(text(f"set local {setting} = '20ms'; select pg_sleep(2)"))
    assert str(told.value) == TOO_LONG


def test_a_lock_that_somebody_holds_is_told(database: Database, reach: Reach) -> None:
    with database.administration() as holder:
        holder.execute(text("lock table service in access exclusive mode"))
        with pytest.raises(UnavailableError) as told, database.transaction(reach) as session:
            session.execute(text("set local lock_timeout = '20ms'; select 1 from service"))
    assert str(told.value) == TOO_LONG


def test_a_full_pool_is_told(database_url: str, role_passwords: dict[str, str], reach: Reach) -> None:
    db = Database(database_url, role_passwords, pool_size=1, overflow=0, pool_timeout=0.05)
    with db.transaction(reach) as session:
        session.execute(text("select 1"))
        with pytest.raises(UnavailableError) as told, db.transaction(reach) as other:
            other.execute(text("select 1"))
    assert str(told.value) == BUSY
    db.dispose()


def test_a_deadlock_is_told_to_one_and_the_other_goes_on(database: Database, groups: Groups) -> None:
    meet = threading.Barrier(2)

    def lock_two(keys: tuple[int, int]) -> str:
        try:
            with database.transaction(database.command_reach(groups.first.provider_id)) as session:
                session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": keys[0]})
                meet.wait(5)
                session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": keys[1]})
        except ConflictError as problem:
            return str(problem)
        return "went on"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(lock_two, [(1, 2), (2, 1)])) == sorted([CHANGED, "went on"])


def test_faults_of_ours_are_not_dressed_up(database: Database, reach: Reach, groups: Groups) -> None:
    with pytest.raises(ProgrammingError), database.transaction(reach) as session:
        session.execute(text("select nonsense"))
    with pytest.raises(ProgrammingError, match="permission denied"), database.transaction(reach) as session:
        session.execute(text("select 1 from signin.person"))
    with pytest.raises(IntegrityError), database.transaction(reach) as session:
        session.execute(
            text("insert into action (provider_id, service_id, action_id) values (:p, :s, gen_random_uuid())"),
            {"p": groups.first.provider_id, "s": groups.first.service_id},
        )


def test_a_role_of_its_own_functions_opens_no_tenants_rows(database: Database) -> None:
    with pytest.raises(ValueError, match="transaction"), database.as_role("web"):
        pass
    with pytest.raises(ProgrammingError, match="permission denied"), database.as_role("relay") as connection:
        connection.execute(text("select 1 from public.service"))


def test_a_session_without_a_reach_is_refused(database: Database) -> None:
    with Session(database.engine("web")) as session, pytest.raises(NoReachError):
        session.execute(text("select 1"))
