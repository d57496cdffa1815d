"""Telling people as jobs: killed anywhere, and with the mail server away for a day, each is told once."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest
from sqlalchemy import text
from support.escalating import an_escalation, works_as
from support.facts import Home, two_providers
from support.smtp_server import a_mail_server
from support.statements import KilledError, killed_at
from support.tenancy import Place, add_membership, add_person

from mendline.telling.mail_delivery import MailServer
from mendline.telling.mail_text import Sender
from mendline.telling.stopping import read
from tenants.clock import LONDON, today
from tenants.database import Database
from workers.claiming import Work, do
from workers.claiming import _work as work_of_claim
from workers.mail import deliver
from workers.telling import tell_people

KEY = b"a key of this test"
SENDER = Sender("Mendline <no-reply@mendline.example>", "https://mendline.example", KEY)
NOON = datetime.combine(today(), datetime.min.time(), LONDON) + timedelta(hours=12)


@pytest.fixture
def home(database: Database) -> Home:
    return two_providers(database, services=1)[0][0]


@pytest.fixture
def manager(database: Database, home: Home) -> uuid.UUID:
    person_id = add_person(database, name="Denise Hartley")
    add_membership(database, person_id, "registered_manager", Place(home.provider_id, home.service_id, ""))
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    return person_id


at_noon = partial(tell_people, at=NOON)  # outside everybody's quiet hours


def claimed(db: Database, home: Home) -> Work | None:
    """The job that the escalation asked for, claimed; None where nothing is left to do."""
    with db.administration() as session:
        session.execute(
            text(
                "update job set lease_until = now() - interval '1 minute' where provider_id = :id"
                " and kind = 'tell_people' and state = 'running'"
            ),
            {"id": home.provider_id},
        )
        job_id = session.execute(
            text("select job_id from job where provider_id = :id and kind = 'tell_people'"), {"id": home.provider_id}
        ).scalar_one()
    found = db.claim(job_id, worker="test", lease_seconds=60, kind="tell_people")
    return work_of_claim(db, *found, 60) if found else None


def letters(db: Database, person_id: uuid.UUID) -> list[uuid.UUID]:
    with db.as_role("signin") as connection:
        rows = connection.execute(
            text("select mail_id from signin.mail where person_id = :id and template = 'telling'"), {"id": person_id}
        )
        return list(rows.scalars())


def test_a_worker_that_dies_in_the_middle_tells_nobody_and_the_next_tells_each_once(
    database: Database, home: Home, manager: uuid.UUID
) -> None:
    kills = 0
    for point in count(1):
        with database.administration() as session:
            session.execute(text("update job set attempts = 0 where provider_id = :id"), {"id": home.provider_id})
        work = claimed(database, home)
        assert work is not None
        try:
            with killed_at(database, "worker", point):
                at_noon(work)
            break
        except KilledError:
            kills += 1
            assert letters(database, manager) == [], point
    assert kills > 5  # once before each of its statements
    assert len(letters(database, manager)) == 1
    assert claimed(database, home) is None


def test_a_look_that_ends_after_its_lease_keeps_nothing(database: Database, home: Home, manager: uuid.UUID) -> None:
    late = claimed(database, home)
    other = claimed(database, home)
    assert late is not None
    assert other is not None
    do(other, at_noon)
    do(late, at_noon)
    assert len(letters(database, manager)) == 1


def test_a_mail_server_that_is_away_for_a_day_delivers_each_letter_once(
    database: Database, home: Home, manager: uuid.UUID
) -> None:
    work = claimed(database, home)
    assert work is not None
    do(work, at_noon)
    (letter,) = letters(database, manager)
    with a_mail_server() as gone:
        pass
    for _ in range(24):
        deliver(database, letter, SENDER, MailServer(gone.url))
        with database.as_role("signin") as connection:
            connection.execute(text("update signin.mail set due_at = now() where mail_id = :id"), {"id": letter})
    with a_mail_server() as inbox:
        for _ in range(3):
            deliver(database, letter, SENDER, MailServer(inbox.url))
    assert len(inbox.letters) == 1


def test_the_mail_has_a_link_that_stops_it_in_one_act_and_no_words_of_the_record(
    database: Database, home: Home, manager: uuid.UUID
) -> None:
    work = claimed(database, home)
    assert work is not None
    do(work, at_noon)
    (letter,) = letters(database, manager)
    with a_mail_server() as inbox:
        deliver(database, letter, SENDER, MailServer(inbox.url))
    (arrived,) = inbox.letters
    link = str(arrived["List-Unsubscribe"]).strip("<>")
    stop = read(KEY, link.rpartition("/")[2])
    assert stop is not None
    assert (stop.provider_id, stop.person_id, stop.kind) == (home.provider_id, manager, "escalation")
    assert arrived["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    said = arrived.get_content()
    assert link in said.replace("\n", "")
    assert "https://mendline.example/services/" in said
    assert "night posts" not in said
