import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import MiddlewareError, SkipMessage
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from support.facts import a_provider

from tenants.database import Database
from tenants.errors import NotFoundError, RefusedError, UnavailableError
from tenants.jobs import enqueue
from workers.broker import LONGEST_PAUSE_MS, PromptBroker, bell, make_broker
from workers.claiming import ClaimFirst, LostLeaseError, NoClaimError, Work, do, pause_after
from workers.claiming import _work as work_of
from workers.tasks import TASKS


@pytest.fixture
def provider(database: Database) -> Iterator[uuid.UUID]:
    with database.administration() as session:
        made = a_provider(session)
    yield made
    with database.administration() as session:
        session.execute(text("delete from job"))


def a_job(db: Database, provider: uuid.UUID, kind: str = "derive") -> uuid.UUID:
    with db.transaction(db.command_reach(provider)) as session:
        return enqueue(session, kind, provider_id=provider)


def claimed(db: Database, job_id: uuid.UUID, lease: int = 30) -> Work:
    found = db.claim(job_id, worker="test", lease_seconds=lease)
    assert found is not None
    return work_of(db, *found, lease)


def row(db: Database, job_id: uuid.UUID) -> Any:
    with db.administration() as session:
        return session.execute(text("select * from job where job_id = :id"), {"id": job_id}).one()


def change(db: Database, statement: str) -> None:
    with db.administration() as session:
        session.execute(text(statement))


def test_the_effect_and_done_are_written_together(database: Database, provider: uuid.UUID) -> None:
    job = a_job(database, provider)

    def handler(work: Work) -> None:
        with work.completing() as session:
            session.execute(text("update job set progress_text = 'an effect' where job_id = :id"), {"id": job})

    do(claimed(database, job), handler)
    found = row(database, job)
    assert (found.state, found.progress, found.progress_text, found.error) == ("done", 100, "an effect", None)


def test_who_lost_the_lease_keeps_no_effect(database: Database, provider: uuid.UUID) -> None:
    job = a_job(database, provider)
    first = claimed(database, job)
    change(database, "update job set lease_until = now() - interval '1 second'")
    second = claimed(database, job)
    assert second.attempt == 2

    def late(work: Work) -> None:
        with work.completing() as session:
            session.execute(text("update job set progress_text = 'too late' where job_id = :id"), {"id": job})

    do(first, late)
    assert row(database, job).state == "running"
    assert row(database, job).progress_text is None
    do(second, _complete)
    assert row(database, job).state == "done"


def test_an_attempt_that_is_no_longer_ours_is_told_apart_by_its_number(database: Database, provider: uuid.UUID) -> None:
    job = a_job(database, provider)
    work = claimed(database, job)
    change(database, "update job set attempts = attempts + 1")
    with pytest.raises(LostLeaseError):
        _complete(work)


def _complete(work: Work) -> None:
    with work.completing():
        pass


@given(st.integers(1, 40), st.floats(0, 1))
def test_a_pause_doubles_from_fifteen_seconds_and_stops_at_an_hour(attempt: int, jitter: float) -> None:
    pause = pause_after(attempt, jitter)
    assert pause_after(attempt, 0) <= pause <= timedelta(hours=1)
    assert pause_after(attempt, 0) == min(timedelta(seconds=15 * 2 ** (attempt - 1)), timedelta(hours=1))


def _fail(problem: Exception) -> Callable[[Work], None]:
    def handler(_work: Work) -> None:
        raise problem

    return handler


@pytest.mark.parametrize("problem", [RuntimeError("secret detail"), UnavailableError("away")])
def test_a_failure_is_put_off_and_tells_nothing_of_its_inside(
    database: Database, provider: uuid.UUID, problem: Exception
) -> None:
    job = a_job(database, provider)
    do(claimed(database, job), _fail(problem))
    found = row(database, job)
    assert (found.state, found.published_at) == ("queued", None)
    assert timedelta(seconds=10) < found.due_at - datetime.now(UTC) < timedelta(seconds=20)
    assert found.error == "This did not finish and is tried again soon (try 1 of 8)."


def test_a_job_that_is_not_due_cannot_be_claimed(database: Database, provider: uuid.UUID) -> None:
    job = a_job(database, provider)
    do(claimed(database, job), _fail(RuntimeError()))
    assert database.claim(job, worker="test", lease_seconds=30) is None
    assert row(database, job).attempts == 1


