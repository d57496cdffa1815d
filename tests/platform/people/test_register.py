"""A service closes and stays to be read; a new one follows it, and takes over no baseline."""

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text
from support.inspecting import a_link, come_in
from support.tenancy import Groups, Place, signed_in
from support.visiting import Page, Visitor, visit

from mendline.api.table import PREFIX
from mendline.catalogue.wording import long_date
from mendline.cli import main
from tenants.clock import today
from tenants.database import Database

WHY = "The home moved to a new building across the road"
YESTERDAY = today() - timedelta(days=1)
WEEK = timedelta(weeks=1)


@pytest.fixture
def administrator(app: Flask, database: Database, groups: Groups) -> Visitor:
    with database.administration() as session:
        session.execute(text("update service set closed_on = null, opened_on = null"))
        session.execute(text("delete from service_succession"))
    return visit(app, database, "provider_administrator", groups.first, whole_provider=True)


def closes(visitor: Visitor, place: Place, **changes: Any) -> Page:
    visitor.get("/register")
    given = {"service": str(place.service_id), "day": YESTERDAY.isoformat(), "reason": WHY}
    return visitor.post("/register/closings", given | changes)


def follows(visitor: Visitor, newer: Place, before: Place | None, **changes: Any) -> Page:
    visitor.get("/register")
    given = {
        "newer": str(newer.service_id), "before": str(before.service_id) if before else "none",
        "from_on": today().isoformat(), "because": WHY,
    }  # fmt: skip
    return visitor.post("/register/successions", given | changes)


def locates(visitor: Visitor, place: Place, code: str) -> Page:
    visitor.get("/register")
    return visitor.post("/register/areas", {"located": str(place.service_id), "area_code": code})


def one(db: Database, statement: str, place: Place) -> Any:
    with db.administration() as session:
        here = {"p": place.provider_id, "s": place.service_id}
        return session.execute(text(statement), here).scalar_one_or_none()


def name_of(db: Database, place: Place) -> str:
    return str(one(db, "select name from service where provider_id = :p and service_id = :s", place))


def test_a_closed_service_leaves_the_lists_and_its_pages_stay_to_be_read(
    app: Flask, database: Database, groups: Groups, administrator: Visitor
) -> None:
    old = groups.sister
    lead = visit(app, database, "nominated_individual", old, whole_provider=True)
    assert f'href="/services/{old.service_id}"' in lead.get("/services/").text
    assert closes(administrator, old).status == 303
    assert administrator.get("/register").says(f"Closed on {long_date(YESTERDAY)}")
    assert f'href="/services/{old.service_id}"' not in lead.get("/services/").text
    assert lead.get(f"/services/{old.service_id}").says(f"Closed on {long_date(YESTERDAY)}.")
    assert lead.get(f"/services/{old.service_id}/story").says("The service closed")
    assert administrator.get("/ledger").says("closed a service")
    job = one(database, "select count(*) from job where provider_id = :p and kind = 'derive' and state = 'queued'", old)
    assert job
    assert closes(administrator, old).status == 409
    assert administrator.post(f"/register/{old.service_id}/opening", {}).status == 303
    assert f'href="/services/{old.service_id}"' in lead.get("/services/").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"day": (today() + timedelta(days=1)).isoformat()}, "The last day is to come"),
        ({"day": ""}, "Give the last day"),
        ({"day": "soon"}, "Give the last day"),
        ({"reason": "moved"}, "Say why"),
        ({"service": ""}, "Choose a service"),
        ({"service": str(uuid.UUID(int=5))}, "Choose a service"),
        ({"day": "1890-01-01"}, "before the service opened"),
    ],
    ids=["to come", "no day", "no date", "no reason", "no service", "unknown", "before it opened"],
)
def test_a_closing_that_cannot_be_is_refused_with_what_to_do(
    database: Database, groups: Groups, administrator: Visitor, changes: dict[str, str], words: str
) -> None:
    with database.administration() as session:
        session.execute(text("update service set opened_on = '2001-01-01'"))
    answer = closes(administrator, groups.sister, **changes)
    assert (answer.status, answer.says(words)) == (422, True)
    assert (
        one(database, "select closed_on from service where provider_id = :p and service_id = :s", groups.sister) is None
    )


