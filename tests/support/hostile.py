"""Every way in SQL that we know to ask for, or to touch, what belongs to somebody else."""

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table, text
from support.shared import SHARED_WITH_STAFF
from support.tenancy import (
    Groups,
    Place,
    add_body,
    add_grant,
    add_job,
    add_membership,
    add_officer,
    add_operator,
    add_person,
    inspector_ticket,
    issue_ticket,
    let_in,
    rest,
    revoke,
    sample_row,
    ticket_hash,
)

from tenants.clock import now, today
from tenants.database import Database
from tenants.roles import GRANTABLE, ROLES

ENTER = "select reach.enter(%s)"
SET = "select set_config('mendline.ticket', %s, true)"
INSIDE = ("web", "worker", "reader")


@dataclass(frozen=True)
class Caller:
    """Somebody who should see nothing of the first place.

    Attributes:
        name: what is wrong with them.
        opening: the statement that shows their ticket, with its value; none where they show nothing.
        at: where they rightly work; none where they work nowhere any more.
        is_staff: whether they work for the provider there, or are let look from outside.
    """

    name: str
    opening: tuple[str, str] | None
    at: Place | None = None
    is_staff: bool = True

    def foreign(self, table: Table, target: Place) -> str:
        """The condition for rows that are not theirs to see, among those of the attacked place."""
        if self.at is None:
            return "true"
        theirs = f"provider_id = '{target.provider_id}'"
        if self.at.provider_id == target.provider_id:
            if table.name in SHARED_WITH_STAFF and (self.is_staff or table.name == "provider"):
                return "false"  # their own employer's
            theirs += f" and service_id = '{target.service_id}'" if "service_id" in table.c else ""
        return theirs


# What roles that share the policies of `web` repeat: one way for each command.
CORE = {"plain", "whole row", "set in the query", "insert", "insert or ignore", "update", "delete", "truncate"}


@dataclass(frozen=True)
class Attempt:
    """One hostile statement: reading shows no row, writing changes no row, and no error tells a canary word."""

    name: str
    statement: str
    writes: bool = False


def callers(db: Database, groups: Groups) -> Iterator[Caller]:
    """Every kind of ticket that must not open the first place."""
    first = groups.first
    yield Caller("shows no ticket", None)
    for name, value in (
        ("an empty setting", ""),
        ("a provider's id for a ticket", str(first.provider_id)),
        ("a list of ids for a ticket", f"{{{first.provider_id},{first.service_id}}}"),
        ("a quote for a ticket", "' or true --"),
        ("a random ticket, set", secrets.token_hex(32)),
    ):
        yield Caller(name, (SET, value))
    yield Caller("a random ticket, shown", (ENTER, secrets.token_hex(32)))
    yield from _ended(db, first)
    yield from _outside_their_time(db, groups)
    yield from _elsewhere(db, groups)
    yield from _let_in_elsewhere(db, groups)


def _everything_at(db: Database, place: Place, *, whole_provider: bool) -> uuid.UUID:
    """A person who holds every role that can be held there."""
    person_id = add_person(db)
    for role in ROLES.values():
        if role.level == ("provider" if whole_provider else "service"):
            add_membership(db, person_id, role.key, place, whole_provider=whole_provider)
    return person_id


def _ended(db: Database, first: Place) -> Iterator[Caller]:
    person_id = _everything_at(db, first, whole_provider=True)
    expired = issue_ticket(db, person_id, lives=timedelta(seconds=-1))
    revoked = issue_ticket(db, person_id)
    revoke(db, revoked)
    idle = issue_ticket(db, person_id, idle_seconds=60)
    rest(db, idle, seconds=61)
    live = issue_ticket(db, person_id)
    for name, ticket in (("expired", expired), ("revoked", revoked), ("idle", idle)):
        yield Caller(f"an {name} ticket, shown", (ENTER, ticket))
        yield Caller(f"an {name} ticket, set", (SET, ticket))
    yield Caller("the hash of a live ticket", (SET, ticket_hash(live).hex()))
    yield Caller("half of a live ticket", (SET, live[:32]))
    disabled = add_person(db, disabled=True)
    add_membership(db, disabled, "nominated_individual", first, whole_provider=True)
    yield Caller("a disabled person's ticket", (SET, issue_ticket(db, disabled)))
    yield Caller("a ticket of nobody", (SET, issue_ticket(db, uuid.uuid4())))


def _outside_their_time(db: Database, groups: Groups) -> Iterator[Caller]:
    first, day = groups.first, timedelta(days=1)
    former, coming = add_person(db), add_person(db)
    add_membership(db, former, "nominated_individual", first, whole_provider=True, valid_until=today() - day)
    add_membership(db, coming, "nominated_individual", first, whole_provider=True, valid_from=today() + day)
    yield Caller("a former member", (ENTER, issue_ticket(db, former)))
    yield Caller("a coming member", (ENTER, issue_ticket(db, coming)))
    times: dict[str, dict[str, Any]] = {
        "a grant that ended": {"valid_from": today() - 9 * day, "valid_until": today() - day},
        "a grant to come": {"valid_from": today() + day, "valid_until": today() + 9 * day},
        "a grant withdrawn": {"withdrawn_at": now()},
        "no grant at all": {},
    }
    for name, when in times.items():
        body_id, officer = add_body(db), add_person(db)
        add_officer(db, body_id, officer)
        if when:
            add_grant(db, first, body_id, classes=GRANTABLE, **when)
        yield Caller(name, (ENTER, issue_ticket(db, officer)))
    retired, body_id = add_person(db), add_body(db)
    add_grant(db, first, body_id, classes=GRANTABLE)
    add_officer(db, body_id, retired, valid_until=today() - day)
    yield Caller("a former officer", (ENTER, issue_ticket(db, retired)))


