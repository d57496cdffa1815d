"""The pages of a service, every method that reads, every caller, every place: a foreign place answers as one that never was.

What is folded, and why, stands in `support/walking.py`; the other routes are walked by `test_http_walk_others.py`, and the
methods that write by `test_http_walk_changes.py`.
"""

import logging
import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select
from support.application import Caller, a_world, an_application_over, everybody, identifiers_of
from support.tenancy import Groups
from support.walk import routes, unplaced
from support.walking import COUNTED, Walk, assert_safe_walk, parts_of_the_walk

from mendline.app import register
from mendline.web.section import SIGNED_IN, Section
from tenants.database import Database
from tenants.directory.model import Service


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def callers(database: Database, groups: Groups) -> list[Caller]:
    return everybody(database, groups)


@pytest.fixture(scope="module")
def heard() -> Iterator[list[str]]:
    """Everything that is logged while this module runs."""
    lines: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    ear = Ear()
    logging.getLogger().addHandler(ear)
    yield lines
    logging.getLogger().removeHandler(ear)


def test_every_route_has_its_place_in_the_walk(app: Flask, figure: Callable[[str], None]) -> None:
    every = list(routes(app))
    figure(
        f"routes and methods: {len(every)}, without an access of their own or a place in the walk: {len(unplaced(app))}"
    )
    assert len(every) > 100
    assert unplaced(app) == []


def test_the_parts_of_the_walk_are_every_route_and_method_but_guesses_at_sign_in(app: Flask) -> None:
    asked = [(rule.endpoint, rule.rule, method) for part in parts_of_the_walk(app).values() for rule, method in part]
    every = [(rule.endpoint, rule.rule, method) for rule, method in routes(app)]
    assert len(asked) == len(set(asked))
    assert {endpoint for endpoint, *_ in set(every) - set(asked)} == {
        endpoint for endpoint, *_ in every if endpoint.startswith(COUNTED)
    }


def test_no_page_of_a_service_shows_a_foreign_place_and_none_writes(
    app: Flask, groups: Groups, callers: list[Caller], database: Database, heard: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    tried = parts_of_the_walk(app)["of a service"]
    told = assert_safe_walk(app, groups, callers, database, tried, "what reads at a service")
    with capsys.disabled():
        print(told)  # noqa: T201 -- the figure is asked for
    assert [line for line in heard if any(place.canary in line for place in groups.places)] == []


def test_the_identifiers_of_two_places_differ_except_for_the_twin(groups: Groups) -> None:
    """Else a foreign identifier would be one's own, and the walk would prove nothing."""
    mine, theirs = identifiers_of(groups.first), identifiers_of(groups.twin)
    assert {name for name in mine if mine[name] == theirs[name]} == {"service_id"}


def test_the_walk_would_notice_a_route_that_leaks(
    database: Database, groups: Groups, callers: list[Caller], tmp_path_factory: pytest.TempPathFactory
) -> None:
    leaky = Section("leaky")

    @leaky.page("/leaky/<uuid:service_id>", access=SIGNED_IN)
    def name_of(service_id: uuid.UUID) -> str:
        with database.administration() as session:
            rows = session.execute(select(Service.name).where(Service.service_id == service_id)).scalars().all()
        return f"<p>{escape(rows)}</p>"

    @leaky.page("/busy/<uuid:service_id>", access=SIGNED_IN)
    def work_at(service_id: uuid.UUID) -> str:
        with database.administration() as session:
            if session.execute(select(Service.name).where(Service.service_id == service_id)).first():
                session.execute(select(Service.name)).all()
        return "<p>Nothing</p>"

    app = an_application_over(database, groups, tmp_path_factory.mktemp("leaky"))
    register(app, leaky)
    walk = Walk(app, groups)
    manager = next(one for one in callers if one.name == "registered_manager")
    with walk.counting():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("leaky."):
                walk.try_route(rule, "GET", manager)
    assert any("shows its canary of MERLIN" in leak for leak in walk.leaks)
    assert any("200, not as one that never was: 200" in leak for leak in walk.leaks)
    assert any("/busy/" in leak and "statements, " in leak for leak in walk.leaks)
    assert any("the title is" in fault for fault in walk.faults)
