"""What a pooled figure leads to: every service that it was pooled from, each with the way to what is behind it."""

import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from support.facts import Home, a_home, a_provider, a_service, an_indicator, figures
from support.shifts import place_of
from support.statements import statements_of
from support.visiting import an_application, visit

from mendline.comparison.derivation import derive_roll_ups
from mendline.comparison.pool_page import PAGE
from mendline.comparison.roll_up_reading import touched_roll_ups
from mendline.indicators.model import Observation
from tenants.database import Database
from tenants.ids import new_id

WEEK = date(2026, 1, 12)


@pytest.fixture
def homes(database: Database) -> list[Home]:
    """Three homes: one corrected its second week weeks later, one sent nothing for it, and another provider's."""
    with database.administration() as session:
        provider_id = a_provider(session)
        first = a_home(session, provider_id, "Rowan House")
        figures(session, first, [(80, 100), (90, 100)])
        second = a_home(session, provider_id, "Fernleigh")
        figures(session, second, [(10, 10), (9, 10)])
        third = a_home(session, provider_id, "Larch Court")
        figures(session, third, [(10, 10)])
        nursing = an_indicator(session, provider_id, a_service(session, provider_id, "Nursing wing", kind="nursing"))
        figures(session, nursing, [(1, 10), (1, 10)])
        stranger = a_home(session, a_provider(session, "Tamarside"), "Ashgate")
        figures(session, stranger, [(1, 10), (1, 10)])
        session.add(
            Observation(
                provider_id=provider_id, service_id=first.service_id, indicator_id=first.indicator_id,
                period_start=WEEK, revision=2, observation_id=new_id(), numerator=50, denominator=100,
                value=50, state="revised", source="entered", reason="Counted again",
                recorded_at=datetime(2026, 2, 20, tzinfo=UTC),
            )
        )  # fmt: skip
    return [first, second, third, stranger]


@pytest.fixture
def app(database: Database, state_folder: Path) -> Flask:
    return an_application(database, state_folder)


def pool(home: Home, asked: str = "", kind: str = "residential", start: date = WEEK) -> str:
    return f"/compare/{home.provider_id}/mar_compliance_pct/{kind}/{start.isoformat()}{asked}"


def behind(home: Home, asked: str = "") -> str:
    return f'href="/services/{home.service_id}/indicators/{home.indicator_id}/figures/{WEEK.isoformat()}{asked}"'


def test_a_pooled_figure_lists_each_service_and_leads_behind_each_of_its_figures(
    database: Database, homes: list[Home], app: Flask
) -> None:
    lead = visit(app, database, "provider_quality_lead", place_of(homes[0]), whole_provider=True)
    page = lead.get(pool(homes[0]))
    assert page.says("53.6%, 59 of 110: 2 of 3 services have a figure.")  # (50 + 9) of (100 + 10)
    assert behind(homes[0]) in page.text
    assert behind(homes[1]) in page.text
    assert page.says("Not in it: no figure yet")
    assert not page.says("Nursing wing")
    assert not page.says("Ashgate")


def test_it_stays_at_the_moment_of_the_page_that_led_there(database: Database, homes: list[Home], app: Flask) -> None:
    lead = visit(app, database, "provider_quality_lead", place_of(homes[0]), whole_provider=True)
    page = lead.get(pool(homes[0], "?as_at=2026-02-01"))
    assert page.says("90.0%, 99 of 110")
    assert behind(homes[0], "?as_at=2026-02-01") in page.text
    matrix = lead.get("/compare/?as_at=2026-02-01").text
    assert f'href="{pool(homes[0], "?as_at=2026-02-01")}"' in matrix


def test_the_comparison_leads_there_once_workers_have_pooled(database: Database, homes: list[Home], app: Flask) -> None:
    provider_id = homes[0].provider_id
    marks = [(home.service_id, home.indicator_id, None) for home in homes[:3]]
    with database.transaction(database.command_reach(provider_id), role="worker") as session:
        derive_roll_ups(session, provider_id, touched_roll_ups(session, provider_id, marks))
    lead = visit(app, database, "provider_lead", place_of(homes[0]), whole_provider=True)
    with_statuses = lead.get("/compare/")
    assert with_statuses.status == 200
    assert lead.get(pool(homes[0])).says("53.6%")


def test_nobody_is_led_to_services_outside_their_reach(database: Database, homes: list[Home], app: Flask) -> None:
    lead = visit(app, database, "provider_quality_lead", place_of(homes[0]), whole_provider=True)
    manager = visit(app, database, "registered_manager", place_of(homes[0]))
    assert lead.get(pool(homes[3])).status == 404
    assert manager.get(pool(homes[0])).status in (403, 404)


@pytest.mark.parametrize(
    "way",
    [
        lambda home: pool(home, kind="hotel"),
        lambda home: pool(home, start=date(2020, 1, 6)),
        lambda home: pool(home).replace("mar_compliance_pct", "no_such_indicator"),
        lambda home: pool(home).replace("2026-01-12", "yesterday"),
        lambda home: pool(home).replace(str(home.provider_id), str(uuid.UUID(int=7))),
    ],
)
def test_what_was_never_pooled_is_not_found(database: Database, homes: list[Home], app: Flask, way: object) -> None:
    assert callable(way)
    lead = visit(app, database, "provider_quality_lead", place_of(homes[0]), whole_provider=True)
    assert lead.get(way(homes[0])).status == 404


def test_many_services_are_turned_in_pages_and_take_the_same_statements(
    database: Database, homes: list[Home], app: Flask
) -> None:
    lead = visit(app, database, "provider_quality_lead", place_of(homes[0]), whole_provider=True)
    counts = []
    for more in (0, PAGE):
        with database.administration() as session:
            for number in range(more):
                figures(session, a_home(session, homes[0].provider_id, f"Home {number:02}"), [(9, 10)] * 2)
        with statements_of(database, "web") as statements:
            assert lead.get(pool(homes[0])).status == 200
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
    first, second = lead.get(pool(homes[0])), lead.get(pool(homes[0], "?page=1"))
    assert first.says(f"Services 1 to {PAGE} of {PAGE + 3}")
    assert f"{pool(homes[0])}?page=1" in first.text
    assert second.says(f"Services {PAGE + 1} to {PAGE + 3} of {PAGE + 3}")
    assert second.says("Rowan House")
