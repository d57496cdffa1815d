"""Recovery plans over the API: started, given a further objective, and their dated work listed."""

from typing import Any

import pytest
from flask import Flask
from support.application import a_world, an_application_over, monday
from support.programs import Program, program
from support.tenancy import Groups

from tenants.database import Database
from tenants.ids import new_id


@pytest.fixture(scope="module")
def world(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, world: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, world, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def manager(app: Flask, database: Database, world: Groups) -> Program:
    return program(app, database, "registered_manager", world.first)


def of(world: Groups, path: str = "") -> str:
    return f"/services/{world.first.service_id}{path}"


def started(manager: Program, world: Groups, template: str = "staffing_recovery") -> dict[str, Any]:
    body = {
        "template": template,
        "title": "Recovery by the API",
        "starts_on": monday(1).isoformat(),
        "review_owner": "D Hartley",
    }
    answer = manager.post(of(world, "/plans"), body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    made: dict[str, Any] = answer.get_json()
    return made


def test_a_plan_starts_and_is_read_back_with_its_objective_and_work(manager: Program, world: Groups) -> None:
    made = started(manager, world)
    assert made["work_items"] > 10
    plans = {plan["plan_id"]: plan for plan in manager.get(of(world, "/plans")).get_json()["items"]}
    plan = plans[made["plan_id"]]
    assert (plan["template_key"], plan["weeks"], plan["week"]) == ("staffing_recovery", 10, 2)
    (objective,) = plan["objectives"]
    assert objective["stage"] == "working"
    assert [each["key"] for each in objective["conditions"]][-1] == "sign_off"
    assert objective["aims"][0]["operator"] == ">="
    work = manager.get(of(world, "/work"), limit=200).get_json()["items"]
    mine = [item for item in work if item["plan_id"] == made["plan_id"]]
    assert mine
    assert [item["due_on"] for item in mine] == sorted(item["due_on"] for item in mine)


def test_a_further_objective_is_added_and_refused_by_its_fields(manager: Program, world: Groups) -> None:
    made = started(manager, world, "care_review_recovery")
    indicator = manager.get(of(world, "/plans")).get_json()["items"][0]["objectives"][0]["aims"][0]["indicator_id"]
    body: dict[str, Any] = {
        "goal": "People say that they get their medicines on time.", "target": "95% or more by week 8.", "weeks": 8,
        "hold_weeks": 2, "sign_off_role": "provider_quality_lead",
        "aims": [{"indicator_id": indicator, "operator": ">=", "value": 85}],
    }  # fmt: skip
    path = of(world, f"/plans/{made['plan_id']}/objectives")
    assert manager.post(path, body).status_code == 201
    plans = {plan["plan_id"]: plan for plan in manager.get(of(world, "/plans")).get_json()["items"]}
    assert [each["number"] for each in plans[made["plan_id"]]["objectives"]] == [1, 2]
    refused = manager.post(path, body | {"aims": [{"indicator_id": str(new_id()), "operator": ">=", "value": 85}]})
    assert (refused.status_code, "aims" in str(refused.get_json())) == (422, True)
    assert manager.post(path, body | {"aims": [{"operator": "roughly"}]}).status_code == 422


def test_the_same_template_does_not_start_twice(manager: Program, world: Groups) -> None:
    body = {
        "template": "staffing_recovery",
        "title": "Once more",
        "starts_on": monday(1).isoformat(),
        "review_owner": "D Hartley",
    }
    assert manager.post(of(world, "/plans"), body).status_code == 422
    assert manager.post(of(world, "/plans"), body | {"template": "own_unknown"}).status_code == 422


def test_templates_are_listed_with_what_they_measure(manager: Program, world: Groups) -> None:
    found = {each["key"]: each for each in manager.get(of(world, "/plan-templates")).get_json()["items"]}
    assert {"medicines_recovery", "care_review_recovery", "staffing_recovery"} <= set(found)
    assert "mar_compliance_pct" in found["medicines_recovery"]["indicators"]
    assert not found["medicines_recovery"]["is_own"]


def test_who_changes_no_plans_starts_none(app: Flask, database: Database, world: Groups) -> None:
    carer = program(app, database, "carer", world.first)
    assert carer.get(of(world, "/plans")).status_code == 403
    quality = program(app, database, "care_coordinator", world.first)
    assert quality.post(of(world, "/plans"), {"template": "medicines_recovery"}).status_code in (403, 422)