def _elsewhere(db: Database, groups: Groups) -> Iterator[Caller]:
    _, sister, second, twin = groups.places
    lead = _everything_at(db, second, whole_provider=True)
    yield Caller("everything at another provider", (ENTER, issue_ticket(db, lead)), second)
    yield Caller("everything at the twin service", (ENTER, _ticket_at(db, twin)), second)
    yield Caller("everything at a sister service", (ENTER, _ticket_at(db, sister)), sister)
    mixed = _everything_at(db, second, whole_provider=True)
    add_membership(db, mixed, "carer", sister)
    yield Caller("a lead elsewhere who cares at a sister service", (ENTER, issue_ticket(db, mixed)), sister)
    officer, body_id = add_person(db), add_body(db)
    add_officer(db, body_id, officer)
    for place in (sister, second, twin):
        add_grant(db, place, body_id, classes=GRANTABLE)
    yield Caller("an officer for sister and twin", (ENTER, issue_ticket(db, officer)), sister, is_staff=False)
    job, _ = _claimed(db, second)
    yield Caller("a job of another provider", (ENTER, job), second)
    yield Caller("a command of another provider", (ENTER, db.command_reach(second.provider_id).ticket), second)


def _let_in_elsewhere(db: Database, groups: Groups) -> Iterator[Caller]:
    """Inspectors and operators whose time is over, or who were let in somewhere else."""
    first, sister, second, _ = groups.places
    yield Caller("an inspector whose link was revoked", (ENTER, inspector_ticket(db, first, revoked=True)))
    yield Caller("an inspector whose link is over", (ENTER, inspector_ticket(db, first, ended=True)))
    yield Caller("an inspector of a sister service", (ENTER, inspector_ticket(db, sister)), sister)
    yield Caller("an inspector of another provider", (ENTER, inspector_ticket(db, second)), second)
    told: dict[str, dict[str, Any]] = {
        "support that was not agreed to": {"consented": False},
        "support whose time is over": {"minutes": -30},
        "support that was sent away": {"ended": True},
    }
    for name, how in told.items():
        operator = add_operator(db)
        let_in(db, operator, first, **how)
        yield Caller(name, (ENTER, issue_ticket(db, operator)))
    operator = add_operator(db)
    let_in(db, operator, second)
    yield Caller("support at another provider", (ENTER, issue_ticket(db, operator)), second)
    no_operator = add_person(db)
    let_in(db, no_operator, first)
    yield Caller("support by nobody who operates", (ENTER, issue_ticket(db, no_operator)))


def _ticket_at(db: Database, place: Place) -> str:
    return issue_ticket(db, _everything_at(db, place, whole_provider=False))


def _claimed(db: Database, place: Place) -> tuple[str, dict[str, Any]]:
    claimed = db.claim(add_job(db, place), worker="test", lease_seconds=600)
    assert claimed is not None
    reach, job = claimed
    return reach.ticket, job


def reads(table: Table, foreign: str, target: Place) -> list[Attempt]:
    """Ways to read a table's foreign rows."""
    name = f"public.{table.name}"
    key = f"provider_id = '{target.provider_id}'"
    forge = f"set_config('mendline.ticket', '{target.provider_id}', true)"
    return [
        Attempt("plain", f"select * from {name} where {foreign}"),
        Attempt("injected or", f"select * from {name} where ({key} or true) and {foreign}"),
        Attempt("counted", f"select 1 from (select count(*) n from {name} where {foreign}) x where n > 0"),
        Attempt("whole row", f"select t::text from {name} t where {foreign}"),
        Attempt("common table", f"with x as materialized (select * from {name}) select * from x where {foreign}"),
        Attempt("scalar", f"select x from (select (select max(t::text) from {name} t where {foreign}) x) y where x is not null"),
        Attempt("existence", f"select 1 where exists (select from {name} where {foreign})"),
        Attempt("outer join", f"select t.* from (values (1)) v(n) left join {name} t on {foreign} where t.provider_id is not null"),
        Attempt("set in the query", f"select t.* from (select {forge}) s(x), {name} t where x <> '' and {foreign}"),
        Attempt("set in the filter", f"select * from {name} where {forge} <> '' and {foreign}"),
        Attempt("policies off", "set local row_security = off; " + f"select * from {name} where {foreign}"),
        Attempt("cast error", f"select * from {name} t where cast(t::text as integer) = 0 and {foreign}"),
        Attempt("division error", f"select * from {name} t where 1 / (length(t::text) * 0) = 0 and {foreign}"),
        Attempt("copy a query", f"copy (select * from {name} where {foreign}) to stdout"),
        Attempt("locked", f"select * from {name} where {foreign} for update"),
        Attempt("anonymous block", f"do $$ declare n bigint; begin select count(*) into n from {name} where {foreign};"
                                   " if n > 0 then raise exception 'found % rows', n; end if; end $$"),
    ]  # fmt: skip


