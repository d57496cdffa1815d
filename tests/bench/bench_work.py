"""What My work costs the web server: for a manager of 3 services, and for a nominated individual of 200.

One run, in turns with an empty page of Flask, in processor time of this process. Each service runs a medicines plan whose
work is dated over its whole past, so that the page has far more to choose from than it shows.
"""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from flask import Flask
from sqlalchemy import text
from support.facts import a_provider, a_service, an_indicator
from support.folders import passable_folder
from support.site import Visitor, a_site, a_visitor, who_works_as
from support.statements import statements_of
from support.tenancy import Place, add_membership, add_person

from mendline.catalogue.calendar import week_start
from mendline.catalogue.plans import plan_template
from mendline.config import resources
from mendline.local.postgres import EmbeddedPostgres
from mendline.recovery.plans.scheduling import bring_up_to_date
from mendline.recovery.plans.starting import GivenPlan, start_plan
from tenants.clock import today
from tenants.database import RUNNING_ROLES, Database
from tenants.migrate import upgrade

SERVICES, MANAGED, ROUNDS = 200, 3, 40
AIM = 30.0  # times an empty page: the dashboard's own budget
MOST_STATEMENTS = 14


def run() -> str:
    """Builds 200 services with running plans and prints what the two pages cost."""
    with passable_folder() as state, EmbeddedPostgres(state, durable=False) as server:
        passwords = {role: secrets.token_urlsafe(12) for role in RUNNING_ROLES}
        url = server.url()
        upgrade(url, passwords, resources().migrations)
        db = Database(url, passwords)
        try:
            return _measure(db)
        finally:
            db.dispose()


def _measure(db: Database) -> str:
    places = _group(db)
    site = a_site(db)
    nominated = who_works_as(site, db, "nominated_individual", places[0], whole_provider=True)
    person_id = add_person(db)
    for place in places[:MANAGED]:
        add_membership(db, person_id, "registered_manager", place)
    manager = a_visitor(site, db, person_id)
    empty = _an_empty_page().test_client()
    lines = []
    visitors: dict[str, Visitor] = {
        f"a manager of {MANAGED} services": manager,
        f"a nominated individual of {SERVICES}": nominated,
    }
    for name, visitor in visitors.items():
        visitor.text("/work")
        with statements_of(db, "web") as statements:
            shown = visitor.text("/work")
        costs = _in_turns(
            {
                "page": lambda visitor=visitor: visitor.client.get("/work", headers=visitor.headers),
                "empty": lambda: empty.get("/"),
            }
        )
        lines.append(
            f"My work for {name}: {len(shown):,} characters, {len(statements)} statements (at most {MOST_STATEMENTS}),"
            f" {costs['page'] * 1000:.1f} ms, {costs['page'] / costs['empty']:.1f} x an empty page (aim at most {AIM:g} x)"
        )
    return "\n".join(lines)


def _an_empty_page() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "")
    return app


def _in_turns(tasks: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of processor time of each task, the middle one of many rounds."""
    spent: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            start = time.process_time()
            task()
            spent[name].append(time.process_time() - start)
    return {name: median(values[ROUNDS // 10 :]) for name, values in spent.items()}


def _group(db: Database) -> list[Place]:
    starts_on = week_start(today()) - timedelta(weeks=5)
    with db.administration() as session:
        provider_id = a_provider(session)
        places = [Place(provider_id, a_service(session, provider_id, f"House {n}"), "") for n in range(SERVICES)]
        for place in places:
            an_indicator(session, provider_id, place.service_id, "mar_compliance_pct")
    reach = db.command_reach(provider_id)
    template = plan_template("medicines_recovery")
    for place in places:
        with db.transaction(reach) as session:
            given = GivenPlan(template, "1", "saf-2023", "Medicines recovery", starts_on, 10, "D Hartley")
            start_plan(session, reach, provider_id=provider_id, service_id=place.service_id, given=given, today=today())
    with db.transaction(reach) as session:
        bring_up_to_date(session, provider_id, today(), whole_past=True)
    with db.administration() as session:
        session.execute(text("analyze"))
    return places


if __name__ == "__main__":
    print(run())  # noqa: T201 -- the figure is asked for
