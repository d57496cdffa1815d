from datetime import date, timedelta
from typing import Any

import pytest
from support.facts import Home, an_indicator, figures, two_providers
from support.records import AT, measure, rows, write_record
from support.statements import statements_of

from mendline.evidence.measuring.deriving import settle_ended
from mendline.evidence.measuring.marking import Placed, mark_records
from tenants.database import Database

MONDAY = date(2026, 1, 5)
AUDIT = {
    "audited_on": "2026-01-07", "auditor": "PN", "independent": "yes", "sample_method": "all", "shift_band": "mixed",
    "weekday_weekend": "mixed", "lines_audited": 50, "lines_compliant": 45,
}  # fmt: skip


@pytest.fixture
def home(database: Database) -> Home:
    return two_providers(database)[0][0]


def audit(db: Database, home: Home, **changes: Any) -> Any:
    with db.transaction(db.command_reach(home.provider_id)) as session:
        return write_record(session, home, "medicines_audit", **(AUDIT | changes))


def figures_of(db: Database, home: Home) -> list[tuple[Any, ...]]:
    found = rows(
        db,
        "select period_start, revision, numerator, denominator, state, source from observation"
        " where indicator_id = :i order by period_start, revision",
        i=home.indicator_id,
    )
    return [tuple(row) for row in found]


def test_records_of_a_week_become_its_figure(database: Database, home: Home) -> None:
    audit(database, home)
    audit(database, home, lines_audited=50, lines_compliant=50, unit="Foxglove")
    assert measure(database, home) == 1
    assert figures_of(database, home) == [(MONDAY, 1, 95.0, 100.0, "final", "measured")]


def test_the_marks_are_gone_and_a_second_pass_writes_nothing(database: Database, home: Home) -> None:
    audit(database, home)
    measure(database, home)
    assert rows(database, "select 1 from record_mark where provider_id = :p", p=home.provider_id) == []
    assert measure(database, home) == 0


def test_a_late_record_restates_its_own_week_and_no_other(database: Database, home: Home) -> None:
    audit(database, home)
    audit(database, home, audited_on="2026-01-14")
    measure(database, home)
    audit(database, home, lines_audited=10, lines_compliant=5, unit="Foxglove")
    assert measure(database, home) == 1
    assert figures_of(database, home) == [
        (MONDAY, 1, 45.0, 50.0, "final", "measured"),
        (MONDAY, 2, 50.0, 60.0, "revised", "measured"),
        (MONDAY + timedelta(days=7), 1, 45.0, 50.0, "final", "measured"),
    ]


def test_a_record_moved_to_another_week_restates_both(database: Database, home: Home) -> None:
    audit(database, home)
    moved = audit(database, home, unit="Foxglove", lines_audited=20, lines_compliant=20)
    measure(database, home)
    with database.transaction(database.command_reach(home.provider_id)) as session:
        write_record(
            session, home, "medicines_audit", record_id=moved, revision=2, recorded_at=AT + timedelta(minutes=1),
            **(AUDIT | {"audited_on": "2026-01-20", "unit": "Foxglove", "lines_audited": 20, "lines_compliant": 20}),
        )  # fmt: skip
        mark_records(session, home.provider_id, [Placed(home.service_id, "medicines_audit", date(2026, 1, 7), None)])
    measure(database, home, at=AT + timedelta(minutes=2))
    assert [row[:4] for row in figures_of(database, home)] == [
        (MONDAY, 1, 65.0, 70.0),
        (MONDAY, 2, 45.0, 50.0),
        (date(2026, 1, 19), 1, 20.0, 20.0),
    ]


def test_a_figure_entered_by_hand_stands_and_the_difference_is_kept(database: Database, home: Home) -> None:
    with database.administration() as session:
        figures(session, home, [(48, 50)])
    audit(database, home)
    assert measure(database, home) == 0
    assert [row[5] for row in figures_of(database, home)] == ["entered"]
    (kept,) = rows(
        database, "select outcome, numerator, revision from measurement where indicator_id = :i", i=home.indicator_id
    )
    assert tuple(kept) == ("differs", 45.0, 1)


def test_records_that_agree_stand_behind_the_figure_that_was_entered(database: Database, home: Home) -> None:
    with database.administration() as session:
        figures(session, home, [(45, 50)])
    audit(database, home)
    assert measure(database, home) == 0
    (kept,) = rows(database, "select outcome, counted from measurement where indicator_id = :i", i=home.indicator_id)
    assert tuple(kept) == ("agrees", 1)


def test_what_was_counted_can_be_told_for_every_measurement(database: Database, home: Home) -> None:
    first = audit(database, home)
    measure(database, home)
    second = audit(database, home, unit="Foxglove")
    measure(database, home)
    told = rows(
        database,
        "select record_id, measurement, verdict from counted_record where indicator_id = :i order by measurement",
        i=home.indicator_id,
    )
    assert [tuple(row) for row in told] == [(first, 1, "counted"), (second, 2, "counted")]


def test_a_week_whose_records_all_went_elsewhere_is_missing_not_zero(database: Database, home: Home) -> None:
    moved = audit(database, home)
    measure(database, home)
    with database.transaction(database.command_reach(home.provider_id)) as session:
        write_record(
            session, home, "medicines_audit", record_id=moved, revision=2, recorded_at=AT + timedelta(minutes=1),
            **(AUDIT | {"audited_on": "2026-01-20"}),
        )  # fmt: skip
        mark_records(session, home.provider_id, [Placed(home.service_id, "medicines_audit", date(2026, 1, 7), None)])
    measure(database, home, at=AT + timedelta(minutes=2))
    assert [row[1:5] for row in figures_of(database, home)][:2] == [
        (1, 45.0, 50.0, "final"),
        (2, None, None, "missing"),
    ]


def test_the_number_of_statements_does_not_follow_the_number_of_records(database: Database, home: Home) -> None:
    audit(database, home)
    with statements_of(database, "worker") as few:
        measure(database, home)
    for unit in range(12):
        audit(database, home, unit=f"Unit {unit}")
    with statements_of(database, "worker") as many:
        measure(database, home)
    assert len(many) <= len(few)


def test_other_services_and_providers_are_left_alone(database: Database) -> None:
    mine, theirs = two_providers(database)
    with database.administration() as session:
        other = an_indicator(session, mine[1].provider_id, mine[1].service_id, "medicines_admin_gap_rate")
    audit(database, mine[0])
    measure(database, mine[0])
    assert figures_of(database, other) == []
    assert all(figures_of(database, home) == [] for home in (mine[1], *theirs))


def test_a_running_week_is_provisional_and_settles_when_it_is_over(database: Database, home: Home) -> None:
    audit(database, home)
    measure(database, home, today=date(2026, 1, 8))
    assert [row[4] for row in figures_of(database, home)] == ["provisional"]
    with database.transaction(database.command_reach(home.provider_id)) as session:
        settle_ended(session, home.provider_id, today=date(2026, 1, 13), at=AT)
    assert [row[4] for row in figures_of(database, home)] == ["provisional", "final"]
