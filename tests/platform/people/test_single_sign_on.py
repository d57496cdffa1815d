"""Single sign-on against a real OpenID provider: who comes in, as whom, with which second step, and who does not."""

import json
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import text
from support.facts import two_providers
from support.openid_provider import OpenIdProvider, an_openid_provider
from support.organisations import (
    BACK,
    Organisation,
    administrators_browser,
    an_application_that_asks_others,
    an_organisation,
    proven,
    roles,
    save,
    somebody,
)
from support.site import csrf_of
from support.tenancy import Place

from tenants.clock import today
from tenants.database import Database
from tenants.directory.onboarding import add_person, give_role
from tenants.errors import RefusedError, UnavailableError
from tenants.signin.arriving import LINK_FIRST, NOT_INVITED
from tenants.signin.openid import Asker
from tenants.signin.patience import MOST_OF_A_HOST


@pytest.fixture(scope="module")
def place(database: Database) -> Place:
    mine, _ = two_providers(database, services=1)
    return Place(mine[0].provider_id, mine[0].service_id, "")


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    with an_openid_provider(BACK, tmp_path_factory.mktemp("oidc") / "log") as running:
        yield running


@pytest.fixture(scope="module")
def app(database: Database) -> Flask:
    return an_application_that_asks_others(database)


@pytest.fixture(scope="module")
def organisation(app: Flask, database: Database, provider: OpenIdProvider, place: Place) -> Organisation:
    return an_organisation(app, database, provider, place)


def test_whoever_comes_for_the_first_time_gets_the_named_role_and_is_themselves_the_second_time(
    organisation: Organisation, database: Database
) -> None:
    who = somebody(organisation)
    for _ in range(2):
        browser = organisation.app.test_client()
        answer = organisation.come(browser, **who)
        assert (answer.status_code, answer.location) == (302, "/")
        assert browser.get("/work").status_code == 200
    assert roles(database, who["email"]) == ["carer"]


def test_the_way_there_has_pkce_a_nonce_and_a_state(organisation: Organisation) -> None:
    asked = parse_qs(urlsplit(organisation.away(organisation.app.test_client(), f"a@{organisation.domain}")).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"nonce", "state", "code_challenge", "max_age"} <= set(asked)
    assert asked["response_type"] == ["code"]


def test_a_weak_sign_in_there_is_followed_by_a_second_step_here(organisation: Organisation) -> None:
    browser = organisation.app.test_client()
    answer = organisation.come(browser, **somebody(organisation, amr=["pwd"]))
    assert answer.location == "/account/factors"
    assert browser.get("/work").location == "/account/factors"


def test_an_old_sign_in_there_is_refused(organisation: Organisation) -> None:
    browser = organisation.app.test_client()
    assert organisation.come(browser, **somebody(organisation, ago=7200)).status_code == 422
    assert browser.get_cookie("mendline") is None


def test_an_account_in_use_is_not_taken_over_by_its_address(organisation: Organisation, database: Database) -> None:
    who = somebody(organisation)
    with database.administration() as session:
        person_id, _ = add_person(session, str(who["email"]), "Joy Mensah", "a long enough password")
        give_role(
            session, organisation.place.provider_id, person_id, "registered_manager",
            service_id=organisation.place.service_id, valid_from=today(),
        )  # fmt: skip
    answer = organisation.come(organisation.app.test_client(), **who)
    assert answer.status_code == 422
    assert LINK_FIRST[:30] in answer.get_data(as_text=True)


@pytest.mark.parametrize("changed", [{"email_verified": False}, {"email": "somebody@elsewhere.example"}])
def test_an_unproven_or_foreign_address_brings_nobody_in(
    organisation: Organisation, changed: dict[str, object]
) -> None:
    browser = organisation.app.test_client()
    who = somebody(organisation, **changed)
    url = organisation.away(browser, f"x@{organisation.domain}")
    answer = browser.get(f"/sign-in/organisation/back?{urlencode(organisation.provider.sign_in(url, **who))}")
    assert answer.status_code == 422
    assert NOT_INVITED.partition(", ")[2] in answer.get_data(as_text=True)


def test_an_answer_belongs_to_the_browser_and_the_state_that_asked_and_works_once(organisation: Organisation) -> None:
    browser, stranger = organisation.app.test_client(), organisation.app.test_client()
    who = somebody(organisation)
    answer = organisation.provider.sign_in(organisation.away(browser, str(who["email"])), **who)
    back = f"/sign-in/organisation/back?{urlencode(answer)}"
    assert stranger.get(back).status_code == 422  # another browser, such as one that was sent a link
    organisation.away(stranger, str(who["email"]))
    assert stranger.get(back).status_code == 422  # with a step of its own
    assert browser.get(back).status_code == 302
    assert browser.get(back).status_code == 422  # twice
    for spoilt in ({"state": "another"}, {"code": "another"}, {"iss": "https://evil.example"}):
        other = organisation.app.test_client()
        whole = organisation.provider.sign_in(organisation.away(other, str(who["email"])), **who)
        assert other.get(f"/sign-in/organisation/back?{urlencode(whole | spoilt)}").status_code == 422
        assert other.get_cookie("mendline") is None


