from datetime import UTC, datetime

from mendline.catalogue.record_types import record_type
from mendline.catalogue.validation import ValidRecord, validate
from mendline.evidence.records.answers import answers_of, differences, happened_words, typed

KIND = record_type("end_of_shift_check")
PAYLOAD = {
    "checked_at": "2026-07-17T05:41:00Z",
    "gaps_found": 2,
    "gap_rounds": ["morning", "night"],
    "cd_balance_agrees": "none_held",
    "fridge_temperature": 4.5,
}


def test_answers_are_told_in_words_and_london_time() -> None:
    told = {fact.term: fact.value for fact in answers_of(KIND, PAYLOAD)}
    assert told["When was the check made?"] == "17 July 2026, 06:41"
    assert told["Which rounds had a gap?"] == "Morning and Night"
    assert told["Do the controlled drugs match the register?"] == "None held"
    assert told["Medicines fridge temperature now"] == "4.5 °C"


def test_questions_that_were_left_open_are_counted_not_listed() -> None:
    assert answers_of(KIND, PAYLOAD)[-1].value == "9 questions, which may be left open"


def test_an_answer_of_an_older_declaration_is_shown_as_it_stands() -> None:
    told = {fact.term: fact.value for fact in answers_of(KIND, PAYLOAD | {"old_question": "yes", "shift_band": "dusk"})}
    assert told["Old question"] == "yes"
    assert told["Which shift?"] == "dusk"


def test_a_correction_says_what_it_was_before() -> None:
    assert differences(KIND, PAYLOAD, PAYLOAD | {"gaps_found": 3}) == "How many gaps did you find: 3, before: 2."


def test_a_day_without_a_time_is_told_as_a_day() -> None:
    assert happened_words(record_type("compliment"), datetime(2026, 7, 16, 23, tzinfo=UTC)) == "17 July 2026"


def test_what_a_correction_form_holds_comes_back_as_the_same_payload() -> None:
    kind = record_type("medicines_discrepancy")
    payload = {
        "found_at": "2026-07-17T05:41:00Z", "happened_on": "2026-07-16", "kind": "gap", "person": "P-014",
        "person_safe": "checked", "medicine": "Example 5 mg", "time_critical": False, "round_slot": "night",
        "what_is_known": "unknown", "done_so_far": "Told the manager", "told": ["manager", "gp_or_pharmacist"],
        "harm_level": "none", "found_by": "AO",
    }  # fmt: skip
    again = validate(kind, typed(kind, payload))
    assert isinstance(again, ValidRecord)
    assert again.payload == payload
