import re
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from support.facts import Home, two_providers
from support.shifts import CHECK, a_check, place_of
from support.statements import statements_of
from support.visiting import Visitor, an_application, visit

from mendline.evidence.model import Record
from tenants.database import Database
from tenants.ids import new_id
from tenants.ledger import LedgerEntry


@dataclass(frozen=True)
class House:
    """An application with two groups."""

    app: Flask
    db: Database
    home: Home
    sister: Home
    foreign: Home

    def visit(self, role: str | None, home: Home | None = None, *, whole_provider: bool = False) -> Visitor:
        return visit(self.app, self.db, role, place_of(home or self.home), whole_provider=whole_provider)


@pytest.fixture(scope="module")
def house(database: Database, state_folder: Path) -> House:
    mine, theirs = two_providers(database)
    return House(an_application(database, state_folder), database, mine[0], mine[1], theirs[0])


def records_at(home: Home, *rest: object) -> str:
    return "/".join([f"/services/{home.service_id}/records", *map(str, rest)])


def sent(visitor: Visitor, home: Home, **changes: str) -> uuid.UUID:
    """Enters a check by the form and gives its number."""
    form = visitor.get(records_at(home, CHECK, "new"))
    found = re.search(r'name="record_id" value="([^"]+)"', form.text)
    assert found, form.text
    answer = visitor.post(records_at(home, CHECK), {"record_id": found[1], **a_check(**changes)})
    assert answer.status == 303, answer.text
    return uuid.UUID(found[1])


def how_many(house: House, record_id: uuid.UUID) -> int:
    with house.db.administration() as session:
        return session.execute(select(func.count()).where(Record.record_id == record_id)).scalar_one()


def test_a_check_is_sent_from_the_form_and_read_again_with_both_clocks(house: House) -> None:
    visitor = house.visit("senior_carer")
    form = visitor.get(records_at(house.home, CHECK, "new"))
    assert form.says("If someone may have been harmed, get help first.")
    assert form.says("Recorded as AO, senior carer.")
    record_id = sent(visitor, house.home)
    page = visitor.get(records_at(house.home, CHECK, record_id))
    assert page.says("End-of-shift medicines check: the record is saved.")
    assert page.says("17 January 2026, 06:41")
    assert page.says("<dt>Recorded by</dt><dd>AO</dd>")
    assert "Ann Other" not in page.text.split("<main")[1], "initials only"


def test_a_refused_check_comes_back_with_its_answers_and_plain_words_beside_each(house: House) -> None:
    visitor, record_id = house.visit("senior_carer"), new_id()
    visitor.get(records_at(house.home, CHECK, "new"))
    page = visitor.post(
        records_at(house.home, CHECK), {"record_id": record_id, **a_check(gaps_found="-1", fridge_temperature="4.6")}
    )
    assert page.status == 422
    assert page.says("“How many gaps did you find?” must be 0 or more.")
    assert 'value="4.6"' in page.text
    assert str(record_id) in page.text, "a second try counts as the same record"
    assert how_many(house, record_id) == 0


def test_a_check_sent_twice_is_taken_quietly_and_another_under_its_number_is_a_conflict(house: House) -> None:
    visitor = house.visit("senior_carer")
    record_id = sent(visitor, house.home)
    again = visitor.post(records_at(house.home, CHECK), {"record_id": record_id, **a_check()})
    other = visitor.post(records_at(house.home, CHECK), {"record_id": record_id, **a_check(gaps_found="5")})
    assert (again.status, other.status) == (303, 409)
    assert other.says("This record was sent before, with other answers.")
    assert records_at(house.home, CHECK, record_id) in other.text
    assert how_many(house, record_id) == 1


def test_a_form_without_its_number_saves_nothing(house: House) -> None:
    visitor = house.visit("senior_carer")
    visitor.get(records_at(house.home, CHECK, "new"))
    page = visitor.post(records_at(house.home, CHECK), a_check())
    assert page.status == 422
    assert page.says("Open a new form and send that.")


def test_a_correction_asks_for_its_reason_and_shows_what_stood_before(house: House) -> None:
    visitor = house.visit("registered_manager")
    record_id = sent(visitor, house.home)
    here = records_at(house.home, CHECK, record_id)
    assert 'value="2026-01-17T06:41"' in visitor.get(f"{here}/correction").text
    changed = a_check(gaps_found="3") | {"seen_revision": "1"}
    assert visitor.post(here, changed).says("Say why it is corrected")
    assert visitor.post(here, changed | {"correction_reason": "Counted again with PN"}).status == 303
    page = visitor.get(here)
    assert page.says("How many gaps did you find: 3, before: 2.")
    assert page.says("Counted again with PN")
    late = visitor.post(
        here, a_check(gaps_found="4") | {"seen_revision": "1", "correction_reason": "Counted it once more"}
    )
    assert late.status == 409
    assert how_many(house, record_id) == 2