def test_answers_that_are_not_believed_stand_in_the_providers_ledger_and_others_are_counted_for_the_platform(
    organisation: Organisation, database: Database
) -> None:
    def told() -> tuple[int, int]:
        with database.administration() as session:
            session.execute(text("set local role mendline_reach"))
            by_connection, by_nobody = session.execute(
                text(
                    "select coalesce(sum(times) filter (where network = 'known ' || :connection), 0),"
                    " coalesce(sum(times) filter (where network not like 'known %'), 0) from reach.refusal"
                    " where kind = 'answer of single sign-on'"
                ),
                {"connection": str(organisation.connection_id)},
            ).one()
        return int(by_connection), int(by_nobody)

    before = told()
    organisation.come(organisation.app.test_client(), **somebody(organisation, ago=7200))
    organisation.app.test_client().get("/sign-in/organisation/back?state=made-up&code=made-up")
    assert told() == (before[0] + 1, before[1] + 1)
    with database.administration() as session:
        noted = session.execute(
            text("select actor, subject from ledger_entry where provider_id = :id and act = 'single sign-on refused'"),
            {"id": organisation.place.provider_id},
        ).all()
    assert ("nobody", f"connection {organisation.connection_id}") in [tuple(each) for each in noted]


def test_without_the_proof_of_its_domain_a_sign_in_brings_nobody_in(
    organisation: Organisation, database: Database, provider: OpenIdProvider
) -> None:
    mine, _ = two_providers(database, services=1)
    other = Place(mine[0].provider_id, mine[0].service_id, "")
    administrator = administrators_browser(organisation.app, database, other)
    assert save(administrator, provider, other, "unproven.example").status == 303
    browser = organisation.app.test_client()
    token = csrf_of(browser.get("/sign-in/organisation").get_data(as_text=True))
    answer = browser.post("/sign-in/organisation", data={"csrf_token": token, "email": "a@unproven.example"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "file:///etc/passwd"), ("domain", "example"), ("domain", "a b.example"), ("keeper", "root"),
        ("default_role", "registered_manager"), ("default_role", "nominated_individual"), ("longest_minutes", "0"),
        ("default_service", "00000000-0000-4000-8000-00000000dead"), ("label", " "), ("client_id", ""),
    ],
)  # fmt: skip
def test_settings_that_cannot_hold_are_refused_by_field(
    organisation: Organisation, database: Database, provider: OpenIdProvider, field: str, value: str
) -> None:
    administrator = administrators_browser(organisation.app, database, organisation.place)
    answer = save(administrator, provider, organisation.place, organisation.domain, **{field: value})
    assert answer.status == 422
    assert f'href="#f-{field}"' in answer.text


def test_a_provider_that_is_away_leaves_the_other_ways_open(
    organisation: Organisation, database: Database, tmp_path: Path
) -> None:
    mine, _ = two_providers(database, services=1)
    other = Place(mine[0].provider_id, mine[0].service_id, "")
    with an_openid_provider(BACK, tmp_path / "log") as gone:
        pass
    administrator = administrators_browser(organisation.app, database, other)
    save(administrator, gone, other, "away.example")
    proven(organisation.app, database, other)
    browser = organisation.app.test_client()
    token = csrf_of(browser.get("/sign-in/organisation").get_data(as_text=True))
    answer = browser.post("/sign-in/organisation", data={"csrf_token": token, "email": "a@away.example"})
    assert answer.status_code == 503
    assert browser.get("/sign-in").status_code == 200


def test_an_issuer_that_describes_another_is_not_believed(provider: OpenIdProvider) -> None:
    other_name = provider.issuer.replace("127.0.0.1", "localhost")
    with pytest.raises(RefusedError, match="describes another issuer"):
        Asker(("localhost",)).describe(other_name)


class Described(BaseHTTPRequestHandler):
    """An issuer that describes itself, and names as its sign-in page what its own address says."""

    def do_GET(self) -> None:
        issuer = f"http://127.0.0.1:{self.server.server_port}/{self.path.split('/')[1]}"
        way = unquote(self.path.split("/")[1])
        content = json.dumps({"issuer": issuer, "authorization_endpoint": way, "token_endpoint": "x", "jwks_uri": "x"})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.mark.parametrize(
    ("way", "is_taken"),
    [
        ("https://login.example/authorize", True), ("javascript:alert(1)", False), ("data:text/html,x", False),
        ("http://login.example/authorize", False), ("//login.example", False),
    ],
)  # fmt: skip
def test_a_browser_is_sent_to_a_page_over_https_alone(way: str, is_taken: bool) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Described) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        issuer = f"http://127.0.0.1:{server.server_port}/{quote(way, safe='')}"
        with nullcontext() if is_taken else pytest.raises(RefusedError):
            assert Asker(("127.0.0.1",)).describe(issuer).authorization == way
        server.shutdown()


class Dripping(BaseHTTPRequestHandler):
    """An issuer that goes on answering a byte at a time, until the test is over."""

    over = Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while not self.over.wait(0.1):
                self.wfile.write(b" ")
                self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_an_issuer_that_answers_by_drops_holds_nobody_for_long() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        issuer = f"http://localhost:{server.server_port}"
        asker = Asker(("localhost",), seconds=0.3)
        for _ in range(MOST_OF_A_HOST + 2):  # the last two without being asked at all
            with pytest.raises(UnavailableError):
                asker.describe(issuer)
        Dripping.over.set()
        server.shutdown()
