"""Rows that look like records kept already: decided one by one, several or all, over time, by whoever imports there."""

import csv
import io
import re
from pathlib import Path

import pytest
from sqlalchemy import text
from support.sending import FILES_KEY, House, a_house, send
from support.visiting import Page, Visitor

from mendline.catalogue.csv_template import example_row
from mendline.catalogue.record_types import record_type
from mendline.evidence.imports.proposals import PAGE
from mendline.evidence.records.register import REGISTER
from tenants.database import Database

KIND = "rota_shift"


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    made = a_house(database, tmp_path)
    monkeypatch.setenv("MENDLINE_STATE", str(tmp_path))
    monkeypatch.setenv("MENDLINE_FILES_KEY", FILES_KEY)
    return made


def shifts(system: str, *staff: str, kind: str = KIND, **changes: str) -> str:
    """A file of one system with a shift for each of these people; two systems tell of the same shifts."""
    row = example_row(record_type(kind))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["source_reference", "source_system", *row])
    for number, initials in enumerate(staff):
        answers = row | ({"staff": initials} if "staff" in row else {}) | changes
        writer.writerow([f"{system}-{number}", system, *answers.values()])
    return out.getvalue()


def arrived(house: House, visitor: Visitor, content: str, mapping: str = "rota-shift") -> str:
    """Sends a file and has it checked; its page."""
    sent = send(visitor, house.home, "export.csv", content, mapping)
    assert sent.status == 303, sent.text[:3000]
    house.work()
    return sent.location


def let_in(house: House, visitor: Visitor, address: str, **fields: str) -> Page:
    visitor.get(address)
    answer = visitor.post(f"{address}/save", {"on_conflict": "stop", **fields})
    assert answer.status == 303, answer.text[:3000]
    house.work()
    return visitor.get(address)


def waiting(house: House, visitor: Visitor, count: int) -> str:
    """A file of so many rows, each of which looks like one record alone."""
    people = [f"{chr(65 + number // 26)}{chr(65 + number % 26)}" for number in range(count)]
    let_in(house, visitor, arrived(house, visitor, shifts("Rota", *people)))
    return arrived(house, visitor, shifts("Agency", *people, worked_hours="11"))


def decide(visitor: Visitor, address: str, act: str, **fields: str) -> Page:
    visitor.get(f"{address}/rows")
    return visitor.post(f"{address}/rows", {"act": act, **fields})


def choices(page: Page) -> list[tuple[str, str]]:
    """Each listed row with the first record that it may be."""
    found = re.findall(r'name="(d_[^"]+)" value="([^"]+)"', page.text)
    return [pair for pair in found if pair[1] not in ("new", "open")]


def kept(house: House) -> int:
    with house.db.administration() as session:
        return session.execute(
            text("select count(distinct record_id) from record where provider_id = :p"), {"p": house.home.provider_id}
        ).scalar_one()


def test_rows_are_decided_one_by_one_by_several_people_until_none_waits(house: House) -> None:
    first, second = house.visit(), house.visit("provider_quality_lead", whole_provider=True)
    address = waiting(house, first, 3)
    pairs = choices(first.get(f"{address}/rows"))
    assert len(pairs) == 3
    answer = decide(first, address, "each", **{pairs[0][0]: pairs[0][1], pairs[1][0]: "open", pairs[2][0]: "open"})
    assert answer.location == f"{address}/rows"
    assert first.get(address).says("2 rows look like a record that is kept already.")
    assert first.get(f"/services/{house.home.service_id}/imports").says("2 rows to decide")
    assert first.get("/work").says("Decide about 2 rows of export.csv")
    assert decide(second, address, "each", **{pairs[1][0]: "new", pairs[2][0]: pairs[2][1]}).location == address
    assert "Decide about" not in first.get("/work").text
    decided = first.get(f"{address}/rows?shown=decided")
    assert decided.says("The same record (")
    assert decided.says("Another record (")
    assert let_in(house, second, address).says("3 facts came in with this file.")
    assert kept(house) == 4


def test_a_long_list_is_paged_and_decided_by_what_is_ticked_and_then_all_at_once(house: House) -> None:
    visitor = house.visit()
    address = waiting(house, visitor, PAGE + 3)
    page = visitor.get(f"{address}/rows")
    assert len(choices(page)) == PAGE
    older = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert older
    rest = choices(visitor.get(older[1].replace("&amp;", "&")))
    assert len(rest) == 3
    assert not {row for row, _ in rest} & {row for row, _ in choices(page)}
    visitor.get(f"{address}/rows")
    ticked = [row.removeprefix("d_") for row, _ in rest[:2]]
    for one in ticked:
        assert visitor.post(f"{address}/rows", {"act": "ticked-new", "row": one}).status == 303
    assert visitor.get(f"{address}/rows").says(f"Not decided ({PAGE + 1})")
    assert visitor.post(f"{address}/rows", {"act": "ticked-open", "row": ticked[0]}).status == 303
    assert visitor.post(f"{address}/rows", {"act": "all-same"}).location == address
    let_in(house, visitor, address)
    assert kept(house) == PAGE + 3 + 1


