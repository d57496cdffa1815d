"""Engines, one per database role, and the only way to a session: a transaction that is opened with a reach."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Table, TextClause, create_engine, event, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

from tenants.errors import NoReachError
from tenants.failures import told_plainly
from tenants.reach import Reach, reach_from_profile

# Roles that sign in while Mendline runs. None owns a table, bypasses a policy, or may become another.
RUNNING_ROLES = ("web", "worker", "reader", "relay", "signin")
_OF_PAGES = ("web", "reader")


class Database:
    """The connections of one process, one small pool per database role.

    Args:
        url: where the database is; its user and password are those of the administrator and serve only to migrate.
        passwords: the password of each running role.
        pool_size: connections kept per role.
        overflow: how many more a role may open for a moment; as many again by default.
        pool_timeout: seconds to wait for a free connection.
        through_pooler: set when PgBouncer in transaction mode stands between (no server-side prepared statements).
    """

    def __init__(
        self,
        url: str,
        passwords: Mapping[str, str],
        *,
        pool_size: int = 5,
        overflow: int | None = None,
        pool_timeout: float = 10,
        through_pooler: bool = False,
    ) -> None:
        self._url = make_url(url)
        self._passwords = passwords
        self._pool_size = pool_size
        self._overflow = pool_size if overflow is None else overflow
        self._pool_timeout = pool_timeout
        self._through_pooler = through_pooler
        self._engines: dict[str, Engine] = {}
        self._alone: dict[str, Engine] = {}  # the same pools, for statements that are a transaction of their own

    def url_of(self, role: str) -> URL:
        """The address with the name and password of a role."""
        return self._url.set(username=f"mendline_{role}", password=self._passwords[role])

    @property
    def administrator_url(self) -> URL:
        """The address that migrations and onboarding use."""
        return self._url

    def engine(self, role: str) -> Engine:
        """The engine of a role, made on first use."""
        if role not in self._engines:
            url = self._url if role == "administrator" else self.url_of(role)
            connect_args: dict[str, Any] = {"application_name": f"mendline {role}", "connect_timeout": 5}
            if self._through_pooler:
                connect_args["prepare_threshold"] = None
            self._engines[role] = create_engine(
                url,
                pool_size=self._pool_size,
                max_overflow=self._overflow,
                pool_timeout=self._pool_timeout,
                # A server that was restarted fails nobody's request: the two roles of pages show their ticket first and
                # take another connection where that fails (`_begun`), the others ask before each use.
                pool_pre_ping=role not in _OF_PAGES,
                connect_args=connect_args,
            )
        return self._engines[role]

    def dispose(self) -> None:
        """Closes every connection; the database may then be stopped or dropped."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        self._alone.clear()

    @contextmanager
    def transaction(self, reach: Reach, *, role: str | None = None) -> Iterator[Session]:
        """One transaction inside a reach; commits at the end, rolls back on any exception.

        Args:
            reach: who works; the ticket goes to PostgreSQL before the first statement and after every new begin.
            role: the database role; by default `reader` for outsiders, `worker` for jobs and commands, else `web`.

        Raises:
            NoReachError: the ticket ended between then and now.
            UnavailableError: PostgreSQL is away, full or too slow.
            ConflictError: another transaction was in the way.
            NotPermittedError: row-level security refused a write.
        """
        info = {"ticket": reach.ticket, "person_id": reach.person_id}
        with told_plainly(), _begun(self.engine(role or _role_of(reach)), info) as session:
            yield session
            session.commit()

    def reach_of(self, ticket: str, *, role: str = "web") -> Reach:
        """What a ticket reaches at this moment.

        Raises:
            NoReachError: the ticket is unknown, expired, idle for too long or revoked.
            UnavailableError: PostgreSQL is away.
        """
        engine = self._alone.get(role)
        if engine is None:  # one statement is a transaction of its own, so nothing is begun and committed around it
            engine = self._alone[role] = self.engine(role).execution_options(isolation_level="AUTOCOMMIT")
        with told_plainly():
            profile = _asked(engine, ticket)
        if profile is None:
            raise NoReachError("Your sign-in has ended. Sign in again; what you saved is kept.")
        return reach_from_profile(ticket, profile)

    @contextmanager
    def as_role(self, role: str) -> Iterator[Connection]:
        """A transaction of `relay` or `signin`, which reach only functions and tables of their own, never a tenant's."""
        if role not in ("relay", "signin"):
            raise ValueError(f"{role} works inside a reach: use transaction()")
        with told_plainly(), self.engine(role).begin() as connection:
            yield connection

    @contextmanager
    def administration(self) -> Iterator[Session]:
        """A transaction of the owner of the tables, for onboarding from the command line; never for a page or a job."""
        session = Session(self.engine("administrator"), expire_on_commit=False)
        session.info["ticket"] = None
        with told_plainly(), session, session.begin():
            session.execute(text("set local role mendline_owner"))
            yield session

    def claim(
        self, job_id: uuid.UUID, *, worker: str, lease_seconds: int, kind: str | None = None
    ) -> "tuple[Reach, dict[str, Any]] | None":
        """Takes a job's lease and opens a reach over its one provider.

        Returns:
            The reach and the job as a mapping, or None where there is nothing to do: unknown, finished, refused, not
            due yet, of another kind than `kind` says, or somebody else holds the lease.
        """
        with told_plainly(), self.engine("worker").begin() as connection:
            row = connection.execute(
                text("select reach.claim(:job, :worker, :lease, :kind)"),
                {"job": job_id, "worker": worker, "lease": lease_seconds, "kind": kind},
            ).scalar_one()
        if row is None:
            return None
        return reach_from_profile(row["ticket"], row["profile"]), row["job"]

    def command_reach(self, provider_id: uuid.UUID, *, minutes: int = 60) -> Reach:
        """A reach over one provider for the command line, which already holds the administrator's address."""
        with told_plainly(), self.engine("administrator").begin() as connection:
            ticket = connection.execute(
                text("select reach.issue_command(:provider, :minutes)"),
                {"provider": provider_id, "minutes": minutes},
            ).scalar_one()
        return self.reach_of(ticket, role="worker")


