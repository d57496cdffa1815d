"""Real PostgreSQL and Valkey for tests: one of each per test process, a database of its own per test module.

Each process of a parallel run has its own servers in a folder of its own, so that a test may kill one, and roles (which
belong to a whole server) never meet. They are direct children of the test process and end with it.
"""

import itertools
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from support.folders import passable_folder

from mendline.config import resources
from mendline.local.postgres import EmbeddedPostgres
from mendline.local.valkey import EmbeddedValkey
from tenants.database import RUNNING_ROLES, Database
from tenants.migrate import prepare_roles, upgrade

TEMPLATE = "mendline_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def state_folder() -> Iterator[Path]:
    """A folder that ends with the run and that an unprivileged server account can pass through, unlike `tmp_path`."""
    with passable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_server(state_folder: Path) -> Iterator[EmbeddedPostgres]:
    """The running PostgreSQL of this test process."""
    with EmbeddedPostgres(state_folder, durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_server(state_folder: Path) -> Iterator[EmbeddedValkey]:
    """The running Valkey of this test process."""
    with EmbeddedValkey(state_folder) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_url(valkey_server: EmbeddedValkey) -> str:
    """The address of Valkey's database 0."""
    return valkey_server.url()


@pytest.fixture(scope="session")
def role_passwords() -> dict[str, str]:
    """The password of each database role that signs in."""
    return {role: secrets.token_urlsafe(12) for role in RUNNING_ROLES}


@pytest.fixture(scope="session")
def migrated_template(postgres_server: EmbeddedPostgres, role_passwords: dict[str, str]) -> str:
    """The name of a database that has been migrated once and is only copied from then on."""
    upgrade(postgres_server.create_database(TEMPLATE), role_passwords, resources().migrations)
    return TEMPLATE


@pytest.fixture(scope="session")
def new_database_url(
    postgres_server: EmbeddedPostgres, migrated_template: str, role_passwords: dict[str, str]
) -> Callable[[], str]:
    """Makes an empty, migrated database and gives the administrator's address of it; it ends with the run."""

    def make() -> str:
        url = postgres_server.create_database(f"mendline_{next(_numbers)}", migrated_template)
        engine = create_engine(url)
        with engine.begin() as connection:  # a copy does not bring along who may connect
            prepare_roles(connection, role_passwords)
        engine.dispose()
        return url

    return make


@pytest.fixture(scope="module")
def database_url(new_database_url: Callable[[], str]) -> str:
    """The administrator's address of this test module's own database."""
    return new_database_url()


@pytest.fixture(scope="module")
def database(database_url: str, role_passwords: dict[str, str]) -> Iterator[Database]:
    """This test module's own database, migrated and otherwise empty, as the application opens it."""
    opened = Database(database_url, role_passwords)
    yield opened
    opened.dispose()
