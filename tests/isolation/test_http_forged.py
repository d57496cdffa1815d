"""Forged requests, hostile ways on after sign-in, and hostile hosts: refused, and nothing changes."""

import re
from collections import Counter
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import text
from support.application import (
    PASSWORD,
    Caller,
    a_person_with_password,
    a_world,
    an_application_over,
    identifiers_of,
    insiders,
)
from support.hostile import digest
from support.http import Answer, HttpClient
from support.tenancy import Groups, tenant_tables
from support.visiting import KEY
from support.walk import Target, is_unsafe, path_of, routes, sending
from werkzeug.routing import Rule

from mendline.people.views import path_of_ours
from mendline.telling.stopping import Stop, signed
from mendline.web.security import WITHOUT_TOKEN
from tenants.database import Database

HOSTILE_NEXT = (
    "https://evil.example/", "http://evil.example", "//evil.example", "///evil.example", "////evil.example/%2f..",
    "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r\n/evil.example", "\t//evil.example", " //evil.example", "\x00//evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "evil.example",
    "evil.example/services", "@evil.example", ".evil.example", ":80", "?next=//evil.example", "#//evil.example",
    "https:evil.example", "https:/evil.example", "ftp://evil.example", "/services\r\nSet-Cookie: mendline=x",
    "/services\r\nLocation: https://evil.example", "//[::1]/", "//evil.example\\@localhost/", "/%0d%0aX-Forged: 1",
)  # fmt: skip
ORIGIN = "http://localhost"
FORGED = re.compile("came from another site and was not|send it once more; nothing was changed")
THOROUGH = {"registered_manager", "provider_administrator", "commissioner with grants"}


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def callers(database: Database, groups: Groups) -> list[Caller]:
    return insiders(database, groups)


def forgeries(rule: Rule, target: Target, token: str, foreign: str) -> list[tuple[str, dict]]:
    """Ways to forge a request that would be carried out if it came from a page of ours."""
    right, none, other = (sending(rule, target, each) for each in (token, "", foreign))
    return [
        ("without a token", none),
        ("with another person's token", other),
        ("with a spoilt token", sending(rule, target, token[:-1] + ("0" if token[-1] != "0" else "1"))),
        *((f"as {site}", _with(right, {"Sec-Fetch-Site": site})) for site in ("cross-site", "same-site", "nonsense")),
        *(
            (f"from {origin}", _with(right, {"Origin": origin}))
            for origin in ("https://evil.example", "null", "http://localhost.evil.example", "https://localhost")
        ),
    ]


def acts(db: Database) -> Counter[str]:
    """How often each act stands in the ledgers."""
    with db.administration() as session:
        return Counter(dict(session.execute(text("select act, count(*) from ledger_entry group by act")).all()))


