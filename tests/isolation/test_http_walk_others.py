"""Every route that belongs to no service's pages, by the methods that read: a foreign place answers as one that never was."""

import pytest
from flask import Flask
from support.application import a_world, an_application_over, everybody
from support.tenancy import Groups
from support.walking import assert_safe_walk, parts_of_the_walk

from tenants.database import Database


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))


def test_no_other_route_shows_a_foreign_place_and_none_writes(
    app: Flask, groups: Groups, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    callers = everybody(database, groups)
    tried = parts_of_the_walk(app)["of others"]
    told = assert_safe_walk(app, groups, callers, database, tried, "what reads elsewhere")
    with capsys.disabled():
        print(told)  # noqa: T201 -- the figure is asked for
