"""What makes a dashboard quick changes nothing that it shows."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask, url_for
from support.facts import Home, a_baseline, a_target, figures, two_providers
from support.site import a_site
from support.tenancy import Place, signed_in

from mendline.catalogue.indicators import indicator_definition
from mendline.comparison.rebuild import rebuild
from mendline.indicators.charting import SPARK_PERIODS, spark_of
from mendline.indicators.queries import standings
from mendline.places.head import address
from tenants.clock import today
from tenants.database import Database


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.mark.parametrize("weeks", [0, 1, 9, SPARK_PERIODS, SPARK_PERIODS + 1, 40])
def test_the_newest_weeks_alone_draw_the_same_small_chart_as_all_of_them(weeks: int, database: Database) -> None:
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
    whole, newest, none = (_one(database, home, periods) for periods in ("all", "newest", "none"))
    definition = indicator_definition(home.definition_key)
    assert spark_of(newest, definition, "Stable") == spark_of(whole, definition, "Stable")
    assert (spark_of(whole, definition, "Stable") is None) is (weeks == 0)
    assert none.series == {}
    assert (none.value, none.status, none.sentence) == (whole.value, whole.status, whole.sentence)


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
