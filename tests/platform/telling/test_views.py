"""Pages of notices, of choices, and of the link in a mail."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from support.escalating import an_escalation, works_as
from support.facts import Home, two_providers
from support.site import KEY, Visitor, a_site, a_visitor
from support.tenancy import Place, add_membership, add_person

from mendline.telling.kinds import KINDS
from mendline.telling.passing import look
from mendline.telling.stopping import Stop, signed
from tenants.clock import LONDON, today
from tenants.database import Database

NOON = datetime.combine(today(), datetime.min.time(), LONDON) + timedelta(hours=12)


@pytest.fixture
def home(database: Database) -> Home:
    return two_providers(database, services=1)[0][0]


@pytest.fixture
def app(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture
def manager(database: Database, app: Flask, home: Home) -> Visitor:
    person_id = add_person(database, name="Denise Hartley")
    add_membership(database, person_id, "registered_manager", Place(home.provider_id, home.service_id, ""))
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    with database.transaction(database.command_reach(home.provider_id)) as session:
        look(session, home.provider_id, at=NOON, today=today())
    return a_visitor(app, database, person_id)


def test_a_notice_counts_in_the_bar_until_it_is_followed(manager: Visitor, home: Home) -> None:
    page = manager.text("/notices")
    assert '<span class="n"><span class="vh">, </span>1<span class="vh"> item</span></span>' in page
    assert "An escalation at Home 0 waits for your decision." in page
    link = page.partition('href="/notices/')[2]
    while link.startswith("settings"):
        link = link.partition('href="/notices/')[2]
    answer = manager.get(f"/notices/{link.partition(chr(34))[0]}")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"/services/{home.service_id}/escalations/")
    assert '<span class="n">' not in manager.text("/notices")


def test_all_of_them_can_be_marked_as_seen(manager: Visitor) -> None:
    assert manager.post("/notices/read").status_code == 303
    assert "You have seen everything." in manager.text("/notices")


def test_choices_are_kept_and_wrong_ones_named(manager: Visitor) -> None:
    given = {
        **{f"way_{kind}": "daily" for kind in KINDS},
        "quiet_from": "20", "quiet_until": "6", "presses_through": "no", "digest_hour": "9", "digest_weekday": "4",
    }  # fmt: skip
    assert manager.post("/notices/settings", given).status_code == 303
    page = manager.text("/notices/settings")
    assert page.count('<option value="daily" selected>') == len(KINDS)
    assert '<option value="20" selected>20:00</option>' in page
    refused = manager.post("/notices/settings", {**given, "way_clock": "by pigeon", "quiet_until": ""})
    assert refused.status_code == 422
    assert "Choose both hours, or neither." in refused.get_data(as_text=True)


def test_one_act_of_a_mail_program_stops_a_kind_without_signing_in(
    database: Database, app: Flask, manager: Visitor, home: Home
) -> None:
    with database.administration() as session:
        person_id = session.execute(
            text("select person_id from notice where provider_id = :id"), {"id": home.provider_id}
        ).scalar_one()
    path = f"/telling/stop/{signed(KEY.encode(), Stop(home.provider_id, person_id, 'escalation').words)}"
    nobody = app.test_client()
    asked = nobody.get(path)
    assert asked.status_code == 200
    assert "Stop this mail?" in asked.get_data(as_text=True)
    stopped = nobody.post(path, data={"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200
    assert '<option value="never" selected>' in manager.text("/notices/settings")
    assert nobody.post(path[:-1] + "0" * (path[-1] != "0") + "1" * (path[-1] == "0")).status_code == 404
