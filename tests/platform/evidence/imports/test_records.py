from datetime import date

from support.import_files import TODAY, known, opened

from mendline.evidence.imports.mapping import parse_mapping
from mendline.evidence.imports.records import check_records

MAPPING = parse_mapping("""
name: bells
target: records
record_type: call_bell_event
service: {from: home}
happened_at: {from: day}
reference: {from: ref}
fields:
  wait_minutes: {from: wait, read: decimal}
  unit: {from: unit, required: false}
""")


def check(*lines):
    text = "home,day,ref,wait,unit\n" + "".join(f"{line}\n" for line in lines)
    wrong = lambda payload: [("wait_minutes", "is longer than a day")] if payload.get("wait_minutes", 0) > 1440 else []  # noqa: E731
    return check_records(opened(text), MAPPING, known(), TODAY, wrong)


def test_a_row_becomes_a_record_with_its_payload():
    (row,) = check("Rosewood House,16/11/2026,B-1,4.5,Primrose").rows
    assert (row.record_type, row.happened_on, row.source_reference) == ("call_bell_event", date(2026, 11, 16), "B-1")
    assert row.payload == {"wait_minutes": 4.5, "unit": "Primrose"}


def test_every_problem_of_every_row_is_told():
    plan = check(
        "Nowhere,16/11/2026,B-1,x,P", "Rosewood House,16/11/2027,B-2,1,P", "Rosewood House,16/11/2026,B-3,9999,P"
    )
    assert [(problem.line, problem.column) for problem in plan.problems] == [
        (2, "home"),
        (2, "wait"),
        (3, "day"),
        (4, "wait_minutes"),
    ]


def test_a_record_that_comes_twice_counts_once_and_a_changed_one_is_told():
    plan = check(
        "Rosewood House,16/11/2026,B-1,4,P", "Rosewood House,16/11/2026,B-1,4,P", "Rosewood House,16/11/2026,B-1,5,P"
    )
    assert (len(plan.rows), plan.repeated, plan.problem_count) == (1, 1, 1)
    assert "line 2" in plan.problems[0].reason
