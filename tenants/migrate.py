"""Brings a database to the newest revision: roles, schema, and the permission matrix that policies read."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import InternalError, OperationalError

from tenants.classes import RECORD_CLASSES
from tenants.errors import MendlineError
from tenants.lints import faults
from tenants.roles import giving_rows, role_rows

# Roles that own or resolve and cannot sign in, then those that sign in while Mendline runs.
_WITHOUT_LOGIN = ("owner", "reach", "operator", "backup")
_WITH_LOGIN = ("web", "worker", "reader", "relay", "signin")

# How long a role may hold up the others; a statement that needs longer belongs into a job.
_PAGE = {
    "statement_timeout": "'15s'",
    "lock_timeout": "'5s'",
    "idle_in_transaction_session_timeout": "'60s'",
}
_LIMITS = {
    "web": _PAGE,
    "reader": _PAGE | {"statement_timeout": "'30s'", "default_transaction_read_only": "on"},
    "worker": {
        "statement_timeout": "'5min'",
        "lock_timeout": "'30s'",
        "idle_in_transaction_session_timeout": "'15min'",
    },
    "relay": _PAGE,
    "signin": _PAGE,
}


class UnsafeDatabaseError(MendlineError):
    """A table, policy or role is not as isolation needs it; the message names each."""


def upgrade(url: str, passwords: Mapping[str, str], migrations: Path, *, revision: str = "head") -> None:
    """Makes the roles, applies the migrations and writes the permission matrix; safe to run again and while in use.

    Args:
        url: the administrator's address of the database.
        passwords: the password of each role that signs in.
        migrations: the folder of `env.py`.
        revision: how far to go.

    Raises:
        UnsafeDatabaseError: the migrated database fails a lint of isolation, by hand or by an older release.
    """
    engine = create_engine(url)
    _with_patience(lambda: _in_transaction(engine, lambda connection: prepare_roles(connection, passwords)))
    _with_patience(lambda: command.upgrade(configuration(url, migrations), revision))
    with engine.begin() as connection:
        write_matrix(connection)
        found = faults(connection) if revision == "head" else {}
    engine.dispose()
    if found:
        told = "; ".join(f"{sentence}: {', '.join(places)}" for sentence, places in found.items())
        raise UnsafeDatabaseError(f"The database does not keep providers apart, so nothing starts on it. {told}")


def configuration(url: str, migrations: Path) -> Config:
    """What Alembic needs, without a file: the address stays out of every log and listing."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("prepend_sys_path", str(migrations).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def prepare_roles(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Creates the database roles, sets their limits and passwords, and closes the database to everybody else.

    Roles belong to the whole server, privileges on a database to the one that is connected.
    """
    # The lock holds within one database; two databases of one server meet at the roles, where the later one waits.
    connection.execute(text("select pg_advisory_xact_lock(727275)"))
    known = connection.execute(text("select rolname, rolbypassrls from pg_roles where rolname like 'mendline_%'"))
    bypassing = {row.rolname: row.rolbypassrls for row in known}
    for role in (*_WITHOUT_LOGIN, *_WITH_LOGIN):
        name = f"mendline_{role}"
        if name not in bypassing:
            connection.execute(text(f"create role {name}"))
        # Only the owner, who migrates and onboards, stands above the policies. Changed only where it differs, since
        # the administrator of a managed server may not have that right to give.
        if bypassing.get(name, False) != (role == "owner"):
            connection.execute(text(f"alter role {name} {'bypassrls' if role == 'owner' else 'nobypassrls'}"))
    for role in _WITH_LOGIN:
        _prepare_running(connection, role, passwords[role])
    database, administrator = connection.execute(text("select current_database(), current_user")).one()
    running = ", ".join(f"mendline_{role}" for role in _WITH_LOGIN)
    for statement in (
        f'grant mendline_owner, mendline_reach to "{administrator}"',
        # The owner makes the functions of `reach` and hands them over to the role that they run as.
        "grant mendline_reach to mendline_owner",
        f'revoke all on database "{database}" from public',
        f'grant create on database "{database}" to mendline_owner',
        f'grant connect on database "{database}" to {running}',
        "alter schema public owner to mendline_owner",
        "revoke all on schema public from public",
        # What the owner makes later is closed until it is granted, functions too.
        "alter default privileges for role mendline_owner revoke execute on functions from public",
    ):
        connection.execute(text(statement))


def _prepare_running(connection: Connection, role: str, password: str) -> None:
    """A role that signs in: nothing inherited, no rights over the server, names resolved in one place, time bounded."""
    name = f"mendline_{role}"
    secret = password.replace("'", "''").replace(":", r"\:")
    connection.execute(text(f"alter role {name} login noinherit nocreatedb nocreaterole password '{secret}'"))
    for setting, value in {"search_path": "public", **_LIMITS[role]}.items():
        connection.execute(text(f"alter role {name} set {setting} = {value}"))


def write_matrix(connection: Connection) -> None:
    """Replaces what policies read of `tenants.roles`, the matrix first, in one transaction."""
    connection.execute(text("set local role mendline_owner"))
    connection.execute(text("delete from reach.role_class"))
    connection.execute(
        text("insert into reach.role_class (role, class, may_read, may_write) values (:role, :class, :r, :w)"),
        [{"role": role, "class": class_, "r": r, "w": w} for role, class_, r, w in role_rows()],
    )
    if connection.execute(text("select to_regclass('reach.role_gives')")).scalar_one() is None:
        return  # an older revision was asked for
    connection.execute(text("delete from reach.role_gives"))
    connection.execute(
        text("insert into reach.role_gives (role, given, at_service) values (:role, :given, :at_service)"),
        [{"role": role, "given": given, "at_service": at_service} for role, given, at_service in giving_rows()],
    )
    connection.execute(text("delete from reach.record_class"))
    connection.execute(
        text("insert into reach.record_class (record_type, class) values (:kind, :class)"),
        [{"kind": kind, "class": class_} for kind, class_ in RECORD_CLASSES.items()],
    )


def _in_transaction(engine: Engine, step: Callable[[Connection], None]) -> None:
    with engine.begin() as connection:
        step(connection)


def _with_patience(step: Callable[[], None], tries: int = 5) -> None:
    """What stands in the way for a moment is tried again, so that a migration never stands in everybody's way.

    A lock that traffic holds, or the roles of the server while another of its databases is being prepared.
    """
    for attempt in range(tries):
        try:
            step()
        except (OperationalError, InternalError) as problem:
            passing = ("lock timeout", "tuple concurrently updated")
            if attempt == tries - 1 or not any(words in str(problem) for words in passing):
                raise
            time.sleep(2**attempt)
        else:
            return
