"""Six scripted attacks raise six alerts within a look of the watch; an ordinary day raises none.

Everything goes through real HTTP, the real ledger and the functions of the database that the watch asks.
"""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from support.application import RECORD_TYPE, a_world, an_application_over
from support.custody import do_jobs
from support.tenancy import Groups, add_operator, add_person
from support.visiting import Visitor, visit, visit_as

from tenants.chain import seal
from tenants.clock import now
from tenants.database import Database
from tenants.watching import Alert, words_of
from workers.watching import Watch

ROLES = (
    ("carer", False), ("senior_carer", False), ("medicines_lead", False), ("deputy_manager", False),
    ("registered_manager", False), ("nominated_individual", True), ("provider_quality_lead", True),
    ("provider_administrator", True),
)  # fmt: skip
LINK = re.compile(r'href="(/(?!static|files|telling)[^"#]*)"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
FIRST_PAGES = 12  # that each person opens


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database, without=("ledger_entry", "ledger_seal", "security_alert_seen", "security_alert"))


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))


@pytest.fixture
def watch(database: Database, tmp_path: Path) -> Watch:
    return Watch(database, tmp_path)


@pytest.fixture
def look(database: Database, groups: Groups, watch: Watch) -> Callable[[], list[Alert]]:
    """What the watch raises now, after the entries of all ledgers were sealed as they are within a minute."""

    def looked() -> list[Alert]:
        for provider_id in {place.provider_id for place in groups.places}:
            with database.transaction(database.command_reach(provider_id)) as session:
                seal(session, provider_id)
        return list(watch.look(now()))

    return looked


def wander(visitor: Visitor, beginning: str) -> None:
    """Opens a first page and some of those to which it leads, as somebody does who looks around."""
    links = dict.fromkeys(LINK.findall(visitor.get(beginning).text))
    for path in list(links)[:FIRST_PAGES]:
        visitor.get(path.replace("&amp;", "&"))


def try_to_sign_in(client: FlaskClient, email: str) -> None:
    """Types a wrong password into the form."""
    token = TOKEN.search(client.get("/sign-in").get_data(as_text=True))
    assert token
    answer = client.post("/sign-in", data={"csrf_token": token[1], "email": email, "password": "guessed"})
    assert answer.status_code == 422


def test_an_ordinary_day_raises_nothing(
    app: Flask, database: Database, groups: Groups, look: Callable[[], list[Alert]], figure: Callable[[str], None]
) -> None:
    here = groups.first
    for role, whole_provider in ROLES:
        visitor = visit(app, database, role, here, whole_provider=whole_provider)
        wander(visitor, "/work")
        wander(visitor, f"/services/{here.service_id}")
        visitor.get(f"/services/{uuid.uuid4()}")  # an old bookmark
    stranger = app.test_client()
    stranger.set_cookie("mendline", "a cookie of a browser that was put away")
    stranger.get("/work")
    for _ in range(3):
        try_to_sign_in(stranger, "denise@example.org")
    raised = look()
    figure(f"alerts on an ordinary day of {len(ROLES)} people: {len(raised)}")
    assert raised == []


def foreign(app: Flask, database: Database, groups: Groups) -> None:
    """Somebody tries addresses of services one after the other."""
    visitor = visit(app, database, "registered_manager", groups.first)
    for _ in range(25):
        assert visitor.get(f"/services/{uuid.uuid4()}").status == 404


def reads(app: Flask, database: Database, groups: Groups) -> None:
    """Somebody opens records of people, page after page."""
    visitor = visit(app, database, "registered_manager", groups.first)
    for _ in range(65):
        assert visitor.get(f"/services/{groups.first.service_id}/records/{RECORD_TYPE}").status == 200


def ledger_broken(app: Flask, database: Database, groups: Groups) -> None:
    """Whoever owns the tables takes an entry out of a ledger."""
    visit(app, database, "registered_manager", groups.first).get(f"/services/{uuid.uuid4()}")
    with database.transaction(database.command_reach(groups.first.provider_id)) as session:
        seal(session, groups.first.provider_id)
    with database.administration() as session:
        session.execute(
            text(
                "delete from ledger_entry e using ledger_seal k where e.provider_id = :p and k.provider_id = :p"
                " and e.entry_id = k.entry_id and k.sequence = (select max(sequence) from ledger_seal where provider_id = :p)"
            ),
            {"p": groups.first.provider_id},
        )


def sign_in(app: Flask, _database: Database, _groups: Groups) -> None:
    """Passwords are tried at many addresses."""
    client = app.test_client()
    for number in range(65):
        try_to_sign_in(client, f"nobody{number}@example.org")


def forged(app: Flask, _database: Database, _groups: Groups) -> None:
    """Made-up cookies are shown in numbers."""
    for number in range(55):
        client = app.test_client()
        client.set_cookie("mendline", f"{number:040}")
        client.get("/work")


def break_glass(app: Flask, database: Database, groups: Groups) -> None:
    """An operator is let in to read."""
    asking, second = (visit_as(app, database, add_operator(database)) for _ in range(2))
    asking.get("/operations")
    given = {"provider": str(groups.first.provider_id), "reason": "A dashboard does not load"}
    assert asking.post("/operations/support", given).status == 303
    with database.administration() as session:
        request_id = session.execute(
            text("select request_id from support_access where provider_id = :p order by asked_at desc limit 1"),
            {"p": groups.first.provider_id},
        ).scalar_one()
    second.get("/operations")
    assert second.post(f"/operations/support/{request_id}/second", {}).status == 303
    provider = visit(app, database, "nominated_individual", groups.first, whole_provider=True)
    provider.get("/support")
    assert provider.post(f"/support/{request_id}", {"minutes": "30"}).status == 303


