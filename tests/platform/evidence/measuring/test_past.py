from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.facts import Home, an_indicator, figures, two_providers
from support.records import measure, rows, write_record
from support.shifts import place_of
from support.visiting import an_application, visit

from mendline.catalogue.record_types import record_type
from mendline.catalogue.validation import ValidRecord, validate
from mendline.comparison.past import standings_then
from mendline.evidence.measuring.restating import note_restatements
from mendline.evidence.measuring.verifying import verify_measurements
from mendline.evidence.records.placing import Placing
from mendline.indicators.commands import save_observations
from mendline.indicators.model import Observation
from mendline.indicators.rows import ObservationRow
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.ledger import note

BEFORE, AFTER = datetime(2026, 2, 2, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
MONDAY = datetime(2026, 1, 5, tzinfo=UTC).date()


@pytest.fixture
def home(database: Database) -> Home:
    found = two_providers(database)[0][0]
    with database.administration() as session:
        figures(session, found, [(90, 100)] * 2)
        session.add(
            Observation(
                provider_id=found.provider_id, service_id=found.service_id, indicator_id=found.indicator_id,
                period_start=datetime(2026, 1, 12, tzinfo=UTC).date(), revision=2, observation_id=new_id(), numerator=50,
                denominator=100, value=50, state="revised", source="entered", reason="Counted again",
                recorded_at=datetime(2026, 2, 20, tzinfo=UTC),
            )
        )  # fmt: skip
    return found


def then(db: Database, home: Home, moment: datetime) -> float | None:
    with db.transaction(db.command_reach(home.provider_id)) as session:
        (found,) = standings_then(
            session, home.provider_id, home.service_id, home.indicator_id, day=moment.date(), moment=moment
        )
    return found.value


def test_a_figure_stands_as_it_was_recorded_by_the_day(database: Database, home: Home) -> None:
    assert then(database, home, BEFORE) == 90
    assert then(database, home, AFTER) == 50


def test_an_earlier_day_gives_the_same_answer_each_time(database: Database, home: Home) -> None:
    first = then(database, home, BEFORE)
    with database.administration() as session:
        figures(session, home, [(10, 100)], first=datetime(2026, 1, 19, tzinfo=UTC).date(), recorded_at=AFTER)
    assert then(database, home, BEFORE) == first


def test_pages_are_drawn_as_at_a_day_and_say_so(database: Database, home: Home, state_folder: Path) -> None:
    visitor = visit(an_application(database, state_folder), database, "registered_manager", place_of(home))
    service = f"/services/{home.service_id}"
    for path in (service, f"{service}/indicators/{home.indicator_id}"):
        drawn = visitor.get(f"{path}?as_at=2026-02-01")
        assert drawn.status == 200
        assert "As at 1 February 2026." in drawn.text
        assert "90.0%" in drawn.text
        assert "Enter a figure" not in drawn.text
        assert "50.0%" in visitor.get(f"{path}?as_at=2026-03-01").text
    for wrong in ("tomorrow", "2999-01-01"):
        assert visitor.get(f"{service}?as_at={wrong}").status in (400, 422)
    assert "As at" not in visitor.get(f"{service}?as_at={today().isoformat()}").text.split("<main")[0]


def test_pages_are_drawn_as_at_the_moment_of_a_pack_and_links_between_them_stay_on_it(
    database: Database, home: Home, state_folder: Path
) -> None:
    visitor = visit(an_application(database, state_folder), database, "registered_manager", place_of(home))
    indicator = f"/services/{home.service_id}/indicators/{home.indicator_id}"
    figure = f"{indicator}/figures/2026-01-12"
    second = "2026-02-20T00:00:01Z"
    assert "50.0%" not in visitor.get(f"{figure}?as_at=2026-02-19T23:59:59.5Z").text
    drawn = visitor.get(f"{figure}?as_at={second}")
    assert "50.0%" in drawn.text
    assert drawn.says("As at 20 February 2026, 00:00.")
    assert f"{indicator}?as_at={second}" in drawn.text
    assert f"{figure}?as_at={second}" in visitor.get(f"{indicator}?as_at={second}").text
    today_too = (now() - timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    for path in (figure, indicator, f"/services/{home.service_id}"):
        drawn = visitor.get(f"{path}?as_at={today_too}")
        assert (drawn.status, drawn.says("By what had been recorded by then.")) == (200, True), path
        assert "Enter a figure" not in drawn.text
    for wrong in ("2026-02-20T00:00:01", "2999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "T", "2026-02-20T25:00:00Z"):
        assert visitor.get(f"{figure}?as_at={wrong}").status == 422


def test_a_correction_that_outsiders_had_seen_is_told(database: Database, home: Home) -> None:
    reach = database.command_reach(home.provider_id)
    with database.transaction(reach) as session:
        note(session, reach, "external look", provider_id=home.provider_id, service_id=home.service_id)
    with database.transaction(reach) as session:
        row = ObservationRow(home.service_id, home.indicator_id, MONDAY, 80, 100, reason="Two charts were missed")
        save_observations(session, reach, [row], provider_id=home.provider_id, source="entered", today=today())
        assert note_restatements(session, home.provider_id) == [(home.service_id, home.indicator_id, MONDAY, 2)]
        assert note_restatements(session, home.provider_id) == []
    (told,) = rows(database, "select reason, outside_looks from restatement where provider_id = :p", p=home.provider_id)
    assert tuple(told) == ("Two charts were missed", 1)


def test_a_correction_that_nobody_outside_had_seen_is_not(database: Database, home: Home) -> None:
    reach = database.command_reach(home.provider_id)
    with database.transaction(reach) as session:
        row = ObservationRow(home.service_id, home.indicator_id, MONDAY, 80, 100, reason="Two charts were missed")
        save_observations(session, reach, [row], provider_id=home.provider_id, source="entered", today=today())
        assert note_restatements(session, home.provider_id) == []


def test_measurements_come_out_again_from_their_records(database: Database, home: Home) -> None:
    with database.administration() as session:
        bells = an_indicator(session, home.provider_id, home.service_id, "call_bell_within_standard_pct")
    with database.transaction(database.command_reach(home.provider_id)) as session:
        for minute in range(5):
            write_record(
                session, bells, "call_bell_event", called_at=f"2026-01-06T10:0{minute}", room="Room 1", shift_band="day",
                weekend="no", wait_minutes=2, within_standard="yes", answered_in_person="yes", test="no",
                answered_at="2026-01-06T10:08",
            )  # fmt: skip
    measure(database, home)
    with database.transaction(database.command_reach(home.provider_id)) as session:
        assert verify_measurements(session, home.provider_id).differences == []
        assert verify_measurements(session, home.provider_id).checked == 1
    with database.administration() as session:
        session.execute(text("update measurement set numerator = 3 where provider_id = :p"), {"p": home.provider_id})
    with database.transaction(database.command_reach(home.provider_id)) as session:
        assert len(verify_measurements(session, home.provider_id).differences) == 1


def fall(db: Database, home: Home, **changes: str) -> None:
    reach = db.command_reach(home.provider_id)
    answers = {
        "happened_at": "2026-01-10T19:00", "kind": "fall", "person": "P-001", "shift_band": "evening",
        "harm_level": "none", "what_happened": "Slipped", "done_at_once": "Checked", "reported_by": "AO",
    } | changes  # fmt: skip
    with db.transaction(reach) as session:
        kind = record_type("incident")
        made = validate(kind, answers)
        assert isinstance(made, ValidRecord)
        problems = Placing(session, home.provider_id, home.service_id).problems(kind, made)
    if problems:
        raise RefusedError("The record was not saved.", problems)


def test_a_record_before_the_service_opened_is_refused_in_plain_words(database: Database, home: Home) -> None:
    with database.administration() as session:
        session.execute(
            text("update service set opened_on = '2026-01-11' where service_id = :s"), {"s": home.service_id}
        )
    with pytest.raises(RefusedError) as refused:
        fall(database, home)
    assert "opened on 11 January 2026" in refused.value.problems["happened_at"]
    fall(database, home, happened_at="2026-01-11T08:00")


def test_a_record_after_the_person_left_is_refused_until_they_are_back(database: Database, home: Home) -> None:
    told = {"unit": "Fern", "level": "low", "hours_per_day": 2, "assessor": "LO", "person": "P-001"}
    with database.transaction(database.command_reach(home.provider_id)) as session:
        write_record(session, home, "dependency_assessment", **told, assessed_on="2026-01-01", ended_on="2026-01-09")
    with pytest.raises(RefusedError) as refused:
        fall(database, home)
    assert "P-001 left on 9 January 2026" in refused.value.problems["person"]
    fall(database, home, person="P-002")
    with database.transaction(database.command_reach(home.provider_id)) as session:
        write_record(session, home, "dependency_assessment", **told, assessed_on="2026-01-10")
    fall(database, home)
