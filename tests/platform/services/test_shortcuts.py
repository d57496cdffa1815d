"""What makes a dashboard quick changes nothing that it shows."""

import json
import uuid
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from flask import Flask, url_for
from support.facts import Home, a_baseline, a_target, figures, two_providers
from support.site import a_site, who_works_as
from support.standings import a_place, a_standing, at_address
from support.tenancy import Place, signed_in

from mendline.comparison.rebuild import rebuild
from mendline.indicators.charting import SPARK_PERIODS
from mendline.indicators.queries import standings
from mendline.places.head import Offers, address
from mendline.services.dashboard import indicator_row
from mendline.services.kept_rows import kept_rows
from tenants.clock import today
from tenants.database import Database


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.mark.parametrize("weeks", [0, 1, 9, SPARK_PERIODS, SPARK_PERIODS + 1, 40])
def test_the_row_that_was_made_ready_shows_what_its_whole_series_shows(weeks: int, database: Database) -> None:
    (home, *_), _ = two_providers(database, services=1)
    first = today() - timedelta(days=today().weekday(), weeks=max(weeks, 1))
    with database.administration() as session:
        figures(session, home, [(40 + week * 5 % 9, 60) for week in range(weeks)], first=first)
        a_target(session, home, value=75)
        if weeks > 20:
            a_baseline(
                session, home, first_period=first, last_period=first + timedelta(weeks=weeks - 9), periods=weeks - 8
            )
    rebuild(database, home.provider_id)
    whole, drawn, none = (_one(database, home, periods) for periods in ("all", "drawn", "none"))
    shown = [
        indicator_row(each, home.service_id, "saf-2023", today=today(), see_evidence=False, address=at_address)
        for each in (whole, drawn)
    ]
    ready, made_now = (replace(row, spark=None) for row in shown)
    assert ready == made_now
    sparks = [row.spark if isinstance(row.spark, dict | None) else asdict(row.spark) for row in shown]
    assert json.loads(json.dumps(sparks[0])) == json.loads(json.dumps(sparks[1]))
    assert (sparks[0] is None) is (weeks == 0)
    assert drawn.drawn
    assert drawn.series == none.series == {}
    assert (none.value, none.status, none.sentence) == (whole.value, whole.status, whole.sentence)


def test_a_row_that_is_kept_is_drawn_anew_as_soon_as_anything_in_it_has_changed(
    database: Database, site: Flask
) -> None:
    (home, *_), _ = two_providers(database, services=1)
    first = today() - timedelta(days=today().weekday(), weeks=20)
    with database.administration() as session:
        figures(session, home, [(40 + week * 5 % 9, 60) for week in range(19)], first=first)
    rebuild(database, home.provider_id)
    manager = who_works_as(site, database, "registered_manager", Place(home.provider_id, home.service_id, ""))
    path = f"/services/{home.service_id}"
    assert _rows(manager.text(path)) == _rows(manager.text(path)), "kept, and the same"
    kept = site.extensions["mendline.rows"].cache_info()
    assert kept.hits >= 1
    assert "20.0%" not in _rows(manager.text(path))
    with database.administration() as session:
        figures(session, home, [(12, 60)], first=first + timedelta(weeks=19))
    rebuild(database, home.provider_id)
    now_shown = _rows(manager.text(path))
    assert "20.0%" in now_shown
    site.extensions["mendline.rows"].cache_clear()
    assert now_shown == _rows(manager.text(path))


def test_what_one_role_may_open_is_not_kept_for_another(database: Database, site: Flask) -> None:
    (home, *_), _ = two_providers(database, services=1)
    rebuild(database, home.provider_id)
    place, path = Place(home.provider_id, home.service_id, ""), f"/services/{home.service_id}"
    link = f"/services/{home.service_id}/evidence?indicator="
    seeing = {
        role: link in _rows(who_works_as(site, database, role, place).text(path))
        for role in ("registered_manager", "nominated_individual", "registered_manager")
    }
    with site.test_request_context(path):
        hidden, shown = (
            kept_rows(a_place(service_id=home.service_id), Offers(see_evidence=see), today())(a_standing())
            for see in (False, True)
        )
    assert link not in hidden
    assert link in shown
    assert seeing["registered_manager"]


def _rows(text: str) -> str:
    """The table of a dashboard, which is all that is kept: the rest of a page is drawn each time."""
    return text[text.index("<tbody") : text.index("</tbody>")]


def _one(database: Database, home: Home, periods):
    reach = signed_in(database, "registered_manager", Place(home.provider_id, home.service_id, ""))
    with database.transaction(reach) as session:
        (found,) = standings(session, home.provider_id, home.service_id, periods=periods)
    return found


def test_an_address_from_its_pattern_is_the_one_that_flask_builds(site: Flask) -> None:
    for script_root in ("", "/mendline"):
        with site.test_request_context("/", environ_overrides={"SCRIPT_NAME": script_root}):
            for _ in range(3):
                here = {"service_id": uuid.uuid4(), "indicator_id": uuid.uuid4()}
                turned = dict(reversed(here.items()))
                for endpoint in ("services.indicator", "recovery.decide"):
                    assert address(endpoint, **here) == address(endpoint, **turned) == url_for(endpoint, **here)
                asked = {"service_id": here["service_id"], "indicator": here["indicator_id"]}
                assert address("evidence.listing", **asked) == url_for("evidence.listing", **asked)
                assert address("services.listing") == url_for("services.listing")
                assert address("services.listing", area="a b&c") == url_for("services.listing", area="a b&c")
