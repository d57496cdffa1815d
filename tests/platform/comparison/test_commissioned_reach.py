"""A commissioner reads pages of their own: every other page of a granted service is closed to them."""

import uuid

import pytest
from flask import Flask
from support.facts import Home, figures, two_providers
from support.site import Visitor, a_site, a_visitor, who_works_as
from support.tenancy import Place, add_body, add_grant, add_officer, add_person

from mendline.comparison.rebuild import rebuild
from tenants.database import Database
from tenants.roles import GRANTABLE


@pytest.fixture(scope="module")
def homes(database: Database) -> tuple[list[Home], list[Home]]:
    mine, theirs = two_providers(database)
    with database.administration() as session:
        for home in (*mine, *theirs):
            figures(session, home, [(2, 40)] * 20)
    for home in (mine[0], theirs[0]):
        rebuild(database, home.provider_id)
    return mine, theirs


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture(scope="module")
def officer(database: Database, site: Flask, homes: tuple[list[Home], list[Home]]) -> Visitor:
    person_id, body_id = add_person(database), add_body(database)
    add_officer(database, body_id, person_id)
    add_grant(database, at(homes[0][0]), body_id, classes=GRANTABLE)
    return a_visitor(site, database, person_id)


def at(home: Home) -> Place:
    return Place(home.provider_id, home.service_id, "")


INTERNAL = (
    "/services/{service}",
    "/services/{service}/indicators/{indicator}",
    "/services/{service}/indicators/{indicator}/figures/new",
    "/services/{service}/indicators/{indicator}/decision",
    "/services/{service}/actions",
    "/services/{service}/risks",
    "/services/{service}/reviews",
    "/services/{service}/evidence",
    "/services/{service}/packs",
)


@pytest.mark.parametrize("path", INTERNAL)
def test_a_page_of_the_provider_is_closed_to_a_commissioner_and_open_to_its_manager(
    path: str, database: Database, site: Flask, officer: Visitor, homes: tuple[list[Home], list[Home]]
) -> None:
    home = homes[0][0]
    address = path.format(service=home.service_id, indicator=home.indicator_id)
    assert officer.get(address).status_code in (403, 404)
    manager = who_works_as(site, database, "registered_manager", at(home))
    assert manager.get(address).status_code == 200


def test_a_commissioner_reads_the_shared_service_without_its_small_numbers(
    officer: Visitor, homes: tuple[list[Home], list[Home]]
) -> None:
    told = officer.text(f"/portfolio/{homes[0][0].service_id}")
    assert "Home 0" not in told  # the name is not shown by this grant
    assert "5.0%" not in told  # two of forty: below five people
    assert "Withheld" in told


def test_the_portfolio_lists_what_is_granted_and_nothing_else(
    officer: Visitor, homes: tuple[list[Home], list[Home]]
) -> None:
    told = officer.text("/portfolio/")
    mine, theirs = homes
    assert str(mine[0].service_id) in told
    assert str(mine[1].service_id) not in told
    assert "CANARY" not in told
    for other in (mine[1].service_id, theirs[0].service_id, uuid.uuid4()):
        assert officer.get(f"/portfolio/{other}").status_code == 404


def test_services_of_a_commissioner_are_not_listed_as_their_own(
    officer: Visitor, homes: tuple[list[Home], list[Home]]
) -> None:
    assert str(homes[0][0].service_id) not in officer.text("/services/")
