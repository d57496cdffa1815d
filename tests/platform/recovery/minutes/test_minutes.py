"""Minutes in the application: assembled, noted, signed once, corrected; and who sees them."""

import pytest
from flask import Flask
from sqlalchemy import text
from support.site import Visitor, a_site, who_works_as
from support.triggers import Recovering, a_recovering_service, rows_of

from tenants.clock import today
from tenants.database import Database

NOTES = {
    "attendance": "H Marsh, nominated individual\nR Menon, quality lead",
    "challenge": "Why was the rota not changed? It was thought met.",
    "notes": "The next meeting is on the 14th.",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture
def at(database: Database) -> Recovering:
    return a_recovering_service(database)


def nominated(site: Flask, database: Database, at: Recovering) -> Visitor:
    return who_works_as(site, database, "nominated_individual", at.place, whole_provider=True)


def address_of(at: Recovering) -> str:
    return f"/providers/{at.home.provider_id}/minutes/{today():%Y-%m}"


def decided(visitor: Visitor, at: Recovering, words: str = "Gaps came back on nights.") -> None:
    answer = visitor.post(
        f"/services/{at.home.service_id}/indicators/{at.home.indicator_id}/decision",
        {
            "decision": "escalate", "what_changed": words, "why": "Two posts are vacant.",
            "what_follows": "Decide on two permanent night posts.", "escalate_to": "provider_oversight",
            "reply_due_on": today().isoformat(),
        },
    )  # fmt: skip
    assert answer.status_code == 303


def test_minutes_are_assembled_noted_and_signed_once(site: Flask, database: Database, at: Recovering) -> None:
    visitor = nominated(site, database, at)
    decided(visitor, at)
    here = address_of(at)
    page = visitor.text(here)
    assert "Gaps came back on nights." in page
    assert visitor.post(here, {**NOTES, "act": "draft"}).status_code == 303
    assert "H Marsh, nominated individual" in visitor.text(here)
    refused = visitor.post(here, {**NOTES, "challenge": ""})
    assert refused.status_code == 422
    assert "Minutes without challenge assure nobody." in refused.get_data(as_text=True)
    assert visitor.post(here, NOTES).status_code == 303
    assert "These minutes are closed." in visitor.text(here)
    assert visitor.post(here, NOTES).status_code == 409
    assert visitor.post(here, {**NOTES, "act": "draft"}).status_code == 409


def test_signed_minutes_stay_as_they_were(site: Flask, database: Database, at: Recovering) -> None:
    visitor = nominated(site, database, at)
    decided(visitor, at)
    here = address_of(at)
    visitor.post(here, NOTES)
    decided(visitor, at, "This was decided after the minutes were signed.")
    assert "This was decided after" not in visitor.text(here)
    assert visitor.post(f"{here}/corrections", {"correction": "Short"}).status_code == 422
    assert visitor.post(f"{here}/corrections", {"correction": "R Menon left at noon."}).status_code == 303
    page = visitor.text(here)
    assert "R Menon left at noon." in page
    assert "Gaps came back on nights." in page


def test_months_are_listed_with_what_they_came_to(site: Flask, database: Database, at: Recovering) -> None:
    visitor = nominated(site, database, at)
    decided(visitor, at)
    assert "have no signed minutes" in visitor.text("/minutes")
    visitor.post(address_of(at), NOTES)
    assert "1 decision on indicators at 1 service: 1 escalated" in visitor.text("/minutes")


def test_nobody_sees_the_minutes_of_another_provider(site: Flask, database: Database, at: Recovering) -> None:
    mine = nominated(site, database, at)
    decided(mine, at)
    mine.post(address_of(at), NOTES)
    other = a_recovering_service(database)
    stranger = nominated(site, database, other)
    assert stranger.get(address_of(at)).status_code == 404
    assert stranger.post(address_of(at), NOTES).status_code in (403, 404)
    with database.administration() as session:
        count = session.execute(
            text("select count(*) from minutes where provider_id = :p"), {"p": at.home.provider_id}
        ).scalar_one()
    assert count == 1


def test_a_carer_sees_no_minutes(site: Flask, database: Database, at: Recovering) -> None:
    carer = who_works_as(site, database, "carer", at.place)
    assert carer.get(address_of(at)).status_code in (403, 404)
    assert rows_of(database, at, "review") == []


@pytest.mark.parametrize("month", ["2026-13", "now", "2026-11-01"])
def test_what_is_no_month_is_not_found(site: Flask, database: Database, at: Recovering, month: str) -> None:
    visitor = nominated(site, database, at)
    assert visitor.get(f"/providers/{at.home.provider_id}/minutes/{month}").status_code == 404
