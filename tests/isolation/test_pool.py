"""Units of work of several providers interleave on few shared connections, and many of them fail half-way."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from support.tenancy import Place, make_groups, signed_in

from tenants.database import Database
from tenants.errors import MendlineError, NoReachError
from tenants.reach import Reach

UNITS = 3_000
THREADS = 6


class HalfWayError(Exception):
    """Something went wrong in the middle of a transaction."""


@pytest.fixture
def small_pool(database_url: str, role_passwords: dict[str, str]) -> Iterator[Database]:
    opened = Database(database_url, role_passwords, pool_size=3, overflow=0)
    yield opened
    opened.dispose()


def test_interleaved_units_of_work_on_a_pool_of_three_show_no_foreign_row(
    small_pool: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = make_groups(small_pool)
    reaches = [
        (place, signed_in(small_pool, "registered_manager", place))
        for place in (groups.first, groups.sister, groups.second)
    ]
    with ThreadPoolExecutor(THREADS) as threads:
        each = list(threads.map(lambda seed: _work(small_pool, reaches, seed), range(THREADS)))
    done = sum(each, Counter())
    with capsys.disabled():
        print(f"\ninterleaved on a pool of 3: {dict(done)}")  # noqa: T201 -- the figure is asked for
    assert done["foreign rows"] == 0
    assert done["own rows"] > UNITS
    assert done["failed half-way"] > UNITS / 20
    assert done["without a ticket"] > UNITS / 20
    assert done["left in a setting"] == 0


def _work(db: Database, reaches: list[tuple[Place, Reach]], seed: int) -> Counter[str]:
    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    for _ in range(UNITS // THREADS):
        place, reach = chance.choice(reaches)
        kind = chance.random()
        if kind < 0.15:
            _without_a_ticket(db, seen)
        elif kind < 0.2:
            _with_a_dead_ticket(db, seen, reach)
        else:
            _unit(db, seen, place, reach, fails=kind < 0.4)
    return seen


def _unit(db: Database, seen: Counter[str], place: Place, reach: Reach, *, fails: bool) -> None:
    try:
        with db.transaction(reach) as session:
            _count(session.execute(text("select provider_id, service_id from observation")).all(), place, seen)
            if fails:
                _fail(session, seen["failed half-way"])
            _count(session.execute(text("select provider_id, service_id from action")).all(), place, seen)
    except Exception as problem:
        if isinstance(problem, MendlineError):
            raise
        seen["failed half-way"] += 1
    else:
        seen["done"] += 1


def _fail(session: Session, times: int) -> None:
    """Now in the program, now in the database."""
    session.execute(text("select pg_sleep(0.001)"))
    if times % 2:
        raise HalfWayError
    session.execute(text("select 1 / 0"))


def _count(rows, place: Place, seen: Counter[str]) -> None:
    for provider_id, service_id in rows:
        own = (provider_id, service_id) == (place.provider_id, place.service_id)
        seen["own rows" if own else "foreign rows"] += 1


def _without_a_ticket(db: Database, seen: Counter[str]) -> None:
    with db.engine("web").connect() as connection:
        left = connection.execute(text("select current_setting('mendline.ticket', true)")).scalar_one()
        seen["left in a setting"] += bool(left)
        rows = connection.execute(text("select 1 from observation")).all()
        seen["foreign rows"] += len(rows)
        seen["without a ticket"] += 1


def _with_a_dead_ticket(db: Database, seen: Counter[str], reach: Reach) -> None:
    dead = Reach("0" * 64, "person", reach.person_id, "", (), (), reach.provider_ids)
    with pytest.raises(NoReachError), db.transaction(dead) as session:
        seen["foreign rows"] += len(session.execute(text("select 1 from observation")).all())
    seen["with a dead ticket"] += 1
