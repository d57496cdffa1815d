"""Every table, every command, every wrong ticket, every database role, in SQL: nothing leaks, nothing is written."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

import psycopg
import pytest
from sqlalchemy import Table, text
from support.hostile import CORE, ENTER, INSIDE, Attempt, Caller, Prober, callers, digest, reads, writes
from support.tenancy import Groups, add_membership, issue_ticket, make_groups, tenant_tables

from tenants.database import RUNNING_ROLES, Database

# The other ways lose the ticket, or are refused to everybody.
OPEN_TO_THE_RIGHTFUL = {"plain", "injected or", "counted", "whole row", "common table", "scalar", "existence",
                        "outer join", "cast error", "division error", "copy a query", "anonymous block"}  # fmt: skip


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return make_groups(database)


@pytest.fixture(scope="module")
def hostile(database: Database, groups: Groups) -> list[Caller]:
    return list(callers(database, groups))


@pytest.fixture
def connections(database: Database) -> Iterator[dict[str, psycopg.Connection]]:
    opened = {}
    for role in RUNNING_ROLES:
        url = database.url_of(role).set(drivername="postgresql").render_as_string(hide_password=False)
        opened[role] = psycopg.connect(url)
    yield opened
    for connection in opened.values():
        connection.close()


def test_every_table_of_a_tenant_has_its_place_in_the_walk(database: Database, groups: Groups) -> None:
    with database.administration() as session:
        real = set(
            session.execute(
                text(
                    "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
                    " where c.relkind in ('r', 'p') and a.attname = 'provider_id'"
                    " and c.relnamespace = 'public'::regnamespace"
                )
            ).scalars()
        )
        assert real == {table.name for table in tenant_tables()}
        for table in tenant_tables():
            rows = session.execute(
                text(f"select count(*) from {table.fullname} t where provider_id = :provider and t::text like :canary"),
                {"provider": groups.first.provider_id, "canary": f"%{groups.first.canary}%"},
            ).scalar_one()
            # Every table has a word or an identifier of the attacked place in it.
            assert rows or not _has_words(table), table.name


def _has_words(table: Table) -> bool:
    chosen = {"state", "kind", "decision", "role"}
    return any(c.type.python_type is str and c.name not in chosen for c in table.columns)


def test_no_wrong_ticket_opens_or_changes_a_row(
    database: Database,
    groups: Groups,
    hostile: list[Caller],
    connections: dict[str, psycopg.Connection],
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = digest(database, tenant_tables())
    tried: Counter[str] = Counter()
    leaks: list[str] = []
    attempts = _cached_attempts(groups)
    for role, connection in connections.items():
        prober = Prober(connection, groups.first.canary)
        for caller in hostile:
            if role not in INSIDE and caller.opening is not None and caller.opening[0] == ENTER:
                continue  # may not call the function at all; the setting alone is tried
            prober.begin(caller)
            for table in tenant_tables():
                for attempt in attempts(table, caller.foreign(table, groups.first)):
                    if role == "web" or attempt.name in CORE or (role == "worker" and attempt.writes):
                        tried[role] += 1
                        found = prober.leaks(attempt)
                        if found:
                            leaks.append(f"{role} with {caller.name} on {table.name}: {found}")
    with capsys.disabled():
        each = ", ".join(f"{role} {count}" for role, count in tried.items())
        print(  # noqa: T201 -- the figure is asked for
            f"\nisolation in SQL: {len(tenant_tables())} tables x {len(hostile)} wrong tickets, "
            f"{tried.total()} statements ({each}): {len(leaks)} leaks or writes"
        )
    assert sorted({leak.partition(":")[0] for leak in leaks})[:20] == []
    assert leaks[:20] == []
    assert digest(database, tenant_tables()) == before


def _cached_attempts(groups: Groups) -> Callable[[Table, str], list[Attempt]]:
    @cache
    def attempts(table: Table, foreign: str) -> list[Attempt]:
        first = groups.first
        return [*reads(table, foreign, first), *writes(table, foreign, first, groups.body_id)]

    return attempts


def test_the_walk_would_notice_an_open_table(
    database: Database, groups: Groups, connections: dict[str, psycopg.Connection]
) -> None:
    """The walk itself is tried: the rightful owner's ticket must look to it like a leak on every table."""
    noticed: dict[str, set[str]] = {table.name: set() for table in tenant_tables()}
    for role, ticket in (
        ("worker", database.command_reach(groups.first.provider_id).ticket),
        (
            "web",
            issue_ticket(database, _owner(database, groups, "idempotency_key", "person_id", "provider_administrator")),
        ),
        # Drafts are their writer's alone.
        ("web", issue_ticket(database, _owner(database, groups, "capture_draft", "recorded_by", "registered_manager"))),
        ("web", issue_ticket(database, _owner(database, groups, "review_draft", "person_id", "registered_manager"))),
    ):
        prober = Prober(connections[role], groups.first.canary)
        prober.begin(Caller("rightful", (ENTER, ticket)))
        for table in tenant_tables():
            noticed[table.name] |= {way.name for way in reads(table, "true", groups.first) if prober.leaks(way)}
    missed = {name: OPEN_TO_THE_RIGHTFUL - ways for name, ways in noticed.items() if OPEN_TO_THE_RIGHTFUL - ways}
    assert sorted(missed) == []


def _owner(database: Database, groups: Groups, table: str, column: str, role: str) -> uuid.UUID:
    """Whoever a row of the first place belongs to, as somebody who works there."""
    here = {"provider": groups.first.provider_id, "service": groups.first.service_id}
    at_service = " and service_id = :service" if table != "idempotency_key" else ""
    with database.administration() as session:
        person_id = (
            session.execute(text(f"select {column} from {table} where provider_id = :provider{at_service}"), here)
            .scalars()
            .all()[0]
        )
        known = session.execute(
            text("select 1 from signin.person where person_id = :person"), {"person": person_id}
        ).one_or_none()
        if known is None:
            session.execute(
                text(
                    "insert into signin.person (person_id, email, name, second_factor_relaxed, created_at)"
                    " values (:person, :email, 'Ann Other', false, now())"
                ),
                {"person": person_id, "email": f"{person_id}@example.org"},
            )
    add_membership(database, person_id, role, groups.first, whole_provider=role == "provider_administrator")
    return person_id
