"""Two provider groups and the application over them, for every file of this folder."""

import pytest
from flask import Flask
from support.application import a_world, an_application_over
from support.tenancy import Groups

from tenants.database import Database


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))