def test_a_service_that_follows_another_says_so_on_both_heads_and_in_the_api_and_takes_no_baseline(
    app: Flask, database: Database, groups: Groups, administrator: Visitor
) -> None:
    new, old = groups.first, groups.sister
    baselines = "select count(*) from indicator_baseline where provider_id = :p and service_id = :s"
    before = one(database, baselines, new)
    closes(administrator, old)
    assert follows(administrator, new, old).status == 303
    assert one(database, baselines, new) == before
    lead = visit(app, database, "nominated_individual", new, whole_provider=True)
    newer, older = lead.get(f"/services/{new.service_id}"), lead.get(f"/services/{old.service_id}")
    assert newer.says(f"Follows {name_of(database, old)}, closed {long_date(YESTERDAY)}: its history is there.")
    assert older.says(f"{name_of(database, new)} follows it from {long_date(today())}.")
    assert f'href="/services/{old.service_id}"' in newer.text
    assert f'href="/services/{new.service_id}"' in older.text
    assert lead.get(f"/services/{new.service_id}/story").says(f"It follows {name_of(database, old)}")
    told = lead.client.get(f"{PREFIX}/services/{new.service_id}").get_json()
    assert (told["follows"]["service_id"], told["follows"]["closed_on"]) == (str(old.service_id), YESTERDAY.isoformat())
    back = lead.client.get(f"{PREFIX}/services/{old.service_id}").get_json()
    assert (back["followed_by"]["name"], back["closed_on"]) == (name_of(database, new), YESTERDAY.isoformat())
    only_new = visit(app, database, "registered_manager", new)
    page = only_new.get(f"/services/{new.service_id}")
    assert page.says(f"Follows {name_of(database, old)}: its history is there.")
    assert f'href="/services/{old.service_id}"' not in page.text


def test_an_inspectors_link_and_packs_go_on_where_a_service_has_closed_and_the_api_begins_nothing_there(
    app: Flask, database: Database, groups: Groups, administrator: Visitor
) -> None:
    place = groups.first
    link = a_link(database, signed_in(database, "registered_manager", place), place)
    closes(administrator, place)
    assert come_in(app, database, link).get("/inspection").status_code == 200
    lead = visit(app, database, "nominated_individual", place, whole_provider=True)
    assert lead.get(f"/services/{place.service_id}/packs").status == 200
    lead.get(f"/services/{place.service_id}")
    action = {"title": "Appoint two night seniors", "owner": "D Hartley", "due_on": (today() + WEEK).isoformat()}
    answer = lead.client.post(
        f"{PREFIX}/services/{place.service_id}/actions",
        json=action,
        headers={"X-CSRF-Token": lead.csrf_token, "Idempotency-Key": uuid.uuid4().hex},
    )
    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert "The service closed on" in answer.get_data(as_text=True)


def test_a_transfer_leaves_what_a_service_follows_where_it_is(database: Database) -> None:
    with database.administration() as session:
        taken = set(session.execute(text("select custody.tables_of(array['story', 'summary'])")).scalars())
    assert {"service", "service_change"} <= taken
    assert not taken & {"service_succession", "service_freeze"}


def test_what_was_said_by_mistake_is_taken_back_and_a_circle_is_refused(
    app: Flask, database: Database, groups: Groups, administrator: Visitor
) -> None:
    new, old = groups.first, groups.sister
    assert follows(administrator, new, new).status == 422
    assert follows(administrator, new, old).status == 303
    circle = follows(administrator, old, new)
    assert (circle.status, circle.says("A service cannot follow itself")) == (422, True)
    assert follows(administrator, new, None).status == 303
    lead = visit(app, database, "nominated_individual", new, whole_provider=True)
    assert not lead.get(f"/services/{new.service_id}").says("its history is there")
    assert not lead.get(f"/services/{old.service_id}").says("follows it from")
    assert follows(administrator, old, new).status == 303


@pytest.mark.parametrize("role", ["registered_manager", "nominated_individual", "carer"])
def test_who_does_not_manage_services_closes_none(
    app: Flask, database: Database, groups: Groups, administrator: Visitor, role: str
) -> None:
    visitor = visit(app, database, role, groups.first, whole_provider=role == "nominated_individual")
    visitor.get("/account")
    assert closes(visitor, groups.first).status == 403
    assert follows(visitor, groups.first, groups.sister).status == 403
    with database.transaction(visitor.reach) as session:
        said = session.execute(
            text("select reach.close_service(:p, :s, :day)"),
            {"p": groups.first.provider_id, "s": groups.first.service_id, "day": YESTERDAY},
        ).scalar_one()
    assert said is False
    assert closes(administrator, groups.second).status == 422  # a service of another provider is none


