"""How many SQL statements a page sends: the same few, whatever the size of what it shows."""

from collections.abc import Callable

import pytest
from flask import Flask
from support.site import Visitor, a_site, a_visitor, who_works_as
from support.statements import statements_of
from support.tenancy import Place, add_body, add_grant, add_officer, add_person
from support.world import World, a_world, canary_words, more_services

from tenants.database import Database
from tenants.roles import GRANTABLE


@pytest.fixture(scope="module")
def world(database: Database) -> World:
    return a_world(database, indicators=12)


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture(scope="module")
def lead(database: Database, site: Flask, world: World) -> Visitor:
    """Somebody who sees every page of the whole provider."""
    here = Place(world.provider_id, world.large[0].service_id, "")
    return who_works_as(site, database, "nominated_individual", here, whole_provider=True)


@pytest.fixture(scope="module")
def officer(database: Database, site: Flask, world: World) -> Visitor:
    person_id, body_id = add_person(database), add_body(database)
    add_officer(database, body_id, person_id)
    for home in (world.large[0], world.small[0]):
        add_grant(database, Place(home.provider_id, home.service_id, ""), body_id, classes=GRANTABLE)
    return a_visitor(site, database, person_id)


def sent(database: Database, visitor: Visitor, path: str, role: str = "web") -> list[str]:
    visitor.text(path)  # the first visit may fill caches of the process
    with statements_of(database, role) as statements:
        visitor.text(path)
    return statements


def test_a_dashboard_takes_six_statements_at_most_with_one_indicator_or_twelve(
    database: Database, world: World, lead: Visitor
) -> None:
    few = sent(database, lead, f"/services/{world.small[0].service_id}")
    many = sent(database, lead, f"/services/{world.large[0].service_id}")
    assert len(few) == len(many) <= 6, many


PAGES: dict[str, Callable[[World, bool], str]] = {
    "indicator": lambda world, large: "/services/{0.service_id}/indicators/{0.indicator_id}".format(
        (world.large if large else world.small)[0]
    ),
    "actions": lambda world, large: f"/services/{(world.large if large else world.small)[0].service_id}/actions",
    "risks": lambda world, large: f"/services/{(world.large if large else world.small)[0].service_id}/risks",
    "reviews": lambda world, large: f"/services/{(world.large if large else world.small)[0].service_id}/reviews",
    "evidence": lambda world, large: f"/services/{(world.large if large else world.small)[0].service_id}/evidence",
    "packs": lambda world, large: f"/services/{(world.large if large else world.small)[0].service_id}/packs",
    "decision": lambda world, large: "/services/{0.service_id}/indicators/{0.indicator_id}/decision".format(
        (world.large if large else world.small)[0]
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_a_service_takes_as_many_statements_for_much_as_for_little(
    name: str, database: Database, world: World, lead: Visitor
) -> None:
    few, many = (sent(database, lead, PAGES[name](world, large)) for large in (False, True))
    assert len(few) == len(many) <= 10, many


def test_a_commissioners_service_takes_as_many_statements_for_much_as_for_little(
    database: Database, world: World, officer: Visitor
) -> None:
    few, many = (
        sent(database, officer, f"/portfolio/{home.service_id}", "reader") for home in (world.small[0], world.large[0])
    )
    assert len(few) == len(many) <= 9, many


def test_lists_and_comparison_take_as_many_statements_for_many_services_as_for_few(
    database: Database, world: World, lead: Visitor
) -> None:
    paths = ("/services/", "/compare/", "/packs", "/work")
    before = {path: len(sent(database, lead, path)) for path in paths}
    more_services(database, world, 15)
    after = {path: len(sent(database, lead, path)) for path in paths}
    assert after == before
    assert after.pop("/work") <= 12  # a person's own page draws from every register
    assert max(after.values()) <= 8, after


def test_no_page_shows_the_second_provider(database: Database, world: World, lead: Visitor, officer: Visitor) -> None:
    words = canary_words(database, world)
    pages = [page(world, True) for page in PAGES.values()]
    shown = [lead.text(path) for path in ("/services/", "/compare/", "/packs", "/work", *pages)]
    shown += [officer.text(path) for path in ("/portfolio/", f"/portfolio/{world.large[0].service_id}")]
    for page in shown:
        assert not [word for word in words if word in page]


def test_a_page_of_the_second_provider_looks_like_one_that_does_not_exist(world: World, lead: Visitor) -> None:
    other = world.canary[0]
    for path in (
        f"/services/{other.service_id}",
        f"/services/{other.service_id}/indicators/{other.indicator_id}",
        f"/services/{world.large[0].service_id}/indicators/{other.indicator_id}",
        f"/services/{other.service_id}/actions",
        f"/services/{other.service_id}/packs",
        f"/compare/?provider={other.provider_id}",
    ):
        assert lead.get(path).status_code == 404, path
