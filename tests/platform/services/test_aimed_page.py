"""A target or a baseline leads to the time that it was set: who, when and why, and what it was made from."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from support.facts import Home, a_home, a_provider, figures
from support.shifts import place_of
from support.site import a_site, who_works_as
from support.statements import statements_of

from mendline.indicators.model import IndicatorBaseline, IndicatorTarget, Observation
from mendline.places.queries import find_place
from mendline.services.aimed_queries import PAGE, aimed_at
from tenants.database import Database
from tenants.ids import new_id

FIRST = datetime(2026, 1, 20, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


def target(home: Home, version: int, value: float, from_on: date, at: datetime, reason: str | None = None) -> object:
    return IndicatorTarget(
        provider_id=home.provider_id, service_id=home.service_id, indicator_id=home.indicator_id, version=version,
        operator=">=", value=value, valid_from=from_on, reach_by=None, reason=reason, recorded_by="DH", recorded_at=at,
    )  # fmt: skip


@pytest.fixture
def home(database: Database) -> Home:
    """A home with a baseline over two weeks, one of them corrected since, and a target that was raised in March."""
    with database.administration() as session:
        found = a_home(session, a_provider(session), "Rowan House")
        figures(session, found, [(80, 100), (90, 100)])
        frozen = [
            {"period": "2026-01-05", "numerator": 80, "denominator": 100, "value": 80.0, "revision": 1},
            {"period": "2026-01-12", "numerator": 90, "denominator": 100, "value": 90.0, "revision": 1},
        ]
        key = {"provider_id": found.provider_id, "service_id": found.service_id, "indicator_id": found.indicator_id}
        session.add(
            IndicatorBaseline(
                **key, version=1, first_period=date(2026, 1, 5), last_period=date(2026, 1, 12), periods=2,
                numerator=170, denominator=200, value=85.0, method="Pooled over the periods", reason=None,
                signed_by="DH", approved_by="HM", figures=frozen, definition_version="1", recorded_at=FIRST,
            )
        )  # fmt: skip
        session.add(target(found, 1, 95, date(2026, 1, 20), FIRST))
        raised = datetime(2026, 3, 2, 9, tzinfo=UTC)
        session.add(target(found, 2, 98, date(2026, 3, 2), raised, "Ninety-five was reached for eight weeks."))
        session.add(
            Observation(
                **key, period_start=date(2026, 1, 12), revision=2, observation_id=new_id(), numerator=70,
                denominator=100, value=70.0, state="revised", source="entered", reason="Counted again",
                recorded_at=datetime(2026, 2, 20, tzinfo=UTC),
            )
        )  # fmt: skip
    return found


def here(home: Home, asked: str = "") -> str:
    return f"/services/{home.service_id}/indicators/{home.indicator_id}/aims/history{asked}"


def words(page: str) -> str:
    return " ".join(page.split())


def test_the_target_in_force_says_who_set_it_when_and_why_and_the_earlier_one_stays(
    site: Flask, database: Database, home: Home
) -> None:
    page = words(who_works_as(site, database, "registered_manager", place_of(home)).text(here(home)))
    now, before = page.index('id="target"'), page.index('id="target-1"')
    assert now < before
    assert "98% or more from 2 March 2026" in page
    assert "Set on 2 March 2026 by DH." in page
    assert "Ninety-five was reached for eight weeks." in page
    assert "95% or more from 20 January 2026" in page


def test_a_baseline_leads_on_to_each_figure_that_it_was_made_from_and_marks_what_was_corrected_since(
    site: Flask, database: Database, home: Home
) -> None:
    page = words(who_works_as(site, database, "registered_manager", place_of(home)).text(here(home)))
    assert 'id="baseline"' in page
    assert "Frozen on 20 January 2026 by DH, approved by HM. Pooled over the periods: 170 of 200." in page
    figure = f"/services/{home.service_id}/indicators/{home.indicator_id}/figures/2026-01-12"
    assert f'href="{figure}">12 Jan: 90.0%, corrected since</a>' in page
    assert page.count("corrected since") == 1


def test_a_baseline_without_its_figures_leads_to_those_of_its_periods(
    site: Flask, database: Database, home: Home
) -> None:
    with database.administration() as session:
        session.execute(
            text("update indicator_baseline set figures = null where service_id = :s"), {"s": home.service_id}
        )
    page = words(who_works_as(site, database, "registered_manager", place_of(home)).text(here(home)))
    assert "Its periods, as they stand now:" in page
    assert "12 Jan: 70.0%</a>" in page
    assert f"/services/{home.service_id}/indicators/{home.indicator_id}/figures/2026-01-05" in page


def test_as_at_an_earlier_day_what_was_in_force_then_is_in_force(site: Flask, database: Database, home: Home) -> None:
    page = words(
        who_works_as(site, database, "registered_manager", place_of(home)).text(here(home, "?as_at=2026-02-01"))
    )
    assert 'id="target"' in page
    assert "98% or more" not in page
    assert "corrected since" not in page
    assert "/figures/2026-01-12?as_at=2026-02-01" in page


def test_whoever_does_not_work_there_is_told_nothing(site: Flask, database: Database, home: Home) -> None:
    with database.administration() as session:
        other = a_home(session, home.provider_id, "Fernleigh")
    manager = who_works_as(site, database, "registered_manager", place_of(other))
    assert manager.get(here(home)).status_code == 404


def test_however_often_a_target_was_changed_it_takes_two_statements_and_is_turned_in_pages(
    database: Database, home: Home
) -> None:
    with database.administration() as session:
        for number in range(3, PAGE + 4):
            day = date(2026, 3, 2) + timedelta(days=number)
            session.add(target(home, number, 50 + number, day, FIRST + timedelta(days=60 + number), "Again"))
    reach = database.command_reach(home.provider_id)
    with database.transaction(reach) as session:
        place = find_place(session, reach, home.service_id)
        with statements_of(database, "worker") as statements:
            first = aimed_at(session, place, home.indicator_id, day=date(2026, 11, 1))
        second = aimed_at(session, place, home.indicator_id, day=date(2026, 11, 1), page=1)
    assert len(statements) <= 2
    assert (len(first.entries), first.more, second.more) == (PAGE, True, False)
    assert [each.version for each in first.entries if each.in_force] == [PAGE + 3]
    assert [each.kind for each in second.entries if each.in_force] == ["baseline"]
