from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from support.facts import Home, a_home, a_provider, a_service, an_indicator
from support.shifts import place_of
from support.statements import statements_of
from support.tenancy import add_body, add_grant, add_membership, add_officer, add_person
from support.visiting import Visitor, an_application, visit, visit_as

from mendline.evidence.model import Record
from mendline.indicators.model import IndicatorStatus
from mendline.recovery.model import Action, ActionEvent, Escalation
from tenants.clock import today
from tenants.database import Database
from tenants.ids import new_id

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True)
class House:
    """An application with two groups, each with the same things waiting."""

    app: Flask
    db: Database
    home: Home
    foreign: Home

    def visit(self, role: str | None, *, whole_provider: bool = False, home: Home | None = None) -> Visitor:
        return visit(self.app, self.db, role, place_of(home or self.home), whole_provider=whole_provider)


@pytest.fixture(scope="module")
def house(database: Database, state_folder: Path) -> House:
    with database.administration() as session:
        home = a_home(session, a_provider(session), "Rowan House")
        foreign = a_home(session, a_provider(session, "CANARYGROUP"), "CANARY House")
        wait(session, home, "Rowan")
        wait(session, foreign, "CANARY")
    return House(an_application(database, state_folder), database, home, foreign)


def status(session: Session, home: Home, sentence: str, **changes: object) -> None:
    fields = {
        "definition_key": home.definition_key, "rule_set_version": "1", "judged_on": today(),
        "status": "deteriorating", "reason": "test", "sentence": sentence, "is_stale": False, "usable_points": 20,
        "evidence_level": "sufficient", "evidence_marks": {}, "series": {},
    }  # fmt: skip
    here = {"provider_id": home.provider_id, "service_id": home.service_id, "indicator_id": home.indicator_id}
    session.add(IndicatorStatus(**here, **{**fields, **changes}))
    session.flush()


