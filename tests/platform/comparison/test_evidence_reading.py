"""What source records prove, as it is read from the database."""

from datetime import date
from typing import Any

from support.facts import a_home, a_provider
from support.records import write_record

from mendline.catalogue.indicators import indicator_definition
from mendline.comparison.evidence_reading import read_behind
from tenants.database import Database

FEEDBACK = "people_feedback_positive_pct"
TODAY = date(2026, 2, 2)
ANSWER: dict[str, Any] = {
    "respondent": "person", "question": "overall", "answer": "always", "positive": True, "mode": "talk",
}  # fmt: skip


def test_case_26_an_answer_through_the_own_carer_is_told_apart_from_a_voice_of_their_own(database: Database) -> None:
    with database.administration() as session:
        home = a_home(session, a_provider(session), definition_key=FEEDBACK)
        for day, code, helped_by in ((25, "A", "own_carer"), (26, "B", "own_carer"), (20, "C", "family")):
            given = date(2026, 1, day).isoformat()
            write_record(session, home, "feedback", given_on=given, respondent_code=code, helped_by=helped_by, **ANSWER)
    key = (home.service_id, home.indicator_id)
    with database.transaction(database.command_reach(home.provider_id)) as session:
        behind = read_behind(session, home.provider_id, {key: indicator_definition(FEEDBACK)}, TODAY)[key]
    voices = {(fact.dated_on.day, fact.by_own_carer) for fact in behind.facts if fact.letter == "F"}
    assert voices == {(26, True), (20, False)}
    assert {fact.by_own_carer for fact in behind.facts if fact.letter == "R"} == {False}, "as a record both count"
