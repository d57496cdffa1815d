import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from support.facts import Home, a_baseline, a_home, a_provider, a_target, figures, two_providers
from support.statements import statements_of

from mendline.catalogue.status_rules import status_rules
from mendline.comparison.derivation import derive_marked, judge_again, one_at_a_time
from mendline.comparison.queries import status_cells
from mendline.comparison.rebuild import rebuild
from mendline.indicators.commands import enter_observation
from mendline.indicators.marking import mark_many_stale, mark_stale
from mendline.indicators.queries import standings
from tenants.clock import today
from tenants.database import Database

MONDAY = date(2026, 1, 5)


def enter(db: Database, home: Home, numerator: float, period: date = MONDAY, reason: str | None = None) -> None:
    reach = db.command_reach(home.provider_id)
    with db.transaction(reach) as session:
        enter_observation(
            session,
            reach,
            provider_id=home.provider_id,
            service_id=home.service_id,
            indicator_id=home.indicator_id,
            period_start=period,
            numerator=numerator,
            denominator=100,
            reason=reason,
            today=today(),
        )


def derive(db: Database, home: Home) -> Any:
    with db.transaction(db.command_reach(home.provider_id)) as session:
        return derive_marked(session, home.provider_id, today())


def rows(db: Database, table: str) -> list[Any]:
    with db.administration() as session:
        return list(session.execute(text(f"select * from {table} order by 1, 2, 3")).mappings())


@pytest.fixture
def db(database: Database) -> Iterator[Database]:
    yield database
    with database.administration() as session:
        for table in ("stale_mark", "roll_up", "indicator_status", "job"):
            session.execute(text(f"delete from {table}"))
        for table in ("status_change", "observation", "indicator_target", "indicator_baseline", "service_indicator"):
            session.execute(text(f"delete from {table}"))


def test_an_entered_figure_becomes_a_status_and_a_pooled_roll_up(db: Database) -> None:
    (one, two), _ = two_providers(db)
    enter(db, one, 90)
    enter(db, two, 70)
    done = derive(db, one)
    assert (done.marks, done.indicators, done.roll_ups) == (2, 2, 1)
    (roll_up,) = rows(db, "roll_up")
    assert (roll_up["numerator"], roll_up["denominator"], roll_up["value"]) == (160, 200, 80)
    assert roll_up["worst_service_id"] == two.service_id
    assert rows(db, "stale_mark") == []


def test_a_correction_replaces_the_figure_in_the_roll_up(db: Database) -> None:
    (one, _), _ = two_providers(db)
    enter(db, one, 90)
    derive(db, one)
    enter(db, one, 40, reason="Counted twice")
    derive(db, one)
    assert [row["value"] for row in rows(db, "roll_up")] == [40]
    assert [row["value"] for row in rows(db, "indicator_status")] == [40]


def test_one_provider_never_pools_the_figures_of_another(db: Database) -> None:
    (one, _), (theirs, _) = two_providers(db)
    enter(db, one, 90)
    enter(db, theirs, 10)
    derive(db, one)
    derive(db, theirs)
    assert {(row["provider_id"], row["value"]) for row in rows(db, "roll_up")} == {
        (one.provider_id, 90),
        (theirs.provider_id, 10),
    }


def test_deriving_touches_only_what_is_marked(db: Database) -> None:
    (one, two), _ = two_providers(db)
    for home in (one, two):
        enter(db, home, 90)
        enter(db, home, 91, MONDAY + timedelta(weeks=1))
    derive(db, one)
    before = {row["indicator_id"]: row for row in rows(db, "indicator_status")}
    enter(db, one, 50, reason="Counted twice")
    done = derive(db, one)
    assert (done.indicators, done.roll_ups) == (1, 1)
    after = {row["indicator_id"]: row for row in rows(db, "indicator_status")}
    assert after[two.indicator_id] == before[two.indicator_id]


