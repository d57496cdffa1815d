"""What a service's dashboard costs the web server, beside its template alone and beside an empty page of Flask.

The template alone is drawn whole, each of its rows too. The dashboard takes rows that have not changed since they were
last asked for as they were drawn then (`services.kept_rows`); what it costs when all of them have changed is told beside.

One run, what is compared taken in turns, so that whatever else the machine does falls on all of them alike; processor time of
this process, so that PostgreSQL, which works beside it, is not counted.
"""

import gc
import secrets
import time
from collections.abc import Callable
from statistics import median

from flask import Flask, g
from flask_login import current_user
from support.folders import passable_folder
from support.site import Visitor, a_site, who_works_as
from support.statements import statements_of
from support.tenancy import Place
from support.world import a_world

from mendline.config import resources
from mendline.indicators import queries
from mendline.local.postgres import EmbeddedPostgres
from mendline.services import views
from mendline.web import page as drawing
from tenants.database import RUNNING_ROLES, Database
from tenants.migrate import upgrade

INDICATORS, WEEKS, ROUNDS = 40, 104, 60
CHANGED = "the dashboard when every row has changed"
AIMS = {"its template from constants": 1.5, "an empty page": 30.0}


def run() -> str:
    """Builds a service with 40 indicators over 104 weeks and prints how much dearer its page is."""
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
    world = a_world(db, indicators=INDICATORS, weeks=WEEKS)
    site = a_site(db)
    here = Place(world.provider_id, world.large[0].service_id, "")
    visitor = who_works_as(site, db, "registered_manager", here)
    path = f"/services/{here.service_id}"
    rows = views.kept_rows
    views.kept_rows = lambda *_: None  # type: ignore[assignment,return-value]
    drawn, shown = _capture(site, visitor, path)
    views.kept_rows = rows
    empty = _an_empty_page().test_client()
    with statements_of(db, "web") as statements:
        visitor.text(path)
    costs = _in_turns(
        {
            "the dashboard": lambda: visitor.text(path),
            "its template from constants": drawn,
            "an empty page": lambda: empty.get("/"),
        }
    )
    again = _in_turns({CHANGED: lambda: _with_every_row_new(site, visitor, path), "its template": drawn})
    page = costs["the dashboard"]
    size = f"{INDICATORS} indicators over {WEEKS} weeks: {len(shown):,} characters, {len(statements)} statements"
    lines = [f"Dashboard of {size}, {page * 1000:.1f} ms of processor time"]
    for name, aim in AIMS.items():
        lines.append(f"  {page / costs[name]:5.2f} x {name} ({costs[name] * 1000:.2f} ms; aim at most {aim:g} x)")
    dearer = again[CHANGED] / again["its template"]
    lines.append(f"  {dearer:5.2f} x its template is {CHANGED} ({again[CHANGED] * 1000:.1f} ms)")
    return "\n".join(lines)


def _with_every_row_new(site: Flask, visitor: Visitor, path: str) -> None:
    site.extensions["mendline.rows"].cache_clear()
    queries._read_before.cache_clear()
    visitor.text(path)


def _capture(site: Flask, visitor: Visitor, path: str) -> tuple[Callable[[], str], str]:
    """The template with the very values of one visit, ready to be drawn again and again without a database."""
    seen: dict[str, object] = {}
    original = drawing.render_template

    def keep(name: str, **values: object) -> str:
        seen.update(name=name, values=values, user=current_user._get_current_object())
        return original(name, **values)

    drawing.render_template = keep  # type: ignore[assignment]
    try:
        text = visitor.text(path)
    finally:
        drawing.render_template = original

    def draw() -> str:
        with site.test_request_context(path):
            g._login_user = seen["user"]
            return original(seen["name"], **seen["values"])  # type: ignore[arg-type]

    return draw, text


def _an_empty_page() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "")
    return app


def _in_turns(tasks: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of processor time of each task, the middle one of many rounds."""
    for task in tasks.values():
        for _ in range(5):
            task()
    gc.collect()
    gc.freeze()  # as `mendline.wsgi` does
    spent: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            start = time.process_time()
            task()
            spent[name].append(time.process_time() - start)
    return {name: median(values) for name, values in spent.items()}


if __name__ == "__main__":
    print(run())  # noqa: T201 -- the figure is asked for
