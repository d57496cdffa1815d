from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from support.facts import Home, a_home, a_provider, a_target, figures
from support.shifts import place_of
from support.statements import statements_of
from support.visiting import an_application, visit

from mendline.comparison.comparing import Compared, Then, compared
from mendline.comparison.derivation import derive_indicators, derive_roll_ups, touched_roll_ups
from mendline.indicators.model import Observation
from tenants.clock import today
from tenants.database import Database
from tenants.ids import new_id

LATER = datetime(2026, 2, 20, tzinfo=UTC)
BEFORE = Then(date(2026, 2, 1), datetime(2026, 2, 1, 23, 59, tzinfo=UTC))


@pytest.fixture
def homes(database: Database) -> list[Home]:
    """Two services with two weeks each; the second week of the first was corrected three weeks later."""
    with database.administration() as session:
        provider_id = a_provider(session)
        found = [a_home(session, provider_id, name) for name in ("Rowan House", "Fernleigh")]
        for home, pairs in zip(found, ([(80, 100), (90, 100)], [(10, 10), (9, 10)]), strict=True):
            figures(session, home, pairs)
            a_target(session, home)
        here = found[0]
        session.add(
            Observation(
                provider_id=provider_id, service_id=here.service_id, indicator_id=here.indicator_id,
                period_start=date(2026, 1, 12), revision=2, observation_id=new_id(), numerator=50, denominator=100,
                value=50, state="revised", source="entered", reason="Counted again", recorded_at=LATER,
            )
        )  # fmt: skip
    return found


def stood(db: Database, homes: list[Home], then: Then | None) -> Compared:
    provider_id = homes[0].provider_id
    with db.transaction(db.command_reach(provider_id)) as session:
        return compared(session, provider_id, then=then)


def test_a_past_day_shows_the_figures_that_had_been_recorded_by_then(database: Database, homes: list[Home]) -> None:
    values = {cell.service_id: cell.value for cell in stood(database, homes, BEFORE).cells}
    after = {cell.service_id: cell.value for cell in stood(database, homes, Then(date(2026, 3, 1), LATER)).cells}
    assert values == {homes[0].service_id: 90, homes[1].service_id: 90}
    assert after[homes[0].service_id] == 50


def test_roll_ups_of_a_past_day_are_pooled_from_what_stood_then(database: Database, homes: list[Home]) -> None:
    (pooled,) = stood(database, homes, BEFORE).pooled
    (after,) = stood(database, homes, Then(date(2026, 3, 1), LATER)).pooled
    assert (pooled.period_start, pooled.numerator, pooled.denominator) == (date(2026, 1, 12), 99, 110)
    assert (after.numerator, after.below_target) == (59, 1)


def test_the_day_itself_gives_what_workers_worked_out_for_it(database: Database, homes: list[Home]) -> None:
    provider_id, day = homes[0].provider_id, today()
    keys = [(home.service_id, home.indicator_id) for home in homes]
    with database.transaction(database.command_reach(provider_id), role="worker") as session:
        derive_indicators(session, provider_id, keys, day)
        derive_roll_ups(session, provider_id, touched_roll_ups(session, provider_id, [(*key, None) for key in keys]))
    now = stood(database, homes, None)
    then = stood(database, homes, Then(day, datetime.now(UTC)))
    assert (then.used, then.keys, then.pooled) == (now.used, now.keys, now.pooled)
    assert sorted(then.cells, key=str) == sorted(now.cells, key=str)


def test_a_service_that_did_not_run_it_yet_is_not_compared(database: Database, homes: list[Home]) -> None:
    early = Then(date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC))
    assert stood(database, homes, early) == Compared((), (), (), (), {})


def test_the_page_says_which_day_it_shows_and_leads_behind_each_figure(
    database: Database, homes: list[Home], state_folder: Path
) -> None:
    app = an_application(database, state_folder)
    lead = visit(app, database, "provider_quality_lead", place_of(homes[0]), whole_provider=True)
    page = lead.get("/compare/?as_at=2026-02-01")
    assert page.says("As at 1 February 2026.")
    assert page.says("90.0%")
    here = f"/services/{homes[0].service_id}/indicators/{homes[0].indicator_id}/figures/2026-01-12?as_at=2026-02-01"
    assert here in page.text
    assert lead.get(here).says("90 of 100")
    assert lead.get("/compare/?as_at=2999-01-01").status in (400, 422)


def test_an_earlier_day_takes_the_same_statements_however_many_services_there_are(
    database: Database, homes: list[Home]
) -> None:
    counts = []
    for more in (0, 10):
        with database.administration() as session:
            for number in range(more):
                figures(session, a_home(session, homes[0].provider_id, f"Home {number}"), [(9, 10)] * 3)
        with statements_of(database, "worker") as statements:
            stood(database, homes, BEFORE)
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