def test_the_number_of_statements_depends_neither_on_marks_nor_on_services(db: Database) -> None:
    counts = []
    for services in (2, 12):
        mine, _ = two_providers(db, services)
        for home in mine:
            enter(db, home, 90)
        with statements_of(db, "worker") as sent:
            derive(db, mine[0])
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 22


def test_a_changed_target_is_counted_in_every_period_again(db: Database) -> None:
    (one, _), _ = two_providers(db)
    for week in range(3):
        enter(db, one, 90, MONDAY + timedelta(weeks=week))
    derive(db, one)
    assert sum(row["below_target"] for row in rows(db, "roll_up")) == 0
    with db.administration() as session:
        a_target(session, one, ">=", 95)
    with db.transaction(db.command_reach(one.provider_id)) as session:
        mark_stale(session, one.provider_id, one.service_id, one.indicator_id, None)
    derive(db, one)
    assert sum(row["below_target"] for row in rows(db, "roll_up")) == 3


def test_marks_stay_when_the_work_fails(db: Database) -> None:
    (one, _), _ = two_providers(db)
    enter(db, one, 90)

    def derive_and_fall_over() -> None:
        with db.transaction(db.command_reach(one.provider_id)) as session:
            derive_marked(session, one.provider_id, today())
            raise RuntimeError("the machine lost its power")

    with pytest.raises(RuntimeError):
        derive_and_fall_over()
    assert len(rows(db, "stale_mark")) == 1
    assert rows(db, "indicator_status") == rows(db, "roll_up") == []


def test_a_second_pass_waits_for_the_first_so_that_older_facts_never_overwrite_newer_ones(db: Database) -> None:
    (one, _), _ = two_providers(db)

    def second() -> float:
        with db.transaction(db.command_reach(one.provider_id)) as session:
            one_at_a_time(session, one.provider_id)
            return time.monotonic()

    with ThreadPoolExecutor(1) as pool:
        with db.transaction(db.command_reach(one.provider_id)) as session:
            one_at_a_time(session, one.provider_id)
            other = pool.submit(second)
            time.sleep(0.2)
            released = time.monotonic()
        assert other.result(timeout=10) >= released


def test_what_was_judged_yesterday_is_judged_again_today(db: Database) -> None:
    (one, two), _ = two_providers(db)
    for home in (one, two):
        enter(db, home, 90)
    with db.transaction(db.command_reach(one.provider_id)) as session:
        derive_marked(session, one.provider_id, today() - timedelta(days=1))
    with db.transaction(db.command_reach(one.provider_id)) as session:
        assert judge_again(session, one.provider_id, today()) == 2
        assert judge_again(session, one.provider_id, today()) == 0
    assert {row["judged_on"] for row in rows(db, "indicator_status")} == {today()}


def test_a_stored_status_does_not_outlive_its_rule(db: Database) -> None:
    (one, _), _ = two_providers(db)
    enter(db, one, 90)
    derive(db, one)
    with db.administration() as session:
        session.execute(text("update indicator_status set rules_version = '2025-01/2025.1', composite = 'improving'"))
    with db.transaction(db.command_reach(one.provider_id)) as session:
        (shown,) = standings(session, one.provider_id, one.service_id)
        assert (shown.composite, shown.composite_rule) == ("not_supported", "rules_changed")
        assert "judged again" in shown.sentence
        (cell,) = status_cells(session, one.provider_id, (one.definition_key,))
        assert cell.composite == "not_supported"
        assert judge_again(session, one.provider_id, today()) == 1
        (again,) = standings(session, one.provider_id, one.service_id)
    assert again.rules_version == status_rules().identity