ATTACKS = (foreign, reads, ledger_broken, sign_in, forged, break_glass)
OF_A_PROVIDER = ("foreign", "reads", "ledger_broken", "break_glass")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_each_attack_raises_one_alert_for_operators_and_for_the_provider_that_it_concerns(
    app: Flask,
    database: Database,
    groups: Groups,
    look: Callable[[], list[Alert]],
    figure: Callable[[str], None],
    attack: Callable[[Flask, Database, Groups], None],
) -> None:
    look()
    attack(app, database, groups)
    kind = attack.__name__
    raised = look()
    figure(f"attack {kind}: {len(raised)} alert, counted {raised[0].times if raised else 0} times")
    assert [(each.kind, each.provider_id) for each in raised] == [
        (kind, groups.first.provider_id if kind in OF_A_PROVIDER else None)
    ]
    assert look() == []
    assert visit_as(app, database, add_operator(database)).get("/operations").says(words_of(kind))
    for place, told in ((groups.first, kind in OF_A_PROVIDER), (groups.second, False)):
        administrator = visit(app, database, "provider_administrator", place, whole_provider=True)
        assert administrator.get("/alerts").says(words_of(kind)) == told
        assert not told or administrator.get("/ledger").says("raised an alert")


def test_an_alert_is_told_by_a_notice_and_a_letter_and_shows_who_saw_it(
    app: Flask, database: Database, groups: Groups, look: Callable[[], list[Alert]]
) -> None:
    administrator = visit(app, database, "provider_administrator", groups.second, whole_provider=True)
    intruder = visit(app, database, "registered_manager", groups.second)
    for _ in range(25):
        intruder.get(f"/services/{uuid.uuid4()}")
    assert [each.person_id for each in look()] == [intruder.reach.person_id]
    assert "done" in do_jobs(database, groups.second.provider_id, "tell_people")
    with database.administration() as session:
        notices = session.execute(
            text("select title, path from notice where person_id = :id and kind = 'security' and mail_id is not null"),
            {"id": administrator.reach.person_id},
        ).all()
        alert_id = session.execute(
            text("select alert_id from security_alert where person_id = :id"), {"id": intruder.reach.person_id}
        ).scalar_one()
    assert [tuple(each) for each in notices] == [(f"{words_of('foreign')}.", "/alerts")]
    assert administrator.get("/alerts").says("Not seen yet")
    for _ in range(2):
        assert administrator.post(f"/alerts/{alert_id}/seen", {}).status == 303
    assert not administrator.get("/alerts").says("Not seen yet")
    assert administrator.get("/ledger").text.count("saw an alert") == 1
    elsewhere = visit(app, database, "provider_administrator", groups.first, whole_provider=True)
    elsewhere.get("/alerts")
    assert elsewhere.post(f"/alerts/{alert_id}/seen", {}).status == 404
    assert intruder.post(f"/alerts/{alert_id}/seen", {}).status == 403


def test_operators_say_that_they_saw_an_alert_and_nobody_else_can(
    app: Flask, database: Database, groups: Groups, look: Callable[[], list[Alert]]
) -> None:
    intruder = visit(app, database, "registered_manager", groups.first)
    for _ in range(25):
        intruder.get(f"/services/{uuid.uuid4()}")
    assert look()
    operator = visit_as(app, database, add_operator(database))
    before = operator.get("/operations").text
    found = re.findall(r"/operations/alerts/([0-9a-f-]{36})/seen", before)
    assert operator.post(f"/operations/alerts/{found[0]}/seen", {}).status == 303
    after = operator.get("/operations").text
    assert found[0] not in re.findall(r"/operations/alerts/([0-9a-f-]{36})/seen", after)
    assert operator.post(f"/operations/alerts/{uuid.uuid4()}/seen", {}).status == 404
    with database.transaction(intruder.reach) as session:
        assert session.execute(text("select * from reach.alerts()")).all() == []
        assert session.execute(text("select reach.see_alert(:id)"), {"id": found[0]}).scalar_one() is False
    assert intruder.reach.name not in after
    nobody = visit_as(app, database, add_person(database))
    assert nobody.get("/alerts").status == 403


def test_an_entry_that_was_changed_is_told_when_more_is_sealed(app: Flask, database: Database, groups: Groups) -> None:
    place = groups.second
    visitor = visit(app, database, "registered_manager", place)
    visitor.get(f"/services/{uuid.uuid4()}")
    with database.transaction(database.command_reach(place.provider_id)) as session:
        seal(session, place.provider_id)
    with database.administration() as session:
        session.execute(
            text(
                "update ledger_entry set actor = 'nobody' where provider_id = :p and entry_id = ("
                " select entry_id from ledger_seal where provider_id = :p order by sequence desc limit 1)"
            ),
            {"p": place.provider_id},
        )
        session.execute(
            text(
                "insert into job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)"
                " values (:p, gen_random_uuid(), 'seal_ledger', '{}', 'queued', 0, now(), 0, now())"
            ),
            {"p": place.provider_id},
        )
    assert do_jobs(database, place.provider_id, "seal_ledger") == ["done"]
    administrator = visit(app, database, "provider_administrator", place, whole_provider=True)
    assert administrator.get("/alerts").says(words_of("ledger_broken"))
