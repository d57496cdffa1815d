"""A commissioner asks and tells; the provider answers; no other body reads it, and nothing of it survives a grant outside."""

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from support.tenancy import Groups, Place, add_body, add_grant, add_officer, add_person
from support.visiting import Visitor, visit, visit_as

from mendline.people.visits.commands import GivenNote, write_note
from tenants.clock import today
from tenants.database import Database
from tenants.errors import NotFoundError, NotPermittedError

WORDS = "Please send the falls audit of October with what followed."


def an_officer(app: Flask, db: Database, place: Place, *, live: bool = True) -> tuple[Visitor, uuid.UUID]:
    body, officer = add_body(db), add_person(db)
    add_officer(db, body, officer)
    grant = add_grant(db, place, body, classes=("summary",), live=live)
    return visit_as(app, db, officer), grant


def there(place: Place) -> str:
    return f"/portfolio/{place.service_id}/notes"


def send(officer: Visitor, place: Place, **changes: str):
    officer.get(there(place))
    return officer.post(there(place), {"kind": "request", "words": WORDS, "answer_by": ""} | changes)


def letters(db: Database, template: str) -> int:
    with db.administration() as session:
        return session.execute(
            text("select count(*) from signin.mail where template = :t"), {"t": template}
        ).scalar_one()


@pytest.mark.parametrize("live", [True, False])
def test_a_request_reaches_the_manager_and_the_answer_reaches_the_officer(
    app: Flask, database: Database, groups: Groups, live: bool
) -> None:
    officer, _ = an_officer(app, database, groups.first, live=live)
    manager = visit(app, database, "registered_manager", groups.first)
    before = letters(database, "commissioner_note"), letters(database, "commissioner_note_answered")
    words = f"{WORDS} {uuid.uuid4().hex[:6]}"
    asked = send(officer, groups.first, words=words, answer_by=(today() + timedelta(days=7)).isoformat())
    assert asked.location == there(groups.first)
    assert officer.get(f"/portfolio/{groups.first.service_id}").says("Requests and findings")
    page = manager.get("/commissioners")
    assert page.says(words)
    way = next(
        found
        for found in re.findall(r'href="(/commissioners/notes/[^"]+)"', page.text)
        if manager.get(found).says(words)
    )
    manager.get(way)
    assert manager.post(way, {"words": "No"}).status == 422
    assert manager.post(way, {"words": "It is attached to your next release."}).location == way
    assert officer.get(there(groups.first)).says("It is attached to your next release.")
    after = letters(database, "commissioner_note"), letters(database, "commissioner_note_answered")
    assert (after[0] > before[0], after[1] - before[1]) == (True, 1)
    with database.administration() as session:
        acts = set(
            session.execute(
                text("select act from ledger_entry where provider_id = :p and act like 'commissioner%'"),
                {"p": groups.first.provider_id},
            ).scalars()
        )
    assert {"commissioner request written", "commissioner answered"} <= acts


def test_another_body_with_a_grant_of_the_same_service_reads_nothing_of_it(
    app: Flask, database: Database, groups: Groups
) -> None:
    officer, _ = an_officer(app, database, groups.first)
    other, _ = an_officer(app, database, groups.first)
    words = f"{WORDS} {uuid.uuid4().hex[:6]}"
    send(officer, groups.first, words=words)
    assert officer.get(there(groups.first)).says(words)
    assert not other.get(there(groups.first)).says(words)


def test_a_grant_that_ended_takes_reading_and_writing_with_it(app: Flask, database: Database, groups: Groups) -> None:
    officer, grant = an_officer(app, database, groups.first)
    officer.get(there(groups.first))
    with database.administration() as session:
        session.execute(text("update commissioner_grant set withdrawn_at = now() where grant_id = :id"), {"id": grant})
    given = GivenNote("request", WORDS, None)
    with (
        pytest.raises((NotPermittedError, NotFoundError)),
        database.transaction(officer.reach, role="web") as session,
    ):
        write_note(
            session, officer.reach, provider_id=groups.first.provider_id, service_id=groups.first.service_id,
            given=given, today=today(),
        )  # fmt: skip
    assert officer.get(there(groups.first)).status in (403, 404)


def test_a_service_that_was_not_granted_is_not_written_to(app: Flask, database: Database, groups: Groups) -> None:
    officer, _ = an_officer(app, database, groups.first)
    officer.get(there(groups.first))
    for place in (groups.sister, groups.second):
        assert officer.post(there(place), {"kind": "request", "words": WORDS}).status == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "order"}, "Choose what it is"),
        ({"words": "Short"}, "Write 10 to"),
        ({"words": "x" * 2100}, "Write 10 to"),
        ({"answer_by": "2020-01-01"}, "Give a day from today on"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    app: Flask, database: Database, groups: Groups, changes: dict[str, str], words: str
) -> None:
    officer, _ = an_officer(app, database, groups.first)
    answer = send(officer, groups.first, **changes)
    assert answer.status == 422
    assert answer.says(words)


@pytest.mark.parametrize(("role", "status"), [("carer", 403), ("deputy_manager", 403), ("provider_lead", 403)])
def test_whoever_releases_nothing_answers_nothing(
    app: Flask, database: Database, groups: Groups, role: str, status: int
) -> None:
    officer, _ = an_officer(app, database, groups.first)
    send(officer, groups.first)
    with database.administration() as session:
        note_id = session.execute(
            text("select note_id from commissioner_note where provider_id = :p order by recorded_at desc limit 1"),
            {"p": groups.first.provider_id},
        ).scalar_one()
    visitor = visit(app, database, role, groups.first, whole_provider=role.startswith("provider"))
    visitor.get("/account")
    assert visitor.post(f"/commissioners/notes/{note_id}", {"words": "An answer of some length."}).status == status
