"""Units of work of several providers interleave on few shared connections, and many of them fail half-way."""

import os
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

# A hundred thousand units take minutes; the whole of them with MENDLINE_UNITS=100000.
UNITS = int(os.environ.get("MENDLINE_UNITS", "12000"))
THREADS = 6
IN_A_ROW = 10  # units of several providers, one after another on one connection that is not given back in between

ENTER = text("select reach.enter(:ticket)")
BOTH = text("select provider_id, service_id from observation union all select provider_id, service_id from action")


class HalfWayError(Exception):
    """Something went wrong in the middle of a transaction."""


@pytest.fixture
def small_pool(database_url: str, role_passwords: dict[str, str]) -> Iterator[Database]:
    opened = Database(database_url, role_passwords, pool_size=3, overflow=0, pool_timeout=600)
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
        print(  # noqa: T201 -- the figure is asked for
            f"\nunits of work on a pool of 3: {done['units']}, of them {done['failed half-way']} failed half-way,"
            f" {done['without a ticket']} without a ticket, {done['with a dead ticket']} with a dead one:"
            f" {done['own rows']} own rows, {done['foreign rows']} foreign, {done['left in a setting']} left in a setting"
        )
    assert done["foreign rows"] == 0
    assert UNITS <= done["units"] < UNITS + THREADS * IN_A_ROW
    assert done["own rows"] > UNITS
    assert done["in a row"] > UNITS / 2
    assert done["failed half-way"] > UNITS / 100
    assert done["without a ticket"] > UNITS / 100
    assert done["left in a setting"] == 0


def _work(db: Database, reaches: list[tuple[Place, Reach]], seed: int) -> Counter[str]:
    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    while seen["units"] < UNITS / THREADS:
        place, reach = chance.choice(reaches)
        kind = chance.random()
        if kind < 0.15:
            _without_a_ticket(db, seen)
        elif kind < 0.2:
            _with_a_dead_ticket(db, seen, reach)
        elif kind < 0.55:
            _unit(db, seen, place, reach, fails=kind < 0.4)
        else:
            _in_a_row(db, seen, chance.choices(reaches, k=IN_A_ROW))
    return seen


def _in_a_row(db: Database, seen: Counter[str], reaches: list[tuple[Place, Reach]]) -> None:
    """As if a pooler gave one connection to whoever comes next."""
    with db.engine("web").connect() as connection:
        for place, reach in reaches:
            with connection.begin():
                assert connection.execute(ENTER, {"ticket": reach.ticket}).scalar_one()
                _count(connection.execute(BOTH).all(), place, seen)
            seen["units"] += 1
            seen["in a row"] += 1


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
    seen["units"] += 1


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
        seen["units"] += 1


def _with_a_dead_ticket(db: Database, seen: Counter[str], reach: Reach) -> None:
    dead = Reach("0" * 64, "person", reach.person_id, "", (), (), reach.provider_ids)
    with pytest.raises(NoReachError), db.transaction(dead) as session:
        seen["foreign rows"] += len(session.execute(text("select 1 from observation")).all())
    seen["with a dead ticket"] += 1
    seen["units"] += 1
