"""What one new figure costs: the same indicator judged anew in a group of one service and in a group of many."""

import statistics
import time
import uuid
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import text
from support.facts import Home, a_baseline, a_provider, a_service, a_target, an_indicator, figures
from support.folders import passable_folder

from mendline.catalogue.indicators import indicator_definitions
from mendline.comparison.derivation import derive_marked
from mendline.config import resources
from mendline.indicators.marking import mark_stale
from mendline.local.postgres import EmbeddedPostgres
from tenants.database import RUNNING_ROLES, Database
from tenants.migrate import upgrade

WEEKS, ROUNDS = 104, 25
FIRST = date(2024, 11, 25)
TODAY = FIRST + timedelta(weeks=WEEKS, days=1)
SIZES = ((1, 1), (10, 10), (40, 25))  # services, and indicators in each


def run() -> str:
    """Medians in milliseconds, and how many times the smallest group's they are: the aim is about 1."""
    with passable_folder() as folder, EmbeddedPostgres(Path(folder), durable=False) as server:
        passwords = dict.fromkeys(RUNNING_ROLES, "bench")
        url = server.create_database("bench")
        upgrade(url, passwords, resources().migrations)
        db = Database(url, passwords)
        try:
            groups = [_group(db, services, each) for services, each in SIZES]
            _as_autovacuum_leaves_it(db)
            return _measure(db, groups)
        finally:
            db.dispose()


def _as_autovacuum_leaves_it(db: Database) -> None:
    """The server gathers statistics within a minute of a large load; without them it may choose a worse index."""
    with db.administration() as session:
        session.execute(text("analyze"))


def _group(db: Database, services: int, each: int) -> Home:
    """A group with full series in every indicator; the one returned is judged anew."""
    keys = [key for key, known in indicator_definitions().items() if known.measure_type == "proportion"][:each]
    with db.administration() as session:
        provider_id = a_provider(session, f"Group {services} x {each}")
        homes = []
        for number in range(services):
            service_id = a_service(session, provider_id, f"House {number}")
            for key in keys:
                home = an_indicator(session, provider_id, service_id, key, started_on=FIRST)
                figures(session, home, [(float(180 + (week * 7 + number) % 13), 200.0) for week in range(WEEKS)], FIRST)
                homes.append(home)
        chosen = homes[0]
        a_target(session, chosen)
        a_baseline(session, chosen, first_period=FIRST, last_period=FIRST + timedelta(weeks=11), periods=12)
    _derive(db, chosen, homes)
    return chosen


def _derive(db: Database, home: Home, marked: list[Home]) -> None:
    command = db.command_reach(home.provider_id)
    with db.transaction(command) as session:
        for one in marked:
            _mark(session, one)
    while True:
        with db.transaction(command) as session:
            if not derive_marked(session, home.provider_id, TODAY).more:
                return


def _mark(session: object, home: Home) -> None:
    asked_by: uuid.UUID | None = None
    period = FIRST + timedelta(weeks=WEEKS - 1)
    mark_stale(session, home.provider_id, home.service_id, home.indicator_id, period, asked_by)  # type: ignore[arg-type]


def _measure(db: Database, groups: list[Home]) -> str:
    taken: dict[int, list[float]] = {place: [] for place in range(len(groups))}
    for _ in range(ROUNDS):
        for place, home in enumerate(groups):
            command = db.command_reach(home.provider_id)
            with db.transaction(command) as session:
                _mark(session, home)
            start = time.perf_counter()
            with db.transaction(command) as session:
                derive_marked(session, home.provider_id, TODAY)
            taken[place].append((time.perf_counter() - start) * 1000)
    medians = [statistics.median(times) for times in taken.values()]
    lines = [f"one figure of one indicator with {WEEKS} weeks", f"{'group':<34}{'ms':>9}{'ratio':>8}"]
    for (services, each), median in zip(SIZES, medians, strict=True):
        lines.append(f"{f'{services} services, {each} indicators each':<34}{median:>9.2f}{median / medians[0]:>8.2f}")
    return "\n".join(lines)
