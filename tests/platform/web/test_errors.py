"""What goes wrong is told in plain words with what to do, whatever is away; a stack trace never leaves the server."""

import logging

import pytest
from flask import Flask
from support.facts import two_providers
from support.site import Visitor, a_site, who_works_as
from support.tenancy import Place

from mendline.web.security import HEADERS
from tenants.database import Database

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
ABSENT = "01a20643-0000-7000-8000-000000000000"  # fixed: each test process must find the same tests


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture(scope="module")
def place(database: Database) -> Place:
    mine, _ = two_providers(database, services=1)
    return Place(mine[0].provider_id, mine[0].service_id, "")


@pytest.fixture(scope="module")
def manager(site: Flask, database: Database, place: Place) -> Visitor:
    return who_works_as(site, database, "registered_manager", place)


@pytest.fixture
def cut_off(role_passwords: dict[str, str]) -> Flask:
    """The application while PostgreSQL is away."""
    return a_site(Database(NOWHERE, role_passwords))


@pytest.mark.parametrize("path", ["/services/", "/work", "/packs", f"/services/{ABSENT}"])
def test_a_page_says_that_the_database_is_away(path: str, cut_off: Flask) -> None:
    browser = cut_off.test_client()
    browser.set_cookie("mendline", "somebody")
    answer = browser.get(path)
    told = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "The database does not answer" in told
    assert "Traceback" not in told
    assert "psycopg" not in told


def test_signing_in_says_that_the_database_is_away(cut_off: Flask) -> None:
    answer = cut_off.test_client().get("/sign-in")
    assert answer.status_code == 503
    assert "The database does not answer" in answer.get_data(as_text=True)


def test_health_tells_living_from_ready_while_the_database_is_away(cut_off: Flask, site: Flask) -> None:
    assert cut_off.test_client().get("/health/live").status_code == 200
    away, there = (app.test_client().get("/health/ready") for app in (cut_off, site))
    assert (away.status_code, away.get_json()["database"]) == (503, "does not answer")
    assert (there.status_code, there.get_json()["database"]) == (200, "answers")
    assert "mendline_database_up 0" in cut_off.test_client().get("/metrics").get_data(as_text=True)
    assert "mendline_database_up 1" in site.test_client().get("/metrics").get_data(as_text=True)


def test_figures_for_a_monitor_name_no_provider(site: Flask, place: Place) -> None:
    told = site.test_client().get("/metrics").get_data(as_text=True)
    assert str(place.provider_id) not in told
    assert "Harbour" not in told


@pytest.mark.parametrize("path", ["/services/%00", "/nope", "/services/1", f"/services/{ABSENT}/nope"])
def test_an_address_that_leads_nowhere_is_told_as_that(path: str, manager: Visitor) -> None:
    answer = manager.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/compare/?name=%00", "/compare/?area=%00", "/work?x=%00"])
def test_a_nul_in_an_address_is_refused_as_unreadable(path: str, site: Flask, database: Database, place: Place) -> None:
    lead = who_works_as(site, database, "nominated_individual", place, whole_provider=True)
    assert lead.get(path).status_code == 400


def test_a_nul_in_a_form_is_refused_as_unreadable_and_the_same_form_without_it_is_read(
    manager: Visitor, place: Place
) -> None:
    clean, spoilt = (
        manager.post(f"/services/{place.service_id}/evidence", {"title": title, "system": "Drive"})
        for title in ("MAR export", "MAR\0export")
    )
    assert (clean.status_code, spoilt.status_code) == (422, 400)


@pytest.mark.parametrize(
    "address", ["http://evil.example/", "http://localhost.evil.example/", "http://127.0.0.1.evil/"]
)
def test_a_host_that_is_not_ours_is_refused(address: str, site: Flask) -> None:
    assert site.test_client().get("/sign-in", base_url=address).status_code == 400
    assert site.test_client().get("/sign-in", base_url="http://localhost:8700/").status_code == 200


def test_every_answer_carries_the_guarding_headers(site: Flask, manager: Visitor) -> None:
    browser = site.test_client()
    for answer in (browser.get("/sign-in"), browser.get("/nope"), browser.get("/services/"), manager.get("/services/")):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, name
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_fault_of_ours_shows_a_reference_and_is_logged_under_it(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    app = a_site(database)

    def broken() -> str:
        raise ZeroDivisionError("the inside of the machine")

    app.view_functions["signin.form"] = broken
    with caplog.at_level(logging.ERROR):
        told = app.test_client().get("/sign-in").get_data(as_text=True)
    assert "the inside of the machine" not in told
    (record,) = [each for each in caplog.records if "reference" in each.getMessage()]
    assert record.getMessage().split()[-1] in told


def test_a_method_that_is_not_offered_is_told(manager: Visitor) -> None:
    assert manager.post("/services/").status_code == 405


def test_a_look_that_cannot_be_is_not_told_that_nothing_was_saved(manager: Visitor, place: Place) -> None:
    answer = manager.get(f"/services/{place.service_id}?as_at=never")
    assert answer.status_code == 422
    assert "That cannot be shown" in answer.text
    assert "saved" not in answer.text.partition("<main")[2]
