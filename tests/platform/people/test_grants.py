"""What a grant to a commissioner needs before it is made: a body, what is seen, its days, what for and the ground in law."""

from datetime import timedelta

import pytest
from flask import Flask
from support.tenancy import Groups, add_body
from support.visiting import Visitor, visit

from tenants.clock import today
from tenants.database import Database

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def form(database: Database, groups: Groups) -> dict[str, object]:
    return {
        "service": str(groups.first.service_id), "body": str(add_body(database, name="Tarn Council")),
        "classes": ["summary"], "live": "released", "show_name": "code", "valid_from": today().isoformat(),
        "valid_until": (today() + 365 * DAY).isoformat(), "purpose": "Monitoring of the contract",
        "lawful_basis": "public_task", "renews": "",
    }  # fmt: skip


@pytest.fixture(scope="module")
def lead(app: Flask, database: Database, groups: Groups) -> Visitor:
    visitor = visit(app, database, "nominated_individual", groups.first, whole_provider=True)
    visitor.get("/commissioners/new")
    return visitor


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body": ""}, "Choose the council or integrated care board."),
        ({"classes": []}, "Choose what may be seen."),
        ({"classes": ["summary", "records"]}, "Choose what may be seen."),
        ({"valid_from": (today() - DAY).isoformat()}, "A grant begins today or later."),
        ({"valid_until": ""}, "Give the day on which it ends."),
        ({"valid_until": (today() - DAY).isoformat()}, "Give the day on which it ends."),
        ({"valid_until": (today() + 367 * DAY).isoformat()}, "A grant lasts twelve months at most."),
        ({"purpose": " "}, "Say what for"),
        ({"lawful_basis": ""}, "Choose the ground in law."),
    ],
)
def test_a_grant_that_lacks_something_is_refused_with_the_reason_at_its_field(
    lead: Visitor, form: dict[str, object], changes: dict[str, object], said: str
) -> None:
    answer = lead.post("/commissioners", form | changes)
    assert answer.status == 422
    assert answer.says(said)


def test_a_grant_that_lacks_nothing_is_made(lead: Visitor, form: dict[str, object]) -> None:
    assert lead.post("/commissioners", form).status == 303
