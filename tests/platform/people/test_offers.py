"""A role that is offered opens nothing until the person accepts it; nobody learns by offering whether somebody is known."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import ProgrammingError
from support.offering import accepts, whom
from support.tenancy import Groups, Place, add_membership, add_person, issue_ticket, tenant_tables
from support.visiting import KEY, Page, Visitor, visit, visit_as

from mendline.telling.mail_text import Sender, written
from tenants.clock import now, today
from tenants.database import Database
from tenants.directory.access_model import RoleOffer
from tenants.directory.model import Membership
from tenants.errors import NotPermittedError
from tenants.ids import new_id
from tenants.reach import Reach
from tenants.signin.links import link_secret
from tenants.signin.offers import answer_offer
from tenants.signin.outbox import Letter

DAY = timedelta(days=1)
PASSWORD = "umbrella quartz lantern"
_COLUMNS = "provider_id, membership_id, service_id, person_id, role, display_name, initials, valid_from, granted_by, recorded_at"
_REST = "'substantive', null, 'A', 'A', current_date, null"


@pytest.fixture
def manager(app: Flask, database: Database, groups: Groups) -> Visitor:
    return visit(app, database, "registered_manager", groups.first)


def address_of(db: Database, person_id: uuid.UUID) -> str:
    with db.administration() as session:
        return session.execute(
            text("select email from signin.person where person_id = :id"), {"id": person_id}
        ).scalar_one()


def offer(manager: Visitor, place: Place, email: str, **changes: str) -> tuple[str, Page]:
    """Offers a role under a name of its own; gives the name and the answer."""
    name = f"Offa {uuid.uuid4().hex[:8].upper()}"
    manager.get("/people/invite")
    form = {
        "name": name, "email": email, "place": str(place.service_id), "role": "deputy_manager", "kind": "substantive",
        "valid_from": today().isoformat(), "valid_until": "", "reason": "",
    }  # fmt: skip
    return name, manager.post("/people/invite", form | changes)


def somebody_elsewhere(db: Database, groups: Groups, *, password: bool = True) -> uuid.UUID:
    """A carer of the other provider, who signs in already."""
    person_id = add_person(db)
    add_membership(db, person_id, "carer", groups.second)
    if password:
        with db.administration() as session:
            session.execute(
                text("update signin.person set password_hash = 'kept' where person_id = :id"), {"id": person_id}
            )
    return person_id


def acts(db: Database, place: Place, offer_id: uuid.UUID) -> list[tuple[str, str, uuid.UUID | None]]:
    with db.administration() as session:
        rows = session.execute(
            text("select act, actor, person_id from ledger_entry where provider_id = :p and subject = :s"
                 " order by recorded_at, entry_id"),
            {"p": place.provider_id, "s": f"offer {offer_id}"},
        )  # fmt: skip
        return [tuple(row) for row in rows]


def rows_seen(db: Database, reach: Reach, place: Place) -> int:
    """How many rows of a provider a reach is shown, over every table of tenants."""
    seen = 0
    with db.transaction(reach) as session:
        for table in tenant_tables():
            with session.begin_nested() as part:
                try:
                    seen += session.execute(
                        text(f"select count(*) from {table.fullname} where provider_id = :p"), {"p": place.provider_id}
                    ).scalar_one()
                except ProgrammingError:  # a table that this role reads nothing of
                    part.rollback()
    return seen


# ------------------------------------------------------------------ until it is accepted


def test_an_offered_role_opens_not_one_row_of_any_table_until_it_is_accepted(
    app: Flask, database: Database, groups: Groups, manager: Visitor
) -> None:
    person_id = somebody_elsewhere(database, groups)
    ticket = issue_ticket(database, person_id)
    name, answer = offer(manager, groups.first, address_of(database, person_id))
    assert answer.location == "/people"
    reach = database.reach_of(ticket)
    assert groups.first.provider_id not in reach.provider_ids
    assert {each.provider_id for each in reach.held} == {groups.second.provider_id}
    assert rows_seen(database, reach, groups.first) == 0
    person = visit_as(app, database, person_id)
    assert person.get(f"/services/{groups.first.service_id}").status in (403, 404)
    accepts(app, database, name)
    again = database.reach_of(issue_ticket(database, person_id))
    assert rows_seen(database, again, groups.first) > 0


def test_the_person_reads_first_what_is_offered_and_accepts_which_ends_every_sign_in(
    app: Flask, database: Database, groups: Groups, manager: Visitor
) -> None:
    person_id = somebody_elsewhere(database, groups)
    until = (today() + 90 * DAY).isoformat()
    name, _ = offer(manager, groups.first, address_of(database, person_id), valid_until=until, reason="Agreed in June")
    person = visit_as(app, database, person_id)
    assert person.get("/").location == "/offers"
    assert person.get("/?later=1").location == "/work"
    assert person.get("/account").says("A role is offered to you")
    page = person.get("/offers")
    for words in ("KITTIWAKE Care Group offers you the role Deputy manager", " until ", "Agreed in June"):
        assert page.says(words.strip())
    _, offer_id = whom(database, name)
    assert manager.get("/people").says("Waiting for acceptance")
    assert person.post(f"/offers/{offer_id}", {"answer": "accept"}).location == "/sign-in"
    assert person.get("/work").status == 302
    told = acts(database, groups.first, offer_id)
    assert told == [
        ("role offered", "registered_manager", manager.reach.person_id),
        ("role accepted", "deputy_manager", person_id),
    ]
    assert manager.get("/people?name=offa").says(name)
    with database.administration() as session:
        held = session.execute(
            select(Membership.role, Membership.granted_by).where(
                Membership.person_id == person_id, Membership.provider_id == groups.first.provider_id
            )
        ).one()
    assert tuple(held) == ("deputy_manager", manager.reach.person_id)
    assert visit_as(app, database, person_id).get("/").location != "/offers"


def test_what_is_declined_stays_closed_and_the_ledger_says_so(
    app: Flask, database: Database, groups: Groups, manager: Visitor
) -> None:
    person_id = somebody_elsewhere(database, groups)
    name, _ = offer(manager, groups.first, address_of(database, person_id))
    _, offer_id = whom(database, name)
    person = visit_as(app, database, person_id)
    person.get("/offers")
    assert person.post(f"/offers/{offer_id}", {"answer": "decline"}).location == "/offers"
    assert person.get("/work").status == 200
    assert person.post(f"/offers/{offer_id}", {"answer": "accept"}).status == 404
    assert acts(database, groups.first, offer_id)[-1] == ("role declined by the person", "invited", person_id)
    assert manager.get("/people").says("Declined")
    assert rows_seen(database, database.reach_of(issue_ticket(database, person_id)), groups.first) == 0


def test_whoever_works_for_the_provider_already_is_given_a_further_role_at_once(
    app: Flask, database: Database, groups: Groups, manager: Visitor
) -> None:
    person_id = add_person(database)
    add_membership(database, person_id, "carer", groups.sister)
    assert visit_as(app, database, person_id).get(f"/services/{groups.first.service_id}").status in (403, 404)
    offer(manager, groups.first, address_of(database, person_id))
    assert visit_as(app, database, person_id).get(f"/services/{groups.first.service_id}").status == 200


def test_somebody_whose_role_ended_is_offered_the_next_one(
    app: Flask, database: Database, groups: Groups, manager: Visitor
) -> None:
    person_id = add_person(database)
    add_membership(database, person_id, "carer", groups.first, valid_from=today() - 9 * DAY, valid_until=today() - DAY)
    name, _ = offer(manager, groups.first, address_of(database, person_id))
    assert rows_seen(database, database.reach_of(issue_ticket(database, person_id)), groups.first) == 0
    accepts(app, database, name)
    assert rows_seen(database, database.reach_of(issue_ticket(database, person_id)), groups.first) > 0


# ------------------------------------------------------------------ offers that are over, or somebody else's


@pytest.fixture
def offered(database: Database, groups: Groups, manager: Visitor) -> tuple[uuid.UUID, uuid.UUID]:
    name, _ = offer(manager, groups.first, address_of(database, somebody_elsewhere(database, groups)))
    return whom(database, name)


def runs_out(db: Database, offer_id: uuid.UUID, _: Visitor) -> None:
    with db.administration() as session:
        session.execute(
            text("update role_offer set expires_at = now() - interval '1 minute' where offer_id = :id"),
            {"id": offer_id},
        )


def has_no_day_left(db: Database, offer_id: uuid.UUID, _: Visitor) -> None:
    with db.administration() as session:
        session.execute(
            text("update role_offer set valid_until = current_date - 2 where offer_id = :id"), {"id": offer_id}
        )


def is_withdrawn(_: Database, offer_id: uuid.UUID, manager: Visitor) -> None:
    manager.get("/people")
    assert manager.post(f"/people/offers/{offer_id}/withdraw", {}).location == "/people"
    assert manager.post(f"/people/offers/{offer_id}/withdraw", {}).status == 404


@pytest.mark.parametrize("ends", [runs_out, has_no_day_left, is_withdrawn])
def test_an_offer_that_is_over_is_neither_shown_nor_accepted(
    app: Flask, database: Database, manager: Visitor, offered: tuple[uuid.UUID, uuid.UUID],
    ends: Callable[[Database, uuid.UUID, Visitor], None],
) -> None:  # fmt: skip
    person_id, offer_id = offered
    person = visit_as(app, database, person_id)
    person.get("/offers")
    ends(database, offer_id, manager)
    assert person.get("/offers").says("Nothing is offered to you")
    assert person.get("/").location != "/offers"
    assert person.post(f"/offers/{offer_id}", {"answer": "accept"}).status == 404
    words = "Withdrawn" if ends is is_withdrawn else "Ran out"
    assert manager.get("/people").says(words)


def test_an_offer_is_answered_by_nobody_else_and_withdrawn_by_nobody_of_another_provider(
    app: Flask, database: Database, groups: Groups, offered: tuple[uuid.UUID, uuid.UUID]
) -> None:
    _, offer_id = offered
    for role, place in (("carer", groups.first), ("registered_manager", groups.second), (None, groups.first)):
        other = visit(app, database, role, place)
        other.get("/account")
        assert other.post(f"/offers/{offer_id}", {"answer": "accept"}).status == 404
        assert other.post(f"/people/offers/{offer_id}/withdraw", {}).status in (403, 404)
    with database.administration() as session:
        assert session.execute(select(RoleOffer.answer).where(RoleOffer.offer_id == offer_id)).scalar_one() is None


@pytest.mark.parametrize(
    "changes", [{"level": "capture"}, {"level": "token"}, {"level": "enrol"}, {"may_write": False}]
)
def test_only_a_whole_sign_in_accepts(
    database: Database, offered: tuple[uuid.UUID, uuid.UUID], changes: dict[str, Any]
) -> None:
    person_id, offer_id = offered
    ticket = issue_ticket(database, person_id)
    with database.administration() as session:
        session.execute(text("set local role mendline_reach"))
        name, value = next(iter(changes.items()))
        session.execute(
            text(f"update reach.ticket set {name} = :value where person_id = :id"), {"value": value, "id": person_id}
        )
    with database.transaction(database.reach_of(ticket), role="web") as session:
        assert not answer_offer(session, offer_id, accept=True, why="")


@pytest.mark.parametrize(
    "statement",
    [
        f"insert into membership ({_COLUMNS}) values (:provider, :made, :service, :person, 'carer', 'A', 'A', now(), :me, now())",
        "insert into role_offer select * from role_offer",
        "update role_offer set answer = 'accepted' where provider_id = :provider",
        "delete from role_offer where provider_id = :provider",
        "select reach.settle_offer(o, true, null) from role_offer o where provider_id = :provider",
        "select * from reach.open_offers(:person, null)",
        "select * from reach.told_offers(:person, null)",
        f"select reach.offer_role(:provider, :service, :made, :me, 'deputy_manager', {_REST})",
        f"select reach.offer_role(:other, :service, :made, :person, 'carer', {_REST})",
        f"select reach.offer_role(:provider, null, :made, :person, 'nominated_individual', {_REST})",
        "select reach.person_for(:other, :made, 'a@example.org', 'A B')",
        "select reach.write_to_invited(:provider, :person, :made, 'x'::bytea, now(), '{}')",
        "select reach.answer_invitation('x'::bytea, true)",
    ],
)
def test_the_database_itself_gives_no_role_to_somebody_who_did_not_accept(
    database: Database, groups: Groups, manager: Visitor, statement: str
) -> None:
    values = {
        "provider": groups.first.provider_id, "service": groups.first.service_id, "other": groups.second.provider_id,
        "person": somebody_elsewhere(database, groups), "me": manager.reach.person_id, "made": new_id(),
    }  # fmt: skip
    with pytest.raises((NotPermittedError, ProgrammingError)), database.transaction(manager.reach) as session:
        session.execute(text(statement), values)


def test_nobody_learns_of_a_provider_where_somebody_else_works(
    database: Database, groups: Groups, manager: Visitor
) -> None:
    person_id = somebody_elsewhere(database, groups)
    with database.transaction(manager.reach) as session:
        for provider_id in (groups.second.provider_id, groups.first.provider_id):
            found = session.execute(
                text("select reach.works_for(:provider, :person)"), {"provider": provider_id, "person": person_id}
            )
            assert found.scalar_one() is False


# ------------------------------------------------------------------ nothing tells who is known


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = db.engine("web")
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", count)


def test_offering_a_role_is_answered_alike_for_people_known_and_new(
    database: Database, groups: Groups, manager: Visitor
) -> None:
    told = []
    known = address_of(database, somebody_elsewhere(database, groups))
    for email in (known, f"{uuid.uuid4().hex}@example.org"):
        with statements(database) as seen:
            name, answer = offer(manager, groups.first, email)
        with database.administration() as session:
            subject, detail = session.execute(
                text("select subject, detail - 'row' from ledger_entry where act = 'role offered'"
                     " order by recorded_at desc limit 1")
            ).one()  # fmt: skip
        row = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*{name}.*?</tr>", manager.get("/people").text, re.DOTALL)
        assert row
        shown = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f.]{60,}", "", row[0]).replace(name, "")
        told.append((answer.status, answer.location, seen, subject.split()[0], detail, shown))
    assert told[0] == told[1]


# ------------------------------------------------------------------ letters, and somebody new


def letter_to(db: Database, person_id: uuid.UUID) -> Letter:
    with db.administration() as session:
        row = session.execute(
            text("select m.mail_id, m.template, m.facts, p.email, p.name from signin.mail m join signin.person p"
                 " on p.person_id = m.person_id where m.person_id = :id order by m.created_at desc limit 1"),
            {"id": person_id},
        ).one()  # fmt: skip
    return Letter(row.mail_id, row.template, row.facts, row.email, row.name, 1, now())


@pytest.mark.parametrize(
    ("password", "template", "way"), [(True, "role_offered", "/offers"), (False, "invitation", "/invitation/")]
)
def test_the_letter_names_provider_role_place_and_days(
    database: Database, groups: Groups, manager: Visitor, password: bool, template: str, way: str
) -> None:
    person_id = somebody_elsewhere(database, groups, password=password)
    until = today() + 90 * DAY
    offer(manager, groups.first, address_of(database, person_id), valid_until=until.isoformat())
    letter = letter_to(database, person_id)
    assert letter.template == template
    message = written(letter, Sender("a@example.org", "https://mendline.example", KEY.encode()), at=now())
    words = " ".join(message.get_content().split())
    assert "KITTIWAKE Care Group offers you a role in Mendline: Deputy manager at " in words
    assert f"until {until.day} {until:%B %Y}" in words
    assert f"https://mendline.example{way}" in words


def invited(db: Database, manager: Visitor, place: Place, email: str) -> tuple[uuid.UUID, str]:
    """Offers a role to an address; gives the person and the path of the link in the letter."""
    name, _ = offer(manager, place, email, role="carer")
    person_id, _ = whom(db, name)
    return person_id, f"/invitation/{link_secret(KEY.encode(), letter_to(db, person_id).mail_id)}"


def press(app: Flask, path: str, form: str, **fields: str) -> Page:
    visitor = Visitor(app.test_client(), None)  # type: ignore[arg-type]  -- nobody is signed in
    visitor.get(form)
    return visitor.post(path, fields)


def test_choosing_a_password_accepts_what_the_letter_s_provider_offers_and_nothing_of_another(
    app: Flask, database: Database, groups: Groups, manager: Visitor
) -> None:
    email = f"{uuid.uuid4().hex}@example.org"
    person_id, path = invited(database, manager, groups.first, email)
    other = visit(app, database, "registered_manager", groups.second)
    same, _ = invited(database, other, groups.second, email)
    assert same == person_id
    assert rows_seen(database, database.reach_of(issue_ticket(database, person_id)), groups.first) == 0
    assert press(app, path, path, password=PASSWORD).location
    reach = database.reach_of(issue_ticket(database, person_id))
    assert reach.provider_ids == (groups.first.provider_id,)
    assert visit_as(app, database, person_id).get("/offers").says("SKYLARK Care Group offers you the role Carer")


def test_an_invitation_is_declined_without_an_account(
    app: Flask, database: Database, groups: Groups, manager: Visitor
) -> None:
    person_id, path = invited(database, manager, groups.first, f"{uuid.uuid4().hex}@example.org")
    assert press(app, f"{path}/decline", path).says("You declined")
    assert press(app, f"{path}/decline", "/sign-in").status == 404
    assert app.test_client().get(path).status_code == 404
    with database.administration() as session:
        answer = session.execute(select(RoleOffer.answer).where(RoleOffer.person_id == person_id)).scalar_one()
    assert answer == "declined"
    assert database.reach_of(issue_ticket(database, person_id)).held == ()


def test_the_newest_of_two_offers_of_the_same_role_stands(
    app: Flask, database: Database, groups: Groups, manager: Visitor
) -> None:
    person_id = somebody_elsewhere(database, groups)
    for _ in range(2):
        offer(manager, groups.first, address_of(database, person_id))
    assert visit_as(app, database, person_id).get("/offers").text.count("offers you the role") == 1
