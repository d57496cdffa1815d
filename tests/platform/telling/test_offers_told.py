"""Whoever offered a role is told once that it was accepted, declined or ran out; never by the name of the person."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from support.facts import Home, two_providers
from support.tenancy import Place, add_membership, add_person, issue_ticket

from mendline.telling.passing import look
from mendline.telling.queries import notices_of
from tenants.clock import LONDON, now, today
from tenants.database import Database
from tenants.ids import new_id
from tenants.jobs import Job
from tenants.signin.offers import answer_offer

DAY = timedelta(days=1)


@pytest.fixture
def home(database: Database) -> Home:
    return two_providers(database, services=1)[0][0]


@pytest.fixture
def manager(database: Database, home: Home) -> uuid.UUID:
    person_id = add_person(database, name="Denise Hartley")
    add_membership(database, person_id, "registered_manager", Place(home.provider_id, home.service_id, ""))
    return person_id


def offered(db: Database, home: Home, manager: uuid.UUID, **changes: Any) -> tuple[uuid.UUID, uuid.UUID]:
    """A role that is offered to somebody; whom, and the offer."""
    person_id, offer_id = add_person(db, name="Offa Mercer"), new_id()
    given = {"p": home.provider_id, "s": home.service_id, "o": offer_id, "who": person_id, "by": manager, "at": now(),
             "ends": now() + 30 * DAY, "until": None} | changes  # fmt: skip
    with db.administration() as session:
        session.execute(
            text("insert into role_offer (provider_id, offer_id, service_id, person_id, role, kind, display_name, initials,"
                 " valid_from, valid_until, offered_by, recorded_at, expires_at) values (:p, :o, :s, :who, 'carer',"
                 " 'substantive', 'Offa Mercer', 'OM', :at, :until, :by, :at, :ends)"),
            given,
        )  # fmt: skip
    return person_id, offer_id


def answer(db: Database, person_id: uuid.UUID, offer_id: uuid.UUID, *, accept: bool) -> None:
    reach = db.reach_of(issue_ticket(db, person_id))
    with db.transaction(reach, role="web") as session:
        assert answer_offer(session, offer_id, accept=accept, why="KESTREL" if not accept else "")


def told(db: Database, home: Home, person_id: uuid.UUID) -> list[str]:
    """What they were told by two looks, one after the other."""
    for _ in range(2):
        with db.transaction(db.command_reach(home.provider_id)) as session:
            look(session, home.provider_id, at=now(), today=now().astimezone(LONDON).date())
    with db.transaction(db.reach_of(issue_ticket(db, person_id))) as session:
        return [line.title for line in notices_of(session, [home.provider_id], person_id).lines]


@pytest.mark.parametrize(("accept", "became"), [(True, "was accepted"), (False, "was declined")])
def test_an_answer_is_told_once_to_whoever_made_the_offer_and_to_nobody_else(
    database: Database, home: Home, manager: uuid.UUID, accept: bool, became: str
) -> None:
    other = add_person(database)
    add_membership(database, other, "registered_manager", Place(home.provider_id, home.service_id, ""))
    answer(database, *offered(database, home, manager), accept=accept)
    assert told(database, home, manager) == [f"The role Carer at Home 0 that you offered {became}."]
    assert told(database, home, other) == []


def test_an_answer_asks_for_a_look_in_the_same_transaction(database: Database, home: Home, manager: uuid.UUID) -> None:
    for accept in (True, False):
        answer(database, *offered(database, home, manager), accept=accept)
    with database.transaction(database.command_reach(home.provider_id)) as session:
        kinds = [job.kind for job in session.query(Job).filter(Job.provider_id == home.provider_id)]
    assert kinds.count("tell_people") == 1


@pytest.mark.parametrize("over", [{"ends": now() - DAY}, {"until": today() - DAY}])
def test_an_offer_that_ran_out_is_told_and_one_that_waits_or_was_taken_back_is_not(
    database: Database, home: Home, manager: uuid.UUID, over: dict[str, Any]
) -> None:
    offered(database, home, manager)
    _, withdrawn = offered(database, home, manager)
    with database.administration() as session:
        session.execute(
            text("update role_offer set answer = 'withdrawn', answered_at = now() where offer_id = :id"),
            {"id": withdrawn},
        )
    assert told(database, home, manager) == []
    offered(database, home, manager, **over)
    assert told(database, home, manager) == ["The role Carer at Home 0 that you offered ran out without an answer."]


def test_whoever_left_is_told_nothing_any_more(database: Database, home: Home, manager: uuid.UUID) -> None:
    with database.administration() as session:
        session.execute(
            text("update membership set valid_until = :day where person_id = :id"),
            {"day": today() - DAY, "id": manager},
        )
    answer(database, *offered(database, home, manager), accept=False)
    with database.transaction(database.command_reach(home.provider_id)) as session:
        assert look(session, home.provider_id, at=now(), today=today()).noticed == 0