def writes(table: Table, foreign: str, target: Place, body_id: uuid.UUID) -> list[Attempt]:
    """Ways to add, change or remove foreign rows."""
    name = f"public.{table.name}"
    fresh = _insert(table, sample_row(table, target, body_id=body_id, serial=2))
    known = _insert(table, sample_row(table, target, body_id=body_id))
    update = f"update {name} set {_harmless(table)} where {foreign}"
    return [
        Attempt("insert", fresh, writes=True),
        Attempt("insert a known key", known, writes=True),
        Attempt("insert or ignore", f"{known} on conflict do nothing", writes=True),
        Attempt("insert or change", f"{known} on conflict ({_key(table)}) do update set {_harmless(table)}", writes=True),
        Attempt("update", update, writes=True),
        Attempt("update of the key", f"update {name} set provider_id = provider_id where {foreign}", writes=True),
        Attempt("update in a common table", f"with x as ({update} returning 1) select * from x", writes=True),
        Attempt("delete", f"delete from {name} where {foreign}", writes=True),
        Attempt("delete in a common table", f"with x as (delete from {name} where {foreign} returning *) select * from x"),
        Attempt("merge", f"merge into {name} t using (values (1)) v(n) on {foreign} when matched then delete", writes=True),
        Attempt("truncate", f"truncate {name} cascade"),
        Attempt("drop", f"drop table {name} cascade"),
        Attempt("policies away", f"alter table {name} disable row level security"),
    ]  # fmt: skip


def _insert(table: Table, row: dict[str, Any]) -> str:
    names = ", ".join(f'"{column}"' for column in row)
    values = ", ".join(sql.Literal(Jsonb(v) if isinstance(v, dict) else v).as_string() for v in row.values())
    return f"insert into public.{table.name} ({names}) values ({values})"


def _key(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.primary_key)


def _harmless(table: Table) -> str:
    """A change of a column that a running role may change where there is one, so that the policy is what decides."""
    may_change = {"job": "progress", "stale_mark": "marked_at", "indicator_status": "value", "roll_up": "value"}
    column = may_change.get(table.name, table.columns.keys()[-1])
    return f'"{column}" = {table.name}."{column}"'


@dataclass
class Prober:
    """One connection that makes attempts inside an open transaction and takes each back.

    A savepoint costs a round trip of its own, so each attempt first undoes the one before it.
    """

    connection: psycopg.Connection[Any]
    canary: str

    def begin(self, caller: Caller) -> None:
        """A transaction of the caller's; a read-only role first does what a hostile expression would do."""
        self.connection.rollback()
        self.connection.execute("set transaction read write")
        if caller.opening is not None:
            self.connection.execute(*_bound(caller.opening))
        self.connection.execute("savepoint attempt")

    def leaks(self, attempt: Attempt) -> str | None:
        """What leaked or was written, or None where nothing was."""
        said, count = "", 0
        try:
            if attempt.statement.startswith("copy"):
                said = self._copied(attempt)
                count = int(bool(said))
            else:
                said, count = self._asked(attempt)
        except psycopg.Error as problem:
            said, count = str(problem), int(problem.sqlstate not in _REFUSALS)
        return f"{attempt.name}: {said[:300]}" if count > 0 or self.canary in said else None

    def _copied(self, attempt: Attempt) -> str:
        with self.connection.cursor() as cursor:
            cursor.execute("rollback to attempt")
            with cursor.copy(attempt.statement) as copied:
                return b"".join(bytes(part) for part in copied).decode()

    def _asked(self, attempt: Attempt) -> tuple[str, int]:
        with psycopg.ClientCursor(self.connection) as cursor:
            cursor.execute("rollback to attempt; " + attempt.statement)
            while cursor.nextset():
                pass
            rows = cursor.fetchall() if cursor.description else []
            if attempt.name in {"truncate", "drop", "policies away"}:
                return "was allowed", 1
            return str(rows), max(len(rows), cursor.rowcount if attempt.writes else 0)


def _bound(opening: tuple[str, str]) -> tuple[str, list[str]]:
    statement, value = opening
    return statement, [value]


# What a refusal may look like: no privilege or policy, read-only, no such ability. Any other error betrays: an insert
# that gets as far as a constraint has passed the policy, and an expression that fails has met a row.
_REFUSALS = {"42501", "25006", "0A000"}


def digest(db: Database, tables: list[Table]) -> dict[str, str]:
    """A fingerprint of every table's rows, to show that nothing changed at all."""
    with db.administration() as session:
        return {
            table.name: session.execute(
                text(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table.fullname} t")
            ).scalar_one()
            for table in tables
        }
