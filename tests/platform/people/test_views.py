"""Signing in and out through the pages, and what a browser is told when something is wrong."""

import json
import re
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.facts import two_providers
from support.site import a_site, csrf_of, who_works_as
from support.tenancy import Place, add_body, add_grant, add_officer, add_person, issue_ticket

from mendline.people.views import first_page, path_of_ours
from tenants.clock import today
from tenants.database import Database
from tenants.directory.onboarding import add_person as invite
from tenants.directory.onboarding import give_role

PASSWORD = "a long enough password"
WRONG = "That email address, password or code is not right."


@pytest.fixture(scope="module")
def place(database: Database) -> Place:
    mine, _ = two_providers(database, services=1)
    return Place(mine[0].provider_id, mine[0].service_id, "")


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database, demonstration=True)


@pytest.fixture
def browser(site: Flask) -> FlaskClient:
    return site.test_client()


@pytest.fixture(scope="module")
def email(database: Database, place: Place) -> str:
    address = f"{uuid.uuid4()}@example.org"
    with database.administration() as session:
        person_id, _ = invite(session, address, "Denise Hartley", PASSWORD, second_factor_relaxed=True)
        give_role(
            session, place.provider_id, person_id, "registered_manager", service_id=place.service_id, valid_from=today()
        )
    return address


def enter(browser: FlaskClient, email: str, password: str = PASSWORD, **more: str):
    token = csrf_of(browser.get("/sign-in").get_data(as_text=True))
    return browser.post("/sign-in", data={"csrf_token": token, "email": email, "password": password, **more})


