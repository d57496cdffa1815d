"""Every route that writes, every caller, every place: a foreign place answers as one that never was, and stays as it is."""

import pytest
from flask import Flask
from support.application import a_world, an_application_over, everybody
from support.tenancy import Groups, tenant_tables
from support.walking import LOOKS, parts_of_the_walk, walked

from tenants.database import Database


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))


def test_no_route_tells_or_changes_a_foreign_place_by_an_unsafe_method(
    app: Flask, groups: Groups, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    # Whoever belongs to the other provider changes it rightly; all others are asked, and it must stay as it is.
    callers = [one for one in everybody(database, groups) if one.home.provider_id == groups.first.provider_id]
    before = rows_of(database, groups)
    walk = walked(app, groups, callers, parts_of_the_walk(app)["unsafe"])
    with capsys.disabled():
        print(walk.told(callers, "what writes"))  # noqa: T201 -- the figure is asked for
    assert sorted({leak.split(" as ")[0] for leak in walk.leaks}) == []
    assert walk.leaks[:10] == []
    assert list(walk.faults.items())[:20] == []
    assert rows_of(database, groups) == before


def rows_of(db: Database, groups: Groups) -> dict[str, list[str]]:
    """Every row of the other provider, table by table."""
    with db.administration() as session:
        return {
            table.name: sorted(
                str(row)
                for row in session.execute(table.select().where(table.c.provider_id == groups.second.provider_id))
            )
            for table in tenant_tables()
            if table.name not in LOOKS
        }
