"""Parts are killed and servers lose what they hold: nothing acknowledged is lost, nothing is counted twice."""

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from support.facts import Home, two_providers
from support.folders import passable_folder
from support.parts import Parts, environment_of, parts_of, until

from mendline.comparison.model import RollUp
from mendline.comparison.rebuild import rebuild
from mendline.config import resources
from mendline.indicators.commands import save_observations
from mendline.indicators.rows import ObservationRow
from mendline.local.postgres import EmbeddedPostgres
from mendline.local.valkey import EmbeddedValkey
from tenants.clock import today
from tenants.database import Database
from tenants.migrate import upgrade
from workers.broker import NAMESPACE, bell, make_broker

MONDAY = date(2026, 1, 5)
WEEKS = 40
FORGED = 10_000


@dataclass
class Running:
    """A small installation of its own, whose servers and parts may be killed."""

    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    db: Database
    parts: Parts
    homes: list[Home]
    entered: dict[tuple[uuid.UUID, date], float] = field(default_factory=dict)
    counter: int = 0

    @property
    def provider(self) -> uuid.UUID:
        return self.homes[0].provider_id

    def enter(self, figures: int = 1) -> None:
        """Enters or corrects figures, each acknowledged before the next."""
        reach = self.db.command_reach(self.provider)
        for _ in range(figures):
            self.counter += 1
            home = self.homes[self.counter % len(self.homes)]
            period = MONDAY + timedelta(weeks=self.counter % WEEKS)
            value = float(self.counter % 97)
            row = ObservationRow(home.service_id, home.indicator_id, period, value, 100)
            with self.db.transaction(reach) as session:
                save_observations(
                    session, reach, [row], provider_id=self.provider, source="entered", today=today(), reason="next"
                )
            self.entered[home.service_id, period] = value

    def as_owner(self, statement: str, **values: Any) -> Any:
        with self.db.administration() as session:
            return session.execute(text(statement), values)

    def count(self, condition: str) -> int:
        with self.db.administration() as session:
            return int(session.execute(text(f"select count(*) from {condition}")).scalar_one())

    def wait(self, holds: Callable[[], object], seconds: float, what: str) -> None:
        """Waits, and where it was in vain tells the open jobs and what the parts said."""
        try:
            until(holds, seconds, what)
        except AssertionError as vain:
            rows = self.as_owner("select * from job where state in ('queued', 'running')").all()
            raise AssertionError(f"{vain}\n{rows}\n{self.parts.said()[-6000:]}") from vain

    def settle(self, seconds: float = 30) -> None:
        """Waits until nothing is stale and no job is open, moving the clock of what waits for a lease or a re-send."""

        def settled() -> bool:
            self.as_owner(
                "update job set published_at = published_at - interval '35 seconds'"
                " where state = 'queued' and published_at < now() - interval '2 seconds'"
            )
            return not self.count("stale_mark") and not self.count("job where state in ('queued', 'running')")

        self.wait(settled, seconds, "all work to be done")

    def lapse(self) -> None:
        """Lets the leases of killed workers run out now and not in twenty seconds."""
        self.as_owner(
            "update job set lease_until = now() - interval '1 second', published_at = now() - interval '25 seconds'"
            " where state = 'running'"
        )

    def check(self) -> None:
        """Every acknowledged figure is in the roll-ups, once, and everything equals a rebuild."""
        pooled: dict[date, float] = {}
        for (_, period), value in self.entered.items():
            pooled[period] = pooled.get(period, 0) + value
        with self.db.transaction(self.db.command_reach(self.provider)) as session:
            found = session.execute(select(RollUp.period_start, RollUp.numerator)).all()
        assert {row.period_start: row.numerator for row in found} == pooled
        report = rebuild(self.db, verify=True)
        assert (report.exit_status, report.waiting) == (0, 0), report.differences
        assert self.count("job where state in ('failed', 'dead')") == 0


@pytest.fixture(scope="module")
def here(role_passwords: dict[str, str]) -> Iterator[Running]:
    with passable_folder() as folder, EmbeddedPostgres(folder) as postgres, EmbeddedValkey(folder) as valkey:
        url = postgres.create_database("faults")
        upgrade(url, role_passwords, resources().migrations)
        environment = environment_of(url, valkey.url(), role_passwords, folder)
        db = Database(url, role_passwords)
        homes, _ = two_providers(db)
        rebuild(db)
        with parts_of(environment, Path(folder) / "parts") as parts:
            parts.start_relay()
            parts.start_worker()
            yield Running(postgres, valkey, db, parts, homes)
        db.dispose()


