"""Records that wait for somebody else's outcome are in no share of what was upheld."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from support.facts import Home, a_home, a_provider
from support.records import write_record
from support.shifts import place_of
from support.tenancy import signed_in

from mendline.catalogue.record_types import record_type
from mendline.evidence.records.outcomes import AnswerCount, ended_words
from mendline.evidence.records.queries import answers_counted
from tenants.database import Database

CONCERN = record_type("safeguarding_concern")
TODAY = date(2026, 11, 23)


def some(answer: str, number: int, days_ago: int = 60, recent: int | None = None, unchased: int = 0) -> AnswerCount:
    return AnswerCount(answer, number, number if recent is None else recent, TODAY - timedelta(days=days_ago), unchased)


def told(*found: AnswerCount) -> str:
    assert CONCERN.outcomes is not None
    return ended_words(CONCERN, CONCERN.outcomes, found)


def test_case_21_what_awaits_an_outcome_is_not_in_the_substantiated_share_and_is_chased() -> None:
    decided = (some("substantiated", 1), some("partly", 1), some("unsubstantiated", 2))
    share = "Of 4 with an outcome, of the last 12 months, 2 were substantiated, in whole or in part."
    assert told(*decided) == share
    assert told(*decided, some("awaiting_outcome", 3, days_ago=200, unchased=2), some("enquiry", 1)) == (
        f"{share} 4 safeguarding concerns wait for one and are not counted there, the oldest since 7 May 2026."
        " 2 were not asked after for 28 days."
    )


def test_what_the_council_closed_without_finding_out_is_in_neither_part() -> None:
    assert told(some("no_further_action", 5)) == "None of the last 12 months has an outcome yet."
    assert told(some("no_further_action", 5), some("unsubstantiated", 1)).startswith("Of 1 with an outcome")


def test_the_share_is_of_a_year_and_what_waits_is_of_any_age() -> None:
    words = told(some("substantiated", 4, days_ago=900, recent=1), some("awaiting_outcome", 1, days_ago=800, recent=0))
    assert words.startswith("Of 1 with an outcome, of the last 12 months, 1 was substantiated")
    assert "1 safeguarding concern waits for one and is not counted there" in words


def a_concern(database: Database, home: Home, known_on: str, status: str, **changes: Any) -> None:
    answers = {
        "known_at": f"{known_on}T09:00:00+00:00", "person": "P-001", "kind": "neglect", "meets_threshold": True,
        "wishes": "recorded", "status": status, "immediate_safety": "Moved to another room", "restricted": False,
    }  # fmt: skip
    with database.administration() as session:
        write_record(session, home, "safeguarding_concern", **{**answers, **changes},
                     recorded_at=datetime(2026, 11, 1, 9, tzinfo=UTC))  # fmt: skip


def test_concerns_are_counted_in_their_newest_state_with_when_they_were_last_chased(database: Database) -> None:
    with database.administration() as session:
        home = a_home(session, a_provider(session))
        other = a_home(session, a_provider(session, "Tideway Care"))
    a_concern(database, home, "2026-05-07", "awaiting_outcome")
    a_concern(database, home, "2026-06-01", "awaiting_outcome", last_chased_on="2026-11-10")
    a_concern(database, home, "2026-09-01", "unsubstantiated")
    a_concern(database, home, "2025-09-01", "substantiated")
    a_concern(database, other, "2026-09-01", "substantiated")
    manager = signed_in(database, "registered_manager", place_of(home))
    with database.transaction(manager) as session:
        found = answers_counted(session, home.provider_id, home.service_id, CONCERN, TODAY)
        assert answers_counted(session, home.provider_id, home.service_id, record_type("incident"), TODAY) == ()
    assert {one.answer: (one.number, one.recent, one.unchased) for one in found} == {
        "awaiting_outcome": (2, 2, 1), "unsubstantiated": (1, 1, 1), "substantiated": (1, 0, 1),
    }  # fmt: skip
    assert told(*found).endswith("the oldest since 7 May 2026. 1 was not asked after for 28 days.")
