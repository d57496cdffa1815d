"""A quality lead works with pseudonyms, and opens records on need: for an hour at most, with a reason, and on record."""

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from support.application import identifiers_of
from support.tenancy import Groups, add_membership, add_person
from support.visiting import Page, Visitor, visit, visit_as

from mendline.people.opening.commands import open_records
from tenants.classes import OPENED_ON_NEED
from tenants.clock import today
from tenants.database import Database
from tenants.errors import NotFoundError, NotPermittedError
from tenants.reach import Reach

WHY = "Verification audit of the medicines records of week 46"


@pytest.fixture
def lead(app: Flask, database: Database, groups: Groups) -> Visitor:
    return visit(app, database, "provider_quality_lead", groups.first, whole_provider=True)


def opens(visitor: Visitor, groups: Groups, **changes: object) -> Page:
    visitor.get("/opened-records")
    form = {"service": str(groups.first.service_id), "classes": list(OPENED_ON_NEED), "reason": WHY, "minutes": "30"}
    return visitor.post("/opened-records", form | changes)


def reads(db: Database, reach: Reach, groups: Groups) -> int:
    with db.transaction(reach) as session:
        return session.execute(
            text("select count(*) from record where provider_id = :p and service_id = :s"),
            {"p": groups.first.provider_id, "s": groups.first.service_id},
        ).scalar_one()


def fresh(db: Database, lead: Visitor) -> Reach:
    return db.reach_of(lead.reach.ticket)


def end_all(db: Database) -> None:
    with db.administration() as session:
        session.execute(text("update opened_records set ended_at = now() where ended_at is null"))


def test_records_are_closed_to_a_quality_lead_until_they_are_opened_and_again_when_the_time_is_over(
    lead: Visitor, groups: Groups, database: Database
) -> None:
    end_all(database)
    record = f"/services/{groups.first.service_id}/records"
    assert reads(database, lead.reach, groups) == 0
    answer = opens(lead, groups)
    assert answer.location == record
    assert reads(database, lead.reach, groups) > 0
    seen = lead.get(record)
    assert seen.says("You opened records of")
    assert fresh(database, lead).may("see_records", groups.first.provider_id, groups.first.service_id)
    with database.administration() as session:
        session.execute(text("update opened_records set ends_at = now() - interval '1 second', begun_at = now() - interval '9 minutes' where ended_at is null"))  # fmt: skip
    assert reads(database, lead.reach, groups) == 0
    assert not lead.get(record).says("You opened records of")


def test_only_what_was_chosen_at_that_service_is_opened_and_never_staff_files_or_concerns(
    lead: Visitor, groups: Groups, database: Database
) -> None:
    end_all(database)
    opens(lead, groups, classes=["records_staffing"])
    held = fresh(database, lead)
    here = (groups.first.provider_id, groups.first.service_id)
    assert held.holds("records_staffing", "r", *here)
    for class_ in ("records", "records_medicines", "records_staff", "concerns"):
        assert not held.holds(class_, "r", *here)
    assert not held.holds("records_staffing", "w", *here)
    assert not held.holds("records_staffing", "r", groups.sister.provider_id, groups.sister.service_id)
    assert set(OPENED_ON_NEED).isdisjoint({"records_staff", "concerns"})
    with pytest.raises(DBAPIError, match="nothing_else"), database.transaction(lead.reach, role="web") as session:
        session.execute(
            text("select reach.open_records(:p, :s, :o, array['records_staff'], 'A reason', 30)"),
            {"p": here[0], "s": here[1], "o": uuid.uuid4()},
        )