def test_an_indicator_that_the_catalogue_lost_does_not_stop_the_others(db: Database) -> None:
    (one, two), _ = two_providers(db)
    with db.administration() as session:
        session.execute(
            text("update service_indicator set definition_key = 'gone' where indicator_id = :id"),
            {"id": two.indicator_id},
        )
        _mark(session, one, two)
        figures(session, one, [(90, 100)])
        figures(session, two, [(90, 100)])
    assert derive(db, one).indicators == 1
    assert [row["definition_key"] for row in rows(db, "roll_up")] == ["mar_compliance_pct"]


def _mark(session: Session, *homes: Home) -> None:
    session.info["person_id"] = None
    mark_many_stale(session, homes[0].provider_id, [(home.service_id, home.indicator_id, MONDAY) for home in homes])


def _a_history(db: Database) -> Home:
    (one, two), _ = two_providers(db)
    with db.administration() as session:
        for home in (one, two):
            figures(session, home, [(88 + week % 5, 100) for week in range(30)])
            a_target(session, home)
            a_baseline(session, home)
    return one


def test_a_rebuild_makes_every_row_and_then_finds_no_difference(db: Database) -> None:
    home = _a_history(db)
    written = rebuild(db, home.provider_id)
    assert (written.indicators, written.roll_ups) == (2, 30)
    found = rebuild(db, home.provider_id, verify=True)
    assert (found.exit_status, found.indicators, found.roll_ups) == (0, 2, 30)


@pytest.mark.parametrize(
    "tampering",
    [
        "update roll_up set value = value + 1 where period_start = '2026-02-02'",
        "delete from roll_up where period_start = '2026-02-02'",
        "insert into roll_up select provider_id, definition_key, 'nursing', period_start, 1, 1, 1, 1, 1, null, 1, 0, '{}', null from roll_up limit 1",
        "update indicator_status set sentence = 'All is well'",
        "delete from indicator_status",
    ],
)
def test_verifying_finds_a_derived_row_that_its_facts_do_not_make(db: Database, tampering: str) -> None:
    home = _a_history(db)
    rebuild(db, home.provider_id)
    with db.administration() as session:
        session.execute(text(tampering))
    assert rebuild(db, home.provider_id, verify=True).exit_status == 1
    rebuild(db, home.provider_id)
    assert rebuild(db, home.provider_id, verify=True).exit_status == 0


def test_verifying_changes_nothing_and_leaves_out_what_still_waits(db: Database) -> None:
    home = _a_history(db)
    rebuild(db, home.provider_id)
    enter(db, home, 10, reason="Counted twice")
    before = rows(db, "roll_up"), rows(db, "indicator_status"), rows(db, "stale_mark")
    found = rebuild(db, home.provider_id, verify=True)
    assert (found.exit_status, found.waiting) == (0, 1)
    assert (rows(db, "roll_up"), rows(db, "indicator_status"), rows(db, "stale_mark")) == before


def test_step_by_step_ends_where_a_rebuild_ends(db: Database) -> None:
    provider_home = _a_history(db)
    enter(db, provider_home, 60, reason="First correction")
    enter(db, provider_home, 95, MONDAY + timedelta(weeks=30))
    derive(db, provider_home)
    rebuild(db, provider_home.provider_id)
    enter(db, provider_home, 61, reason="Second correction")
    enter(db, provider_home, 20, MONDAY + timedelta(weeks=31))
    derive(db, provider_home)
    assert rebuild(db, provider_home.provider_id, verify=True).exit_status == 0


def test_a_home_added_later_is_expected_in_the_periods_that_there_are(db: Database) -> None:
    with db.administration() as session:
        provider = a_provider(session)
        first = a_home(session, provider)
    enter(db, first, 90)
    derive(db, first)
    with db.administration() as session:
        second = a_home(session, provider, "Second home")
    with db.transaction(db.command_reach(provider)) as session:
        mark_stale(session, provider, second.service_id, second.indicator_id, None)
    derive(db, first)
    assert [row["services_expected"] for row in rows(db, "roll_up")] == [2]
    assert rebuild(db, provider, verify=True).exit_status == 0
