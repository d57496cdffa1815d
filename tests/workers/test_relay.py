import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from dramatiq import Message
from sqlalchemy import text
from support.facts import a_provider, two_providers
from support.parts import until

from mendline.local.valkey import EmbeddedValkey
from tenants.clock import today
from tenants.database import Database
from tenants.jobs import enqueue
from workers.broker import NAMESPACE, PromptBroker, make_broker
from workers.relay import Relay


@pytest.fixture
def broker(valkey_server: EmbeddedValkey) -> Iterator[PromptBroker]:
    made = make_broker(valkey_server.url(4))
    made.client.flushdb()
    yield made
    made.client.flushdb()
    made.close()


@pytest.fixture
def relay(database: Database, broker: PromptBroker) -> Relay:
    return Relay(database, broker)


@pytest.fixture(autouse=True)
def _no_jobs(database: Database) -> Iterator[None]:
    yield
    change(database, "delete from job")


def change(db: Database, statement: str) -> None:
    with db.administration() as session:
        session.execute(text(statement))


def ask(db: Database, provider: uuid.UUID, *kinds: str) -> list[uuid.UUID]:
    with db.transaction(db.command_reach(provider)) as session:
        return [enqueue(session, kind, provider_id=provider) for kind in kinds]


def providers(db: Database, count: int = 1) -> list[uuid.UUID]:
    with db.administration() as session:
        return [a_provider(session, f"Group {number}") for number in range(count)]


def sent(broker: PromptBroker, queue: str) -> list[Any]:
    held = broker.client.hvals(f"{NAMESPACE}:{queue}.msgs")
    return [Message.decode(one) for one in held]


def test_a_job_goes_out_as_its_kind_and_its_id_and_nothing_else(
    database: Database, relay: Relay, broker: PromptBroker
) -> None:
    (provider,) = providers(database)
    (job,) = ask(database, provider, "seal_ledger")
    assert relay.send_due() == 1
    (message,) = sent(broker, "fast")
    assert (message.actor_name, message.args, message.kwargs) == ("seal_ledger", (str(job),), {})
    assert str(provider) not in repr(broker.client.hvals(f"{NAMESPACE}:fast.msgs"))


def test_a_job_is_sent_once(database: Database, relay: Relay) -> None:
    (provider,) = providers(database)
    ask(database, provider, "seal_ledger")
    assert [relay.send_due(), relay.send_due()] == [1, 0]


def test_many_writes_of_one_provider_are_one_message(database: Database, relay: Relay, broker: PromptBroker) -> None:
    busy, quiet = providers(database, 2)
    for _ in range(30):
        ask(database, busy, "derive")
    ask(database, quiet, "derive")
    assert relay.send_due() == 2
    assert len(sent(broker, "derive")) == 2


def test_what_waited_thirty_seconds_is_sent_again(database: Database, relay: Relay) -> None:
    (provider,) = providers(database)
    ask(database, provider, "derive")
    relay.send_due()
    change(database, "update job set published_at = published_at - interval '31 seconds'")
    assert relay.send_due() == 1


def test_a_lapsed_lease_is_sent_again_once_and_not_at_every_look(database: Database, relay: Relay) -> None:
    (provider,) = providers(database)
    (job,) = ask(database, provider, "derive")
    relay.send_due()
    database.claim(job, worker="killed", lease_seconds=20)
    assert relay.send_due() == 0
    change(
        database,
        "update job set lease_until = now() - interval '1 second', published_at = now() - interval '21 seconds'",
    )
    assert [relay.send_due(), relay.send_due()] == [1, 0]


def test_a_job_that_was_put_off_waits_for_its_time(database: Database, relay: Relay) -> None:
    (provider,) = providers(database)
    ask(database, provider, "derive")
    change(database, "update job set due_at = now() + interval '15 seconds'")
    assert relay.send_due() == 0


def test_what_redis_did_not_take_counts_as_not_sent(database: Database, valkey_server: EmbeddedValkey) -> None:
    (provider,) = providers(database)
    (job,) = ask(database, provider, "derive")
    nowhere = make_broker("unix:///nowhere/valkey.sock?db=0")
    with pytest.raises(redis.ConnectionError):
        Relay(database, nowhere).send_due()
    with database.administration() as session:
        assert (
            session.execute(text("select published_at from job where job_id = :id"), {"id": job}).scalar_one() is None
        )
    assert Relay(database, make_broker(valkey_server.url(4))).send_due() == 1