def test_signing_in_leads_to_the_first_page_and_signing_out_ends_it(browser: FlaskClient, email: str) -> None:
    answer = enter(browser, email)
    assert (answer.status_code, answer.location) == (302, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert browser.get("/").location == "/services/"
    page = browser.get("/services/").get_data(as_text=True)
    left = browser.post("/sign-out", data={"csrf_token": csrf_of(page)})
    assert left.status_code == 302
    # The key of drafts stays with the server, so that what was not sent yet can stay on the device, unreadable.
    assert left.headers["Clear-Site-Data"] == '"cache"'
    assert "Expires=Thu, 01 Jan 1970" in left.headers["Set-Cookie"]
    assert browser.get("/services/").location == "/sign-in?next=/services/?"
    key = browser.get("/capture/key")
    assert key.status_code in (302, 401, 403)


def test_a_copied_cookie_is_worth_nothing_after_signing_out(site: Flask, browser: FlaskClient, email: str) -> None:
    enter(browser, email)
    stolen = browser.get_cookie("mendline")
    assert stolen is not None
    other = site.test_client()
    other.set_cookie("mendline", stolen.value)
    assert other.get("/services/").status_code == 200
    browser.post("/sign-out", data={"csrf_token": csrf_of(browser.get("/services/").get_data(as_text=True))})
    assert other.get("/services/").status_code == 302


@pytest.mark.parametrize(
    ("typed", "password"),
    [("", ""), ("nobody@example.org", PASSWORD), ("\N{ZERO WIDTH SPACE}", "\ud7ff" * 9)],
)
def test_a_wrong_sign_in_keeps_the_address_and_says_one_thing(browser: FlaskClient, typed: str, password: str) -> None:
    answer = enter(browser, typed, password)
    assert answer.status_code == 422
    assert WRONG in answer.get_data(as_text=True)
    assert "mendline=" not in answer.headers.get("Set-Cookie", "")


def test_what_was_typed_is_shown_as_text(browser: FlaskClient) -> None:
    told = enter(browser, '"><script>alert(1)</script>').get_data(as_text=True)
    assert "<script>alert" not in told


def test_a_form_without_its_token_or_with_another_browsers_is_refused(
    site: Flask, browser: FlaskClient, email: str
) -> None:
    given = {"email": email, "password": PASSWORD}
    assert browser.post("/sign-in", data=given).status_code == 403
    foreign = csrf_of(site.test_client().get("/sign-in").get_data(as_text=True))
    browser.get("/sign-in")
    assert browser.post("/sign-in", data={**given, "csrf_token": foreign}).status_code == 403
    assert enter(browser, email).status_code == 302


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://elsewhere.example"}],
)
def test_a_form_from_another_site_is_refused_even_with_its_token(
    headers: dict[str, str], browser: FlaskClient, email: str
) -> None:
    token = csrf_of(browser.get("/sign-in").get_data(as_text=True))
    given = {"email": email, "password": PASSWORD, "csrf_token": token}
    assert browser.post("/sign-in", data=given, headers=headers).status_code == 403
    assert browser.post("/sign-in", data=given, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302


@pytest.mark.parametrize("address", ["/work", "/services/?area=staffing", "/"])
def test_a_path_of_ours_is_gone_to(address: str) -> None:
    assert path_of_ours(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\\b", "/a\r\nSet-Cookie: x", "evil", "/\t/e"],
)
def test_any_other_address_is_not(address: str) -> None:
    assert path_of_ours(address) == ""


def test_signing_in_goes_back_to_the_page_that_was_asked_for_and_never_elsewhere(
    browser: FlaskClient, email: str
) -> None:
    assert enter(browser, email, next="/work").location == "/work"
    assert enter(browser, email, next="//evil.example").location == "/"


@pytest.mark.parametrize(
    ("role", "whole", "first"),
    [
        ("carer", False, "/work"),
        ("senior_carer", False, "/work"),
        ("registered_manager", False, "/services/"),
        ("provider_quality_lead", True, "/compare/"),
        ("provider_administrator", True, "/work"),
    ],
)
def test_each_role_begins_where_its_day_does(
    role: str, whole: bool, first: str, site: Flask, database: Database, place: Place
) -> None:
    visitor = who_works_as(site, database, role, place, whole_provider=whole)
    assert visitor.get("/").location == first
    assert visitor.get(first).status_code == 200


def test_a_commissioner_begins_with_the_portfolio(site: Flask, database: Database, place: Place) -> None:
    person_id, body_id = add_person(database), add_body(database)
    add_officer(database, body_id, person_id)
    add_grant(database, place, body_id)
    reach = database.reach_of(issue_ticket(database, person_id))
    with site.test_request_context():
        assert first_page(reach) == "/portfolio/"


@pytest.fixture
def listed(site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    found = site.extensions["mendline"]
    one = {"role": "carer", "role_label": "Carer", "name": "Sam", "organisation": "X", "email": "sam@x.example",
           "password": "shown-on-purpose", "provider_id": None, "service_ids": []}  # fmt: skip
    (tmp_path / "demo.json").write_text(json.dumps({"sign_ins": [one]}))
    settings = SimpleNamespace(**{name: getattr(found.settings, name) for name in found.settings.__slots__})
    settings.state = tmp_path
    monkeypatch.setitem(
        site.extensions, "mendline", SimpleNamespace(settings=settings, database=found.database, key=found.key)
    )
    return site


def test_the_start_page_lists_the_sign_ins_of_the_demonstration_and_of_nothing_else(
    listed: Flask,
) -> None:
    assert "sam@x.example" in listed.test_client().get("/").get_data(as_text=True)
    listed.extensions["mendline"].settings.demonstration = False
    assert "sam@x.example" not in listed.test_client().get("/").get_data(as_text=True)


def test_a_cookie_over_https_is_bound_to_its_host(database: Database, email: str) -> None:
    browser = a_site(database, demonstration=True, https=True).test_client()
    token = csrf_of(browser.get("/sign-in", base_url="https://localhost").get_data(as_text=True))
    answer = browser.post(
        "/sign-in", base_url="https://localhost", data={"csrf_token": token, "email": email, "password": PASSWORD}
    )
    cookie = answer.headers["Set-Cookie"]
    assert re.match(r"__Host-mendline=\S+; Secure; HttpOnly; Path=/; SameSite=Lax", cookie)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
