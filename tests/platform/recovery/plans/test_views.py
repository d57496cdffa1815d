"""The pages of a plan over HTTP: started on one page, its work done by its record, and who sees which part."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from support.facts import a_provider, a_service, an_indicator, figures
from support.tenancy import Place
from support.visiting import an_application, visit

from mendline.catalogue.calendar import week_start
from tenants.clock import today
from tenants.database import Database
from tenants.ids import new_id

WEEK = timedelta(weeks=1)


@pytest.fixture(scope="module")
def site(database: Database, state_folder: Path) -> Flask:
    return an_application(database, state_folder)


@pytest.fixture
def place(database: Database) -> Place:
    with database.administration() as session:
        provider_id = a_provider(session)
        service_id = a_service(session, provider_id)
        mar = an_indicator(session, provider_id, service_id, "mar_compliance_pct")
        figures(session, mar, [(90, 100)] * 12, first=week_start(today()) - 12 * WEEK)
    return Place(provider_id, service_id, "")


def started(site: Flask, database: Database, place: Place) -> None:
    manager = visit(site, database, "registered_manager", place)
    form = manager.get(f"/services/{place.service_id}/plan/new?template=medicines_recovery")
    assert form.says("Look once, and start")
    fields = {
        "template": "medicines_recovery",
        "title": "Medicines recovery",
        "starts_on": (today() - WEEK).isoformat(),
        "weeks": "10",
        "review_owner": "D Hartley",
    }
    assert manager.post(f"/services/{place.service_id}/plan", fields).status == 303


def test_a_plan_starts_from_one_page_and_shows_its_week_everywhere(
    site: Flask, database: Database, place: Place
) -> None:
    started(site, database, place)
    manager = visit(site, database, "registered_manager", place)
    for path in ("", "/plan", "/inspections", "/actions", "/reviews"):
        assert manager.get(f"/services/{place.service_id}{path}").says("week 2 of 10"), path
    plan = manager.get(f"/services/{place.service_id}/plan")
    for words in ("Exit test", "Nobody has signed that it is met.", "Nobody holds the role: medicines lead", "Week 10"):
        assert plan.says(words), words


def test_making_the_record_does_the_work_in_one_step(site: Flask, database: Database, place: Place) -> None:
    started(site, database, place)
    senior = visit(site, database, "senior_carer", place)
    with database.administration() as session:
        item = session.execute(
            text(
                "select work_item_id from work_item where service_id = :s and step_number = 3 and state = 'open' limit 1"
            ),
            {"s": place.service_id},
        ).scalar_one()
    page = f"/work/{place.service_id}/items/{item}"
    assert senior.get(page).says("Start: end-of-shift medicines check")
    here = f"/services/{place.service_id}/records/end_of_shift_check"
    senior.get(f"{here}/new?completes={item}")
    check = {
        "record_id": str(new_id()), "checked_at": f"{(today() - timedelta(days=1)).isoformat()}T06:41",
        "shift_on": (today() - timedelta(days=2)).isoformat(), "shift_band": "night", "people_on_unit": "14",
        "charts_checked": "14", "gaps_found": "0", "cd_balance_agrees": "yes", "time_critical_on_time": "yes",
        "completed_by": "AO",
    }  # fmt: skip
    wrong = senior.post(f"{here}?completes={item}", {**check, "charts_checked": "99"})
    assert wrong.status == 422
    assert f"completes={item}" in wrong.text
    assert senior.get(page).says("Start: end-of-shift medicines check")
    sent = senior.post(f"{here}?completes={item}", check)
    assert (sent.status, sent.location.endswith(page)) == (303, True)
    assert senior.get(page).says("A record was made for it")
    assert not senior.get(page).says("Start: end-of-shift medicines check")


def test_a_record_for_foreign_work_is_not_saved(site: Flask, database: Database, place: Place) -> None:
    started(site, database, place)
    senior = visit(site, database, "senior_carer", place)
    here = f"/services/{place.service_id}/records/end_of_shift_check"
    senior.get(f"{here}/new")
    check = {
        "record_id": str(new_id()), "checked_at": f"{(today() - timedelta(days=1)).isoformat()}T06:41",
        "shift_on": (today() - timedelta(days=2)).isoformat(), "shift_band": "night", "people_on_unit": "14",
        "charts_checked": "14", "gaps_found": "0", "cd_balance_agrees": "yes", "time_critical_on_time": "yes",
        "completed_by": "AO",
    }  # fmt: skip
    assert senior.post(f"{here}?completes={new_id()}", check).status == 404
    with database.administration() as session:
        kept = session.execute(text("select count(*) from record where service_id = :s"), {"s": place.service_id})
        assert kept.scalar_one() == 0


def test_my_work_shows_what_a_role_is_asked(site: Flask, database: Database, place: Place) -> None:
    senior = visit(site, database, "senior_carer", place)
    nominated = visit(site, database, "nominated_individual", place, whole_provider=True)
    started(site, database, place)
    assert senior.get("/work").says("Make the end-of-shift check")
    assert not nominated.get("/work").says("Make the end-of-shift check")


def test_a_provider_writes_its_own_template_by_answering_questions_and_starts_a_plan_from_it(
    site: Flask, database: Database, place: Place
) -> None:
    nominated = visit(site, database, "nominated_individual", place, whole_provider=True)
    asked = nominated.get("/plan-templates/guided?from=medicines_recovery")
    assert asked.says("What will be true for people?")
    answers = asked.answers()
    answers |= {"title": "Nights, safely", "weeks": "12", "t0_value": "97"}
    refused = nominated.post("/plan-templates/guided", {**answers, "weeks": "soon"})
    assert (refused.status, refused.says("Give a whole number.")) == (422, True)
    assert 'value="Nights, safely"' in refused.text
    saved = nominated.post("/plan-templates/guided", answers)
    assert (saved.status, saved.location.endswith("/plan-templates/own_nights_safely")) == (303, True)
    again = nominated.get("/plan-templates/guided?next=own_nights_safely").answers()
    assert (again["title"], again["weeks"], again["t0_value"]) == ("Nights, safely", "12", "97")
    without = nominated.post("/plan-templates/guided", again)
    assert (without.status, without.says("Say what changed since the last version.")) == (422, True)
    assert (
        nominated.post("/plan-templates/guided", {**again, "weeks": "14", "reason": "Longer, for nights"}).status == 303
    )
    assert nominated.get("/plan-templates/own_nights_safely").says("Version 2")
    manager = visit(site, database, "registered_manager", place)
    assert manager.get(f"/services/{place.service_id}/plan/new?template=own_nights_safely").says("Nights, safely")