def test_a_record_that_should_not_be_there_is_withdrawn_with_its_reason_and_kept(house: House) -> None:
    visitor = house.visit("registered_manager")
    record_id = sent(visitor, house.home)
    here = records_at(house.home, CHECK, record_id)
    assert visitor.get(f"{here}/withdrawal").says("Why is it withdrawn?")
    assert visitor.post(f"{here}/withdrawal", {"seen_revision": "1"}).says("Say why it is withdrawn")
    given = {"seen_revision": "1", "correction_reason": "Entered for the wrong home"}
    assert visitor.post(f"{here}/withdrawal", given).status == 303
    page = visitor.get(here)
    assert page.says("Withdrawn by AO on")
    assert page.says("Entered for the wrong home")
    assert "/correction" not in page.text
    assert str(record_id) not in visitor.get(records_at(house.home, CHECK)).text
    assert visitor.get(f"{here}/correction").status == visitor.get(f"{here}/withdrawal").status == 303
    refused = visitor.post(here, a_check(gaps_found="4") | given)
    assert (refused.status, refused.says("This record was withdrawn")) == (422, True)
    assert visitor.post(f"{here}/withdrawal", given).status == 422
    assert how_many(house, record_id) == 2


def test_nobody_withdraws_what_they_could_not_enter_or_see(house: House) -> None:
    record_id = sent(house.visit("registered_manager"), house.home)
    here = records_at(house.home, CHECK, record_id, "withdrawal")
    given = {"seen_revision": "1", "correction_reason": "Entered for the wrong home"}
    for visitor, status in (
        (house.visit("senior_carer"), 404),  # sees their own alone
        (house.visit("nominated_individual", whole_provider=True), 403),
        (house.visit("registered_manager", house.foreign), 404),
    ):
        assert (visitor.get(here).status, visitor.post(here, given).status) == (status, status)
    assert how_many(house, record_id) == 1


@pytest.mark.parametrize(
    ("role", "listed", "form", "seen"),
    [
        ("senior_carer", 200, 200, 404),
        ("carer", 200, 403, 404),
        ("registered_manager", 200, 200, 200),
        ("medicines_lead", 200, 200, 200),
        ("rota_coordinator", 200, 403, 404),
    ],
)
def test_each_role_sees_and_enters_what_is_its_own(house: House, role: str, listed: int, form: int, seen: int) -> None:
    record_id = sent(house.visit("senior_carer"), house.home)
    visitor = house.visit(role)
    assert visitor.get(records_at(house.home, CHECK)).status == listed
    assert visitor.get(records_at(house.home, CHECK, "new")).status == form
    assert visitor.get(records_at(house.home, CHECK, record_id)).status == seen


def test_who_leads_the_provider_reads_records_and_who_measures_its_quality_does_not(house: House) -> None:
    record_id = sent(house.visit("senior_carer"), house.home)
    here = records_at(house.home, CHECK, record_id)
    assert house.visit("nominated_individual", whole_provider=True).get(here).status == 200
    assert house.visit("provider_quality_lead", whole_provider=True).get(here).status == 403
    assert house.visit("provider_administrator", whole_provider=True).get(here).status == 403


def test_a_place_out_of_reach_looks_like_one_that_does_not_exist(house: House) -> None:
    canary = sent(house.visit("senior_carer", house.foreign), house.foreign, unit="CANARY unit")
    visitor = house.visit("registered_manager")
    addresses = [
        records_at(house.foreign), records_at(house.foreign, CHECK), records_at(house.foreign, CHECK, "new"),
        records_at(house.foreign, CHECK, canary), records_at(house.sister, CHECK, "new"),
        records_at(house.home, CHECK, canary), records_at(house.home, "no_such_kind"),
    ]  # fmt: skip
    for address in addresses:
        page = visitor.get(address)
        assert page.status == 404, address
        assert "CANARY" not in page.text
    visitor.get(records_at(house.home, CHECK, "new"))
    number = {"record_id": new_id()}
    assert visitor.post(records_at(house.foreign, CHECK), number | a_check()).status == 404
    assert visitor.post(records_at(house.home, CHECK), number | a_check()).status == 303
    own = house.visit("registered_manager", house.foreign)
    assert own.get(records_at(house.foreign, CHECK, canary)).says("CANARY unit")


def test_a_look_at_a_record_is_noted_and_so_is_a_list_of_them(house: House) -> None:
    record_id = sent(house.visit("senior_carer"), house.home)
    visitor = house.visit("registered_manager")
    visitor.get(records_at(house.home, CHECK))
    visitor.get(records_at(house.home, CHECK, record_id))
    with house.db.administration() as session:
        noted = session.execute(
            select(LedgerEntry.act, LedgerEntry.actor, LedgerEntry.detail)
            .where(LedgerEntry.person_id == visitor.reach.person_id)
            .order_by(LedgerEntry.recorded_at)
        ).all()
    assert [(row.act, row.actor) for row in noted] == [("records read", "registered_manager")] * 2
    assert all(str(record_id) in row.detail["records"] for row in noted)


def test_a_carers_records_page_offers_what_a_carer_enters_and_no_word_of_results(house: House) -> None:
    page = house.visit("carer").get(records_at(house.home))
    assert page.says("Incident")
    assert not page.says("Medicines audit")
    assert not page.says("Look at records")
    assert "/indicators/" not in page.text
    assert f'href="/services/{house.home.service_id}"' not in page.text


def test_a_list_sends_a_fixed_number_of_statements_however_long_it_is(house: House) -> None:
    visitor = house.visit("registered_manager")
    counts = []
    for more in (1, 4):
        for _ in range(more):
            sent(visitor, house.home)
        visitor.get(records_at(house.home, CHECK))
        with statements_of(house.db, "web") as statements:
            visitor.get(records_at(house.home, CHECK))
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 6, statements
