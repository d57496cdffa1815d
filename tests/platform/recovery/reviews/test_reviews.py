"""Reviews in the application: drafts, each decision to its end, weak assurances, and signing once."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from support.escalating import works_as
from support.site import Visitor, a_site, who_works_as
from support.triggers import Recovering, a_recovering_service, a_stored_record, derive, rows_of

from mendline.catalogue.calendar import add_working_days
from tenants.clock import today
from tenants.database import Database


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture
def at(database: Database) -> Recovering:
    return a_recovering_service(database)


def decide(visitor: Visitor, at: Recovering, **answers: Any) -> Any:
    return visitor.post(f"/services/{at.home.service_id}/indicators/{at.home.indicator_id}/decision", answers)


def manager(site: Flask, database: Database, at: Recovering, role: str = "registered_manager") -> Visitor:
    return who_works_as(site, database, role, at.place, whole_provider=role == "nominated_individual")


WEAK = {
    "decision": "assured", "what_changed": "No change at 90%.", "why": "Rounds were watched on three evenings.",
    "exception_reason": "The audit of nights follows on Monday.",
}  # fmt: skip
FURTHER = {
    "decision": "further_action", "what_changed": "Gaps on nights.", "why": "One checker alone.",
    "action_title": "A second checker on every night round", "action_owner": "P Nowak",
    "action_due_on": (today() + timedelta(days=5)).isoformat(),
}  # fmt: skip
ESCALATE = {
    "decision": "escalate", "what_changed": "Gaps on nights.", "why": "Two posts are vacant.",
    "what_follows": "The provider decides on two permanent night posts.", "escalate_to": "nominated_individual",
    "reply_due_on": (today() + timedelta(days=5)).isoformat(),
}  # fmt: skip


def test_a_draft_is_kept_for_its_writer_and_decides_nothing(site: Flask, database: Database, at: Recovering) -> None:
    visitor = manager(site, database, at)
    form = f"/services/{at.home.service_id}/indicators/{at.home.indicator_id}/decision"
    assert decide(visitor, at, act="draft", what_changed="Gaps on nights came back").status_code == 303
    page = visitor.text(form)
    assert "Gaps on nights came back" in page
    assert "Draft kept" in page
    assert "Gaps on nights came back" not in manager(site, database, at).text(form)
    assert rows_of(database, at, "review") == []
    assert decide(visitor, at, **FURTHER).status_code == 303
    assert "Draft kept" not in visitor.text(form)


def test_further_action_ends_in_an_action(site: Flask, database: Database, at: Recovering) -> None:
    assert decide(manager(site, database, at), at, **FURTHER).status_code == 303
    (action,) = rows_of(database, at, "action")
    assert (action.title, action.owner) == ("A second checker on every night round", "P Nowak")
    (review,) = rows_of(database, at, "review")
    assert (review.decision, review.forum, review.relied_on) == ("further_action", "weekly_review", ["A-001"])


def test_escalate_ends_in_an_escalation(site: Flask, database: Database, at: Recovering) -> None:
    assert decide(manager(site, database, at), at, **ESCALATE).status_code == 303
    (found,) = rows_of(database, at, "escalation")
    assert (found.to_role, found.origin) == ("nominated_individual", "decision")


def test_a_weak_assurance_asks_for_its_reason_and_goes_up(site: Flask, database: Database, at: Recovering) -> None:
    visitor = manager(site, database, at)
    refused = decide(visitor, at, **{**WEAK, "exception_reason": ""})
    assert refused.status_code == 422
    assert "Say why all the same" in refused.get_data(as_text=True)
    assert decide(visitor, at, **WEAK).status_code == 303
    (matter,) = rows_of(database, at, "oversight")
    assert matter.to_role == "nominated_individual"
    assert matter.asked.startswith("Weak assurance over")
    assert "The audit of nights follows on Monday." in matter.asked
    assert matter.due_on == add_working_days(today(), 5)


def test_the_nominated_individuals_own_weak_assurance_goes_before_the_provider(
    site: Flask, database: Database, at: Recovering
) -> None:
    assert decide(manager(site, database, at, "nominated_individual"), at, **WEAK).status_code == 303
    (matter,) = rows_of(database, at, "oversight")
    assert matter.to_role == "provider_lead"
    (review,) = rows_of(database, at, "review")
    assert review.forum == "provider_review"


def test_nothing_is_signed_while_a_due_indicator_has_no_decision(
    site: Flask, database: Database, at: Recovering
) -> None:
    with database.administration() as session:
        session.execute(
            text("update service_indicator set review_every_days = 1 where provider_id = :p"),
            {"p": at.home.provider_id},
        )
    derive(database, at)
    visitor = manager(site, database, at)
    base = f"/services/{at.home.service_id}/reviews/current"
    assert "Still to decide" in visitor.text(base)
    refused = visitor.post(base, {"summary": "Nights are still weak."})
    assert refused.status_code == 422
    assert "1 due indicator has no decision" in refused.get_data(as_text=True)
    decide(visitor, at, **FURTHER)
    derive(database, at)
    assert visitor.post(base, {"summary": "Nights are still weak."}).status_code == 303
    (sitting,) = rows_of(database, at, "review_sitting")
    assert (sitting.forum, len(sitting.decided), sitting.decided[0]["decision"]) == (
        "weekly_review",
        1,
        "further_action",
    )


def test_a_review_is_signed_once(site: Flask, database: Database, at: Recovering) -> None:
    visitor = manager(site, database, at)
    base = f"/services/{at.home.service_id}/reviews/current"
    assert visitor.post(base, {"summary": "Too short"}).status_code == 422
    assert visitor.post(base, {"summary": "Nothing is due this week."}).status_code == 303
    again = visitor.post(base, {"summary": "Nothing is due this week."})
    assert again.status_code == 409
    page = visitor.text(base)
    assert "Signed by" in page
    assert 'name="summary"' not in page


def test_a_correction_is_added_and_what_was_recorded_stays(site: Flask, database: Database, at: Recovering) -> None:
    visitor = manager(site, database, at)
    decide(visitor, at, **FURTHER)
    (review,) = rows_of(database, at, "review")
    base = f"/services/{at.home.service_id}/reviews"
    assert visitor.post(f"{base}/{review.review_id}/corrections", {"correction": "No"}).status_code == 422
    done = visitor.post(f"{base}/{review.review_id}/corrections", {"correction": "The week was the one before."})
    assert done.status_code == 303
    page = visitor.text(f"{base}/current")
    assert "The week was the one before." in page
    assert "Gaps on nights." in page


def test_the_deputy_is_shown_records_that_the_week_draws(site: Flask, database: Database, at: Recovering) -> None:
    for _ in range(7):
        a_stored_record(database, at, "medicines_discrepancy", kind="wrong_dose", harm_level="none")
    deputy = manager(site, database, at, "deputy_manager")
    base = f"/services/{at.home.service_id}/reviews/current"
    page = deputy.text(base)
    assert "5 of 7 records of the last seven days" in page
    assert page.count("/records/medicines_discrepancy/") == 5
    assert deputy.text(base).split("Look at these")[1] == page.split("Look at these")[1]


@pytest.mark.parametrize("table", ["review_sitting", "review", "minutes", "minutes_addendum", "status_change"])
@pytest.mark.parametrize("act", ["update {} set recorded_at = now()", "delete from {}"])
def test_what_is_signed_cannot_be_changed(database: Database, at: Recovering, table: str, act: str) -> None:
    reach = works_as(database, "registered_manager", at.home)
    with pytest.raises(ProgrammingError, match="permission denied"), database.transaction(reach) as session:
        session.execute(text(act.format(table)))


def test_a_draft_of_somebody_else_is_not_even_seen(site: Flask, database: Database, at: Recovering) -> None:
    decide(manager(site, database, at), at, act="draft", why="Nobody else may read this")
    other = works_as(database, "registered_manager", at.home)
    with database.transaction(other) as session:
        assert session.execute(text("select count(*) from review_draft")).scalar_one() == 0