@pytest.fixture
def provider_locked(here: Running) -> Iterator[Any]:
    """Holds every derivation of the provider at its first step, so that it can be interrupted in the middle."""
    with here.postgres.connect("faults") as holder:
        holder.execute("select pg_advisory_lock(hashtextextended('derive ' || %s, 0))", (str(here.provider),))
        yield lambda: holder.execute("select pg_advisory_unlock_all()")


def test_a_figure_becomes_a_roll_up_through_the_real_parts(here: Running) -> None:
    here.enter(3)
    here.settle()
    here.check()


def test_a_worker_killed_in_the_middle_of_a_derivation(here: Running, provider_locked: Any) -> None:
    here.enter(5)
    here.wait(lambda: here.count("job where state = 'running'"), 25, "a worker to be in the middle")
    here.parts.kill("worker")
    provider_locked()
    here.enter(5)
    here.lapse()
    here.parts.start_worker()
    here.settle()
    here.check()
    assert here.count("job where attempts = 2 and state = 'done'") == 1


def test_redis_loses_everything_that_it_holds(here: Running) -> None:
    here.parts.signal("worker", signal.SIGSTOP)
    here.enter(5)
    here.wait(lambda: here.count("job where published_at is not null and state = 'queued'"), 25, "the relay to send")
    make_broker(here.valkey.url()).client.flushall()
    here.parts.signal("worker", signal.SIGCONT)
    here.enter(5)
    here.settle()
    here.check()


def test_redis_is_killed_and_comes_back_while_figures_come_in(here: Running) -> None:
    here.enter(3)
    os.kill(here.valkey.pid, signal.SIGKILL)
    here.enter(5)  # writing does not need Redis
    here.wait(here.valkey.ended, 25, "Valkey to be gone")
    here.valkey.stop()
    here.valkey.start()
    here.enter(3)
    here.settle(45)
    here.check()


def test_the_relay_is_killed_between_writes(here: Running) -> None:
    here.enter(5)
    here.parts.kill("relay")
    here.enter(10)
    here.parts.start_relay()
    here.settle()
    here.check()


def test_postgresql_is_restarted_in_the_middle(here: Running) -> None:
    here.enter(5)
    os.kill(here.postgres.pid, signal.SIGKILL)
    here.wait(here.postgres.ended, 25, "PostgreSQL to be gone")
    time.sleep(0.3)  # the relay and the worker notice
    here.postgres.stop()
    here.postgres.start()
    here.enter(5)
    here.lapse()
    here.as_owner("update job set due_at = now() where state = 'queued'")
    here.settle(45)
    here.check()


def test_two_workers_on_one_lapsed_lease_count_nothing_twice(here: Running, provider_locked: Any) -> None:
    here.enter(1)
    here.wait(lambda: here.count("job where state = 'running'"), 25, "a worker to be in the middle")
    here.lapse()  # the first worker still works; a second attempt begins beside it
    here.wait(lambda: here.count("job where state = 'running' and attempts = 2"), 25, "the second attempt")
    provider_locked()
    here.settle()
    here.check()


def test_ten_thousand_forged_messages_change_nothing(here: Running, figure: Callable[[str], None]) -> None:
    here.enter(2)
    here.settle()
    finished = str(here.as_owner("select job_id from job where state = 'done' limit 1").scalar_one())
    asked = "job where kind in ('derive', 'make_pack')"  # what follows from a derivation books its own
    before = here.count(asked), here.count("observation"), here.count("ledger_entry")
    broker = make_broker(here.valkey.url())
    for number in range(FORGED):
        wrong = (str(uuid.uuid4()), finished, "'; drop table job; --", "")[number % 4]
        broker.enqueue(bell(("derive", "make_pack", "no_such_actor")[number % 3], "derive", wrong))
    here.enter(1)
    here.wait(lambda: not broker.client.llen(f"{NAMESPACE}:derive"), 120, "the forged messages to be taken")
    here.settle()
    assert here.count(asked) == before[0] + 1
    assert here.count("observation") == before[1] + 1
    assert here.count("ledger_entry") == before[2] + 1
    figure(f"{FORGED} forged messages in Redis: 0 rows changed by them")
    here.check()


def test_nothing_that_the_parts_said_holds_a_stack_trace_of_ours_or_a_figure(here: Running) -> None:
    said = here.parts.said()
    assert "derived" in said
    assert "CANARYGROUP" not in said
    assert "numerator" not in said
