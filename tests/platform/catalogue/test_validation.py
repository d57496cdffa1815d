from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mendline.catalogue.csv_template import example_row
from mendline.catalogue.record_types import RecordType, record_type, record_types
from mendline.catalogue.validation import FieldProblem, ValidRecord, validate

EVERY_TYPE = pytest.mark.parametrize("declared", record_types().values(), ids=list(record_types()))


def check(**changes: Any) -> dict[str, Any]:
    answers = {
        "checked_at": "17/11/2026 06:41",
        "shift_on": "16/11/2026",
        "shift_band": "night",
        "unit": "Primrose",
        "people_on_unit": "14",
        "charts_checked": "14",
        "doses_due": "61",
        "gaps_found": "2",
        "gap_rounds": "evening; night",
        "cd_balance_agrees": "yes",
        "fridge_temperature": "5.5",
        "time_critical_on_time": "none",
        "completed_by": "a.o.",
    }
    return {name: given for name, given in (answers | changes).items() if given is not ...}


def problems(raw: Mapping[str, Any], declared: str = "end_of_shift_check", **options: Any) -> dict[str, str]:
    found = validate(record_type(declared), raw, **options)
    assert isinstance(found, list)
    assert all(isinstance(problem, FieldProblem) for problem in found)
    return {problem.field: problem.message for problem in found}


def accepted(raw: Mapping[str, Any], declared: str = "end_of_shift_check", **options: Any) -> ValidRecord:
    found = validate(record_type(declared), raw, **options)
    assert isinstance(found, ValidRecord), found
    return found


def test_a_check_as_a_form_sends_it_becomes_values() -> None:
    record = accepted(check())
    assert record.happened_at == datetime(2026, 11, 17, 6, 41, tzinfo=UTC)
    assert record.values["shift_on"] == date(2026, 11, 16)
    assert record.values["gap_rounds"] == ("evening", "night")
    assert record.values["completed_by"] == "AO"
    assert record.payload["checked_at"] == "2026-11-17T06:41:00Z"
    assert record.payload["fridge_temperature"] == 5.5
    assert "note" not in record.payload


def test_every_problem_is_said_at_once_and_in_the_order_of_the_form() -> None:
    raw = check(
        checked_at="17/13/2026 06:41", gaps_found="-1", completed_by="Amara Okafor", colour="red", shift_band=...
    )
    found = problems(raw)
    assert list(found) == ["colour", "checked_at", "shift_band", "gaps_found", "completed_by"]
    assert found["colour"] == "There is no field “colour” in end-of-shift medicines check. Take it out."
    assert found["shift_band"] == "Answer “Which shift?”"
    assert found["gaps_found"] == "“How many gaps did you find?” must be 0 or more."
    assert "must be initials, for example AO. Do not enter a name." in found["completed_by"]


def test_a_numerator_above_its_denominator_is_refused() -> None:
    assert problems(check(gaps_found="62"))["gaps_found"] == (
        "“How many gaps did you find?” cannot be above “Regular doses due on the shift” (61). Check both."
    )


def test_a_limit_that_was_not_given_does_not_bind() -> None:
    assert accepted(check(doses_due=...)).values["gaps_found"] == 2


def test_a_date_before_the_one_it_follows_is_refused() -> None:
    raw = example_row(record_type("medicines_discrepancy")) | {"reviewed_at": "16/11/2026 06:40"}
    assert problems(raw, "medicines_discrepancy") == {
        "reviewed_at": "“When was the review completed?” cannot be before “When was it found?” Check both."
    }


def test_a_day_and_a_moment_compare_by_the_london_day() -> None:
    raw = example_row(record_type("incident")) | {
        "happened_at": "2026-07-01T23:30:00Z",
        "known_at": "",
        "reviewed_at": "",
        "reviewed_by": "",
        "learning_shared_on": "2/7/2026",
    }
    assert accepted(raw, "incident").happened_at == datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


def test_two_signatures_are_two_people() -> None:
    raw = example_row(record_type("cd_check")) | {"second_signature": "AO"}
    assert problems(raw, "cd_check") == {
        "second_signature": "“Second signature” must be someone other than in “First signature”."
    }


def test_an_answer_can_make_another_one_necessary() -> None:
    raw = example_row(record_type("medicines_discrepancy")) | {"root_cause": "", "reviewed_by": " "}
    assert problems(raw, "medicines_discrepancy") == {
        "reviewed_by": "Fill in “Reviewed by”.",
        "root_cause": "Fill in “Main cause”.",
    }
    unreviewed = raw | {"reviewed_at": "", "action_taken": ""}
    assert "root_cause" not in accepted(unreviewed, "medicines_discrepancy").values


def test_what_has_not_happened_yet_is_refused_when_the_time_is_known() -> None:
    now = datetime(2026, 11, 17, 6, 40, tzinfo=UTC)
    assert problems(check(), now=now) == {
        "checked_at": "“When was the check made?” lies in the future. Check the date and time."
    }
    assert accepted(check(), now=now + timedelta(minutes=1)).type_version == "1"


def test_a_mistyped_year_is_refused() -> None:
    assert "has the year 2206" in problems(check(shift_on="16/11/2206"))["shift_on"]


def test_a_time_that_clocks_never_showed_is_refused() -> None:
    found = problems(check(checked_at="29/03/2026 01:30"))
    assert "01:30 did not happen" in found["checked_at"]


def test_typed_values_keep_to_the_schema() -> None:
    payload = accepted(check()).payload
    assert accepted(payload, typed=True).payload == payload
    wrong = payload | {
        "gaps_found": "2",
        "shift_band": "Night, 10pm to 8am",
        "checked_at": "2026-11-17 06:41",
        "note": None,
    }
    assert list(problems(wrong, typed=True)) == ["checked_at", "shift_band", "gaps_found", "note"]


@EVERY_TYPE
def test_the_example_of_every_type_is_valid_and_survives_json(declared: RecordType) -> None:
    record = accepted(example_row(declared), declared.key)
    assert set(record.values) == {field.name for field in declared.fields}
    assert accepted(record.payload, declared.key, typed=True).payload == record.payload


@EVERY_TYPE
def test_an_empty_record_names_every_required_field_of_every_type(declared: RecordType) -> None:
    assert list(problems({}, declared.key)) == [field.name for field in declared.fields if field.required]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(record_types())),
    st.dictionaries(st.text(max_size=8), st.none() | st.text(max_size=12) | st.floats() | st.booleans(), max_size=3),
    st.data(),
)
def test_whatever_is_given_is_a_record_or_a_list_of_problems(
    key: str, odd: dict[str, Any], data: st.DataObject
) -> None:
    declared = record_type(key)
    name = data.draw(st.sampled_from([field.name for field in declared.fields]))
    anything = st.none() | st.text() | st.integers() | st.floats() | st.booleans() | st.lists(st.text(max_size=5))
    raw = example_row(declared) | odd | {name: data.draw(anything)}
    for typed in (False, True):
        found = validate(declared, raw, typed=typed)
        assert isinstance(found, ValidRecord) or found
