"""Single sign-on opens what its own organisation gave, and no more: other providers, earlier issuers, sign-ins of long ago."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from support.facts import two_providers
from support.openid_provider import OpenIdProvider, an_openid_provider
from support.organisations import (
    BACK,
    Organisation,
    administrators_browser,
    an_application_that_asks_others,
    an_organisation,
    proven,
    roles,
    save,
    somebody,
    way_there,
)
from support.tenancy import Place

from tenants.clock import today
from tenants.database import Database
from tenants.directory.onboarding import add_commissioning_body, add_officer, give_role
from tenants.signin.arriving import NOT_INVITED


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    with an_openid_provider(BACK, tmp_path_factory.mktemp("oidc") / "log") as running:
        yield running


@pytest.fixture(scope="module")
def app(database: Database) -> Flask:
    return an_application_that_asks_others(database)


def a_place(database: Database) -> Place:
    mine, _ = two_providers(database, services=1)
    return Place(mine[0].provider_id, mine[0].service_id, "")


@pytest.fixture
def organisation(app: Flask, database: Database, provider: OpenIdProvider) -> Organisation:
    return an_organisation(app, database, provider, a_place(database))


@pytest.fixture
def other(app: Flask, database: Database, provider: OpenIdProvider) -> Organisation:
    """Another provider group whose people sign in at the same issuer, as they do with the large ones."""
    return an_organisation(app, database, provider, a_place(database))


def bookmark(organisation: Organisation, browser: FlaskClient) -> str:
    """Where the organisation's own address leads on to."""
    return way_there(browser.get(f"/sign-in/organisation/{organisation.connection_id}"))


def person_of(database: Database, email: object) -> object:
    with database.as_role("signin") as connection:
        return connection.execute(
            text("select person_id from signin.person where email = :email"), {"email": email}
        ).scalar_one()


def test_a_bookmark_signs_nobody_in_before_they_press(organisation: Organisation) -> None:
    page = organisation.app.test_client().get(f"/sign-in/organisation/{organisation.connection_id}")
    assert page.status_code == 200
    assert "refresh" not in page.get_data(as_text=True)
    assert way_there(page).startswith(organisation.provider.issuer)


def test_an_issuer_that_was_replaced_brings_nobody_in_any_more(organisation: Organisation, database: Database) -> None:
    app, place, domain = organisation.app, organisation.place, organisation.domain
    begun = app.test_client()
    who = somebody(organisation)
    way = bookmark(organisation, begun)
    administrator = administrators_browser(app, database, place)
    assert save(administrator, organisation.provider, place, domain, issuer="https://new.example").status == 303
    assert app.test_client().get(f"/sign-in/organisation/{organisation.connection_id}").status_code == 404
    assert organisation.back(begun, way, **who).status_code == 422
    assert begun.get_cookie("mendline") is None


def test_who_signed_in_through_the_issuer_before_comes_in_through_the_next(
    organisation: Organisation, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    who = somebody(organisation)
    assert organisation.come(organisation.app.test_client(), **who).location == "/"
    app, place = organisation.app, organisation.place
    with an_openid_provider(BACK, tmp_path_factory.mktemp("next") / "log") as following:
        administrator = administrators_browser(app, database, place)
        assert save(administrator, following, place, organisation.domain).status == 303
        moved = Organisation(app, following, place, organisation.domain, proven(app, database, place))
        before = person_of(database, who["email"])
        answer = moved.come(app.test_client(), **(who | {"sub": "another subject"}))
    assert answer.location == "/"
    assert person_of(database, who["email"]) == before
    assert roles(database, who["email"]) == ["carer"]


def test_arriving_with_an_account_of_another_organisation_gives_no_role(
    organisation: Organisation, other: Organisation, database: Database
) -> None:
    who = somebody(organisation)
    assert organisation.come(organisation.app.test_client(), **who).location == "/"
    browser = other.app.test_client()
    answer = other.back(browser, bookmark(other, browser), **who)
    assert answer.status_code == 422
    assert NOT_INVITED.partition(", ")[2] in answer.get_data(as_text=True)
    assert roles(database, who["email"]) == ["carer"]


@pytest.mark.parametrize("elsewhere", ["a role", "a role that begins later", "an officer"])
def test_what_an_organisation_says_of_a_second_factor_counts_for_itself_alone(
    organisation: Organisation, database: Database, elsewhere: str
) -> None:
    who = somebody(organisation)
    browser = organisation.app.test_client()
    assert organisation.come(browser, **who).location == "/"
    person_id, another = person_of(database, who["email"]), a_place(database)
    with database.administration() as session:
        if elsewhere == "an officer":
            add_officer(session, add_commissioning_body(session, "A council"), person_id, valid_from=today())
        else:
            begins = today() + timedelta(days=elsewhere.endswith("later"))
            give_role(session, another.provider_id, person_id, "deputy_manager", service_id=another.service_id,
                      valid_from=begins)  # fmt: skip
    browser = organisation.app.test_client()
    assert organisation.come(browser, **who).location == "/account/factors"
    assert browser.get("/work").location == "/account/factors"


def test_a_sign_in_of_half_an_hour_ago_there_is_no_factor_of_the_last_ten_minutes_here(
    organisation: Organisation,
) -> None:
    who = somebody(organisation, ago=1800)
    browser = organisation.app.test_client()
    assert organisation.come(browser, **who).location == "/"
    asked = browser.get("/account/tokens")
    assert (asked.status_code, urlsplit(asked.location).path) == (303, "/account/confirm")
    page = browser.get(asked.location).get_data(as_text=True)
    again = f"/sign-in/organisation/{organisation.connection_id}?fresh=yes&amp;next=/account/tokens"
    assert again in page

    way = way_there(browser.get(again.replace("&amp;", "&")))
    assert parse_qs(urlsplit(way).query)["max_age"] == ["0"]
    assert organisation.back(browser, way, **who).status_code == 422  # too long ago for what is to be confirmed

    former = browser.get_cookie("mendline")
    way = way_there(browser.get(again.replace("&amp;", "&")))
    answer = organisation.back(browser, way, **(who | {"ago": 0}))
    assert answer.location == "/account/tokens"
    assert browser.get("/account/tokens").status_code == 200
    copied = organisation.app.test_client()
    assert former is not None
    copied.set_cookie("mendline", former.value)
    assert copied.get("/work").status_code == 302  # the sign-in before it is over
