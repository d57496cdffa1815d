"""What the policies cost: the same SQL through a ticket and as the owner, in one run, one after the other.

Three ways of asking: a service's whole page over HTTP with everything that it asks the database, the bare statements of a
dashboard, and the one statement of a comparison.
"""

import statistics
import time
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
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

SERVICES, INDICATORS, WEEKS, ROUNDS = 50, 40, 104, 60

# One service's dashboard, and its newest figures: 40 indicators with 104 weeks.
DASHBOARD = (
    "select * from service where provider_id = :provider and service_id = :service",
    "select * from indicator_status where provider_id = :provider and service_id = :service order by indicator_id",
    (
        "select indicator_id, array_agg(value order by period_start) from observation"
        " where provider_id = :provider and service_id = :service group by indicator_id"
    ),
    "select * from review where provider_id = :provider and service_id = :service order by held_on desc limit 20",
    "select * from action where provider_id = :provider and service_id = :service",
)
# The comparison page: 50 services and 40 indicators.
COMPARISON = (
    (
        "select s.service_id, s.name, i.definition_key, i.value, i.status, i.target_value from indicator_status i"
        " join service s on s.provider_id = i.provider_id and s.service_id = i.service_id"
        " where i.provider_id = :provider and s.provider_id = :provider"
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
        db = Database(url, passwords)
        places = _fill(db)
        without = Unpoliced(url, passwords)
        try:
            return "\n".join((_measure(db, places), _measure_page(db, without)))
        finally:
            db.dispose()
            without.dispose()


class Unpoliced(Database):
    """The same connections with the rights of the owner of the tables, whom no policy holds."""

    def engine(self, role: str) -> Engine:  # noqa: ARG002 -- as it is called
        """Every role is the owner."""
        fresh = "administrator" not in self._engines
        engine = super().engine("administrator")
        if fresh:
            event.listen(engine, "connect", _become_owner)
        return engine


def _become_owner(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set role mendline_owner")
    connection.commit()


def _measure_page(db: Database, without: Database) -> str:
    """The service's page in the one application and in the other, in turns."""
    world = a_world(db, indicators=INDICATORS, weeks=WEEKS)
    place = Place(world.provider_id, world.large[0].service_id, "")
    person = add_person(db)
    add_membership(db, person, "registered_manager", place)
    visitors = {"with": a_visitor(a_site(db), db, person), "without": a_visitor(a_site(without), db, person)}
    took: dict[str, list[float]] = {name: [] for name in visitors}
    for turn in range(ROUNDS + 10):
        for name in sorted(visitors, reverse=bool(turn % 2)):
            began = time.perf_counter()
            visitors[name].text(f"/services/{place.service_id}")
            if turn >= 10:
                took[name].append((time.perf_counter() - began) * 1_000)
    policies, plain = (statistics.median(took[name]) for name in ("with", "without"))
    return f"  whole page  {policies:7.2f} ms with, {plain:7.2f} ms without: {policies / plain:.2f} x (aim 1.15 x)"


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


def _measure(db: Database, places: list[Place]) -> str:
    place = places[0]
    person = add_person(db)
    add_membership(db, person, "provider_quality_lead", place, whole_provider=True)
    ticket = issue_ticket(db, person)
    owner_url = db.administrator_url
    engine = create_engine(owner_url)
    lines = [f"row-level security, {SERVICES} services x {INDICATORS} indicators x {WEEKS} weeks, two providers:"]
    with db.engine("web").connect() as web, engine.connect() as owner:
        owner.execute(text("set role mendline_owner"))
        owner.commit()
        for name, queries, aim in (("statements", DASHBOARD, 1.15), ("comparison", COMPARISON, 1.3)):
            took: dict[str, list[float]] = {"with": [], "without": []}
            for turn in range(ROUNDS + 10):
                pairs = [("with", web, ticket), ("without", owner, None)]
                for kind, connection, shown in pairs if turn % 2 else reversed(pairs):
                    seconds = _once(connection, shown, queries, place)
                    if turn >= 10:  # plans and caches are warm by then
                        took[kind].append(seconds * 1_000)
            policies, plain = (statistics.median(took[kind]) for kind in ("with", "without"))
            lines.append(
                f"  {name:<11} {policies:7.2f} ms with, {plain:7.2f} ms without: {policies / plain:.2f} x (aim {aim} x)"
            )
    engine.dispose()
    return "\n".join(lines)


def _once(connection: Connection, ticket: str | None, queries: tuple[str, ...], place: Place) -> float:
    values = {"provider": place.provider_id, "service": place.service_id}
    began = time.perf_counter()
    with connection.begin():
        if ticket is not None:
            connection.execute(text("select reach.enter(:ticket)"), {"ticket": ticket})
        for query in queries:
            connection.execute(text(query), {key: values[key] for key in values if f":{key}" in query}).all()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(run())  # noqa: T201 -- the figure is asked for
