import re
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from support.facts import Home, two_providers
from support.shifts import place_of
from support.statements import statements_of
from support.tenancy import add_body, add_grant, add_officer, add_person
from support.visiting import Page, Visitor, an_application, visit, visit_as

from tenants.database import Database

FINGERPRINT = "0f" * 32


@dataclass(frozen=True)
class House:
    """An application with two groups."""

    app: Flask
    db: Database
    home: Home
    sister: Home
    foreign: Home

    def visit(self, role: str, home: Home | None = None, *, whole_provider: bool = False) -> Visitor:
        return visit(self.app, self.db, role, place_of(home or self.home), whole_provider=whole_provider)


@pytest.fixture(scope="module")
def house(database: Database, state_folder: Path) -> House:
    mine, theirs = two_providers(database)
    return House(an_application(database, state_folder), database, mine[0], mine[1], theirs[0])


def evidence_at(home: Home, *rest: object) -> str:
    return "/".join([f"/services/{home.service_id}/evidence", *map(str, rest)])


def answers(home: Home, **changes: object) -> dict[str, object]:
    typed: dict[str, object] = {
        "letter": "A", "title": "Medicines audit, Primrose unit", "dated_on": "2026-01-15",
        "system": "Governance folder", "where_to_look": "Audits, January", "sample_size": "40",
        "sha256": f" {FINGERPRINT.upper()} ", "supports": [str(home.indicator_id)],
    }  # fmt: skip
    return typed | changes


def sent(visitor: Visitor, home: Home, **changes: object) -> tuple[Page, str]:
    """Adds evidence by the form; what came back and where the evidence stands."""
    form = visitor.get(evidence_at(home, "new"))
    found = re.search(r'name="evidence_id" value="([^"]+)"', form.text)
    assert found, form.text
    answer = visitor.post(evidence_at(home), answers(home, **changes) | {"evidence_id": found[1]})
    return answer, evidence_at(home, found[1])


def test_evidence_is_added_from_the_form_and_stands_with_its_whole_fingerprint(house: House) -> None:
    visitor = house.visit("registered_manager")
    answer, address = sent(visitor, house.home)
    assert (answer.status, answer.location) == (303, address)
    page = visitor.get(address)
    assert page.says(FINGERPRINT)
    assert page.says("Audits, January")
    assert page.says("1 figure leans on it.")
    assert f'/indicators/{house.home.indicator_id}"' in page.text
    index = visitor.get(evidence_at(house.home))
    reference = re.search(r"<h1>(E-\d+):", page.text)
    assert reference
    assert f'id="{reference[1]}"' in index.text


def test_what_was_refused_comes_back_with_everything_that_was_typed(house: House) -> None:
    visitor = house.visit("registered_manager")
    answer, address = sent(visitor, house.home, title="", sha256="abc", dated_on="2999-01-01")
    assert answer.status == 422
    assert answer.says("Say what it is, in a few words")
    assert answer.says("A SHA-256 fingerprint has 64 digits")
    assert answer.says("Give the date that the original bears")
    assert 'value="Governance folder"' in answer.text
    assert re.search(rf'value="{house.home.indicator_id}"[^>]* checked', answer.text)
    assert visitor.get(address).status == 404


def test_a_sample_size_in_words_is_refused(house: House) -> None:
    answer, _ = sent(house.visit("registered_manager"), house.home, sample_size="forty")
    assert answer.status == 422
    assert answer.says("Give a whole number, such as 40, or leave it out.")


def test_the_form_opened_from_a_figure_has_that_figure_chosen(house: House) -> None:
    page = house.visit("registered_manager").get(evidence_at(house.home, f"new?indicator={house.home.indicator_id}"))
    assert re.search(rf'value="{house.home.indicator_id}"[^>]* checked', page.text)


