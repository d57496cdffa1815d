from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.import_files import known, opened, service

from mendline.catalogue.csv_template import template_csv
from mendline.catalogue.record_types import record_type, record_types
from mendline.evidence.imports.belonging import empty_cell
from mendline.evidence.imports.decoding import UnreadableFileError
from mendline.evidence.imports.mapping import parse_mapping
from mendline.evidence.imports.records import check_records, mapping_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BELLS = record_type("call_bell_event")
MAPPING = parse_mapping("""
name: bells
target: records
record_type: call_bell_event
service: {from: home}
reference: {from: ref}
fields:
  called_at: {from: called}
  room: {from: room}
  shift_band: {from: band, lookup: {late: evening}}
  weekend: {from: weekend}
  wait_minutes: {from: wait}
  within_standard: {from: ok}
  answered_in_person: {constant: "yes"}
  test: {constant: "no"}
""")


def check(*lines, **more):
    text = "home,called,ref,room,band,weekend,wait,ok\n" + "".join(f"{line}\n" for line in lines)
    return check_records(opened(text), MAPPING, BELLS, known(more.pop("services", None)), NOW, **more)


def line(home="Rosewood House", called="16/11/2026 18:10", ref="B-1", wait="4.5", band="Late"):
    return f"{home},{called},{ref},Room 7,{band},no,{wait},yes"


def test_a_row_becomes_a_record_of_the_type():
    (row,) = check(line()).rows
    assert (row.record_type, row.type_version, row.source_reference) == ("call_bell_event", BELLS.version, "B-1")
    assert row.happened_at == datetime(2026, 11, 16, 18, 10, tzinfo=UTC)
    assert row.payload["wait_minutes"] == 4.5
    assert row.payload["shift_band"] == "evening"


def test_every_problem_of_every_row_is_told_with_the_file_s_own_column_names():
    plan = check(line("Nowhere", wait="x"), line(called="16/11/2027 18:10"), line(band="noon"))
    assert {(problem.line, problem.column) for problem in plan.problems} == {
        (2, "home"),
        (2, "wait"),
        (3, "called"),
        (4, "band"),
    }
    assert not plan.can_be_saved


def test_a_record_that_comes_twice_counts_once_and_a_changed_one_is_told():
    plan = check(line(), line(), line(wait="5"))
    assert (len(plan.rows), plan.repeated, plan.problem_count) == (0, 1, 1)
    assert "line 2" in plan.problems[0].reason


def test_a_record_from_before_the_service_opened_is_refused():
    plan = check(line(), services=[service(opened_on=date(2026, 11, 20))])
    assert "opened on 2026-11-20" in plan.problems[0].reason


@pytest.mark.parametrize("key", sorted(record_types()))
def test_the_template_of_every_record_type_can_be_sent_back_as_it_is(key):
    declared = record_type(key)
    plan = check_records(opened(template_csv(declared)), mapping_of(declared), declared, known(), NOW, service())
    assert plan.problem_count == 0, [problem.sentence() for problem in plan.problems]
    assert len(plan.rows) == 1


def test_a_file_for_many_services_needs_a_column_for_them():
    with pytest.raises(UnreadableFileError, match="no column “service"):
        check_records(opened(template_csv(BELLS)), mapping_of(BELLS), BELLS, known(), NOW)


@given(st.lists(st.floats(0, 1440).map(lambda wait: round(wait, 1)), min_size=1, max_size=20))
def test_as_many_records_come_out_as_go_in(waits):
    plan = check(*(line(ref=f"B-{number}", wait=f"{wait}") for number, wait in enumerate(waits)))
    assert plan.problem_count == 0
    assert [row.payload["wait_minutes"] for row in plan.rows] == waits


def test_an_empty_cell_that_is_needed_is_told_as_empty_with_what_belongs_there():
    plan = check(line(called="", band=""), line(band="noon"))
    told = {(one.line, one.column): one.sentence() for one in plan.problems}
    assert told[2, "called"] == (
        "Line 2, column “called”: is empty, and every row needs it. Write a date and time such as 17/11/2026 06:41."
    )
    assert told[2, "band"].startswith("Line 2, column “band”: is empty, and every row needs it. Write one of ")
    assert "“noon” cannot be taken" in told[3, "band"]


def test_a_cell_that_another_answer_makes_needed_is_told_with_that_answer():
    declared = record_type("external_report")
    needing = next(one for one in declared.fields if one.required_when is not None)
    labels = {one.name: one.label for one in declared.fields}
    reason, advice = empty_cell(needing, labels)
    assert reason == f"is empty, and is needed where “{labels[needing.required_when]}” is answered"
    assert advice.startswith("Write ")


def test_of_many_choices_only_the_first_are_named():
    declared = record_type("external_report")
    _, advice = empty_cell(declared.field("duty"), {})
    assert advice.count(",") == 7
    assert advice.endswith(" others that the template names.")
