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


def test_plans_and_work_are_walked_by_their_cursor(app: Flask, database: Database, world: Groups) -> None:
    elsewhere = program(app, database, "registered_manager", world.sister)
    here = f"/services/{world.sister.service_id}"
    for template in ("staffing_recovery", "care_review_recovery"):
        body = {
            "template": template,
            "title": template,
            "starts_on": monday(1).isoformat(),
            "review_owner": "D Hartley",
        }
        assert elsewhere.post(f"{here}/plans", body).status_code == 201
    for path, name, most in (("/plans", "plan_id", 1), ("/work", "work_item_id", 20)):
        whole = [one[name] for one in elsewhere.get(here + path, limit=200).get_json()["items"]]
        assert len(whole) > most
        walked: list[str] = []
        cursor: dict[str, str] | None = {}
        while cursor is not None:
            page = elsewhere.get(here + path, limit=most, **cursor).get_json()
            walked += [one[name] for one in page["items"]]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        assert walked == whole
        assert elsewhere.get(here + path, cursor="WyJBLTk5OSJd").status_code == 422


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


def test_the_rhythm_of_a_step_changes_from_a_later_day_once_for_each_key(manager: Program, world: Groups) -> None:
    made = started(manager, world, "medicines_recovery")
    path = of(world, f"/plans/{made['plan_id']}/steps/2")
    body = {
        "cadence": "weekly", "weekday": 3, "at_least": 2, "from_on": monday(-1).isoformat(),
        "reason": "The figures are there by Wednesday.",
    }  # fmt: skip
    answer = manager.post(path, body, method="PATCH", key="a-later-rhythm")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json() == {
        "number": 2, "revision": 1, "rhythm": "Every week by Thursday, 2 or more each time",
        "from_on": monday(-1).isoformat(),
    }  # fmt: skip
    again = manager.post(path, body, method="PATCH", key="a-later-rhythm")
    assert (again.get_json(), again.headers["Idempotency-Replayed"]) == (answer.get_json(), "true")
    step = plan_of(manager, world, made)["steps"][1]
    assert (step["rhythm"], step["role"]) == ("Every week", "registered_manager"), "until that day it stays"
    for wrong, field in (
        ({"cadence": "hourly"}, "cadence"), ({"weekday": 9}, "weekday"), ({"from_on": monday(3).isoformat()}, "from_on"),
        ({"reason": "So"}, "reason"), ({"cadence": "every_shift", "shifts": ["noon"]}, "shifts"),
    ):  # fmt: skip
        refused = manager.post(path, body | wrong, method="PATCH")
        assert (refused.status_code, field in str(refused.get_json())) == (422, True), field
    assert manager.post(of(world, f"/plans/{made['plan_id']}/steps/77"), body, method="PATCH").status_code == 404


def test_milestones_are_set_anew_with_what_they_expect_and_one_is_judged(manager: Program, world: Groups) -> None:
    plan = plan_of(manager, world, {"plan_id": None})
    path = of(world, f"/plans/{plan['plan_id']}/milestones")
    first, second, *_ = plan["milestones"]
    assert (first["title"], first["expects"], first["verdict"]) == ("Baseline signed", [], None)
    assert second["expects"][0]["operator"] == ">="
    body = {
        "seen": plan["milestones_revision"],
        "milestones": [
            {"week": 0, "title": first["title"], "was_week": 0}, {"week": 6, "title": second["title"], "was_week": 5},
            {"week": 9, "title": "A last look"},
        ],
        "reason": "The pharmacy visits in week 6.",
    }  # fmt: skip
    assert manager.post(path, body, method="PATCH").get_json() == {"milestones_revision": 1}
    assert manager.post(path, body, method="PATCH").status_code == 409, "it was changed since it was read"
    unknown = {"milestones": [{"week": 6, "title": "Nothing there", "was_week": 44}], "seen": 1}
    assert manager.post(path, body | unknown, method="PATCH").status_code == 422
    changed = plan_of(manager, world, plan)
    assert [each["week"] for each in changed["milestones"]] == [0, 6, 9]
    assert changed["milestones"][1]["expects"] == second["expects"]

    found = {"verdict": "met", "reason": "The nominated individual signed each baseline."}
    assert manager.post(f"{path}/0/verdicts", found).get_json() == {"week": 0, "number": 1, "verdict": "met"}
    assert manager.post(f"{path}/6/verdicts", found).status_code == 422, "its figures judge it"
    assert manager.post(f"{path}/5/verdicts", found).status_code == 404
    judged = plan_of(manager, world, plan)["milestones"][0]
    assert (judged["verdict"], judged["by_rule"], judged["reason"]) == ("met", False, found["reason"])


def plan_of(manager: Program, world: Groups, made: dict[str, Any]) -> dict[str, Any]:
    """A plan as it is read: the one that was made, or else the one of medicines."""
    plans = manager.get(of(world, "/plans")).get_json()["items"]
    (found,) = [
        plan
        for plan in plans
        if plan["plan_id"] == made["plan_id"]
        or (made["plan_id"] is None and plan["template_key"] == "medicines_recovery")
    ]
    return dict(found)
