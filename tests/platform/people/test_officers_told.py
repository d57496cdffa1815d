"""Officers are written to once when a pack is shared with their grant, and once when it is taken back; never what it is."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from support.application import a_world
from support.commissioned import Council, take_back
from support.tenancy import Groups, add_membership
from support.visiting import KEY, Visitor, visit

from mendline.telling.mail_text import Sender, written
from tenants.clock import now, today
from tenants.database import Database
from tenants.signin.outbox import Letter

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database, without=("pack_share",))


@pytest.fixture(scope="module")
def manager(app: Flask, database: Database, groups: Groups) -> Visitor:
    return visit(app, database, "registered_manager", groups.first)


def letters(db: Database, person_id: uuid.UUID) -> list[tuple[str, dict[str, Any]]]:
    with db.as_role("signin") as connection:
        found = connection.execute(
            text("select template, facts from signin.mail where person_id = :id order by created_at, mail_id"),
            {"id": person_id},
        )
        return [(row.template, row.facts) for row in found]


def kinds(db: Database, *people: uuid.UUID) -> list[list[str]]:
    return [[template for template, _ in letters(db, each)] for each in people]


def sweep(db: Database) -> None:
    with db.as_role("relay") as connection:
        connection.execute(text("select reach.sweep_telling()"))


def in_words(template: str, facts: dict[str, Any]) -> str:
    letter = Letter(uuid.uuid4(), template, facts, "a@council.example", "Ann Other", 1, now())
    message = written(letter, Sender("mendline@example.org", "https://mendline.example", KEY.encode()), at=now())
    return f"{message['Subject']}\n{message.get_content()}"


def test_each_officer_is_told_once_of_a_share_and_once_that_it_was_taken_back(
    database: Database, groups: Groups, manager: Visitor
) -> None:
    council = Council(database, groups.first)
    officers = [council.officer(), council.officer()]
    assert council.shared(manager).location == council.path
    assert council.shared(manager).status == 409  # it is shared with this grant already
    sweep(database)
    assert kinds(database, *officers) == [["pack_shared"]] * 2
    assert take_back(manager, council.path).location == council.path
    sweep(database)
    assert kinds(database, *officers) == [["pack_shared", "pack_taken_back"]] * 2


def test_a_letter_says_where_there_is_something_to_see_and_nothing_of_what_it_is(
    database: Database, groups: Groups, manager: Visitor
) -> None:
    council = Council(database, groups.first)
    officer = council.officer()
    council.shared(manager)
    take_back(manager, council.path, "KESTREL sent too early")
    with database.administration() as session:
        provider, reference, service = session.execute(
            text("select v.name, p.reference, s.name from pack p join provider v using (provider_id)"
                 " join service s using (provider_id, service_id) where p.provider_id = :p and p.service_id = :s"
                 " and p.pack_id = :id"),
            {"p": groups.first.provider_id, "s": groups.first.service_id, "id": council.path.rpartition("/")[2]},
        ).one()  # fmt: skip
    code, there = f"Service {str(groups.first.service_id)[:4].upper()}", f"/portfolio/{groups.first.service_id}"
    for template, facts in letters(database, officer):
        assert facts == {"provider": provider, "service": code, "path": there}
        said = in_words(template, facts)
        assert f"https://mendline.example{there}" in said
        for hidden in (reference, service, "NIGHTJAR", "sent too early", "pack"):
            assert hidden not in said


def test_a_service_is_named_where_its_grant_shows_the_name(
    database: Database, groups: Groups, manager: Visitor
) -> None:
    council = Council(database, groups.first, show_name=True)
    officer = council.officer()
    council.shared(manager)
    with database.administration() as session:
        name = session.execute(
            text("select name from service where provider_id = :p and service_id = :s"),
            {"p": groups.first.provider_id, "s": groups.first.service_id},
        ).scalar_one()
    assert [facts["service"] for _, facts in letters(database, officer)] == [name]
    take_back(manager, council.path)


def test_whoever_the_grant_opens_nothing_to_is_told_nothing(
    database: Database, groups: Groups, manager: Visitor
) -> None:
    council, other = Council(database, groups.first), Council(database, groups.first)
    council = Council(database, groups.first)
    gone, works_here, disabled = council.officer(valid_until=today() - DAY), council.officer(), council.officer()
    add_membership(database, works_here, "carer", groups.first)
    council.change("update signin.person set disabled_at = now() where person_id = :id", id=disabled)
    stranger = other.officer()
    council.shared(manager)
    take_back(manager, council.path)
    assert kinds(database, gone, works_here, disabled, stranger) == [[], [], [], []]


def test_a_grant_that_is_to_come_is_told_of_on_the_day_it_begins(
    database: Database, groups: Groups, manager: Visitor
) -> None:
    council = Council(database, groups.first, begins=today() + DAY)
    officer = council.officer()
    council.shared(manager)
    sweep(database)
    assert kinds(database, officer) == [[]]
    council.change("update commissioner_grant set valid_from = :day where grant_id = :grant", day=today())
    sweep(database)
    sweep(database)
    assert kinds(database, officer) == [["pack_shared"]]
    take_back(manager, council.path)
    assert kinds(database, officer) == [["pack_shared", "pack_taken_back"]]


def test_what_is_taken_back_before_its_grant_begins_is_never_told_of(
    database: Database, groups: Groups, manager: Visitor
) -> None:
    council = Council(database, groups.first, begins=today() + DAY)
    officer = council.officer()
    council.shared(manager)
    take_back(manager, council.path)
    council.change("update commissioner_grant set valid_from = :day where grant_id = :grant", day=today())
    sweep(database)
    assert kinds(database, officer) == [[]]


@pytest.mark.parametrize(
    "ends",
    [
        "update commissioner_grant set withdrawn_at = now() where grant_id = :grant",
        "update commissioner_grant set valid_until = current_date - 1, valid_from = current_date - 9 where grant_id = :grant",
    ],
)
def test_whose_grant_is_over_is_not_told_what_was_taken_back(
    database: Database, groups: Groups, manager: Visitor, ends: str
) -> None:
    council = Council(database, groups.first)
    officer = council.officer()
    council.shared(manager)
    council.change(ends)
    with database.transaction(manager.reach) as session:
        done = session.execute(
            text("select reach.withdraw_pack(s.provider_id, s.service_id, s.share_id, 'Over') from pack_share s"
                 " where s.grant_id = :grant and s.provider_id = :p and s.service_id = :s"),
            {"grant": council.grant_id, "p": groups.first.provider_id, "s": groups.first.service_id},
        ).scalar_one()  # fmt: skip
    assert done
    assert kinds(database, officer) == [["pack_shared"]]


@pytest.mark.parametrize("call", ["reach.tell_of_shares(null)", "reach.tell_soon(null)"])
def test_no_role_that_runs_writes_such_letters_by_itself(database: Database, manager: Visitor, call: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), database.transaction(manager.reach) as session:
        session.execute(text(f"select {call}"))
