import uuid
from datetime import UTC, datetime

import pytest
from support.shifts import a_check
from werkzeug.datastructures import MultiDict

from mendline.catalogue.record_types import RecordType, record_type, record_types
from mendline.evidence.records.forms import inside, prefilled, read_answers, read_record_id, record_form
from mendline.web.components import Field
from tenants.errors import RefusedError

AT = datetime(2026, 7, 17, 5, 41, tzinfo=UTC)
RECORD = uuid.UUID(int=7)


def questions(kind: RecordType, **changes: object) -> dict[str, Field]:
    given = {"action": "/send", "record_id": RECORD, "answers": {}, **changes}
    form = record_form(kind, **given)  # type: ignore[arg-type]
    return {field.name: field for field in form.fields}


@pytest.mark.parametrize("key", record_types())
def test_every_declared_type_has_a_form_that_asks_each_question_once(key: str) -> None:
    kind = record_type(key)
    form = record_form(kind, action="/send", record_id=RECORD, answers={})
    asked = [field.name for field in form.fields if field.kind != "hidden"]
    assert asked == [declared.name for declared in kind.fields]


def test_counts_start_blank_so_that_nobodys_nought_is_ours() -> None:
    kind = record_type("end_of_shift_check")
    asked = questions(kind, answers=prefilled(kind, at=AT, initials="AO"))
    assert {name for name, field in asked.items() if field.kind == "count"} >= {"gaps_found", "charts_checked"}
    assert all(field.value == "" for field in asked.values() if field.kind == "count")


def test_a_declared_prefill_takes_london_time_and_the_persons_initials() -> None:
    assert prefilled(record_type("end_of_shift_check"), at=AT, initials="AO") == {
        "checked_at": "2026-07-17T06:41",
        "completed_by": "AO",
    }


def test_a_question_that_may_be_left_open_can_be_answered_by_i_do_not_know_yet() -> None:
    time_critical = questions(record_type("medicines_discrepancy"))["time_critical"]
    assert time_critical.options[-1].label == "I do not know yet"
    assert time_critical.value == time_critical.options[-1].value


def test_a_question_that_must_be_answered_has_no_way_around_it() -> None:
    assert all(option.value for option in questions(record_type("incident"))["harm_level"].options)


def test_many_choices_are_a_list_to_open() -> None:
    assert questions(record_type("incident"))["kind"].kind == "select"


def test_a_refusal_stands_beside_its_question_and_keeps_what_was_typed() -> None:
    refused = RefusedError("The record was not saved.", {"gaps_found": "It must be 0 or more."})
    asked = questions(record_type("end_of_shift_check"), answers=a_check(gaps_found="-1"), refused=refused)
    assert (asked["gaps_found"].value, asked["gaps_found"].error) == ("-1", "It must be 0 or more.")
    assert [name for name, field in asked.items() if field.error] == ["gaps_found"]


def test_the_questions_that_may_be_left_open_at_the_end_get_a_heading() -> None:
    headed = [name for name, field in questions(record_type("incident")).items() if field.heading]
    assert headed == ["notifiable"]


def test_the_first_question_opens_the_form_and_the_hidden_ones_close_it() -> None:
    form = record_form(record_type("incident"), action="/send", record_id=RECORD, answers={}, correcting=3)
    assert form.fields[0].name == "correction_reason"
    assert [(field.name, field.value) for field in form.fields if field.kind == "hidden"] == [
        ("record_id", str(RECORD)),
        ("seen_revision", "3"),
    ]


def test_several_answers_of_one_question_are_all_read() -> None:
    kind = record_type("medicines_discrepancy")
    given = MultiDict([("told", "manager"), ("told", "gp_or_pharmacist"), ("medicine", "x"), ("unknown", "y")])
    answers = read_answers(kind, given)
    assert answers["told"] == ["manager", "gp_or_pharmacist"]
    assert "unknown" not in answers


def test_a_form_without_its_number_is_refused() -> None:
    with pytest.raises(RefusedError, match="without its number"):
        read_record_id("")


@pytest.mark.parametrize(
    ("title", "within"),
    [
        ("Incident", "incident"),
        ("A gap in a record", "a gap in a record"),
        ("MCA and best interests", "MCA and best interests"),
    ],
)
def test_a_title_inside_a_sentence_begins_small_unless_it_is_an_abbreviation(title: str, within: str) -> None:
    assert inside(title) == within
