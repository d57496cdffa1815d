"""The schema goes up, down and up again, and says the same as the models."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, text
from support.tenancy import every_table

from mendline.config import resources
from mendline.local.postgres import EmbeddedPostgres
from tenants.database import RUNNING_ROLES
from tenants.lints import faults
from tenants.migrate import configuration, upgrade
from tenants.roles import role_rows


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = create_engine(database_url)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def test_there_is_one_head() -> None:
    script = ScriptDirectory.from_config(configuration("postgresql://", resources().migrations))
    assert len(script.get_heads()) == 1


def test_models_and_migrated_schema_say_the_same(connection: Connection) -> None:
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "include_schemas": True,
            "include_name": lambda name, kind, _parents: kind != "schema" or name in (None, "signin"),
            "include_object": lambda _thing, name, kind, _reflected, _other: (
                (kind, name) != ("table", "alembic_version")
            ),
        },
    )
    assert compare_metadata(context, every_table()) == []


def test_a_changed_column_would_be_noticed(connection: Connection) -> None:
    connection.execute(text("alter table service alter column name drop not null, alter column beds type bigint"))
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    changes = [change[0][0] for change in compare_metadata(context, every_table()) if isinstance(change, list)]
    connection.rollback()
    assert {"modify_nullable", "modify_type"} <= set(changes)


def test_check_constraints_of_models_and_schema_have_the_same_names(connection: Connection) -> None:
    declared = {
        str(constraint.name)
        for table in every_table().tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    real = set(
        connection.execute(
            text(
                "select conname from pg_constraint where contype = 'c'"
                " and connamespace in ('public'::regnamespace, 'signin'::regnamespace)"
            )
        ).scalars()
    )
    assert real == declared


def test_the_schema_goes_up_down_and_up_again(
    postgres_server: EmbeddedPostgres, role_passwords: dict[str, str]
) -> None:
    url = postgres_server.create_database("up_down_up")
    migrations = resources().migrations
    engine = create_engine(url)
    upgrade(url, role_passwords, migrations)
    first = _described(engine)
    command.downgrade(configuration(url, migrations), "base")
    with engine.connect() as connection:
        left = connection.execute(
            text(
                "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where n.nspname in ('public', 'reach', 'signin') and c.relkind in ('r', 'v')"
            )
        ).scalars()
        assert list(left) == ["alembic_version"]
    upgrade(url, role_passwords, migrations)
    upgrade(url, role_passwords, migrations)  # nothing is due: nothing happens
    assert _described(engine) == first
    with engine.connect() as connection:
        assert faults(connection) == {}
    engine.dispose()
    postgres_server.drop_database("up_down_up")


def _described(engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select 'policy', polrelid::regclass::text, polname, pg_get_expr(polqual, polrelid),"
                " pg_get_expr(polwithcheck, polrelid), array(select unnest(polroles)::regrole::text order by 1)::text"
                " from pg_policy"
                " union all select 'function', oid::regprocedure::text, prosrc, proacl::text, '', '' from pg_proc"
                " where pronamespace = 'reach'::regnamespace"
                " union all select 'table', oid::regclass::text, relacl::text, relrowsecurity::text,"
                " relforcerowsecurity::text, '' from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
                " order by 1, 2, 3"
            )
        )
        return [tuple(row) for row in rows]


def test_the_database_holds_the_matrix_of_the_roles(connection: Connection) -> None:
    rows = connection.execute(text("select role, class, may_read, may_write from reach.role_class"))
    assert sorted(tuple(row) for row in rows) == sorted(role_rows())


@pytest.mark.parametrize("role", RUNNING_ROLES)
def test_every_role_that_runs_has_its_time_limited_and_its_names_fixed(connection: Connection, role: str) -> None:
    settings = connection.execute(
        text("select rolconfig from pg_roles where rolname = :role"), {"role": f"mendline_{role}"}
    ).scalar_one()
    named = dict(setting.split("=", 1) for setting in settings)
    assert named["search_path"] == "public"
    assert {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} <= set(named)
    assert ("default_transaction_read_only" in named) == (role == "reader")
