"""Brings a database to the newest revision: roles, schema, and the permission matrix that policies read."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from tenants.roles import role_rows

# Roles that own or resolve and cannot sign in, then those that sign in while Mendline runs.
_WITHOUT_LOGIN = ("owner", "reach", "operator", "backup")
_WITH_LOGIN = ("web", "worker", "reader", "relay", "signin")


def upgrade(url: str, passwords: Mapping[str, str], migrations: Path, *, revision: str = "head") -> None:
    """Makes the roles, applies the migrations and writes the permission matrix; safe to run again and while in use.

    Args:
        url: the administrator's address of the database.
        passwords: the password of each role that signs in.
        migrations: the folder of `env.py`.
        revision: how far to go.
    """
    engine = create_engine(url)
    with engine.begin() as connection:
        prepare_roles(connection, passwords)
    _with_patience(lambda: command.upgrade(configuration(url, migrations), revision))
    with engine.begin() as connection:
        write_matrix(connection)
    engine.dispose()


def configuration(url: str, migrations: Path) -> Config:
    """What Alembic needs, without a file: the address stays out of every log and listing."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("prepend_sys_path", str(migrations).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def prepare_roles(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Creates the database roles that are missing and sets the passwords; roles belong to the whole server."""
    connection.execute(text("select pg_advisory_xact_lock(727275)"))
    known = set(connection.execute(text("select rolname from pg_roles where rolname like 'mendline_%'")).scalars())
    for role in _WITHOUT_LOGIN:
        if f"mendline_{role}" not in known:
            bypass = " bypassrls" if role in ("owner", "backup") else ""
            connection.execute(text(f"create role mendline_{role} nologin{bypass}"))
    for role in _WITH_LOGIN:
        name = f"mendline_{role}"
        if name not in known:
            connection.execute(text(f"create role {name} login noinherit nobypassrls"))
        secret = passwords[role].replace("'", "''")
        connection.execute(text(f"alter role {name} password '{secret}'".replace(":", r"\:")))
    database = connection.execute(text("select current_database()")).scalar_one()
    administrator = connection.execute(text("select current_user")).scalar_one()
    connection.execute(text(f'grant mendline_owner, mendline_reach to "{administrator}"'))
    # The owner makes the functions of `reach` and hands them over to the role that they run as.
    connection.execute(text("grant mendline_reach to mendline_owner"))
    connection.execute(text(f'revoke all on database "{database}" from public'))
    connection.execute(text(f'grant create on database "{database}" to mendline_owner'))
    running = ", ".join(f"mendline_{role}" for role in _WITH_LOGIN)
    connection.execute(text(f'grant connect on database "{database}" to {running}'))
    connection.execute(text("alter schema public owner to mendline_owner"))
    connection.execute(text("revoke all on schema public from public"))


def write_matrix(connection: Connection) -> None:
    """Replaces `reach.role_class` by the matrix of `tenants.roles`, in one transaction."""
    connection.execute(text("set local role mendline_owner"))
    connection.execute(text("delete from reach.role_class"))
    connection.execute(
        text("insert into reach.role_class (role, class, may_read, may_write) values (:role, :class, :r, :w)"),
        [{"role": role, "class": class_, "r": r, "w": w} for role, class_, r, w in role_rows()],
    )


def _with_patience(step: Callable[[], None], tries: int = 5) -> None:
    """A lock that traffic holds is tried again, so that a migration never stands in everybody's way."""
    for attempt in range(tries):
        try:
            step()
        except OperationalError as problem:
            if "lock timeout" not in str(problem) or attempt == tries - 1:
                raise
            time.sleep(2**attempt)
        else:
            return
