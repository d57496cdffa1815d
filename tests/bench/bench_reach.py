"""What the policies cost: the same SQL through a ticket and as the owner, in one run, one after the other.

Four ways of asking: a service's dashboard over HTTP with everything that it asks the database; the very statements that this
page sends, taken down with their parameters and sent again without the page around them; statements that only read what
stands behind a dashboard, whole tables of it; and the one statement of a comparison. The showing of the ticket counts with
the policies. Each ratio is the middle one of the rounds' ratios, so that what else the machine does falls on both sides.
"""

import statistics
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL
from support.folders import passable_folder
from support.site import a_site, a_visitor
from support.tenancy import Place, add_membership, add_person, every_table, issue_ticket, sample_row
from support.world import a_world

from mendline.config import resources
from mendline.local.postgres import EmbeddedPostgres
from tenants.clock import now
from tenants.database import RUNNING_ROLES, Database, insert_many
from tenants.directory.model import Provider
from tenants.migrate import upgrade

SERVICES, INDICATORS, WEEKS = 50, 40, 104
ROUNDS, FIRST = 60, 10  # the first ones warm plans and caches, and do not count

Statements = Sequence[tuple[str, Any]]

# One service's dashboard, and its newest figures: 40 indicators with 104 weeks.
BEHIND = (
    "select * from service where provider_id = %(provider)s and service_id = %(service)s",
    "select * from indicator_status where provider_id = %(provider)s and service_id = %(service)s order by indicator_id",
    (
        "select indicator_id, array_agg(value order by period_start) from observation"
        " where provider_id = %(provider)s and service_id = %(service)s group by indicator_id"
    ),
    "select * from review where provider_id = %(provider)s and service_id = %(service)s order by held_on desc limit 20",
    "select * from action where provider_id = %(provider)s and service_id = %(service)s",
)
# The comparison page: 50 services and 40 indicators.
COMPARISON = (
    (
        "select s.service_id, s.name, i.definition_key, i.value, i.status, i.target_value from indicator_status i"
        " join service s on s.provider_id = i.provider_id and s.service_id = i.service_id"
        " where i.provider_id = %(provider)s and s.provider_id = %(provider)s"
    ),
)


def run() -> str:
    """Measures on a server of its own.

    Returns:
        The medians in milliseconds and their ratios, each with the aim; entering the reach is counted in.
    """
    with passable_folder() as folder, EmbeddedPostgres(Path(folder), durable=False) as server:
        passwords = dict.fromkeys(RUNNING_ROLES, "bench")
        url = server.create_database("bench")
        upgrade(url, passwords, resources().migrations)
        db, without = Database(url, passwords), Unpoliced(url, passwords)
        try:
            place = _fill(db)[0]
            lines = [
                f"row-level security, {SERVICES} services x {INDICATORS} indicators x {WEEKS} weeks, two providers:"
            ]
            return "\n".join([*lines, *_measure_page(db, without), *_measure_statements(db, without, place)])
        finally:
            db.dispose()
            without.dispose()


class Unpoliced(Database):
    """The same pools with the rights of the owner of the tables, whom no policy holds."""

    def url_of(self, role: str) -> URL:  # noqa: ARG002 -- as it is called
        """Every role signs in as the administrator."""
        return self.administrator_url

    def engine(self, role: str) -> Engine:
        """Every role is the owner."""
        fresh = role not in self._engines
        engine = super().engine(role)
        if fresh:
            event.listen(engine, "connect", _become_owner)
        return engine


