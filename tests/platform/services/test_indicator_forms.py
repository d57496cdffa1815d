"""Beginning an indicator, its baseline and its target through the pages, as a manager does on an empty service."""

import pytest
from flask import Flask
from sqlalchemy import select
from support.facts import a_home, a_provider, a_service, figures
from support.site import Visitor, a_site, who_works_as
from support.tenancy import Place

from mendline.indicators.model import IndicatorBaseline, IndicatorTarget, ServiceIndicator
from tenants.database import Database


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture
def place(database: Database) -> Place:
    with database.administration() as session:
        provider_id = a_provider(session)
        return Place(provider_id, a_service(session, provider_id), "")


@pytest.fixture
def manager(site: Flask, database: Database, place: Place) -> Visitor:
    return who_works_as(site, database, "registered_manager", place)


def kept(database: Database, place: Place, model: type) -> list[object]:
    with database.administration() as session:
        return list(session.scalars(select(model).where(model.provider_id == place.provider_id)).all())


def test_an_empty_service_offers_its_first_indicator_and_takes_it(
    database: Database, place: Place, manager: Visitor
) -> None:
    home = f"/services/{place.service_id}"
    assert f"{home}/indicators/new" in manager.text(home)
    assert "MAR compliance in audit" in manager.text(f"{home}/indicators/new")
    answer = manager.post(f"{home}/indicators", {"definition_key": "mar_compliance_pct", "review_owner": "P Nowak"})
    assert answer.status_code == 303
    (started,) = kept(database, place, ServiceIndicator)
    assert answer.location.endswith(str(started.indicator_id))
    (target,) = kept(database, place, IndicatorTarget)
    assert (target.operator, target.value) == (">=", 98.0)
    assert "MAR compliance in audit" in manager.text(home)


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(
    database: Database, place: Place, manager: Visitor
) -> None:
    answer = manager.post(
        f"/services/{place.service_id}/indicators",
        {
            "definition_key": "mar_compliance_pct",
            "review_owner": "",
            "target_operator": ">=",
            "target_value": "150",
        },
    )
    said = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "A percentage of this kind is from 0 to 100." in said
    assert "Name who reviews it" in said
    assert kept(database, place, ServiceIndicator) == []


def test_a_baseline_and_a_target_are_set_in_one_step_or_not_at_all(
    site: Flask, database: Database, place: Place
) -> None:
    with database.administration() as session:
        home = a_home(session, place.provider_id, "Rowan House")
        figures(session, home, [(90, 100), (80, 100)])
    here = Place(home.provider_id, home.service_id, "")
    manager = who_works_as(site, database, "registered_manager", here)
    path = f"/services/{home.service_id}/indicators/{home.indicator_id}/aims"
    assert "Freeze the baseline at" in manager.text(path)
    half = {"last_period": "2026-01-12", "target_operator": ">=", "target_value": "ninety"}
    assert manager.post(path, half).status_code == 422
    assert kept(database, here, IndicatorBaseline) == []
    assert manager.post(path, half | {"target_value": "90"}).status_code == 303
    (baseline,) = kept(database, here, IndicatorBaseline)
    assert baseline.value == 85.0
    assert [row.value for row in kept(database, here, IndicatorTarget)] == [90.0]


def test_who_may_not_change_indicators_is_neither_offered_nor_allowed_it(
    site: Flask, database: Database, place: Place
) -> None:
    senior = who_works_as(site, database, "senior_carer", place)
    home = f"/services/{place.service_id}"
    assert "indicators/new" not in senior.text(home)
    assert senior.get(f"{home}/indicators/new").status_code == 403
    answer = senior.post(f"{home}/indicators", {"definition_key": "mar_compliance_pct", "review_owner": "P Nowak"})
    assert answer.status_code == 403
    assert kept(database, place, ServiceIndicator) == []