def action(session: Session, home: Home, reference: str, title: str, *, late: int) -> Action:
    made = Action(
        provider_id=home.provider_id, service_id=home.service_id, action_id=new_id(), reference=reference, title=title,
        owner="P Nowak", opened_on=today() - timedelta(days=40), due_on=today() - timedelta(days=late), recorded_at=AT,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def event(session: Session, of: Action, kind: str, **changes: object) -> None:
    here = {"provider_id": of.provider_id, "service_id": of.service_id, "action_id": of.action_id}
    session.add(ActionEvent(**here, event_id=new_id(), kind=kind, happened_on=today(), recorded_at=AT, **changes))
    session.flush()


def wait(session: Session, home: Home, word: str) -> None:
    """A decline without a decision, a review due and one that is not, four actions of which one is late."""
    other = an_indicator(session, home.provider_id, home.service_id, "medicines_admin_gap_rate", display_order=2)
    third = an_indicator(
        session, home.provider_id, home.service_id, "medicines_competency_current_pct", display_order=3
    )
    since = today() - timedelta(days=14)
    status(session, home, f"{word} decline sentence.", unescalated_days=9, declined_since=since)
    status(session, other, f"{word} review sentence.", status="stable", review_due_on=today() - timedelta(days=2))
    status(session, third, f"{word} later sentence.", status="stable", review_due_on=today() + timedelta(days=30))
    action(session, home, "A-001", f"{word} late action", late=5)
    event(session, action(session, home, "A-002", f"{word} closed action", late=5), "closed", evidence_reference="E-1")
    moved = action(session, home, "A-003", f"{word} moved action", late=5)
    event(session, moved, "redated", due_on=today() + timedelta(days=3), note="Later")
    action(session, home, "A-004", f"{word} action to come", late=-5)
    session.add(
        Escalation(
            provider_id=home.provider_id, service_id=home.service_id, indicator_id=other.indicator_id,
            escalation_id=new_id(), trigger="decision", to_role="nominated_individual",
            asked=f"{word} asks for a second senior.", opened_on=since, due_on=today(), recorded_at=AT,
        )
    )  # fmt: skip
    session.flush()


def test_a_manager_sees_what_waits_most_pressing_first(house: House) -> None:
    page = house.visit("registered_manager").get("/work")
    assert page.says("3 things need you this week. 1 decline has no decision and 1 action is late.")
    assert page.says("9 days without a decision")
    assert page.says("Rowan review sentence.")
    assert page.says("A-001 Rowan late action")
    assert page.text.index("Waiting for a decision (1)") < page.text.index("Reviews due (1)")
    assert f'/indicators/{house.home.indicator_id}/decision"' in page.text


def test_what_is_closed_moved_or_to_come_does_not_wait(house: House) -> None:
    page = house.visit("registered_manager").get("/work")
    for absent in ("Rowan closed action", "Rowan moved action", "Rowan action to come", "Rowan later sentence."):
        assert absent not in page.text


def test_an_escalation_waits_for_whoever_it_was_put_to_and_for_others_with_everybody_else(house: House) -> None:
    asked = "Rowan asks for a second senior."
    manager = house.visit("registered_manager").get("/work")
    assert manager.says("Waiting for others")
    assert asked not in manager.text
    nominated = house.visit("nominated_individual", whole_provider=True).get("/work")
    assert nominated.says("Waiting for a decision (2)")
    assert nominated.says(asked)


def test_nothing_that_waits_at_another_provider_is_shown(house: House) -> None:
    for role, whole in (("registered_manager", False), ("nominated_individual", True), ("provider_lead", True)):
        assert "CANARY" not in house.visit(role, whole_provider=whole).get("/work").text
    assert house.visit("registered_manager", home=house.foreign).get("/work").says("CANARY decline sentence.")


def test_who_may_not_decide_sees_what_waits_and_no_button(house: House) -> None:
    page = house.visit("medicines_lead").get("/work")
    assert page.says("3 things wait here this week.")
    assert "/decision" not in page.text


def test_a_carer_gets_tiles_and_their_own_entries_and_no_word_of_results(house: House) -> None:
    carer = house.visit("carer")
    before = carer.get("/work")
    assert before.says("You have not entered anything yet.")
    assert before.says("<b>Incident</b>")
    assert "<b>Medicines audit</b>" not in before.text
    assert "/indicators/" not in before.text
    assert "sentence." not in before.text
    colleague = add_person(house.db)
    with house.db.administration() as session:
        for person, day in ((carer.reach.person_id, 1), (colleague, 2)):
            session.add(
                Record(
                    provider_id=house.home.provider_id, service_id=house.home.service_id, record_id=new_id(),
                    revision=1, record_type="compliment", type_version="1", happened_at=AT + timedelta(days=day),
                    payload={}, recorded_by=person, recorded_initials="AO", recorded_at=AT,
                )
            )  # fmt: skip
    after = carer.get("/work")
    assert after.says("Compliment, 6 January 2026")
    assert not after.says("Compliment, 7 January 2026")


def test_a_carer_at_two_services_chooses_the_service_with_the_record(house: House) -> None:
    with house.db.administration() as session:
        second = a_service(session, house.home.provider_id, "Birch House")
    person = add_person(house.db)
    for service_id in (house.home.service_id, second):
        add_membership(house.db, person, "carer", place_of(Home(house.home.provider_id, service_id, second, "")))
    page = visit_as(house.app, house.db, person).get("/work")
    for service_id, name in ((house.home.service_id, "Rowan House"), (second, "Birch House")):
        assert f"/services/{service_id}/records/incident/new" in page.text
        assert page.says(f"<small>{name}</small>")


def test_who_holds_nothing_is_told_what_the_sign_in_covers_and_sees_no_content(house: House) -> None:
    visitor = house.visit(None)
    assert visitor.get("/").location.endswith("/work")
    page = visitor.get("/work")
    assert page.status == 200
    assert page.says("This sign-in covers no service.")
    for absent in ("Rowan", "CANARY", "Harbour Care"):
        assert absent not in page.text


def test_an_administrator_reads_what_their_role_covers_and_what_it_does_not(house: House) -> None:
    page = house.visit("provider_administrator", whole_provider=True).get("/work")
    assert page.says("who works where in which role")
    covered, closed = page.text.split("It does not cover")
    for kind in ("care", "medicines"):
        assert f"ource records about {kind}, which may identify people" in closed
        assert f"ource records about {kind}, which may identify people" not in covered


def test_a_commissioner_is_told_what_was_granted(house: House) -> None:
    officer, body = add_person(house.db), add_body(house.db)
    add_officer(house.db, body, officer)
    add_grant(house.db, place_of(house.home), body, classes=("summary",))
    page = visit_as(house.app, house.db, officer).get("/work")
    assert page.says("indicators, figures, status, ratings and plans")
    assert "Rowan" not in page.text


def test_the_page_sends_a_fixed_number_of_statements_however_many_services_there_are(house: House) -> None:
    lead = house.visit("provider_quality_lead", whole_provider=True)
    counts = []
    for more in (0, 12):
        with house.db.administration() as session:
            for number in range(more):
                wait(session, a_home(session, house.home.provider_id, f"Home {number}"), "Another")
        lead.get("/work")
        with statements_of(house.db, "web") as statements:
            page = lead.get("/work")
        counts.append(len(statements))
    assert page.says("Waiting for a decision (13)")
    assert page.says("The first 8")
    assert counts[0] == counts[1] <= 13, statements
