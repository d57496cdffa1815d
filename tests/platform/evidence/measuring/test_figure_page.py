import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from support.facts import Home, figures, two_providers
from support.records import measure, write_record
from support.shifts import place_of
from support.statements import statements_of
from support.tenancy import add_body, add_grant, add_officer, add_person
from support.visiting import Visitor, an_application, visit, visit_as

from tenants.clock import now
from tenants.database import Database

AUDIT = {
    "audited_on": "2026-01-07", "auditor": "PN", "independent": "yes", "sample_method": "all", "shift_band": "mixed",
    "weekday_weekend": "mixed", "lines_audited": 50, "lines_compliant": 40,
}  # fmt: skip


@dataclass(frozen=True)
class House:
    app: Flask
    db: Database
    home: Home
    entered: Home
    foreign: Home

    def visit(self, role: str | None, home: Home | None = None) -> Visitor:
        return visit(self.app, self.db, role, place_of(home or self.home))


@pytest.fixture(scope="module")
def house(database: Database, state_folder: Path) -> House:
    mine, theirs = two_providers(database)
    with database.transaction(database.command_reach(mine[0].provider_id)) as session:
        for unit in range(60):
            write_record(session, mine[0], "medicines_audit", **AUDIT, unit=f"Unit {unit}", initials="ZQ")
    measure(database, mine[0])
    with database.administration() as session:
        figures(session, mine[1], [(48, 50)])
    with database.transaction(database.command_reach(mine[1].provider_id)) as session:
        write_record(session, mine[1], "medicines_audit", **AUDIT)
    measure(database, mine[1])
    return House(an_application(database, state_folder), database, mine[0], mine[1], theirs[0])


def page_of(home: Home, start: date = date(2026, 1, 5)) -> str:
    return f"/services/{home.service_id}/indicators/{home.indicator_id}/figures/{start.isoformat()}"


def test_a_figure_is_walked_down_to_its_records(house: House) -> None:
    answer = house.visit("registered_manager").get(page_of(house.home))
    assert answer.status == 200
    assert "60 records counted" in answer.text
    assert "40 of 50" in answer.text
    assert len(set(re.findall(r"/records/medicines_audit/[0-9a-f-]{36}", answer.text))) == 50


def test_a_record_leads_to_the_figures_that_it_is_behind(house: House) -> None:
    manager = house.visit("registered_manager")
    found = re.search(r"/services/\S+/records/medicines_audit/[0-9a-f-]{36}", manager.get(page_of(house.home)).text)
    assert found
    record = manager.get(found[0])
    assert record.says("MAR compliance in audit, week of 5 January 2026")
    assert record.says("Counted: 40 of 50.")
    assert f'href="{page_of(house.home)}"' in record.text
    for role in ("medicines_lead", "nominated_individual"):
        seen = house.visit(role).get(found[0])
        assert ("Where it counts" in seen.text) == (page_of(house.home) in seen.text), role


def test_a_withdrawn_record_leaves_its_figure_which_is_measured_again(house: House, database: Database) -> None:
    home = two_providers(database)[0][0]
    with database.transaction(database.command_reach(home.provider_id)) as session:
        wrong = write_record(session, home, "medicines_audit", **AUDIT)
        write_record(session, home, "medicines_audit", **(AUDIT | {"lines_compliant": 50, "unit": "Foxglove"}))
    measure(database, home)
    manager = house.visit("registered_manager", home)
    record = f"/services/{home.service_id}/records/medicines_audit/{wrong}"
    assert manager.get(f"{record}/withdrawal").status == 200
    given = {"seen_revision": "1", "correction_reason": "Of the other home, entered here"}
    assert manager.post(f"{record}/withdrawal", given).status == 303
    assert measure(database, home, at=now()) == 1
    after = manager.get(page_of(home))
    assert (after.says("50 of 50: 1 record counted"), after.says("Restated on")) == (True, True)
    assert str(wrong) not in after.text
    assert manager.get(record).says("It is withdrawn, so no figure counts it.")


def test_records_are_paged(house: House) -> None:
    answer = house.visit("registered_manager").get(page_of(house.home) + "?page=1")
    assert len(set(re.findall(r"/records/medicines_audit/[0-9a-f-]{36}", answer.text))) == 10
    assert "Records 51 to 60" in answer.text


def test_the_statements_do_not_follow_the_number_of_records(house: House) -> None:
    visitor = house.visit("registered_manager")
    visitor.get(page_of(house.home))
    with statements_of(house.db, "web") as many:
        visitor.get(page_of(house.home))
    with statements_of(house.db, "web") as few:
        house.visit("registered_manager", house.entered).get(page_of(house.entered))
    assert len(many) <= len(few) + 1 <= 16


def test_whoever_sees_no_records_sees_how_many_and_of_which_kind(house: House) -> None:
    answer = house.visit("shift_leader").get(page_of(house.home))
    assert answer.status == 200
    assert "60 counted" in answer.text
    assert "/records/medicines_audit/" not in answer.text


def test_a_carer_and_another_provider_see_nothing(house: House) -> None:
    assert house.visit("carer").get(page_of(house.home)).status == 403
    assert house.visit("registered_manager", house.foreign).get(page_of(house.home)).status == 404


def test_an_unknown_period_is_not_found(house: House) -> None:
    visitor = house.visit("registered_manager")
    for start in ("2025-01-06", "2026-01-99", "new-year"):
        assert visitor.get(page_of(house.home).rsplit("/", 1)[0] + f"/{start}").status == 404


def test_a_difference_is_shown_and_a_person_takes_the_records_figure_with_a_reason(house: House) -> None:
    visitor = house.visit("registered_manager", house.entered)
    indicator = page_of(house.entered).partition("/figures")[0]
    told = visitor.get(indicator)
    assert told.says("For the week of 5 January 2026, the records here come to another figure")
    assert f'href="{page_of(house.entered)}"' in told.text.partition("See both")[0]
    shown = visitor.get(page_of(house.entered))
    assert "The records and the figure do not agree" in shown.text
    assert visitor.post(page_of(house.entered) + "/take", {"reason": ""}).status == 422
    taken = visitor.post(page_of(house.entered) + "/take", {"reason": "Counted the charts again with PN"})
    assert taken.status == 303
    after = visitor.get(page_of(house.entered))
    assert "do not agree" not in after.text
    assert "Counted the charts again with PN" in after.text
    assert "96.0%" in after.text
    assert "do not agree" not in visitor.get(indicator).text


def test_a_commissioner_sees_the_count_and_the_kinds_and_never_who(house: House) -> None:
    body, officer = add_body(house.db), add_person(house.db)
    add_officer(house.db, body, officer)
    add_grant(house.db, place_of(house.home), body)
    visitor = visit_as(house.app, house.db, officer)
    answer = visitor.get(page_of(house.home))
    assert "60 counted" in answer.text
    assert "/records/" not in answer.text
    assert "ZQ" not in answer.text