def _begun(engine: Engine, info: Mapping[str, Any]) -> Session:
    """A session whose transaction has shown its ticket.

    On a connection that ended while nobody used it nothing was done yet, so another one takes its place.
    """
    for last in (False, True):
        session = Session(engine, expire_on_commit=False)
        session.info.update(info)
        try:
            session.connection()
        except DBAPIError as problem:
            session.close()
            if last or not problem.connection_invalidated:
                raise
        except BaseException:
            session.close()
            raise
        else:
            return session
    raise AssertionError("the second try returns or raises")


def _asked(engine: Engine, ticket: str) -> Any:
    """What `reach.opened` says; asked again on another connection where the first one had ended."""
    for last in (False, True):
        try:
            with engine.connect() as connection:
                return connection.execute(_OPEN, {"ticket": ticket}).scalar_one()
        except DBAPIError as problem:
            if last or not problem.connection_invalidated:
                raise
    raise AssertionError("the second try returns or raises")


def in_turn(session: Session, place: str) -> None:
    """Waits until no other transaction stands at a place, and holds it until this one ends.

    Two that would else give the same number out, or decide about the same thing, so go one after the other.

    Args:
        session: a transaction.
        place: names it: what is done, and the identifiers that it is done to.
    """
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:place, 0))"), {"place": place})


