"""Pages of the regulator's clocks in the application: started, sent with proof, handed on, come again."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from support.site import Visitor, a_site, who_works_as
from support.triggers import Recovering, a_recovering_service

from tenants.clock import today
from tenants.database import Database


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture
def at(database: Database) -> Recovering:
    return a_recovering_service(database)


@pytest.fixture
def manager(site: Flask, database: Database, at: Recovering) -> Visitor:
    return who_works_as(site, database, "registered_manager", at.place)


def started(visitor: Visitor, base: str, **answers: object) -> str:
    """Starts clocks and gives the listing."""
    given = {
        "about": "complaint",
        "summary": "Complaint C-014 about calls at night",
        "started_on": (today() - timedelta(days=1)).isoformat(),
        "kinds": ["complaint_acknowledged", "complaint_answered"],
        "owner": "D Hartley",
    } | answers
    answer = visitor.post(f"{base}/new", given)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return visitor.text(base)


def link_to(page: str, heading: str) -> str:
    found = re.search(rf'href="([^"]+/clocks/[^"]+)"[^>]*>\s*{heading}', page)
    assert found, heading
    return found[1]


def test_one_complaint_starts_two_clocks_that_say_when_they_end(manager: Visitor, at: Recovering) -> None:
    base = f"/services/{at.home.service_id}/clocks"
    assert "Nothing is due to anybody outside" in manager.text(base)
    assert "What came in?" in manager.text(f"{base}/new")
    assert "Check before use" in manager.text(f"{base}/new?about=complaint")
    page = started(manager, base)
    assert "2 clocks run." in page
    assert "Complaint acknowledged" in page
    assert "Complaint answered" in page
    assert "N-001" in page


def test_a_clock_is_sent_only_with_its_proof_and_once(manager: Visitor, at: Recovering) -> None:
    base = f"/services/{at.home.service_id}/clocks"
    one = link_to(started(manager, base), "Complaint acknowledged")
    bare = manager.post(one, {"kind": "sent", "sent_method": "E-mail"})
    assert bare.status_code == 422
    assert "or the evidence that shows it was sent" in bare.get_data(as_text=True)
    assert manager.post(one, {"kind": "sent", "sent_method": "E-mail", "sent_proof": "M-77"}).status_code == 303
    page = manager.text(one)
    assert "Sent in time" in page
    assert "Reference M-77." in page
    again = manager.post(one, {"kind": "sent", "sent_method": "E-mail", "sent_proof": "M-78"})
    assert again.status_code == 409
    assert manager.post(one, {"kind": "undone", "undone_reason": "Sent to the wrong address"}).status_code == 303
    assert "It was sent" in manager.text(one)


def test_a_report_that_comes_again_starts_its_next_turn_when_it_is_sent(manager: Visitor, at: Recovering) -> None:
    base = f"/services/{at.home.service_id}/clocks"
    due = today() + timedelta(days=2)
    answers = {"about": "condition", "summary": "Condition 2 of the registration", "kinds": "condition_report"}
    refused = manager.post(f"{base}/new", answers | {"started_on": today().isoformat(), "owner": "D Hartley"})
    assert "Give the date that the letter or notice says." in refused.get_data(as_text=True)
    page = started(manager, base, **answers, said_condition_report=due.isoformat())
    one = link_to(page, "Report under a condition of registration, report 1")
    for _ in range(2):  # once more after it is opened again: no second turn of the same number
        assert manager.post(one, {"kind": "sent", "sent_method": "Portal", "sent_proof": "R-1"}).status_code == 303
        manager.post(one, {"kind": "undone", "undone_reason": "Sent the wrong month"})
    page = manager.text(base)
    assert page.count("report 2") == 1
    assert "report 3" not in page


def test_a_new_date_and_a_new_owner_stand_beside_the_first(manager: Visitor, at: Recovering) -> None:
    base = f"/services/{at.home.service_id}/clocks"
    one = link_to(started(manager, base), "Complaint answered")
    later = (today() + timedelta(days=60)).isoformat()
    assert (
        manager.post(
            one, {"kind": "redated", "redated_due_on": later, "redated_reason": "Agreed with them"}
        ).status_code
        == 303
    )
    assert manager.post(one, {"kind": "reassigned", "reassigned_owner": "P Nowak"}).status_code == 303
    page = manager.text(one)
    assert "Now with P Nowak." in page
    assert "60 days left" in page
    assert "Owner: P Nowak." in manager.text(base)


def test_a_provider_confirms_a_number_and_later_clocks_count_by_it(
    site: Flask, database: Database, at: Recovering, manager: Visitor
) -> None:
    leader = who_works_as(site, database, "nominated_individual", at.place, whole_provider=True)
    assert "numbers are to be checked before use" in leader.text("/clocks/numbers")
    told = {"kind": "complaint_answered", "number": "20", "reason": "Our complaints policy, 2026"}
    assert leader.post("/clocks/numbers", told | {"number": "0"}).status_code == 422
    assert leader.post("/clocks/numbers", told).status_code == 303
    page = leader.text("/clocks/numbers")
    assert "20 calendar days. Set by" in page
    started(manager, f"/services/{at.home.service_id}/clocks")
    assert "20 calendar days" in manager.text(
        link_to(manager.text(f"/services/{at.home.service_id}/clocks"), "Complaint answered")
    )
    everywhere = leader.text("/clocks")
    assert "Complaint answered" in everywhere
    assert "Complaint acknowledged" in everywhere


def test_a_carer_sees_no_clock(site: Flask, database: Database, at: Recovering) -> None:
    carer = who_works_as(site, database, "carer", at.place)
    assert carer.get(f"/services/{at.home.service_id}/clocks").status_code in (403, 404)