def test_it_waits_out_a_missing_redis_and_says_so_plainly(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    (provider,) = providers(database)
    ask(database, provider, "derive")
    stopping = threading.Event()
    relay = Relay(database, make_broker("unix:///nowhere/valkey.sock?db=0"))
    thread = threading.Thread(target=relay.work, args=(stopping,))
    with caplog.at_level("INFO", "mendline.relay"):
        thread.start()
        until(lambda: "Jobs wait in PostgreSQL" in caplog.text, 10, "the relay to notice")
        stopping.set()
        thread.join(timeout=10)
    assert not thread.is_alive()
    assert "Traceback" not in caplog.text


def test_it_waits_out_a_missing_postgresql_and_says_so_plainly(
    role_passwords: dict[str, str], broker: PromptBroker, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = Database("postgresql+psycopg://nobody@/nothing?host=/nowhere", role_passwords)
    stopping = threading.Event()
    thread = threading.Thread(target=Relay(nowhere, broker).work, args=(stopping,))
    with caplog.at_level("INFO", "mendline.relay"):
        thread.start()
        until(lambda: "PostgreSQL does not answer" in caplog.text, 10, "the relay to notice")
        stopping.set()
        thread.join(timeout=10)
    assert not thread.is_alive()
    assert "Traceback" not in caplog.text


def test_a_commit_wakes_it_within_a_moment(database: Database, relay: Relay, broker: PromptBroker) -> None:
    (provider,) = providers(database)
    stopping = threading.Event()
    thread = threading.Thread(target=relay.work, args=(stopping,))
    thread.start()
    try:
        until(lambda: _listens(database), 10, "the relay to listen")
        ask(database, provider, "derive")
        until(lambda: sent(broker, "derive"), 0.9, "the message, sooner than the next look")
    finally:
        stopping.set()
        thread.join(timeout=10)


def _listens(db: Database) -> bool:
    with db.administration() as session:
        session.execute(text("reset role"))
        return bool(session.scalar(text("select count(*) from pg_stat_activity where query like 'listen %'")))


def test_the_sweep_finds_what_is_stale_unsealed_or_judged_yesterday(database: Database, relay: Relay) -> None:
    mine, _ = two_providers(database)
    home = mine[0]
    names = "provider_id, mark_id, service_id, indicator_id, marked_at"
    values = f"'{home.provider_id}', gen_random_uuid(), '{home.service_id}', '{home.indicator_id}'"
    change(database, f"insert into stale_mark ({names}) values ({values}, now() - interval '1 minute')")
    change(
        database,
        "insert into ledger_entry (provider_id, entry_id, recorded_at, actor, act, detail)"
        f" values ('{home.provider_id}', gen_random_uuid(), now() - interval '1 minute', 'job', 'tried', '{{}}')",
    )
    relay.sweep()
    relay.sweep()
    found = _open_jobs(database)
    assert [each for each in found if each[0] in ("derive", "seal_ledger")] == [("derive", {}), ("seal_ledger", {})]
    # Every provider gets its day, once.
    assert found.count(("custody_day", {})) == len({*_providers(database)})
    change(database, "delete from job; delete from stale_mark; delete from ledger_entry")
    _judge(database, home, today() - timedelta(days=1))
    relay.sweep()
    relay.sweep()
    assert [each for each in _open_jobs(database) if each[0] == "derive"] == [("derive", {"judge": True})]
    change(database, "delete from job; delete from indicator_status")


def _providers(db: Database) -> list[uuid.UUID]:
    with db.administration() as session:
        return list(session.execute(text("select provider_id from provider")).scalars())


def test_the_sweep_finds_what_was_judged_by_other_rules(database: Database, relay: Relay) -> None:
    mine, _ = two_providers(database)
    _judge(database, mine[0], today())
    relay.sweep()
    assert _derivations(database) == []
    change(database, "update indicator_status set rules_version = '2025-01/2025.1'")
    relay.sweep()
    relay.sweep()
    assert _derivations(database) == [("derive", {"judge": True})]
    change(database, "delete from job; delete from indicator_status")


def _derivations(db: Database) -> list[Any]:
    return [job for job in _open_jobs(db) if job[0] == "derive"]


def _judge(db: Database, home: Any, day: Any) -> None:
    from mendline.comparison.derivation import derive_indicators

    with db.transaction(db.command_reach(home.provider_id)) as session:
        derive_indicators(session, home.provider_id, [(home.service_id, home.indicator_id)], day)


def _open_jobs(db: Database) -> list[Any]:
    with db.administration() as session:
        found = session.execute(text("select kind, arguments from job where state = 'queued' order by kind"))
        return [tuple(row) for row in found]
