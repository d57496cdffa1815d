"""Pages of escalations, risks and actions in the application: what they show, and what their forms do."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from support.escalating import an_escalation, works_as
from support.site import Visitor, a_site, who_works_as
from support.triggers import Recovering, a_recovering_service, a_stored_record, ask_about, employ, rows_of, taken_back

from mendline.catalogue.calendar import add_working_days
from mendline.catalogue.record_types import record_type
from mendline.catalogue.wording import long_date
from mendline.evidence.records.commands import correct_record
from mendline.recovery.registers.action_commands import open_action
from mendline.recovery.registers.counting import count_actions
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import RefusedError
from tenants.ids import new_id


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture
def at(database: Database) -> Recovering:
    return a_recovering_service(database)


def manager(site: Flask, database: Database, at: Recovering, role: str = "registered_manager") -> Visitor:
    return who_works_as(site, database, role, at.place, whole_provider=role == "nominated_individual")


def soon(days: int = 2) -> str:
    return (today() + timedelta(days=days)).isoformat()


def test_an_escalation_is_opened_decided_and_shown(site: Flask, database: Database, at: Recovering) -> None:
    visitor = manager(site, database, at)
    base = f"/services/{at.home.service_id}"
    assert "Nothing was escalated" in visitor.text(f"{base}/escalations")
    opened = visitor.post(f"{base}/escalations/new", {
        "indicator_id": str(at.home.indicator_id), "asked": "Two night posts, please.", "to_role": "registered_manager",
        "kind": "provider_oversight", "due_on": add_working_days(today(), 3).isoformat(),
    })  # fmt: skip
    assert opened.status_code == 303
    page = visitor.text(opened.location)
    assert "Two night posts, please." in page
    listed = visitor.text(f"{base}/escalations")
    assert "Waiting for your decision (1)" in listed
    refused = visitor.post(opened.location, {"outcome": "additional_audit", "reason": "Too many gaps on nights."})
    assert refused.status_code == 422
    assert "Say what is audited: its scope." in refused.get_data(as_text=True)
    done = visitor.post(opened.location, {
        "outcome": "additional_audit", "reason": "Too many gaps on nights.", "title": "All night charts", "owner": "P Nowak",
        "due_on": soon(),
    })  # fmt: skip
    assert done.status_code == 303
    assert "Made: A-001" in visitor.text(opened.location)
    again = visitor.post(opened.location, {"outcome": "no_further_action", "reason": "It is enough now."})
    assert again.status_code == 409
    assert "decided this already" in again.get_data(as_text=True)


def test_what_fired_leads_to_its_records(site: Flask, database: Database, at: Recovering) -> None:
    employ(database, at, "nominated_individual")
    record = a_stored_record(database, at, "medicines_discrepancy", kind="wrong_dose", harm_level="moderate",
                             reviewed_at=now().isoformat())  # fmt: skip
    ask_about(database, at, "record:medicines_discrepancy")
    (found,) = rows_of(database, at, "escalation")
    page = manager(site, database, at).text(f"/services/{at.home.service_id}/escalations/{found.escalation_id}")
    assert f"/records/medicines_discrepancy/{record}" in page
    assert "Controlled drug unresolved, harm or suspected diversion" in page
    assert "This is for the nominated individual to decide" in page
    assert 'name="outcome"' not in page


def test_what_fired_says_of_a_record_that_was_taken_back_since(site: Flask, database: Database, at: Recovering) -> None:
    employ(database, at, "nominated_individual")
    record = a_stored_record(database, at, "medicines_discrepancy", kind="wrong_dose", harm_level="moderate",
                             reviewed_at=now().isoformat())  # fmt: skip
    ask_about(database, at, "record:medicines_discrepancy")
    (found,) = rows_of(database, at, "escalation")
    address = f"/services/{at.home.service_id}/escalations/{found.escalation_id}"
    assert "withdrawn since" not in manager(site, database, at).text(address)
    taken_back(database, at, record)
    page = manager(site, database, at).text(address)
    assert f"/records/medicines_discrepancy/{record}" in page
    assert f"withdrawn since on {long_date(today())}" in page


def test_what_fired_names_the_actions_too(site: Flask, database: Database, at: Recovering) -> None:
    employ(database, at, "nominated_individual")
    with database.administration() as session:
        session.execute(
            text(
                "insert into action (provider_id, service_id, action_id, reference, title, owner, opened_on, due_on,"
                " high_risk, recorded_at) select :p, :s, gen_random_uuid(), 'A-00' || n, 'Watch round ' || n, 'P Nowak',"
                " current_date - 20, current_date - 5, false, now() from generate_series(1, 4) n"
            ),
            {"p": at.home.provider_id, "s": at.home.service_id},
        )
    ask_about(database, at, "actions")
    found = next(row for row in rows_of(database, at, "escalation") if row.trigger == "overdue_actions")
    page = manager(site, database, at).text(f"/services/{at.home.service_id}/escalations/{found.escalation_id}")
    assert "4 actions are overdue" in page
    assert all(f"A-00{number} Watch round {number}" in page for number in range(1, 5))
    assert "further fact" not in page


def test_whom_an_escalation_is_about_neither_sees_nor_decides_it(
    site: Flask, database: Database, at: Recovering
) -> None:
    held = employ(database, at, "deputy_manager", "nominated_individual")
    visitor = manager(site, database, at)
    base = f"/services/{at.home.service_id}/escalations"
    assert "Is it about somebody who works here?" in visitor.text(f"{base}/new")
    about = {
        "indicator_id": str(at.home.indicator_id), "asked": "Rounds were signed that nobody made.",
        "to_role": "nominated_individual", "kind": "provider_oversight",
        "due_on": add_working_days(today(), 3).isoformat(), "subject": str(held["deputy_manager"]),
    }  # fmt: skip
    alone = visitor.post(f"{base}/new", {**about, "subject": str(held["nominated_individual"])})
    assert (alone.status_code, "only person who would decide it" in alone.get_data(as_text=True)) == (422, True)
    stranger = visitor.post(f"{base}/new", {**about, "subject": str(new_id())})
    assert (stranger.status_code, "Choose somebody who works here." in stranger.get_data(as_text=True)) == (422, True)
    opened = visitor.post(f"{base}/new", about)
    assert opened.status_code == 303
    (found,) = rows_of(database, at, "escalation")
    assert found.subject_person_id == held["deputy_manager"]
    (cut,) = rows_of(database, at, "conflict")
    assert (cut.person_id, cut.about_id) == (held["deputy_manager"], found.escalation_id)


def test_the_provider_sees_every_service_and_answers(site: Flask, database: Database, at: Recovering) -> None:
    reach = works_as(database, "registered_manager", at.home)
    an_escalation(database, reach, at.home, to="nominated_individual")
    visitor = manager(site, database, at, "nominated_individual")
    page = visitor.text("/escalations")
    assert "Rowan House" in page
    (way,) = set(re.findall(rf"/services/{at.home.service_id}/escalations/[0-9a-f-]+", page))
    visitor.post(way, {"outcome": "provider_oversight", "reason": "It needs money.", "title": "Fund two night posts",
                       "due_on": soon(5)})  # fmt: skip
    matter = f"/services/{at.home.service_id}/oversight/O-001"
    assert "Fund two night posts" in visitor.text(matter)
    assert visitor.post(matter, {"reply": "Agreed from 1 December."}).status_code == 303
    assert "Agreed from 1 December." in visitor.text(matter)


def test_an_action_is_opened_with_suggestions_and_closed_by_two(
    site: Flask, database: Database, at: Recovering
) -> None:
    first, second = manager(site, database, at), manager(site, database, at)
    base = f"/services/{at.home.service_id}/actions"
    opened = first.post(f"{base}/new", {
        "title": "Ensure staff sign charts", "owner": "All staff", "due_on": soon(), "high_risk": "yes",
    })  # fmt: skip
    page = first.text(opened.location)
    assert page.count("This could be clearer</h2>") == 3
    assert "Yes, a second person closes it" in page
    evidence = first.post(opened.location, {"kind": "closed"})
    assert evidence.status_code == 422
    assert "Name the evidence" in evidence.get_data(as_text=True)
    assert opened.location in first.text(base)
    moved = first.post(opened.location, {"kind": "redated", "due_on": soon(9), "note": "The trainer is ill"})
    assert moved.status_code == 303
    assert "New date" in second.text(opened.location)


def test_a_risk_is_recorded_scored_and_closed(site: Flask, database: Database, at: Recovering) -> None:
    visitor = manager(site, database, at)
    base = f"/services/{at.home.service_id}/risks"
    opened = visitor.post(f"{base}/new", {
        "title": "People wait too long at night", "owner": "P Nowak", "likelihood": "4", "impact": "4",
        "reason": "Seen on two nights", "look_again_on": soon(14),
    })  # fmt: skip
    assert "It scores 16 of 25." in visitor.text(opened.location)
    visitor.post(opened.location, {"kind": "scored", "likelihood": "2", "impact": "4", "reason": "A second checker",
                                   "look_again_on": soon(14)})  # fmt: skip
    assert "It scores 8 of 25, from 16 at first." in visitor.text(opened.location)
    visitor.post(opened.location, {"kind": "closed", "note": "Held for four weeks"})
    assert "This risk is closed." in visitor.text(opened.location)
    assert "R-001" in visitor.text(base)


def test_a_threshold_moves_within_its_limits_with_a_reason(site: Flask, database: Database, at: Recovering) -> None:
    visitor = manager(site, database, at, "nominated_individual")
    assert "same medicine gaps 3 (2 to 4)" in visitor.text("/escalations/rules")
    loose = {"rule": "M1", "name": "same_medicine_gaps", "value": "9", "reason": "We want fewer signs"}
    assert "Give a number from 2 to 4." in visitor.post("/escalations/rules", loose).get_data(as_text=True)
    tight = {**loose, "value": "2", "reason": "Two gaps are two too many"}
    assert visitor.post("/escalations/rules", tight).status_code == 303
    assert "same medicine gaps 2 (2 to 4)" in visitor.text("/escalations/rules")
    assert manager(site, database, at).post("/escalations/rules", tight).status_code == 403


def test_a_carer_sees_none_of_it(site: Flask, database: Database, at: Recovering) -> None:
    carer = manager(site, database, at, "carer")
    for path in ("/escalations", "/escalations/rules", f"/services/{at.home.service_id}/escalations"):
        assert carer.get(path).status_code == 403


def test_a_record_that_an_action_wrote_is_changed_by_its_action_alone(
    site: Flask, database: Database, at: Recovering
) -> None:
    visitor = manager(site, database, at)
    base = f"/services/{at.home.service_id}"
    opened = visitor.post(f"{base}/actions/new", {
        "title": "A second checker on each night round", "owner": "P Nowak", "due_on": soon(),
    })  # fmt: skip
    assert opened.status_code == 303, opened.get_data(as_text=True)
    with database.transaction(database.command_reach(at.home.provider_id)) as session:
        assert count_actions(session, at.home.provider_id, [at.home.service_id], now()) == 1
    (record,) = rows_of(database, at, "record")
    here = f"{base}/records/action/{record.record_id}"
    page = visitor.text(here)
    assert "Action A-001 speaks for this record" in page
    assert f'href="{base}/actions/A-001"' in page
    assert "Correct this record" not in page
    led = visitor.get(f"{here}/correction")
    assert (led.status_code, led.location) == (303, here)
    refused = visitor.post(here, {**record.payload, "title": "Something else", "seen_revision": "1",
                                  "correction_reason": "It was worded badly."})  # fmt: skip
    assert refused.status_code == 422
    assert "Change action A-001: the record follows it" in refused.get_data(as_text=True)
    assert len(rows_of(database, at, "record")) == 1


def test_no_other_door_corrects_what_an_action_wrote(database: Database, at: Recovering) -> None:
    reach = works_as(database, "registered_manager", at.home)
    here = {"provider_id": at.home.provider_id, "service_id": at.home.service_id}
    with database.transaction(reach) as session:
        open_action(session, reach, **here, title="Watch two rounds", owner="P Nowak", due_on=today(), today=today())
    with database.transaction(database.command_reach(at.home.provider_id)) as session:
        count_actions(session, at.home.provider_id, [at.home.service_id], now())
    (record,) = rows_of(database, at, "record")
    with pytest.raises(RefusedError, match="follows action A-001"), database.transaction(reach) as session:
        correct_record(
            session, reach, **here, kind=record_type("action"), record_id=record.record_id, seen_revision=1,
            before=record.payload, raw={**record.payload, "title": "Other words"}, reason="Worded badly.", at=now(),
        )  # fmt: skip
