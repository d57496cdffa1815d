"""The map of URLs equals the one that was reviewed, and no route comes to be without its access."""

import re
from pathlib import Path

import pytest
from flask import Flask
from support.visiting import an_application
from support.walk import url_map_text

from mendline.app import refuse_undeclared
from mendline.web.section import Section
from tenants.database import Database

REVIEWED = Path(__file__).parents[2] / "data" / "url_map.txt"
PLATFORM = Path(__file__).parents[3] / "platform" / "mendline"
NAMED = re.compile(r'\b(?:address|url_for)\(\s*"(\w+\.\w+)"')


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application whose database is never asked."""
    database = Database("postgresql+psycopg://nobody@127.0.0.1:9/none", {})
    return an_application(database, tmp_path)


def test_the_map_of_urls_is_the_reviewed_one(app: Flask) -> None:
    found = url_map_text(app)
    assert found == REVIEWED.read_text(encoding="utf-8"), (
        "The map of URLs changed. If it should have, have the change reviewed and write url_map_text(app) to "
        "tests/data/url_map.txt in the same commit (PYTHONPATH=tests python -m support.url_map prints it)."
    )


def test_every_link_that_the_code_writes_leads_to_a_route(app: Flask) -> None:
    named = {(name, path.name) for path in PLATFORM.rglob("*.py") for name in NAMED.findall(path.read_text("utf-8"))}
    assert len(named) > 200
    assert {one for one in named if one[0] not in app.view_functions} == set()


def test_an_application_with_a_route_that_does_not_say_who_may_use_it_does_not_start(app: Flask) -> None:
    app.add_url_rule("/open-door", "open_door", lambda: "in")
    with pytest.raises(RuntimeError, match="/open-door"):
        refuse_undeclared(app)


def test_a_section_takes_no_route_by_flasks_own_way() -> None:
    section = Section("hall")
    with pytest.raises(TypeError, match="access"):
        section.route("/open-door")(lambda: "in")


def test_a_section_takes_no_access_that_is_no_permission() -> None:
    with pytest.raises(ValueError, match="everybody"):
        Section("hall").page("/open-door", access="everybody")
