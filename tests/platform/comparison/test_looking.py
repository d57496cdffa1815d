"""Each look of a commissioner stands in the ledger of the provider whose service was looked at, and nowhere else."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import text
from support.facts import Home, two_providers
from support.site import Visitor, a_site, a_visitor, who_works_as
from support.tenancy import Place, add_body, add_grant, add_officer, add_person

from tenants.database import Database


@pytest.fixture(scope="module")
def homes(database: Database) -> tuple[list[Home], list[Home]]:
    return two_providers(database)


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture
def officer(database: Database, site: Flask, homes: tuple[list[Home], list[Home]]) -> tuple[Visitor, uuid.UUID]:
    """An officer who was granted one service of each provider."""
    person_id, body_id = add_person(database), add_body(database, name="Northmoor Council")
    add_officer(database, body_id, person_id)
    for home in (homes[0][0], homes[1][0]):
        add_grant(database, Place(home.provider_id, home.service_id, ""), body_id)
    return a_visitor(site, database, person_id), person_id


def looks(database: Database, person_id: uuid.UUID) -> list[tuple[uuid.UUID, uuid.UUID, str, str, str]]:
    with database.administration() as session:
        rows = session.execute(
            text(
                "select provider_id, service_id, subject, actor, detail ->> 'body' as body from ledger_entry"
                " where person_id = :id and act = 'external look' order by subject, provider_id"
            ),
            {"id": person_id},
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


def test_a_look_at_the_portfolio_is_noted_once_for_each_service_with_its_own_provider(
    database: Database, homes: tuple[list[Home], list[Home]], officer: tuple[Visitor, uuid.UUID]
) -> None:
    visitor, person_id = officer
    visitor.text("/portfolio/")
    found = looks(database, person_id)
    assert {(provider, service) for provider, service, *_ in found} == {
        (home.provider_id, home.service_id) for home in (homes[0][0], homes[1][0])
    }
    assert len(found) == 2
    assert {row[2:] for row in found} == {("portfolio", "commissioner_officer", "Northmoor Council")}


def test_a_look_at_a_service_is_noted_there_and_a_refused_one_nowhere(
    database: Database, homes: tuple[list[Home], list[Home]], officer: tuple[Visitor, uuid.UUID]
) -> None:
    visitor, person_id = officer
    visitor.text(f"/portfolio/{homes[0][0].service_id}")
    assert visitor.get(f"/portfolio/{homes[0][1].service_id}").status_code == 404
    ((provider, service, subject, *_),) = looks(database, person_id)
    assert (provider, service, subject) == (homes[0][0].provider_id, homes[0][0].service_id, "service")


def test_the_providers_own_people_have_no_portfolio(
    database: Database, site: Flask, homes: tuple[list[Home], list[Home]]
) -> None:
    home = homes[0][0]
    manager = who_works_as(site, database, "registered_manager", Place(home.provider_id, home.service_id, ""))
    assert manager.get("/portfolio/").status_code == 404
    assert manager.get(f"/portfolio/{home.service_id}").status_code == 404