def test_whoever_answers_for_the_service_is_written_to_sees_it_and_can_close_it(
    app: Flask, lead: Visitor, groups: Groups, database: Database
) -> None:
    end_all(database)
    manager_id = add_person(database)
    add_membership(database, manager_id, "registered_manager", groups.first)
    manager = visit_as(app, database, manager_id)
    opens(lead, groups)
    with database.administration() as session:
        letters = session.execute(
            text("select facts from signin.mail where template = 'records_opened' and person_id = :id"),
            {"id": manager_id},
        ).scalars()
        assert [facts["reason"] for facts in letters] == [WHY]
    page = manager.get("/opened-records")
    assert page.says(WHY)
    assert manager.get("/access").says("Opened for themselves")
    there = re.search(r'action="(/opened-records/[^"]+/end)"', page.text)
    assert there
    assert manager.post(there[1], {}).location == "/opened-records"
    assert reads(database, lead.reach, groups) == 0
    with database.administration() as session:
        acts = session.execute(
            text("select act, detail ->> 'why' from ledger_entry where provider_id = :p and act like '%opened%' order by recorded_at"),
            {"p": groups.first.provider_id},
        ).all()  # fmt: skip
    assert ("records opened on need", WHY) in [tuple(act) for act in acts]
    assert acts[-1][0] == "opened records closed"


def test_each_record_that_was_looked_at_stands_in_the_ledger(lead: Visitor, groups: Groups, database: Database) -> None:
    end_all(database)
    opens(lead, groups, classes=list(OPENED_ON_NEED))
    ids = identifiers_of(groups.first)
    with database.administration() as session:
        kind = session.execute(
            text("select record_type from record where record_id = :id limit 1"), {"id": ids["record_id"]}
        ).scalar_one()
    before = looks(database, groups)
    lead.get(f"/services/{groups.first.service_id}/records/{kind}/{ids['record_id']}")
    assert looks(database, groups) == before + 1


def looks(db: Database, groups: Groups) -> int:
    with db.administration() as session:
        return session.execute(
            text("select count(*) from ledger_entry where provider_id = :p and act = 'records read'"),
            {"p": groups.first.provider_id},
        ).scalar_one()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": "Audit"}, "Say what you need them for"),
        ({"minutes": "61"}, "Give 5 to 60 minutes"),
        ({"minutes": "x"}, "Give 5 to 60 minutes"),
        ({"classes": []}, "Choose which records"),
        ({"classes": ["records_staff"]}, "Choose which records"),
        ({"service": str(uuid.uuid4())}, "Choose the service"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_opened(
    lead: Visitor, groups: Groups, database: Database, changes: dict[str, object], words: str
) -> None:
    end_all(database)
    answer = opens(lead, groups, **changes)
    assert answer.status == 422
    assert answer.says(words)
    assert reads(database, lead.reach, groups) == 0


@pytest.mark.parametrize("role", ["carer", "provider_lead", "provider_administrator", "registered_manager"])
def test_nobody_else_opens_records(app: Flask, database: Database, groups: Groups, role: str) -> None:
    whole = role.startswith("provider")
    visitor = visit(app, database, role, groups.first, whole_provider=whole)
    assert opens(visitor, groups).status == 403
    with pytest.raises(NotPermittedError), database.transaction(visitor.reach) as session:
        open_records(
            session, visitor.reach, provider_id=groups.first.provider_id, service_id=groups.first.service_id,
            classes=("records",), why=WHY, minutes=30,
        )  # fmt: skip


def test_another_provider_s_records_are_not_opened(lead: Visitor, groups: Groups, database: Database) -> None:
    with pytest.raises((NotFoundError, NotPermittedError)), database.transaction(lead.reach) as session:
        open_records(
            session, lead.reach, provider_id=groups.second.provider_id, service_id=groups.second.service_id,
            classes=("records",), why=WHY, minutes=30,
        )  # fmt: skip


def test_whoever_holds_the_role_no_more_reads_nothing_though_the_hour_is_not_over(
    app: Flask, database: Database, groups: Groups
) -> None:
    person_id = add_person(database)
    membership = add_membership(database, person_id, "provider_quality_lead", groups.first, whole_provider=True)
    visitor = visit_as(app, database, person_id)
    opens(visitor, groups)
    assert reads(database, visitor.reach, groups) > 0
    with database.administration() as session:
        session.execute(
            text("update membership set valid_until = :day where membership_id = :id"),
            {"day": today() - timedelta(days=1), "id": membership},
        )
    assert reads(database, visitor.reach, groups) == 0