@pytest.mark.parametrize(("choice", "count"), [("new", 4), ("same", 2)])
def test_all_rows_that_look_like_records_are_decided_at_once(house: House, choice: str, count: int) -> None:
    visitor = house.visit()
    address = waiting(house, visitor, 2)
    assert decide(visitor, address, f"all-{choice}").location == address
    let_in(house, visitor, address)
    assert kept(house) == count


def test_one_record_is_not_two_rows_of_a_file(house: House) -> None:
    visitor = house.visit()
    let_in(house, visitor, arrived(house, visitor, shifts("Rota", "AB")))
    address = arrived(house, visitor, shifts("Agency", "AB", "AB", worked_hours="11"))
    (one, record), (other, _) = choices(visitor.get(f"{address}/rows"))
    refused = decide(visitor, address, "each", **{one: record, other: record})
    assert refused.status == 422
    assert refused.says("One record cannot be two rows of a file.")
    assert decide(visitor, address, "all-same").location == f"{address}/rows"  # the first is, the second waits
    taken = decide(visitor, address, "each", **{other: record})
    assert taken.status == 409
    passed = decide(visitor, address, "each", **{one: "new", other: record})
    assert passed.location == address
    let_in(house, visitor, address)
    assert kept(house) == 2


def test_what_is_no_choice_of_the_page_decides_nothing(house: House) -> None:
    visitor = house.visit()
    address = waiting(house, visitor, 1)
    ((row, record),) = choices(visitor.get(f"{address}/rows"))
    for fields in (
        {"act": "each", row: "00000000-0000-4000-8000-000000000000"}, {"act": "each", row: "everything"},
        {"act": "each", "d_no": record}, {"act": "ticked-same"}, {"act": "all-open"}, {"act": "nonsense"},
    ):  # fmt: skip
        assert visitor.post(f"{address}/rows", fields).status == 422, fields
    assert visitor.get(address).says("1 row looks like a record that is kept already.")
    elsewhere = house.visit(home=house.foreign)
    assert elsewhere.get(f"{address}/rows").status == 404
    assert elsewhere.post(f"{address}/rows", {"act": "all-same"}).status in (403, 404)


def test_what_is_put_aside_leaves_no_rows_behind(house: House) -> None:
    visitor = house.visit()
    address = waiting(house, visitor, 2)
    visitor.get(address)
    assert visitor.post(f"{address}/discard", {}).status == 303
    with house.db.administration() as session:
        left = session.execute(
            text("select count(*) from import_proposal where provider_id = :p"), {"p": house.home.provider_id}
        )
        assert left.scalar_one() == 0
    assert visitor.get(f"{address}/rows").says("No row of this file looks like a record that is kept already.")


def test_what_came_to_look_alike_since_the_check_is_shown_and_decided_before_anything_comes_in(house: House) -> None:
    visitor = house.visit()
    address = arrived(house, visitor, shifts("Agency", "AB", worked_hours="11"))
    let_in(house, visitor, arrived(house, visitor, shifts("Rota", "AB")))
    page = let_in(house, visitor, address)
    assert page.says("1 may be records that are kept already")
    assert page.says("1 row looks like a record that is kept already.")
    assert decide(visitor, address, "all-same").location == address
    let_in(house, visitor, address)
    assert kept(house) == 1


def test_a_row_that_is_the_record_of_an_action_is_known_from_then_on_and_changes_nothing_in_it(house: House) -> None:
    visitor = house.visit()
    let_in(house, visitor, arrived(house, visitor, shifts("Rota", "AB", kind="action"), "action"))
    with house.db.administration() as session:  # as a worker writes it of the register
        session.execute(
            text(
                "update record set source_system = :register, source_reference = 'A-012', batch_id = null where provider_id = :p"
            ),
            {"register": REGISTER, "p": house.home.provider_id},
        )
    address = arrived(house, visitor, shifts("Tracker", "AB", kind="action", title="Another title"), "action")
    assert visitor.get(f"{address}/rows").says("It follows action A-012, so the file changes nothing in it.")
    assert decide(visitor, address, "all-same").location == address
    assert let_in(house, visitor, address).says("0 facts came in with this file.")
    # Known by its reference from then on, whatever is chosen for what differs.
    again = arrived(house, visitor, shifts("Tracker", "AB", kind="action", title="A third title"), "action")
    assert visitor.get(again).says("rows that stay as their action says")
    assert let_in(house, visitor, again, on_conflict="update").says("0 facts came in with this file.")
    with house.db.administration() as session:
        revisions = session.execute(
            text("select count(*) from record where provider_id = :p"), {"p": house.home.provider_id}
        ).scalar_one()
    assert revisions == 1
