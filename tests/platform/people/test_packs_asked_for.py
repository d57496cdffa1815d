"""An officer asks for a pack, the provider shares one or declines with a reason, and the officer sees what became of it."""

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from support.application import a_world
from support.commissioned import Council, take_back
from support.tenancy import Groups, add_grant
from support.visiting import Page, Visitor, visit, visit_as

from tenants.clock import today
from tenants.database import Database

WHY = "For the contract meeting in December."
REASON = "The figures are released anew next week."


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database, without=("pack_share",))


@pytest.fixture(scope="module")
def manager(app: Flask, database: Database, groups: Groups) -> Visitor:
    return visit(app, database, "registered_manager", groups.first)


@pytest.fixture
def council(database: Database, groups: Groups) -> Council:
    return Council(database, groups.first)


def there(council: Council) -> str:
    return f"/portfolio/{council.place.service_id}/notes"


def ask(officer: Visitor, council: Council, words: str = WHY) -> Page:
    officer.get(there(council))
    by = (today() + timedelta(days=14)).isoformat()
    return officer.post(there(council), {"kind": "pack", "words": words, "answer_by": by})


def asked(app: Flask, council: Council) -> tuple[Visitor, str]:
    """An officer who asked, and the page of the request at the provider."""
    officer = visit_as(app, council.db, council.officer())
    assert ask(officer, council).location == there(council)
    with council.db.administration() as session:
        note_id = session.execute(
            text("select note_id from commissioner_note where body_id = :body and kind = 'pack'"
                 " order by recorded_at desc limit 1"),
            {"body": council.body_id},
        ).scalar_one()  # fmt: skip
    return officer, f"/commissioners/notes/{note_id}"


def waits_beside(council: Council, officer: Visitor) -> bool:
    """Whether the database takes one request more of the same body."""
    with council.db.transaction(officer.reach, role="web") as session:
        taken = session.execute(
            text("select reach.write_note(:p, :s, :n, 'pack', 'One more', null)"),
            {"p": council.place.provider_id, "s": council.place.service_id, "n": uuid.uuid4()},
        ).scalar_one()
        session.rollback()
    return not taken


def test_a_request_leads_to_the_form_of_a_pack_for_whoever_asked_and_sharing_one_answers_it(
    app: Flask, database: Database, manager: Visitor, council: Council
) -> None:
    officer, way = asked(app, council)
    assert officer.get(there(council)).says("Answer by")
    assert manager.get("/commissioners").says("Request for a pack")
    page = manager.get(way)
    assert page.says(WHY)
    form = re.search(r'href="(/services/[^"]+/packs/commissioner[?]body=[^"]+)"', page.text)
    assert form
    assert f'value="{council.grant_id}" selected' in manager.get(form[1]).text
    assert council.shared(manager).location == council.path
    seen = officer.get(there(council))
    assert seen.says("The pack is shared")
    pack = re.search(r'href="(/portfolio/[^"]+/packs/[^"]+)"', seen.text)
    assert pack
    assert officer.get(pack[1]).status == 200
    assert manager.get(way).says("Shared as pack")
    with database.administration() as session:
        origins = session.execute(
            text("select origin ->> 'address' from ledger_entry where person_id = :id"
                 " and act in ('external look', 'pack asked for by a commissioner')"),
            {"id": officer.reach.person_id},
        ).scalars().all()  # fmt: skip
    assert len(origins) > 3
    assert all(origins)
    take_back(manager, council.path)
    assert officer.get(there(council)).says("The pack was taken back since")


def test_a_request_is_declined_with_a_reason_that_the_officer_reads(
    app: Flask, database: Database, groups: Groups, manager: Visitor, council: Council
) -> None:
    officer, way = asked(app, council)
    manager.get(way)
    assert manager.post(way, {"words": "No"}).status == 422
    assert manager.post(way, {"words": REASON}).location == way
    seen = officer.get(there(council))
    assert (seen.says("Declined"), seen.says(REASON)) == (True, True)
    assert not manager.get(way).says("Make a pack")
    assert manager.post(way, {"words": REASON}).status == 409
    with database.administration() as session:
        declined = session.execute(
            text("select count(*) from ledger_entry where provider_id = :p"
                 " and act = 'request of a commissioner for a pack declined'"),
            {"p": groups.first.provider_id},
        ).scalar_one()  # fmt: skip
    assert declined == 1
    # What was declined is not answered by a pack that is shared later.
    council.shared(manager)
    assert officer.get(there(council)).says("Declined")
    take_back(manager, council.path)


def test_one_request_of_a_body_waits_at_a_time_and_another_body_s_beside_it(
    app: Flask, database: Database, groups: Groups, manager: Visitor, council: Council
) -> None:
    officer, way = asked(app, council)
    colleague = visit_as(app, database, council.officer())
    for each in (officer, colleague):
        assert not each.get(there(council)).says("Request for a pack</")
        again = ask(each, council)
        assert (again.status, again.says("waits already")) == (422, True)
        assert waits_beside(council, each)
    asked(app, Council(database, groups.first))
    manager.get(way)
    manager.post(way, {"words": REASON})
    assert not waits_beside(council, officer)
    assert ask(colleague, council).location == there(council)


def test_a_grant_that_opens_no_figures_asks_for_no_pack(app: Flask, database: Database, groups: Groups) -> None:
    council = Council(database, groups.first)
    council.change("update commissioner_grant set classes = array['evidence_files'] where grant_id = :grant")
    officer = visit_as(app, database, council.officer())
    assert 'value="pack"' not in officer.get(there(council)).text
    assert ask(officer, council).status == 422
    assert waits_beside(council, officer)
    add_grant(database, groups.first, council.body_id)
    assert 'value="pack"' in officer.get(there(council)).text


@pytest.mark.parametrize("role", ["carer", "deputy_manager"])
def test_whoever_releases_nothing_answers_no_request(
    app: Flask, database: Database, groups: Groups, council: Council, role: str
) -> None:
    asked(app, council)
    council.change(
        "insert into pack_share select c.provider_id, c.service_id, gen_random_uuid(), c.pack_id, :grant, 'A', 'R', now(),"
        " null, 'k', 's', 1, 1, 'w', null, 'l', now() from commissioner_pack c where c.body_id = :body",
        body=council.body_id,
    )
    visitor = visit(app, database, role, groups.first)
    with database.administration() as session:
        share_id = session.execute(
            text("select share_id from pack_share where grant_id = :grant"), {"grant": council.grant_id}
        ).scalar_one()
    with database.transaction(visitor.reach) as session:
        answered = session.execute(
            text("select reach.answer_with_pack(:p, :s, :share)"),
            {"p": groups.first.provider_id, "s": groups.first.service_id, "share": share_id},
        ).scalar_one()
    assert answered == 0
    council.change("delete from pack_share where grant_id = :grant")