def test_the_eighth_failure_is_the_last(database: Database, provider: uuid.UUID) -> None:
    job = a_job(database, provider)
    for _ in range(8):
        change(database, "update job set due_at = now() - interval '1 second'")
        do(claimed(database, job), _fail(RuntimeError()))
    assert row(database, job).state == "dead"
    assert database.claim(job, worker="test", lease_seconds=30) is None


@pytest.mark.parametrize("problem", [RefusedError("The file has no rows."), NotFoundError("There is nothing here.")])
def test_wrong_input_fails_at_once_with_its_words(database: Database, provider: uuid.UUID, problem: Exception) -> None:
    job = a_job(database, provider)
    do(claimed(database, job), _fail(problem))
    found = row(database, job)
    assert (found.state, found.error, found.attempts) == ("failed", str(problem), 1)


def test_telling_how_far_it_is_renews_the_lease(database: Database, provider: uuid.UUID) -> None:
    job = a_job(database, provider)
    work = claimed(database, job)
    change(database, "update job set lease_until = now() + interval '1 second'")
    work.tell(40, "Drawing charts")
    found = row(database, job)
    assert (found.progress, found.progress_text) == (40, "Drawing charts")
    assert found.lease_until > datetime.now(UTC) + timedelta(seconds=20)


def test_a_long_piece_of_work_keeps_its_lease(database: Database, provider: uuid.UUID) -> None:
    job = a_job(database, provider)
    work = claimed(database, job, lease=1)
    with work.renewed():
        time.sleep(1.6)
        assert database.claim(job, worker="other", lease_seconds=30) is None
    _complete(work)


@pytest.fixture
def claims(database: Database) -> ClaimFirst:
    return ClaimFirst(database, TASKS)


def message(*arguments: Any, actor: str = "derive") -> dramatiq.MessageProxy:
    made = bell(actor, "derive", "")
    return dramatiq.MessageProxy(made.copy(args=arguments))


@pytest.mark.parametrize("arguments", [(), ("not an id",), (7,), (None,), (str(uuid.uuid4()), "more")])
def test_a_message_that_names_no_job_stops_before_its_actor(claims: ClaimFirst, arguments: Any) -> None:
    with pytest.raises(MiddlewareError):
        claims.before_process_message(StubBroker(), message(*arguments))


def test_an_unknown_job_is_skipped(claims: ClaimFirst) -> None:
    with pytest.raises(SkipMessage):
        claims.before_process_message(StubBroker(), message(str(uuid.uuid4())))


def test_a_message_that_lies_about_the_kind_of_a_job_moves_nothing(
    database: Database, provider: uuid.UUID, claims: ClaimFirst
) -> None:
    job = a_job(database, provider)
    with pytest.raises(SkipMessage):
        claims.before_process_message(StubBroker(), message(str(job), actor="seal_ledger"))
    assert row(database, job).attempts == 0


def test_an_actor_without_a_claim_does_not_run(claims: ClaimFirst) -> None:
    with pytest.raises(NoClaimError):
        claims.claimed()


def test_a_claim_is_good_for_one_run(database: Database, provider: uuid.UUID, claims: ClaimFirst) -> None:
    job = a_job(database, provider)
    claims.before_process_message(StubBroker(), message(str(job)))
    assert claims.claimed().job_id == job
    with pytest.raises(NoClaimError):
        claims.claimed()


def test_a_claim_of_the_message_before_is_never_used_for_the_next(
    database: Database, provider: uuid.UUID, claims: ClaimFirst
) -> None:
    claims.before_process_message(StubBroker(), message(str(a_job(database, provider))))
    with suppress(SkipMessage):
        claims.before_process_message(StubBroker(), message(str(uuid.uuid4())))
    with pytest.raises(NoClaimError):
        claims.claimed()


def test_a_claim_reaches_one_provider_and_no_other(database: Database, provider: uuid.UUID) -> None:
    with database.administration() as session:
        a_provider(session, "CANARYGROUP")
    work = claimed(database, a_job(database, provider))
    with work.transaction() as session:
        assert session.execute(text("select name from provider")).scalars().all() == ["Harbour Care"]


def test_the_broker_leaves_tries_and_results_to_the_database(valkey_url: str) -> None:
    broker = make_broker(valkey_url)
    assert {type(one).__name__ for one in broker.middleware} == {"ShutdownNotifications"}
    assert broker.maintenance_chance == 50_000


def test_consumers_look_often_but_not_for_delayed_messages(valkey_url: str) -> None:
    broker: PromptBroker = make_broker(valkey_url)
    assert broker.consume("derive", timeout=1000).timeout == LONGEST_PAUSE_MS
    assert broker.consume("derive.DQ", timeout=1000).timeout == 1000
    broker.close()
