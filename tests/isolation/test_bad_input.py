"""What arrives bent, late or by the wrong hand: refused or finished by rule, and on the ledger of whom it concerns."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from support.application import Caller, a_session, a_world, an_application_over, identifiers_of
from support.http import Answer, HttpClient
from support.statements import statements_of
from support.tenancy import (
    Groups,
    Place,
    add_body,
    add_grant,
    add_job,
    add_membership,
    add_officer,
    add_person,
    every_table,
    revoke,
    sample_row,
    ticket_hash,
)
from support.visiting import KEY, Visitor, visit, visit_as
from support.walk import forms

from tenants.clock import today
from tenants.database import Database
from tenants.signin.sessions import ticket_of

DAY = timedelta(days=1)
DRAFTS = (("capture_draft", "recorded_by"), ("review_draft", "person_id"))
ENDED = "ended sign-in refused"


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))


def noted(db: Database, place: Place, act: str, person_id: uuid.UUID | None = None) -> list[Any]:
    """What a provider's ledger holds of an act, oldest first."""
    with db.administration() as session:
        found = session.execute(
            text(
                "select subject, detail, origin from ledger_entry where provider_id = :provider and act = :act"
                " and (cast(:person as uuid) is null or person_id = :person) order by recorded_at"
            ),
            {"provider": place.provider_id, "act": act, "person": person_id},
        )
        return list(found)


def a_manager(db: Database, place: Place, role: str = "registered_manager", *, whole: bool = False) -> uuid.UUID:
    person_id = add_person(db)
    add_membership(db, person_id, role, place, whole_provider=whole)
    return person_id


def asked_with(app: Flask, path: str, *, cookie: str | None = None, token: str | None = None, **more: Any) -> Answer:
    return HttpClient(app, Caller("somebody", None, Place(uuid.uuid4(), uuid.uuid4(), ""), cookie=cookie, token=token)).get(
        path, **more
    )  # fmt: skip


# Forged, truncated and foreign tokens and cookies.