def test_no_forged_request_is_carried_out_and_the_same_from_a_page_of_ours_is(
    app: Flask, groups: Groups, callers: list[Caller], database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is forged is refused before it is asked who may do it: three callers try every way, and all try one.

    Of the same from a page of ours, some is carried out, and all is let past the guard, to be told by role or place that it
    cannot be done.
    """
    tables = [each for each in tenant_tables() if each.name != "ledger_entry"]
    before, noted = digest(database, tables), acts(database)
    tried, accepted, stopped, carried_out = 0, [], [], 0
    target = Target("own", identifiers_of(groups.first), {}, is_open=True, like="")
    unsafe = [(rule, method) for rule, method in routes(app) if is_unsafe(method)]
    unsafe.sort(key=lambda each: each[0].endpoint != "signin.leave")  # asked last below: it ends the session
    guarded = [(rule, method) for rule, method in unsafe if rule.endpoint not in WITHOUT_TOKEN]
    tokens = {caller.name: HttpClient(app, caller).get("/sign-in").token for caller in callers}
    for caller in callers[1:]:
        client = HttpClient(app, caller)
        for rule, method in guarded:
            path = path_of(app, rule, method, target)
            ways = forgeries(rule, target, tokens[caller.name], tokens[callers[0].name])
            for name, options in ways if caller.name in THOROUGH else ways[:1]:
                tried += 1
                answer = client.ask(method, path, **options)
                if answer.status != 403:
                    accepted.append(f"{method} {rule.rule} {name} as {caller.name}: {answer.status}")
    assert accepted == []
    assert digest(database, tables) == before
    assert {act for act in acts(database) - noted if not act.endswith("refused")} == set()  # told, and nothing else
    for rule, method in reversed(unsafe):
        for caller in callers:
            options = _with(sending(rule, target, tokens[caller.name]), {"Origin": ORIGIN})
            answer = HttpClient(app, caller).ask(method, path_of(app, rule, method, target), **options)
            if FORGED.search(answer.text):
                stopped.append(f"{method} {rule.rule} as {caller.name}: {answer.status}")
            if answer.status not in {401, 403, 404}:
                carried_out += 1
                break
    with capsys.disabled():
        print(  # noqa: T201 -- the figure is asked for
            f"\nforged requests: {len(guarded)} unsafe routes, {tried} tried: {len(accepted)} accepted; of {len(unsafe)} "
            f"from a page of ours {carried_out} carried out, {len(stopped)} taken for forged"
        )
    assert stopped == []
    assert carried_out > len(unsafe) * 3 / 4


def test_the_routes_that_need_no_token_are_these_and_take_nothing_but_a_link_of_ours(
    app: Flask, groups: Groups, callers: list[Caller], database: Database
) -> None:
    assert callers  # the carer among them is whom the rows of the place name
    assert list(WITHOUT_TOKEN) == ["stopping.stop_by_link"]
    ids = identifiers_of(groups.first)
    ours = signed(KEY.encode(), Stop(ids["provider_id"], ids["person_id"], "work").words)
    before = digest(database, tenant_tables())
    for shown in (
        "nothing", ours[:-1], ours[:-1] + ("0" if ours[-1] != "0" else "1"), ours.replace("-work-", "-action-"),
        signed(b"another key", Stop(ids["provider_id"], ids["person_id"], "work").words),
    ):  # fmt: skip
        assert HttpClient(app).ask("POST", f"/telling/stop/{shown}").status == 404
    assert digest(database, tenant_tables()) == before
    assert HttpClient(app).ask("POST", f"/telling/stop/{ours}").status == 200


@pytest.mark.parametrize("site", ["cross-site", None])
def test_nobody_can_be_signed_in_by_another_site(
    app: Flask, database: Database, groups: Groups, site: str | None
) -> None:
    email = a_person_with_password(database, groups.first, "registered_manager")
    typed = {"email": email, "password": PASSWORD, "csrf_token": HttpClient(app).get("/sign-in").token}
    answer = HttpClient(app).ask("POST", "/sign-in", data=typed, headers={"Sec-Fetch-Site": site} if site else {})
    assert answer.status == 403
    assert "mendline=" not in answer.header("Set-Cookie").replace("mendline_form=", "")


def test_no_hostile_next_leads_away_after_sign_in(
    app: Flask, database: Database, groups: Groups, figure: Callable[[str], None]
) -> None:
    left = []
    for next_path in HOSTILE_NEXT:
        answer = signed_in_with(app, a_person_with_password(database, groups.first, "registered_manager"), next_path)
        assert (answer.status, answer.header("Location")) == (400, "") or answer.status == 302, next_path
        there = urlsplit(urljoin(f"{ORIGIN}/sign-in", answer.header("Location").replace("\\", "/")))
        if (there.scheme, there.netloc) != ("http", "localhost"):
            left.append(next_path)
        assert "X-Forged" not in dict(answer.headers), next_path
        assert path_of_ours(next_path) in ("", next_path), next_path
    figure(f"hostile ways on after sign-in: {len(HOSTILE_NEXT)} tried, {len(left)} lead away")
    assert left == []


def test_a_path_of_ours_is_gone_to_after_sign_in(app: Flask, database: Database, groups: Groups) -> None:
    email = a_person_with_password(database, groups.first, "registered_manager")
    assert signed_in_with(app, email, "/services/?name=a").header("Location") == "/services/?name=a"


def test_a_forged_host_is_refused_and_never_comes_back(app: Flask, figure: Callable[[str], None]) -> None:
    hosts = ("evil.example", "localhost.evil.example", "localhost:80@evil.example", "127.0.0.1.evil")
    answers = {
        host: HttpClient(app).get("/sign-in", headers={"Host": host, "X-Forwarded-Host": "evil.example"})
        for host in hosts
    }
    believed = [host for host, answer in answers.items() if answer.status != 400 or "evil" in answer.everything()]
    figure(f"forged hosts: {len(hosts)} tried, {len(believed)} believed")
    assert believed == []


def signed_in_with(app: Flask, email: str, next_path: str) -> Answer:
    """Signs in as a browser would, keeping the cookie of the form."""
    client = app.test_client()
    token = Answer(200, (), client.get("/sign-in").get_data()).token
    typed = {"email": email, "password": PASSWORD, "csrf_token": token, "next": next_path}
    found = client.post("/sign-in", data=typed)
    return Answer(found.status_code, tuple(found.headers), found.get_data())


def _with(options: dict, headers: dict[str, str]) -> dict:
    return {**options, "headers": {**options.get("headers", {}), **headers}}
