"""PgBouncer in transaction mode: units of several providers share server connections, and a ticket never stays behind."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError
from support.pooler import a_pooler
from support.tenancy import Place, make_groups, signed_in

from tenants.database import Database
from tenants.reach import Reach

# A hundred thousand units take minutes; the whole of them with MENDLINE_UNITS=100000.
UNITS = int(os.environ.get("MENDLINE_UNITS", "2400"))
THREADS, SERVER_CONNECTIONS = 8, 2


@pytest.fixture
def through_pooler(database_url: str, role_passwords: dict[str, str]) -> Iterator[Database]:
    with a_pooler(database_url, role_passwords, connections=SERVER_CONNECTIONS) as url:
        opened = Database(url, role_passwords, pool_size=THREADS, overflow=0, through_pooler=True)
        yield opened
        opened.dispose()


def test_interleaved_units_through_pgbouncer_show_no_foreign_row(
    through_pooler: Database, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = make_groups(database)
    reaches = [
        (place, signed_in(database, "registered_manager", place))
        for place in (groups.first, groups.sister, groups.second)
    ]
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        each = list(threads.map(lambda seed: _work(through_pooler, reaches, seed), range(THREADS)))
    done = sum(each, Counter())
    with capsys.disabled():
        print(  # noqa: T201 -- the figure is asked for
            f"\nthrough PgBouncer, {THREADS} clients on {SERVER_CONNECTIONS} server connections per role: "
            f"{done['units']} units in {time.monotonic() - began:.0f} s, {done['own rows']} own rows, "
            f"{done['foreign rows']} foreign, {done['shared']} units on another's connection"
        )
    assert done["foreign rows"] == 0
    assert done["left in a setting"] == 0
    assert done["own rows"] >= done["with a ticket"] > UNITS / 2
    assert done["shared"] > UNITS / 20
    assert done["failed half-way"] > UNITS / 20


def _work(db: Database, reaches: list[tuple[Place, Reach]], seed: int) -> Counter[str]:
    chance, seen, last = random.Random(seed), Counter[str](), 0
    for _ in range(UNITS // THREADS):
        seen["units"] += 1
        place, reach = chance.choice(reaches)
        kind = chance.random()
        if kind < 0.15:
            with db.engine("web").begin() as connection:
                seen["left in a setting"] += bool(
                    connection.execute(text("select current_setting('mendline.ticket', true)")).scalar_one()
                )
                seen["foreign rows"] += len(connection.execute(text("select 1 from observation")).all())
            continue
        seen["with a ticket"] += 1
        try:
            with db.transaction(reach) as session:
                rows = session.execute(
                    text("select provider_id, service_id, pg_backend_pid() as server from observation")
                ).all()
                for row in rows:
                    own = (row.provider_id, row.service_id) == (place.provider_id, place.service_id)
                    seen["own rows" if own else "foreign rows"] += 1
                seen["shared"] += bool(last and rows and rows[0].server != last)
                last = rows[0].server if rows else last
                if kind < 0.3:
                    session.execute(text("select 1 / 0"))
        except DataError:  # the division, which the pool must not remember
            seen["failed half-way"] += 1
    return seen
