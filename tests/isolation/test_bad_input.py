"""What arrives bent, late or by the wrong hand: refused or finished by rule, and on the ledger of whom it concerns."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
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
    add_operator,
    add_person,
    every_table,
    revoke,
    sample_row,
    ticket_hash,
)
from support.visiting import KEY, Visitor, visit, visit_as
from support.walk import forms

from mendline.web.looks import NAMING
from tenants.clock import today
from tenants.database import Database
from tenants.signin.links import secret_hash
from tenants.signin.sessions import ticket_of

DAY = timedelta(days=1)
DRAFTS = (("capture_draft", "recorded_by"), ("review_draft", "person_id"))
ENDED = "ended sign-in refused"
HEADER, LETTER, FORM = "header that names a provider", "link of a letter", "form of another page"
OUTSIDE = "page, by somebody without a provider"


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


def counted(db: Database, kind: str) -> int:
    """How often something was refused, as the platform's own ledger has it."""
    with db.administration() as session:
        session.execute(text("set local role mendline_reach"))
        found = session.execute(
            text("select coalesce(sum(times), 0) from reach.refusal where kind = :kind"), {"kind": kind}
        ).scalar_one()
    return int(found)


def platforms(db: Database) -> list[Any]:
    """The platform's own ledger of refusals, whole."""
    with db.administration() as session:
        session.execute(text("set local role mendline_reach"))
        return list(session.execute(text("select * from reach.refusal order by counted_in, kind, network")))


# Forged, truncated and foreign tokens and cookies.


COOKIE, TOKEN = "cookie of a sign-in", "token of the API"
ALTERED = "altered sign-in refused"
# Those of which enough is left to tell whose sign-in it was.
KNOWN_BY_ITS_BEGINNING = (
    "a letter less", "half of it", "a letter more", "another last letter", "a made-up token", "very long",
)  # fmt: skip

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
@pytest.mark.parametrize("purpose", ["session", "token"])
def test_a_forged_or_truncated_cookie_or_token_opens_nothing_and_stands_in_a_ledger(
    app: Flask, database: Database, groups: Groups, purpose: str, how: str
) -> None:
    person_id = a_manager(database, groups.first)
    secret = a_session(database, person_id, purpose=purpose)
    bent = BENT[how](secret)
    inspectors = "cookie of an inspector" if how == "a made-up link" else COOKIE
    path, kind, turned_away = (f"/services/{groups.first.service_id}", inspectors, 302)
    if purpose == "token":
        path, kind, turned_away = ("/api/v1/services", TOKEN, 401)
        bent = bent.encode().decode("latin-1")

    def ask(shown: str) -> Answer:
        return asked_with(app, path, **{"cookie" if purpose == "session" else "token": shown})

    assert ask(secret).status == 200
    before, others = counted(database, kind), len(noted(database, groups.second, ALTERED))
    for _ in range(3):
        answer = ask(bent)
        assert (answer.status, groups.first.canary in answer.everything()) == (turned_away, False)
    assert counted(database, kind) - before == (3 if bent else 0)  # nothing shown is nothing refused
    told = [each for each in noted(database, groups.first, ALTERED) if each.subject == f"person {person_id}"]
    is_known = how in KNOWN_BY_ITS_BEGINNING or (purpose, how) == ("token", "a made-up link")
    assert len(told) == int(is_known)
    assert len(noted(database, groups.second, ALTERED)) == others
    everything = f"{told} {platforms(database)}"
    assert not any(part in everything for part in (secret, secret[:12]))
    assert not bent or bent[:40] not in everything


def test_a_cookie_is_no_token_and_a_token_no_cookie(app: Flask, database: Database, groups: Groups) -> None:
    person_id = a_manager(database, groups.first)
    cookie, token = a_session(database, person_id), a_session(database, person_id, purpose="token")
    cookies, tokens = counted(database, COOKIE), counted(database, TOKEN)
    assert asked_with(app, "/api/v1/services", token=cookie).status == 401
    assert asked_with(app, "/work", cookie=token).status == 302
    assert (counted(database, COOKIE) - cookies, counted(database, TOKEN) - tokens) == (1, 1)


