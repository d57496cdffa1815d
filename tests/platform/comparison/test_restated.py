from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from support.facts import Home, figures, two_providers
from support.records import rows
from support.shifts import place_of
from support.tenancy import add_body, add_grant, add_officer, add_person
from support.visiting import Visitor, an_application, visit_as

from mendline.comparison.rebuild import rebuild
from mendline.comparison.restated import restated_of, tell_outsiders
from mendline.evidence.measuring.restating import note_restatements
from mendline.indicators.commands import save_observations
from mendline.indicators.rows import ObservationRow
from tenants.clock import today
from tenants.database import Database

MONDAY = date(2026, 1, 5)
REASON = "Two charts of Mrs Invented were missed"


@pytest.fixture
def home(database: Database) -> Home:
    found = two_providers(database)[0][0]
    with database.administration() as session:
        figures(session, found, [(90, 100)] * 14)
    return found


def an_officer(database: Database, home: Home, state: Path) -> Visitor:
    person_id, body_id = add_person(database), add_body(database)
    add_officer(database, body_id, person_id)
    add_grant(database, place_of(home), body_id, classes=("summary",))
    return visit_as(an_application(database, state), database, person_id)


def correct(database: Database, home: Home) -> int:
    """Corrects a figure and does what the worker does then; gives how many letters go out."""
    reach = database.command_reach(home.provider_id)
    with database.transaction(reach) as session:
        row = ObservationRow(home.service_id, home.indicator_id, MONDAY, 80, 100, reason=REASON)
        save_observations(session, reach, [row], provider_id=home.provider_id, source="entered", today=today())
    with database.transaction(reach) as session:
        return tell_outsiders(session, home.provider_id, note_restatements(session, home.provider_id))


def letters(database: Database, home: Home) -> list[str]:
    told = "select facts::text from signin.mail where on_behalf_of = :p and template = 'figure_corrected'"
    return [row[0] for row in rows(database, told, p=home.provider_id)]


def test_an_officer_who_had_seen_a_figure_gets_one_letter_without_figure_or_reason(
    database: Database, home: Home, state_folder: Path
) -> None:
    assert an_officer(database, home, state_folder).get(f"/portfolio/{home.service_id}").status == 200
    assert correct(database, home) == 1
    (facts,) = letters(database, home)
    assert f"/portfolio/{home.service_id}" in facts
    assert "80" not in facts.replace(str(home.service_id), "")
    assert "Invented" not in facts


def test_an_officer_who_had_not_looked_gets_no_letter(database: Database, home: Home, state_folder: Path) -> None:
    an_officer(database, home, state_folder)
    assert correct(database, home) == 0
    assert letters(database, home) == []


def test_a_correction_is_read_with_what_stood_before_and_only_from_its_moment_on(
    database: Database, home: Home, state_folder: Path
) -> None:
    an_officer(database, home, state_folder).get(f"/portfolio/{home.service_id}")
    correct(database, home)
    with database.transaction(database.command_reach(home.provider_id)) as session:
        (told,) = restated_of(session, home.provider_id, home.service_id)
        before = restated_of(session, home.provider_id, home.service_id, as_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert (told.earlier, told.value, told.reason) == (90, 80, REASON)
    assert before == ()


def test_an_officers_page_marks_what_was_corrected_without_figure_or_reason(
    database: Database, home: Home, state_folder: Path
) -> None:
    officer = an_officer(database, home, state_folder)
    here = f"/portfolio/{home.service_id}"
    assert "Corrected since you last looked" not in officer.get(here).text
    correct(database, home)
    rebuild(database, home.provider_id)
    page = officer.get(here)
    assert page.says("Corrected since you last looked")
    assert page.says("was corrected on")
    assert "Invented" not in page.text
