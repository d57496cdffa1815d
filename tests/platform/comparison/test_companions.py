from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from support.facts import Home, a_home, a_provider, an_indicator, figures

from mendline.catalogue.calendar import week_start
from mendline.comparison.derivation import derive_marked
from mendline.comparison.rebuild import rebuild
from mendline.indicators.marking import mark_stale
from tenants.clock import today
from tenants.database import Database

FALLS = [(8 + place % 5, 1200) for place in range(30)] + [(20, 1200)] * 8
HARM = [(3 + place % 3, 1200) for place in range(38)]
FIRST = week_start(today()) - timedelta(weeks=38)


@pytest.fixture
def falls(database: Database) -> Iterator[Home]:
    """Falls at a service, which have risen for eight weeks."""
    with database.administration() as session:
        provider_id = a_provider(session)
        found = a_home(session, provider_id, definition_key="falls_rate")
        figures(session, found, FALLS, FIRST)
    yield found
    with database.administration() as session:
        for table in ("stale_mark", "roll_up", "indicator_status", "job", "observation", "service_indicator"):
            session.execute(text(f"delete from {table} where provider_id = :provider"), {"provider": provider_id})


def derived(database: Database, home: Home) -> Any:
    with database.transaction(database.command_reach(home.provider_id)) as session:
        mark_stale(session, home.provider_id, home.service_id, home.indicator_id, None)
        return derive_marked(session, home.provider_id, today())


def direction_of(database: Database, home: Home) -> str:
    with database.administration() as session:
        return session.execute(
            text("select parts -> 'direction' ->> 'says' from indicator_status where indicator_id = :indicator"),
            {"indicator": home.indicator_id},
        ).scalar_one()


def test_case_22_a_rise_is_worked_out_anew_with_the_harm_beside_it(database: Database, falls: Home) -> None:
    assert derived(database, falls).indicators == 1
    assert "bed days is not measured here" in direction_of(database, falls)

    with database.administration() as session:
        harm = an_indicator(session, falls.provider_id, falls.service_id, "falls_with_harm_rate")
        figures(session, harm, HARM, FIRST)
    assert derived(database, harm).indicators == 2, "the harm that changed, and the falls that it stands beside"
    assert "bed days does not rise: somebody must decide" in direction_of(database, falls)
    assert not rebuild(database, falls.provider_id, verify=True).differences
