"""Looks on a real database: who is told of what, once, and by which mail."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from support.escalating import an_escalation, decide, outcome, works_as
from support.facts import Home, two_providers
from support.tenancy import Place, add_membership, add_person, issue_ticket

from mendline.telling.commands import mark_read, save_wish, stop
from mendline.telling.kinds import KINDS
from mendline.telling.passing import look
from mendline.telling.queries import notices_of
from mendline.telling.stopping import Stop
from mendline.telling.timing import Wish
from tenants.clock import LONDON, now, today
from tenants.database import Database
from tenants.errors import NotFoundError, RefusedError
from tenants.jobs import Job
from tenants.reach import Reach

NOON = datetime.combine(today(), datetime.min.time(), LONDON) + timedelta(hours=12)
NIGHT = NOON + timedelta(hours=10)


@pytest.fixture
def home(database: Database) -> Home:
    return two_providers(database, services=1)[0][0]


def reach_of_person(db: Database, person_id: uuid.UUID) -> Reach:
    return db.reach_of(issue_ticket(db, person_id))


def a_manager(db: Database, home: Home, role: str = "registered_manager") -> uuid.UUID:
    person_id = add_person(db, name="Denise Hartley")
    add_membership(db, person_id, role, Place(home.provider_id, home.service_id, ""))
    return person_id


def one_look(db: Database, home: Home, at: datetime = NOON, **more: Any) -> tuple[int, int]:
    with db.transaction(db.command_reach(home.provider_id)) as session:
        done = look(session, home.provider_id, at=at, today=today(), **more)
    return done.noticed, done.mails


def letters(db: Database, person_id: uuid.UUID) -> list[dict[str, Any]]:
    with db.as_role("signin") as connection:
        found = connection.execute(
            text("select facts from signin.mail where person_id = :id and template = 'telling' order by created_at"),
            {"id": person_id},
        )
        return list(found.scalars())


def notices(db: Database, home: Home, person_id: uuid.UUID) -> list[str]:
    with db.transaction(reach_of_person(db, person_id)) as session:
        return [line.title for line in notices_of(session, [home.provider_id], person_id).lines]


def wishes(db: Database, home: Home, person_id: uuid.UUID, wish: Wish) -> None:
    reach = reach_of_person(db, person_id)
    whole = {kind: wish.way(kind) for kind in KINDS}
    with db.transaction(reach) as session:
        save_wish(
            session, reach, home.provider_id,
            Wish(whole, wish.quiet_from, wish.quiet_until, wish.presses_through, wish.digest_hour, wish.digest_weekday),
        )  # fmt: skip


def test_whoever_decides_an_escalation_is_told_once_however_often_one_looks(database: Database, home: Home) -> None:
    manager = a_manager(database, home)
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    assert one_look(database, home) == (1, 1)
    assert one_look(database, home) == (0, 0)
    (title,) = notices(database, home, manager)
    assert title.startswith("An escalation at Home 0 waits for your decision.")
    (facts,) = letters(database, manager)
    assert facts["summary"] == "1 escalation for you to decide"


def test_opening_an_escalation_asks_for_a_look_in_the_same_transaction(database: Database, home: Home) -> None:
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    with database.transaction(database.command_reach(home.provider_id)) as session:
        kinds = [job.kind for job in session.query(Job).filter(Job.provider_id == home.provider_id)]
    assert kinds.count("tell_people") == 1


def test_a_mail_holds_nothing_of_what_was_asked(database: Database, home: Home) -> None:
    manager = a_manager(database, home)
    an_escalation(database, works_as(database, "deputy_manager", home), home, asked="Mrs Kemp fell twice on nights.")
    one_look(database, home)
    assert "Kemp" not in str(letters(database, manager)) + str(notices(database, home, manager))


def test_whom_an_escalation_is_about_is_not_told(database: Database, home: Home) -> None:
    manager, about = a_manager(database, home), a_manager(database, home)
    an_escalation(database, works_as(database, "deputy_manager", home), home, subject_person_id=about)
    assert one_look(database, home) == (1, 1)
    assert letters(database, manager)
    assert letters(database, about) == []


def test_what_was_decided_before_the_look_is_not_told(database: Database, home: Home) -> None:
    manager = works_as(database, "registered_manager", home)
    found = an_escalation(database, manager, home)
    decide(database, manager, home, found, outcome("no_further_action"))
    assert one_look(database, home)[0] == 0


def test_what_was_seen_on_the_pages_is_not_mailed_any_more(database: Database, home: Home) -> None:
    manager = a_manager(database, home)
    wishes(database, home, manager, Wish({"escalation": "daily"}))
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    assert one_look(database, home) == (1, 0)
    reach = reach_of_person(database, manager)
    assert reach.unread == 1
    with database.transaction(reach) as session:
        assert mark_read(session, reach, [home.provider_id]) == 1
    assert reach_of_person(database, manager).unread == 0
    assert one_look(database, home, NOON + timedelta(days=1)) == (0, 0)


def test_a_digest_waits_for_its_hour_and_joins_what_there_is(database: Database, home: Home) -> None:
    manager = a_manager(database, home)
    wishes(database, home, manager, Wish({"escalation": "daily"}, digest_hour=8))
    for _ in range(3):
        an_escalation(database, works_as(database, "deputy_manager", home), home)
    assert one_look(database, home) == (3, 0)
    assert one_look(database, home, NOON + timedelta(hours=21)) == (0, 1)
    (facts,) = letters(database, manager)
    assert (facts["summary"], facts["often"]) == ("3 escalations for you to decide", "day")


def test_quiet_hours_hold_a_mail_and_lose_none(database: Database, home: Home) -> None:
    manager = a_manager(database, home)
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    assert one_look(database, home, NIGHT) == (1, 0)
    assert one_look(database, home, NIGHT + timedelta(hours=10)) == (0, 1)
    assert len(letters(database, manager)) == 1


def test_the_link_in_a_mail_stops_that_kind_and_keeps_the_other_choices(database: Database, home: Home) -> None:
    manager = a_manager(database, home)
    wishes(database, home, manager, Wish({"action": "weekly"}))
    assert stop(database, Stop(home.provider_id, manager, "escalation"))
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    assert one_look(database, home) == (1, 0)
    assert len(notices(database, home, manager)) == 1
    with database.transaction(reach_of_person(database, manager)) as session:
        ways = session.execute(text("select ways from telling_setting")).scalar_one()
    assert (ways["escalation"], ways["action"]) == ("never", "weekly")


def test_a_link_for_somebody_who_never_worked_there_stops_nothing(database: Database, home: Home) -> None:
    assert not stop(database, Stop(home.provider_id, add_person(database), "escalation"))


def test_somebody_who_left_gets_no_more_mail(database: Database, home: Home) -> None:
    manager = a_manager(database, home)
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    assert one_look(database, home, NIGHT) == (1, 0)
    with database.administration() as session:
        session.execute(
            text(
                "update membership set valid_until = current_date - 1, valid_from = current_date - 2 where person_id = :id"
            ),
            {"id": manager},
        )
    assert one_look(database, home, NIGHT + timedelta(hours=10)) == (0, 0)
    assert letters(database, manager) == []


def test_more_mails_than_one_look_may_send_go_with_the_next(database: Database, home: Home) -> None:
    for _ in range(3):
        a_manager(database, home)
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    assert one_look(database, home, most_mails=2) == (3, 2)
    assert one_look(database, home, most_mails=2) == (0, 1)


def test_a_look_that_is_cut_off_leaves_neither_notice_nor_letter(database: Database, home: Home) -> None:
    manager = a_manager(database, home)
    an_escalation(database, works_as(database, "deputy_manager", home), home)

    def cut_off() -> None:
        with database.transaction(database.command_reach(home.provider_id)) as session:
            look(session, home.provider_id, at=NOON, today=today())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()
    assert letters(database, manager) == []
    assert one_look(database, home) == (1, 1)


def test_nobody_sees_or_marks_anothers_notices(database: Database, home: Home) -> None:
    manager, other = a_manager(database, home), a_manager(database, home, "deputy_manager")
    an_escalation(database, works_as(database, "deputy_manager", home), home)
    one_look(database, home)
    reach = reach_of_person(database, other)
    with database.transaction(reach) as session:
        assert session.execute(text("select count(*) from notice")).scalar_one() == 0
        assert session.execute(text("update notice set read_at = now()")).rowcount == 0
    assert reach_of_person(database, manager).unread == 1


def test_choices_are_those_that_are_offered(database: Database, home: Home) -> None:
    manager = a_manager(database, home)
    reach = reach_of_person(database, manager)
    with database.transaction(reach) as session:
        with pytest.raises(RefusedError) as refused:
            save_wish(session, reach, home.provider_id, Wish({"escalation": "by pigeon"}, 21, None, digest_hour=99))
        with pytest.raises(NotFoundError):
            save_wish(session, reach, uuid.uuid4(), Wish())
    assert {"way_escalation", "quiet_until", "digest_hour"} <= set(refused.value.problems)


def test_the_sweep_asks_for_a_look_when_it_is_due_and_once(database: Database, home: Home) -> None:
    one_look(database, home, NOON - timedelta(days=3))
    waiting = text("select count(*) from job where provider_id = :id and kind = 'tell_people' and state = 'queued'")
    for _ in range(2):
        with database.as_role("relay") as connection:
            connection.execute(text("select reach.sweep_telling()"))
    with database.transaction(database.command_reach(home.provider_id)) as session:
        assert session.execute(waiting, {"id": home.provider_id}).scalar_one() == 1
    assert now() > NOON - timedelta(days=3)
