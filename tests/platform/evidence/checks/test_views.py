"""Spot checks and drills in the application: drawn, compared by somebody else, ended where figures are judged."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from support.site import Visitor, a_site, who_works_as
from support.triggers import Recovering, a_recovering_service

from mendline.evidence.checks.model import SpotCheck
from tenants.clock import today
from tenants.database import Database


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture
def at(database: Database) -> Recovering:
    return a_recovering_service(database)


def a_counted_figure(database: Database, at: Recovering, records: int = 6) -> str:
    """A figure that was worked out from records; gives the first day of its period."""
    period = today() - timedelta(days=today().weekday() + 7)
    with database.administration() as session:
        session.execute(
            text(
                "insert into counted_record (provider_id, service_id, indicator_id, period_start, record_id, measurement,"
                " revision, record_type, happened_on, verdict)"
                " select :provider, :service, :indicator, :period, gen_random_uuid(), 1, 1, 'medicines_discrepancy', :period,"
                " 'counted' from generate_series(1, :records)"
            ),
            {
                "provider": at.home.provider_id,
                "service": at.home.service_id,
                "indicator": at.home.indicator_id,
                "period": period,
                "records": records,
            },
        )
    return period.isoformat()


def drawn(visitor: Visitor, at: Recovering, period: str) -> str:
    asked = {"indicator": str(at.home.indicator_id), "period": period}
    answer = visitor.post(f"/services/{at.home.service_id}/checks/new", asked)
    assert answer.status_code == 303
    return answer.location


def compare(visitor: Visitor, one: str, finding: str, note: str = "") -> int:
    record = re.search(r'name="record" value="([^"]+)"', visitor.text(one))
    assert record
    return visitor.post(one, {"record": record[1], "finding": finding, "note": note}).status_code


def test_a_check_that_agrees_becomes_an_independent_check_behind_the_figure(
    site: Flask, database: Database, at: Recovering
) -> None:
    manager = who_works_as(site, database, "registered_manager", at.place)
    period = a_counted_figure(database, at)
    asked = manager.text(f"/services/{at.home.service_id}/checks/new?indicator={at.home.indicator_id}&period={period}")
    assert "6 records stand behind it. All are compared." in asked
    one = drawn(manager, at, period)
    assert "Record 1 of 6" in manager.text(one)
    assert manager.post(f"{one}/end", {}).status_code == 422
    for _ in range(6):
        assert compare(manager, one, "agrees") == 303
    assert manager.post(f"{one}/end", {}).status_code == 303
    page = manager.text(one)
    assert "The claim holds" in page
    assert "6 of 6 agree: 100%, and these are all." in page
    assert "S-001" in manager.text(f"/services/{at.home.service_id}/evidence")
    assert manager.post(f"{one}/end", {}).status_code == 409


def test_originals_that_differ_speak_against_the_figure(site: Flask, database: Database, at: Recovering) -> None:
    manager = who_works_as(site, database, "registered_manager", at.place)
    one = drawn(manager, at, a_counted_figure(database, at))
    assert compare(manager, one, "disagrees") == 422
    assert compare(manager, one, "disagrees", "The chart says two, not one.") == 303
    for _ in range(5):
        compare(manager, one, "agrees")
    manager.post(f"{one}/end", {})
    assert "The originals contradict the figure" in manager.text(one)
    with database.administration() as session:
        found = session.execute(
            text("select origin, source from contradiction where provider_id = :p and service_id = :s"),
            {"p": at.home.provider_id, "s": at.home.service_id},
        ).all()
    assert found == [("spot_check", "Spot check S-001")]


def test_a_figure_without_records_offers_nothing_to_draw(site: Flask, database: Database, at: Recovering) -> None:
    lead = who_works_as(site, database, "provider_quality_lead", at.place, whole_provider=True)
    here = f"/services/{at.home.service_id}/checks/new?indicator={at.home.indicator_id}&period=2020-01-06"
    assert "There is nothing to draw" in lead.text(here)


def test_the_sample_can_be_drawn_again_from_its_seed(site: Flask, database: Database, at: Recovering) -> None:
    from mendline.evidence.checks.sampling import draw, sample_size

    lead = who_works_as(site, database, "nominated_individual", at.place, whole_provider=True)
    one = drawn(lead, at, a_counted_figure(database, at, records=40))
    with database.administration() as session:
        row = session.query(SpotCheck).filter_by(check_id=one.rpartition("/")[2]).one()
        records = session.execute(
            text("select record_id from counted_record where service_id = :s"), {"s": at.home.service_id}
        ).scalars()
        assert tuple(row.drawn) == draw(records, row.seed, sample_size(40))


def test_a_drill_asks_one_claim_after_another_against_a_clock(site: Flask, database: Database, at: Recovering) -> None:
    manager = who_works_as(site, database, "registered_manager", at.place)
    base = f"/services/{at.home.service_id}"
    judged_figure(database, at)
    started = manager.post(f"{base}/drills/new", {})
    assert started.status_code == 303
    page = manager.text(started.location)
    assert "Claim 1 of 1" in page
    assert manager.post(started.location, {"number": "1", "result": "found"}).status_code == 422
    answer = {"number": "1", "result": "found", "evidence_reference": "E-001"}
    assert manager.post(started.location, answer).status_code == 303
    assert manager.post(started.location, answer).status_code == 409
    page = manager.text(started.location)
    assert "1 of 1 claim found" in page
    assert "Inspection drill D-001" in manager.text(f"{base}/checks")


def judged_figure(database: Database, at: Recovering) -> None:
    """The service has at least one figure to ask about."""
    with database.administration() as session:
        there = session.execute(
            text("select count(*) from indicator_status where service_id = :s and last_period is not null"),
            {"s": at.home.service_id},
        ).scalar_one()
    assert there, "the service of these tests has no judged figure"


def test_whoever_may_not_check_is_not_offered_it(site: Flask, database: Database, at: Recovering) -> None:
    carer = who_works_as(site, database, "carer", at.place)
    assert carer.get(f"/services/{at.home.service_id}/checks").status_code in (403, 404)
    leader = who_works_as(site, database, "shift_leader", at.place)
    assert "Start an inspection drill" not in leader.text(f"/services/{at.home.service_id}/checks")