def test_the_index_is_filtered_by_figure_and_kind(house: House) -> None:
    visitor = house.visit("registered_manager")
    sent(visitor, house.home, title="Feedback of the week", letter="F", supports=[])
    sent(visitor, house.home, title="Audit of the week")
    everything = visitor.get(evidence_at(house.home))
    of_figure = visitor.get(evidence_at(house.home, f"?indicator={house.home.indicator_id}").replace("/?", "?"))
    of_kind = visitor.get(evidence_at(house.home, "?letter=F").replace("/?", "?"))
    assert everything.says("Feedback of the week")
    assert everything.says("Audit of the week")
    assert not of_figure.says("Feedback of the week")
    assert of_figure.says("Audit of the week")
    assert of_kind.says("Feedback of the week")
    assert not of_kind.says("Audit of the week")


def test_a_look_at_the_original_shows_in_the_index_and_takes_its_support_away(house: House) -> None:
    visitor = house.visit("registered_manager")
    _, address = sent(visitor, house.home)
    assert visitor.get(address).says("Nobody has checked the original")
    assert visitor.post(f"{address}/checks", {"result": "noted"}).status == 422
    assert visitor.post(f"{address}/checks", {"result": "changed"}).status == 303
    page = visitor.get(address)
    assert page.says("The original has changed")
    assert page.says("1 figure leaned on it.")
    assert visitor.get(evidence_at(house.home)).says("Original changed")
    assert visitor.post(f"{address}/checks", {"result": "withdrawn"}).says("Say why it is withdrawn")
    visitor.post(f"{address}/checks", {"result": "withdrawn", "reason": "It was of another unit"})
    page = visitor.get(address)
    assert page.says("It was of another unit")
    assert "Record the check" not in page.text


@pytest.mark.parametrize(
    ("role", "whole_provider", "sees", "adds"),
    [
        ("carer", False, 403, 403),
        ("senior_carer", False, 403, 403),
        ("medicines_lead", False, 200, 200),
        ("nominated_individual", True, 200, 200),
        ("provider_quality_lead", True, 200, 200),
        ("provider_lead", True, 403, 403),
        ("provider_administrator", True, 403, 403),
    ],
)
def test_each_role_sees_and_adds_evidence_as_far_as_it_may(
    house: House, role: str, whole_provider: bool, sees: int, adds: int
) -> None:
    visitor = house.visit(role, whole_provider=whole_provider)
    assert visitor.get(evidence_at(house.home)).status == sees
    assert visitor.get(evidence_at(house.home, "new")).status == adds


def test_a_commissioner_has_pages_of_their_own_and_comes_to_none_of_these_whatever_was_granted(house: House) -> None:
    _, address = sent(house.visit("registered_manager"), house.home)
    officer, body = add_person(house.db), add_body(house.db)
    add_officer(house.db, body, officer)
    add_grant(house.db, place_of(house.home), body, classes=("summary", "evidence_index"))
    visitor = visit_as(house.app, house.db, officer)
    for asked in (evidence_at(house.home), address, evidence_at(house.home, "new")):
        page = visitor.get(asked)
        assert page.status in (403, 404), asked
        assert FINGERPRINT not in page.text
    assert house.visit("registered_manager").get(address).says(FINGERPRINT)


def test_evidence_of_another_provider_is_not_there(house: House) -> None:
    theirs = house.visit("registered_manager", house.foreign)
    _, address = sent(theirs, house.foreign, title="CANARY audit of the unit")
    assert theirs.get(address).says("CANARY audit of the unit")
    visitor = house.visit("registered_manager")
    crossed = address.replace(str(house.foreign.service_id), str(house.home.service_id))
    for asked in (address, crossed, evidence_at(house.foreign), evidence_at(house.home, uuid.uuid4())):
        page = visitor.get(asked)
        assert page.status == 404
        assert "CANARY" not in page.text
    visitor.get(evidence_at(house.home, "new"))
    assert visitor.post(f"{crossed}/checks", {"result": "withdrawn"}).status == 404
    assert theirs.get(address).says("Nobody has checked the original")


def test_the_index_sends_a_fixed_number_of_statements_however_long_it_is(house: House) -> None:
    visitor = house.visit("registered_manager")
    counts = []
    for more in (1, 4):
        for _ in range(more):
            sent(visitor, house.home)
        visitor.get(evidence_at(house.home))
        with statements_of(house.db, "web") as statements:
            visitor.get(evidence_at(house.home))
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 6, statements