def insert_many(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts many rows of one shape in few statements, under the policies of the table.

    Raises:
        ValueError: a row has other columns than the first.
    """
    for statement, values in insertions(table, rows):
        session.execute(statement, values)


def insertions(table: Table, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[TextClause, dict[str, Any]]]:
    """The statements of `insert_many` with their values, for whoever sends one while the next is put together.

    One array per column crosses the wire, 5,000 rows at a time, or one value where it is the same in all of them.
    Defaults that a model sets in Python are not added: name every column that may not be empty.

    Raises:
        ValueError: a row has other columns than the first.
    """
    if not rows:
        return
    names = list(rows[0])
    kinds = [table.c[name].type.compile(dialect=_DIALECT) for name in names]
    remaining = iter(rows)
    while part := list(islice(remaining, 5_000)):
        columns = _columns_of(part, names)
        same = _same_in_all(columns, kinds)
        yield _insertion(table, names, kinds, same), _parameters(columns, kinds, same)


def _insertion(table: Table, names: Sequence[str], kinds: Sequence[str], same: frozenset[int]) -> TextClause:
    """The statement; names and types come from the table's declaration, values are bound."""
    there = ", ".join(f'"{name}"' for name in names)
    many = [i for i in range(len(names)) if i not in same]
    sources = ", ".join(_source(f":c{i}", kinds[i]) for i in many)
    aliases = ", ".join(f"c{i}" for i in many)
    values = ", ".join(
        f"cast(:c{i} as {kind})" if i in same else _from_wire(f"r.c{i}", kind) for i, kind in enumerate(kinds)
    )
    return text(f"insert into {table.fullname} ({there}) select {values} from rows from ({sources}) as r({aliases})")  # noqa: S608


def _columns_of(rows: list[Mapping[str, Any]], names: list[str]) -> list[list[Any]]:
    shape = set(names)
    for row in rows:
        if row.keys() != shape:
            raise ValueError(
                f"Rows of one insert have the same columns; this one differs by {sorted(shape ^ row.keys())}."
            )
    return [[row[name] for row in rows] for name in names]


def _same_in_all(columns: Sequence[Sequence[Any]], kinds: Sequence[str]) -> frozenset[int]:
    """The columns, by place, that say the same in every row of many and so cross the wire once; never all of them."""
    if len(columns[0]) == 1:
        return frozenset()
    found = {
        place
        for place, (values, kind) in enumerate(zip(columns, kinds, strict=True))
        if not _travels_as_json(kind) and all(value is values[0] or value == values[0] for value in values)
    }
    return frozenset(found if len(found) < len(columns) else found - {0})


def _parameters(columns: Sequence[list[Any]], kinds: Sequence[str], same: frozenset[int]) -> dict[str, Any]:
    return {f"c{i}": values[0] if i in same else _to_wire(values, kinds[i]) for i, values in enumerate(columns)}


def _travels_as_json(kind: str) -> bool:
    """Whether a column travels as one JSON array.

    A column of arrays cannot be unnested beside others, and the driver takes long to write an array of JSON texts.
    """
    return kind == "JSONB" or kind.endswith("[]")


def _source(name: str, kind: str) -> str:
    if _travels_as_json(kind):
        return f"jsonb_array_elements(cast({name} as jsonb))"
    return f"unnest(cast({name} as {kind}[]))"


def _to_wire(values: list[Any], kind: str) -> Any:
    if kind == "JSONB":
        return json.dumps(values)
    if kind.endswith("[]"):
        return json.dumps(
            [None if value is None else [None if item is None else str(item) for item in value] for value in values]
        )
    if kind.startswith(_PRINTED):
        return _array_of(values)
    # The driver takes the array's type from its values, which must not be whole numbers here and fractions there.
    return [None if value is None else float(value) for value in values] if kind == "DOUBLE PRECISION" else values


def _array_of(values: list[Any]) -> str:
    """An array as PostgreSQL writes one; the driver would look up how to print each value by itself."""
    printed = ("NULL" if value is None else '"' + _escaped(str(value)) + '"' for value in values)
    return "{" + ",".join(printed) + "}"


def _escaped(said: str) -> str:
    return said.replace("\\", "\\\\").replace('"', '\\"') if "\\" in said or '"' in said else said


def _from_wire(name: str, kind: str) -> str:
    if kind == "JSONB":
        return f"nullif({name}, 'null'::jsonb)"
    if kind.endswith("[]"):
        elements = f"jsonb_array_elements_text({name}) with ordinality as e(item, place)"
        items = f"array(select item from {elements} order by place)::{kind}"  # noqa: S608
        return f"case when jsonb_typeof({name}) = 'array' then {items} end"
    return name


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy declares none

# Types whose values print as PostgreSQL reads them.
_PRINTED = ("UUID", "TEXT", "VARCHAR", "DATE", "TIMESTAMP")

_OPEN = text("select reach.opened(:ticket)")
_ENTER = text("select reach.enter(:ticket)")


@event.listens_for(Session, "after_begin")
def _show_ticket(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Every transaction shows its ticket first, also the one that begins after a commit or rollback."""
    if "ticket" not in session.info:
        raise NoReachError("A session was opened without a reach. Use Database.transaction(reach).")
    ticket = session.info["ticket"]
    if ticket is None:  # the owner of the tables, who has no ticket and is held back by being only on the command line
        return
    if not connection.execute(_ENTER, {"ticket": ticket}).scalar_one():
        raise NoReachError("Your sign-in has ended. Sign in again; what you saved is kept.")


def _role_of(reach: Reach) -> str:
    if reach.kind in ("job", "command"):
        return "worker"
    return "reader" if reach.reads_only else "web"