BENT = {
    "a letter less": lambda secret: secret[:-1],
    "half of it": lambda secret: secret[: len(secret) // 2],
    "a letter more": lambda secret: secret + "A",
    "another last letter": lambda secret: secret[:-1] + ("A" if secret[-1] != "A" else "B"),
    "the other case": lambda secret: secret.swapcase(),
    "nothing": lambda _: "",
    "its ticket": lambda secret: ticket_of(KEY.encode(), secret),
    "the hash of its ticket": lambda secret: ticket_hash(ticket_of(KEY.encode(), secret)).hex(),
    "a made-up one": lambda _: "0" * 32,
    "a made-up link": lambda secret: f"insp_{secret}",
    "a made-up token": lambda secret: f"mnd_{secret}",
    "very long": lambda secret: secret * 100,
    "letters that are none": lambda _: "\u00e9\u4e2d" * 8,
}


@pytest.mark.parametrize("how", BENT)
def test_a_forged_or_truncated_cookie_opens_nothing(app: Flask, database: Database, groups: Groups, how: str) -> None:
    secret = a_session(database, a_manager(database, groups.first))
    place = f"/services/{groups.first.service_id}"
    assert asked_with(app, place, cookie=secret).status == 200
    answer = asked_with(app, place, cookie=BENT[how](secret))
    assert (answer.status, groups.first.canary in answer.everything()) == (302, False)
    assert noted(database, groups.first, ENDED) == noted(database, groups.second, ENDED) == []  # it names nobody


@pytest.mark.parametrize("how", BENT)
def test_a_forged_or_truncated_token_opens_nothing(app: Flask, database: Database, groups: Groups, how: str) -> None:
    secret = a_session(database, a_manager(database, groups.first), purpose="token")
    assert asked_with(app, "/api/v1/services", token=secret).status == 200
    bent = BENT[how](secret).encode().decode("latin-1")
    answer = asked_with(app, "/api/v1/services", token=bent)
    assert (answer.status, groups.first.canary in answer.everything()) == (401, False)


def test_a_cookie_is_no_token_and_a_token_no_cookie(app: Flask, database: Database, groups: Groups) -> None:
    person_id = a_manager(database, groups.first)
    cookie, token = a_session(database, person_id), a_session(database, person_id, purpose="token")
    assert asked_with(app, "/api/v1/services", token=cookie).status == 401
    assert asked_with(app, "/work", cookie=token).status == 302


@pytest.mark.parametrize("purpose", ["session", "token"])
@pytest.mark.parametrize("why", ["it was ended", "its time is over", "its person is no longer let in"])
def test_a_replayed_sign_in_is_refused_and_stands_once_in_the_ledger(
    app: Flask, database: Database, groups: Groups, purpose: str, why: str
) -> None:
    person_id = a_manager(database, groups.first)
    secret = a_session(database, person_id, purpose=purpose, lives=-DAY if why == "its time is over" else DAY)
    if why == "it was ended":
        revoke(database, ticket_of(KEY.encode(), secret, purpose))
    if why == "its person is no longer let in":
        with database.administration() as session:
            session.execute(
                text("update signin.person set disabled_at = now() where person_id = :id"), {"id": person_id}
            )
    path, shown = ("/work", {"cookie": secret}) if purpose == "session" else ("/api/v1/services", {"token": secret})
    for _ in range(3):
        assert asked_with(app, path, **shown).status == (302 if purpose == "session" else 401)
    told = noted(database, groups.first, ENDED, person_id)
    assert [(each.subject, each.detail) for each in told] == [(f"person {person_id}", {"why": why})]
    assert told[0].origin["address"]
    assert secret not in str(told)


def test_a_token_of_another_provider_opens_its_own_and_nothing_else(
    app: Flask, database: Database, groups: Groups
) -> None:
    person_id = a_manager(database, groups.second, "provider_quality_lead", whole=True)
    token = a_session(database, person_id, purpose="token")
    assert groups.second.canary in asked_with(app, "/api/v1/services", token=token).text
    answer = asked_with(app, f"/api/v1/packs/{identifiers_of(groups.first)['pack_id']}", token=token)
    assert (answer.status, groups.first.canary in answer.everything()) == (404, False)
    assert noted(database, groups.second, "refused", person_id)[-1].subject == "/api/v1/packs/<uuid:pack_id>"
    assert noted(database, groups.first, "refused", person_id) == []


# Identifiers that are guessed, and headers that name somebody else.


def test_identifiers_that_are_guessed_answer_alike_and_each_guess_stands_in_the_own_ledger(
    app: Flask, database: Database, groups: Groups
) -> None:
    person_id = a_manager(database, groups.first)
    client = HttpClient(app, Caller("guesser", None, groups.first, cookie=a_session(database, person_id)))
    theirs = identifiers_of(groups.second)
    guesses = [uuid.UUID(int=number) for number in range(1, 21)] + [uuid.uuid4() for _ in range(10)]
    guesses += [theirs["service_id"], theirs["pack_id"], theirs["evidence_id"], theirs["provider_id"]]
    answers = {
        client.get(path).told() for guess in guesses for path in (f"/services/{guess}", f"/services/{guess}/risks")
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404
    told = noted(database, groups.first, "refused", person_id)
    assert len(told) == 2 * len(guesses)
    assert not any(str(guess) in str(told) for guess in guesses)  # a guess may be right: it is nobody else's to read
    assert noted(database, groups.second, "refused", person_id) == []


@pytest.mark.parametrize(
    "name",
    [
        "X-Tenant", "X-Tenant-Id", "X-Provider", "X-Provider-Id", "X-Mendline-Provider", "X-Service-Id", "X-Remote-User",
        "X-Forwarded-User", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "Remote-User", "Forwarded",
        "X-Forwarded-For", "X-User-Id", "Mendline-Ticket",
    ],
)  # fmt: skip
def test_a_header_that_names_another_provider_changes_nothing(
    app: Flask, database: Database, groups: Groups, name: str
) -> None:
    secret = a_session(database, a_manager(database, groups.first))
    for path in ("/services/", "/api/v1/services"):
        plain = asked_with(app, path, cookie=secret)
        for named in (groups.second.provider_id, groups.second.service_id, f"/services/{groups.second.service_id}"):
            assert asked_with(app, path, cookie=secret, headers={name: str(named)}).told() == plain.told()


# Memberships that disagree.


def test_of_two_memberships_each_holds_at_its_own_place(app: Flask, database: Database, groups: Groups) -> None:
    person_id = a_manager(database, groups.sister)
    add_membership(database, person_id, "carer", groups.first)
    both = visit_as(app, database, person_id)
    assert both.get(f"/services/{groups.sister.service_id}/risks").status == 200
    there = both.get(f"/services/{groups.first.service_id}/risks")
    assert (there.status, groups.first.canary in there.text) == (403, False)
    assert noted(database, groups.first, "refused", person_id)[-1].subject == "/services/<uuid:service_id>/risks"


def test_a_role_at_another_provider_gives_nothing_here_even_under_the_same_identifier(
    app: Flask, database: Database, groups: Groups
) -> None:
    assert groups.first.service_id == groups.twin.service_id
    person_id = a_manager(database, groups.second, "provider_quality_lead", whole=True)
    add_membership(database, person_id, "carer", groups.first)
    both = visit_as(app, database, person_id)
    assert groups.second.canary in both.get(f"/services/{groups.second.service_id}").text
    for path in ("", "/risks", "/evidence", "/reviews"):
        answer = both.get(f"/services/{groups.first.service_id}{path}")
        assert groups.first.canary not in answer.text.replace(f"{groups.first.canary} name 1", "")
        assert groups.twin.canary not in answer.text
        assert answer.status in (403, 404)
    assert len(noted(database, groups.first, "refused", person_id)) + len(
        noted(database, groups.second, "refused", person_id)
    ) == 4  # fmt: skip


def test_of_two_roles_at_one_place_the_one_that_ended_gives_nothing(
    app: Flask, database: Database, groups: Groups
) -> None:
    person_id = add_person(database)
    add_membership(database, person_id, "registered_manager", groups.first, valid_until=today() - DAY)
    add_membership(database, person_id, "shift_leader", groups.first)
    visitor = visit_as(app, database, person_id)
    assert visitor.get(f"/services/{groups.first.service_id}").status == 200
    assert visitor.get("/people").status == 403
    assert visitor.get(f"/services/{groups.first.service_id}/risks/new").status == 403
    assert [each.detail["status"] for each in noted(database, groups.first, "refused", person_id)][-1] == 403


# A grant that ends in the middle of a request.


@contextmanager
def before_statement(db: Database, number: int, act: Any) -> Iterator[None]:
    """Does something once, just before so many statements of a request have been sent."""
    seen = 0

    def hear(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            act()

    engines = [db.engine(role) for role in ("web", "reader")]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", hear)


def an_officer(app: Flask, db: Database, place: Place) -> tuple[Visitor, uuid.UUID]:
    body_id, person_id = add_body(db), add_person(db)
    add_officer(db, body_id, person_id)
    grant_id = add_grant(db, place, body_id, classes=("summary", "actions"))
    return visit_as(app, db, person_id), grant_id


def withdraw(db: Database, grant_id: uuid.UUID) -> None:
    with db.administration() as session:
        session.execute(
            text("update commissioner_grant set withdrawn_at = now() where grant_id = :id"), {"id": grant_id}
        )


def test_a_grant_that_ends_in_the_middle_of_a_request_ends_with_the_next_statement(
    app: Flask, database: Database, groups: Groups, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"/portfolio/{groups.second.service_id}"
    content = "MAR compliance"  # the page shows neither names nor words of the provider's, but each indicator
    whole, _ = an_officer(app, database, groups.second)
    with statements_of(database, "web") as by_web, statements_of(database, "reader") as by_reader:
        page = whole.get(path)
    assert page.status == 200
    assert content in page.text
    statements = len(by_web) + len(by_reader)
    reads = len(by_reader)
    assert reads > 3
    answers, shown = [], 0
    for number in range(1, statements + 1):
        officer, grant_id = an_officer(app, database, groups.second)
        looks = len(noted(database, groups.second, "external look", officer.reach.person_id))
        with before_statement(database, number, lambda ended=grant_id: withdraw(database, ended)):
            answer = officer.get(path)
        answers.append(answer.status)
        shown += content in answer.text
        # What was shown stands in the ledger; where it could not be written down, nothing was shown.
        looked = len(noted(database, groups.second, "external look", officer.reach.person_id)) > looks
        assert looked or content not in answer.text
        assert officer.get(path).status in (302, 403, 404)
    with capsys.disabled():
        print(f"\na grant ended before each of {statements} statements: answers {answers}, {shown} shown")  # noqa: T201
    assert set(answers) <= {200, 302, 403, 404}
    assert shown < statements


# A pack's link that is passed on.


def test_a_packs_link_that_was_forwarded_opens_for_nobody_who_may_not_read_it(
    app: Flask, database: Database, groups: Groups
) -> None:
    pack_id = identifiers_of(groups.first)["pack_id"]
    rightful = visit(app, database, "registered_manager", groups.first)
    readers = {
        "a carer of the same home": (a_manager(database, groups.first, "carer"), groups.first),
        "the manager of a sister home": (a_manager(database, groups.sister), groups.sister),
        "the lead of another provider": (
            a_manager(database, groups.second, "nominated_individual", whole=True), groups.second,
        ),
    }  # fmt: skip
    officer, _ = an_officer(app, database, groups.first)
    for path in (f"/packs/{pack_id}", f"/packs/{pack_id}.pdf", f"/api/v1/packs/{pack_id}.pdf"):
        assert rightful.client.get(path).status_code == 200
        stranger = asked_with(app, path)
        assert stranger.status in (302, 401)
        assert groups.first.canary.encode() not in stranger.body
        for person_id, _ in readers.values():
            answer = asked_with(app, path, cookie=a_session(database, person_id))
            assert answer.status in (403, 404)
            assert groups.first.canary.encode() not in answer.body
        assert officer.client.get(path).status_code in (403, 404)
    for person_id, home in readers.values():
        told = noted(database, home, "refused", person_id)
        assert [each.subject for each in told] == [
            "/packs/<uuid:pack_id>", "/packs/<uuid:pack_id>.pdf", "/api/v1/packs/<uuid:pack_id>.pdf",
        ]  # fmt: skip
        assert str(pack_id) not in str(told)


# A person whose access ends while things of theirs are under way.


def test_a_person_whose_role_ends_with_a_session_a_token_a_job_and_drafts_alive(
    app: Flask, database: Database, groups: Groups
) -> None:
    place = groups.first
    person_id = add_person(database)
    membership_id = add_membership(database, person_id, "deputy_manager", place)
    deputy = visit_as(app, database, person_id)
    token = a_session(database, person_id, purpose="token")
    job_id = add_job(database, place, kind="make_pack", service_id=place.service_id, requested_by=person_id)
    _draft(database, place, person_id)
    form = f"/capture/{place.service_id}/medicines_check"
    assert deputy.get(form).status == 200
    assert asked_with(app, "/api/v1/services", token=token).status == 200

    manager = visit(app, database, "registered_manager", place)
    there = f"/people/roles/{membership_id}"
    manager.get(there)
    assert manager.post(there, {"act": "end", "why": "Left the home"}).location == there

    sent = {"record_id": str(uuid.uuid4()), **forms()["capture.send_form"]} | {"record_id": str(uuid.uuid4())}
    before = _records(database, place)
    assert deputy.post(form, sent).status in (302, 401, 403)
    assert _records(database, place) == before
    assert deputy.get("/work").status == 302
    assert deputy.get("/capture/key").status in (302, 401)  # what waits on a phone can no longer be opened
    assert asked_with(app, "/api/v1/services", token=token).status == 401
    assert database.claim(job_id, worker="test", lease_seconds=60) is None
    with database.administration() as session:
        state = session.execute(text("select state, error from job where job_id = :id"), {"id": job_id}).one()
    assert state.state == "failed"
    assert "no longer has access" in state.error
    with database.transaction(manager.reach) as session:  # a draft stays its writer's alone
        for name, column in DRAFTS:
            assert session.execute(text(f"select 1 from {name} where {column} = :id"), {"id": person_id}).all() == []

    assert [each.detail["why"] for each in noted(database, place, "role ended")][-1] == "Left the home"
    assert [each.detail["why"] for each in noted(database, place, ENDED, person_id)] == ["it was ended"] * 2
    assert [(each.subject, each.detail["why"]) for each in noted(database, place, "refused", person_id)] == [
        ("job make_pack", "Whoever asked for it no longer has access")
    ]


def _draft(db: Database, place: Place, person_id: uuid.UUID) -> None:
    """What the person has begun: a shift form and a review."""
    with db.administration() as session:
        for name, column in DRAFTS:
            table = every_table().tables[name]
            row = sample_row(table, place, body_id=place.provider_id, serial=1) | {column: person_id}
            session.execute(table.insert().values(row))


def _records(db: Database, place: Place) -> int:
    with db.administration() as session:
        found = session.execute(
            text("select count(*) from record where provider_id = :id"), {"id": place.provider_id}
        ).scalar_one()
    return int(found)


def test_a_grant_that_ends_on_its_day_is_over_the_day_after_with_nobody_doing_anything(
    app: Flask, database: Database, groups: Groups
) -> None:
    body_id, person_id = add_body(database), add_person(database)
    add_officer(database, body_id, person_id)
    add_grant(database, groups.first, body_id, valid_from=today() - 9 * DAY, valid_until=today() - DAY)
    officer = visit_as(app, database, person_id)
    answer = officer.get(f"/portfolio/{groups.first.service_id}")
    assert (answer.status, groups.first.canary in answer.text) == (403, False)
