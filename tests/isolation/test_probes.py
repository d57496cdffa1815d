"""Keys that clash or point elsewhere answer the same, whether the foreign row exists or never did."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table
from support.tenancy import Groups, Place, make_groups, sample_row, signed_in, tenant_tables

from tenants.database import Database


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return make_groups(database)


OWN = {"provider_id", "service_id"}
# Keys that name a parent below the service: that part can be borrowed from a foreign place.
CHILDREN = [
    (table, tuple(sorted(set(key.columns.keys()) - OWN)))
    for table in tenant_tables()
    # Each test process must find the same tests in the same order.
    for key in sorted(table.foreign_key_constraints, key=lambda key: sorted(key.columns.keys()))
    if "provider_id" in key.columns and set(key.columns.keys()) - OWN
]


@pytest.mark.parametrize(("table", "parent"), CHILDREN, ids=str)
def test_a_row_under_a_foreign_parent_answers_as_one_under_no_parent(
    database: Database, groups: Groups, table: Table, parent: tuple[str, ...]
) -> None:
    reach = signed_in(database, "registered_manager", groups.sister)
    answers = set()
    for place in (groups.first, groups.second, groups.twin, None):
        theirs = sample_row(table, place, body_id=groups.body_id) if place else {name: uuid.uuid4() for name in parent}
        row = sample_row(table, groups.sister, body_id=groups.body_id, serial=5)
        answers.add(_answer(database, reach.ticket, table, row | {name: theirs[name] for name in parent}))
    assert len(answers) == 1
    # What is not the manager's to add is refused before its parent is looked for.
    own = sample_row(table, groups.sister, body_id=groups.body_id, serial=5)
    is_theirs_to_add = not _answer(database, reach.ticket, table, own).startswith("42501")
    assert answers.pop().startswith("23503" if is_theirs_to_add else "42501")


def test_every_parent_and_every_table_is_probed(figure: Callable[[str], None]) -> None:
    figure(
        f"probes: {len(CHILDREN)} keys to a parent and {len(tenant_tables())} tables, each answered alike or the test of it fails"
    )
    assert {table.name for table, _ in CHILDREN} <= {table.name for table in tenant_tables()}


@pytest.mark.parametrize("table", tenant_tables(), ids=lambda table: table.name)
def test_a_key_that_exists_elsewhere_answers_as_one_that_does_not(
    database: Database, groups: Groups, table: Table
) -> None:
    reach = signed_in(database, "registered_manager", groups.sister)
    free = Place(groups.first.provider_id, groups.first.service_id, "UNKNOWN")
    answers = [
        _answer(database, reach.ticket, table, sample_row(table, place, body_id=groups.body_id, serial=serial))
        for place, serial in ((groups.first, 1), (groups.twin, 1), (free, 9))
    ]
    assert len(set(answers)) == 1
    assert answers[0] != "taken"


def _answer(db: Database, ticket: str, table: Table, row: dict[str, Any]) -> str:
    """What an insert says, without the identifiers that the caller sent."""
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    values = sql.SQL(", ").join(sql.Literal(Jsonb(v) if isinstance(v, dict) else v) for v in row.values())
    statement = sql.SQL("insert into {} ({}) values ({})").format(sql.Identifier(table.name), names, values)
    url = db.url_of("web").set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute("select reach.enter(%s)", [ticket])
        try:
            connection.execute(statement)
        except psycopg.Error as problem:
            return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "an identifier", f"{problem.sqlstate} {problem}")
        finally:
            connection.rollback()
    return "taken"