@pytest.mark.parametrize("purpose", ["session", "token"])
@pytest.mark.parametrize("why", ["it was ended", "its time is over", "its person is no longer let in"])
def test_a_replayed_sign_in_is_refused_and_stands_once_in_the_ledger(
    app: Flask, database: Database, groups: Groups, figure: Callable[[str], None], purpose: str, why: str
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
    refused = [asked_with(app, path, **shown).status == (302 if purpose == "session" else 401) for _ in range(3)]
    told = noted(database, groups.first, ENDED, person_id)
    figure(f"replayed {purpose}, {why}: refused {sum(refused)} of {len(refused)}, {len(told)} on the ledger")
    assert all(refused)
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


# The platform's own ledger of what names nobody.


def test_a_flood_of_made_up_cookies_fills_no_ledger(app: Flask, database: Database) -> None:
    before, rows = counted(database, COOKIE), len(platforms(database))
    for number in range(60):
        shown = {"REMOTE_ADDR": f"198.{number}.100.7"}
        asked_with(app, "/work", cookie=f"{number:040}", environ_overrides=shown)
    assert counted(database, COOKIE) - before == 60
    # Twenty networks have a line of their own in a minute; the flood may have run into the next one or two.
    assert len(platforms(database)) - rows <= 3 * 21
    assert "elsewhere" in {each.network for each in platforms(database)}


@pytest.mark.parametrize("role", ["web", "reader", "worker", "relay", "signin"])
@pytest.mark.parametrize(
    "statement",
    [
        "select * from reach.refusal",
        "update reach.refusal set times = 0",
        "delete from reach.refusal",
        "insert into reach.refusal (counted_in, kind, network) values (now(), 'x', 'x')",
    ],
)
def test_nobody_who_runs_reads_changes_or_empties_the_platforms_ledger(
    database: Database, role: str, statement: str
) -> None:
    with database.engine(role).connect() as connection, pytest.raises(DBAPIError, match=r"denied|read-only"):
        connection.execute(text(statement))


def test_operators_read_the_platforms_ledger_and_nobody_else_does(
    app: Flask, database: Database, groups: Groups
) -> None:
    asked_with(app, "/work", cookie="a cookie that nobody was given")
    assert visit_as(app, database, add_operator(database)).get("/operations").says("Cookie of a sign-in")
    manager = visit(app, database, "registered_manager", groups.first)
    assert manager.get("/operations").status == 403
    with database.transaction(manager.reach) as session:
        assert session.execute(text("select * from reach.refusals()")).all() == []


@pytest.mark.parametrize("path", ["/reset/", "/invitation/", "/verify/", "/telling/stop/"])
def test_a_made_up_link_of_a_letter_opens_nothing_and_is_counted(app: Flask, database: Database, path: str) -> None:
    before = counted(database, LETTER)
    assert asked_with(app, f"{path}{'0' * 64}").status == 404
    assert counted(database, LETTER) - before == 1


def test_a_used_link_of_a_letter_stands_once_in_the_ledger_of_its_persons_provider(
    app: Flask, database: Database, groups: Groups
) -> None:
    person_id, secret = a_manager(database, groups.first), uuid.uuid4().hex
    with database.as_role("signin") as connection:
        connection.execute(
            text(
                "insert into signin.one_time (token_hash, purpose, person_id, email, made_at, expires_at, used_at)"
                " select :hash, 'reset', person_id, email, now(), now() + interval '1 hour', now() from signin.person"
                " where person_id = :person"
            ),
            {"hash": secret_hash(secret), "person": person_id},
        )
    for _ in range(3):
        assert asked_with(app, f"/reset/{secret}").status == 404
    told = noted(database, groups.first, "mailed link refused", person_id)
    assert [each.detail for each in told] == [{"link": "reset"}]
    assert secret not in str(told)


def test_a_form_with_the_token_of_another_session_stands_in_the_ledger_of_whoever_is_signed_in(
    app: Flask, database: Database, groups: Groups
) -> None:
    person_id = a_manager(database, groups.first)
    visitor, other = visit_as(app, database, person_id), visit(app, database, "carer", groups.second)
    theirs = other.get("/telling/settings").answers()["csrf_token"]
    answer = visitor.client.post("/telling/settings", data={"csrf_token": theirs})
    assert answer.status_code == 403
    told = noted(database, groups.first, "refused", person_id)
    assert [each.detail for each in told] == [{"status": 403, "method": "POST"}]
    before = counted(database, FORM)
    assert app.test_client().post("/sign-in", data={"csrf_token": theirs}).status_code == 403
    assert counted(database, FORM) - before == 1


def test_what_somebody_without_a_provider_is_refused_is_counted_for_the_platform(
    app: Flask, database: Database, groups: Groups
) -> None:
    officer, _ = an_officer(app, database, groups.first)
    before = counted(database, OUTSIDE)
    assert officer.get(f"/services/{groups.second.service_id}").status in (403, 404)
    assert counted(database, OUTSIDE) - before == 1


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
    person_id = a_manager(database, groups.first)
    secret = a_session(database, person_id)
    before = counted(database, HEADER)
    for path in ("/services/", "/api/v1/services"):
        plain = asked_with(app, path, cookie=secret)
        for named in (groups.second.provider_id, groups.second.service_id, f"/services/{groups.second.service_id}"):
            assert asked_with(app, path, cookie=secret, headers={name: str(named)}).told() == plain.told()
    assert counted(database, HEADER) - before == (6 if name in NAMING else 0)
    told = noted(database, groups.first, "header refused", person_id)
    if name in NAMING:
        assert told[0].detail == {"headers": [name]}
    assert len(told) <= 2  # once in a minute
    assert str(groups.second.provider_id) not in str(told)
    assert noted(database, groups.second, "header refused", person_id) == []


def test_a_header_that_names_a_provider_without_a_sign_in_is_counted_for_the_platform(
    app: Flask, database: Database, groups: Groups
) -> None:
    before = counted(database, HEADER)
    answer = asked_with(app, "/work", headers={"X-Tenant-Id": str(groups.first.provider_id)})
    assert (answer.status, counted(database, HEADER) - before) == (302, 1)


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


def withdraw(manager: Visitor, grant_id: uuid.UUID) -> None:
    """The provider withdraws the grant by the form of its page, on a thread of its own, while the other request waits."""

    def press() -> None:
        page = f"/commissioners/grants/{grant_id}"
        manager.get(page)
        assert manager.post(page, {"reason": "The contract ended today"}).location == page

    with ThreadPoolExecutor(max_workers=1) as other:
        other.submit(press).result(timeout=60)


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
    manager = visit(app, database, "nominated_individual", groups.second, whole_provider=True)
    answers, shown = [], 0
    for number in range(1, statements + 1):
        officer, grant_id = an_officer(app, database, groups.second)
        looks = len(noted(database, groups.second, "external look", officer.reach.person_id))
        with before_statement(database, number, lambda ended=grant_id: withdraw(manager, ended)):
            answer = officer.get(path)
        answers.append(answer.status)
        shown += content in answer.text
        # What was shown stands in the ledger; where it could not be written down, nothing was shown.
        looked = len(noted(database, groups.second, "external look", officer.reach.person_id)) > looks
        assert looked or content not in answer.text
        assert officer.get(path).status in (302, 403, 404)
        told = noted(database, groups.second, "grant withdrawn", manager.reach.person_id)[-1]
        assert (str(grant_id) in told.subject, told.detail["why"]) == (True, "The contract ended today")
    with capsys.disabled():
        print(f"\na grant withdrawn before each of {statements} statements: answers {answers}, {shown} shown")  # noqa: T201
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