def test_a_service_is_closed_and_followed_from_the_command_line(
    database: Database, groups: Groups, administrator: Visitor,
    database_url: str, role_passwords: dict[str, str], tmp_path: Any,
) -> None:  # fmt: skip
    assert administrator
    settings = {
        "DATABASE_URL": database_url, "MENDLINE_ROLE_PASSWORDS": json.dumps(role_passwords),
        "MENDLINE_STATE": str(tmp_path), "MENDLINE_SECRET_KEY": "k" * 40,
    }  # fmt: skip
    group = str(groups.first.provider_id)
    old, new = str(groups.sister.service_id), str(groups.first.service_id)
    run = CliRunner(env=settings)
    closed = run.invoke(main, ["provider", "close-service", group, old, "--on", YESTERDAY.isoformat(), "--reason", WHY])
    assert (closed.exit_code, "is closed since" in closed.output) == (0, True)
    said = run.invoke(main, ["provider", "follow", group, new, old, "--from", today().isoformat(), "--reason", WHY])
    assert (said.exit_code, "follows" in said.output) == (0, True)
    row = "select follows from service_succession where provider_id = :p and service_id = :s"
    assert one(database, row, groups.first) == groups.sister.service_id


def test_the_area_of_a_service_is_said_shown_and_taken_back(
    database: Database, groups: Groups, administrator: Visitor
) -> None:
    area = "select area_code from service where provider_id = :p and service_id = :s"
    assert locates(administrator, groups.first, " e08000009 ").status == 303
    assert one(database, area, groups.first) == "E08000009"
    assert administrator.get("/register").says("area E08000009")
    assert administrator.get("/ledger").says("said in which area a service lies")
    assert locates(administrator, groups.first, "E08000009").status == 409
    wrong = locates(administrator, groups.first, "Trafford")
    assert (wrong.status, wrong.says("a letter and eight digits, such as E08000009")) == (422, True)
    assert locates(administrator, groups.second, "E08000009").status == 422  # a service of another provider is none
    assert one(database, area, groups.second) is None
    assert locates(administrator, groups.first, "").status == 303
    assert one(database, area, groups.first) is None


def test_who_does_not_manage_services_says_no_area(app: Flask, database: Database, groups: Groups) -> None:
    visitor = visit(app, database, "registered_manager", groups.first)
    visitor.get("/account")
    assert locates(visitor, groups.first, "E08000009").status == 403
    with database.transaction(visitor.reach) as session:
        here = {"p": groups.first.provider_id, "s": groups.first.service_id}
        assert session.execute(text("select reach.set_area(:p, :s, 'E08000009')"), here).scalar_one() is False


def test_the_area_of_a_service_is_said_on_the_command_line(
    groups: Groups, database_url: str, role_passwords: dict[str, str], tmp_path: Any
) -> None:
    settings = {
        "DATABASE_URL": database_url, "MENDLINE_ROLE_PASSWORDS": json.dumps(role_passwords),
        "MENDLINE_STATE": str(tmp_path), "MENDLINE_SECRET_KEY": "k" * 40,
    }  # fmt: skip
    group, new = str(groups.first.provider_id), str(groups.first.service_id)
    run = CliRunner(env=settings)
    said = run.invoke(main, ["provider", "set-area", group, new, "E08000009"])
    assert (said.exit_code, "lies in E08000009" in said.output) == (0, True)
    taken = run.invoke(main, ["provider", "set-area", group, new, ""])
    assert (taken.exit_code, "has no area" in taken.output) == (0, True)
    wrong = run.invoke(main, ["provider", "add-service", group, "New House", "--area-code", "Trafford"])
    assert (wrong.exit_code, "a letter and eight digits" in wrong.output) == (1, True)


def test_each_field_of_the_three_forms_has_an_id_of_its_own(administrator: Visitor) -> None:
    ids = re.findall(r' id="([^"]+)"', administrator.get("/register").text)
    assert sorted(each for each in set(ids) if ids.count(each) > 1) == []