def _become_owner(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set role mendline_owner")
    connection.commit()


def _measure_page(db: Database, without: Database) -> list[str]:
    """The dashboard in the one application and in the other, then what it sends by itself."""
    world = a_world(db, indicators=INDICATORS, weeks=WEEKS)
    place = Place(world.provider_id, world.large[0].service_id, "")
    person = add_person(db)
    add_membership(db, person, "registered_manager", place)
    path = f"/services/{place.service_id}"
    page, plain = (a_visitor(a_site(each), each, person) for each in (db, without))
    said = _line("whole page", 1.15, lambda: page.text(path), lambda: plain.text(path))
    sent = _sent_by(db, lambda: page.text(path))
    return [said, _replayed(f"its own {len(sent)} statements", 1.15, db, without, issue_ticket(db, person), sent)]


def _measure_statements(db: Database, without: Database, place: Place) -> list[str]:
    person = add_person(db)
    add_membership(db, person, "provider_quality_lead", place, whole_provider=True)
    ticket = issue_ticket(db, person)
    values = {"provider": place.provider_id, "service": place.service_id}
    return [
        _replayed(name, aim, db, without, ticket, [(statement, values) for statement in statements])
        for name, aim, statements in (("what stands behind it", 1.15, BEHIND), ("comparison", 1.3, COMPARISON))
    ]


def _sent_by(db: Database, visit: Callable[[], object]) -> Statements:
    """What a page asks for tenants' rows, with its parameters; who asks is found by two statements that do not count."""
    sent: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith("select reach."):
            sent.append((statement, parameters))

    engine = db.engine("web")
    event.listen(engine, "before_cursor_execute", hear)
    try:
        visit()
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return sent


def _replayed(name: str, aim: float, db: Database, without: Database, ticket: str, statements: Statements) -> str:
    with ExitStack() as stack:
        web, owner = (stack.enter_context(each.engine("web").connect()) for each in (db, without))
        entered = [("select reach.enter(%(ticket)s)", {"ticket": ticket}), *statements]
        return _line(name, aim, lambda: _once(web, entered), lambda: _once(owner, statements))


def _once(connection: Connection, statements: Statements) -> None:
    with connection.begin():
        for statement, parameters in statements:
            connection.exec_driver_sql(statement, parameters).all()


def _line(name: str, aim: float, policies: Callable[[], object], plain: Callable[[], object]) -> str:
    """Takes the two in turns, each first in every other round."""
    took: dict[Callable[[], object], list[float]] = {policies: [], plain: []}
    for turn in range(FIRST + ROUNDS):
        for task in (policies, plain) if turn % 2 else (plain, policies):
            began = time.perf_counter()
            task()
            took[task].append((time.perf_counter() - began) * 1_000)
    dear, cheap = (each[FIRST:] for each in took.values())
    ratio = statistics.median(one / other for one, other in zip(dear, cheap, strict=True))
    shown = f"{statistics.median(dear):7.2f} ms with, {statistics.median(cheap):7.2f} ms without"
    return f"  {name:<22} {shown}: {ratio:.2f} x (aim {aim} x)"


def _fill(db: Database) -> list[Place]:
    """Two providers of fifty services each, so that the policies have something to keep out."""
    places = []
    body = uuid.uuid4()
    tables = every_table().tables
    with db.administration() as session:
        for provider in (uuid.uuid4(), uuid.uuid4()):
            session.add(Provider(provider_id=provider, name="Bench", is_demonstration=False, created_at=now()))
            session.flush()
            for _ in range(SERVICES):
                place = Place(provider, uuid.uuid4(), "BENCH")
                places.append(place)
                for name in ("service", "review", "action"):
                    if name == "review":
                        _indicators(session, place, body, tables)
                    session.execute(tables[name].insert().values(sample_row(tables[name], place, body_id=body)))
    with db.engine("administrator").connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("vacuum analyze"))
    return places


def _indicators(session, place: Place, body: uuid.UUID, tables) -> None:
    rows: dict[str, list[dict]] = {"service_indicator": [], "indicator_status": [], "observation": []}
    for number in range(INDICATORS):
        first = {name: sample_row(tables[name], place, body_id=body) for name in rows}
        # The first keeps the identifier that the review refers to.
        indicator = {"indicator_id": uuid.uuid4()} if number else {}
        rows["service_indicator"].append(first["service_indicator"] | indicator)
        rows["indicator_status"].append(first["indicator_status"] | indicator)
        rows["observation"] += [
            first["observation"]
            | indicator
            | {
                "observation_id": uuid.uuid4(),
                "period_start": date(2024, 1, 7) + timedelta(weeks=week),
                "value": float(week),
            }
            for week in range(WEEKS)
        ]
    for name, each in rows.items():
        insert_many(session, tables[name], each)


if __name__ == "__main__":
    print(run())  # noqa: T201 -- the figure is asked for
