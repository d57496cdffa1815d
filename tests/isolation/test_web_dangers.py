"""The web's own dangers, one by one: what a hostile browser, file, header or word tries, and what comes of it."""

import ast
import csv
import gzip
import io
import logging
import random
import re
import time
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from support.application import Caller, a_world, an_application_over, identifiers_of, insiders
from support.http import Answer, HttpClient
from support.running import lend_assets
from support.tenancy import Groups, Place, signed_in, tenant_tables
from support.visiting import KEY
from support.walk import Target, documents, forms, is_api, is_unsafe, path_of, routes, sending
from werkzeug.routing import Rule

from mendline.app import LARGEST_REQUEST, create_app
from mendline.config import Settings
from mendline.custody.archive import _as_csv, object_key
from mendline.evidence.imports.writing import _PLAIN_NUMBER, _STARTS_FORMULA
from mendline.packs.storage import object_key as pack_key
from tenants.database import Database
from tenants.errors import TooManyError
from tenants.jobs import MOST_AN_HOUR, MOST_UNDER_WAY, enqueue
from tenants.reach import Reach

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "platform").rglob("*.py"), *(ROOT / "tenants").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
INJECTED = "{{ 7*7 }}${7*7}#{7*7}<%= 7*7 %>{{ config }}%(secret)s{0.__class__}"
LIMITED = ("signin.", "account.", "single_sign_on.", "signing.", "inspecting.", "inspection.", "shared.")


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def https(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    state = tmp_path_factory.mktemp("https")
    lend_assets(state)
    return create_app(
        Settings(state=state, secret_key=KEY, role_passwords={}, demonstration=True, https=True), database
    )


@pytest.fixture(scope="module")
def callers(database: Database, groups: Groups) -> dict[str, Caller]:
    return {one.name: one for one in insiders(database, groups)}


@pytest.fixture(scope="module")
def manager(callers: dict[str, Caller]) -> Caller:
    return callers["registered_manager"]


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call of the product with the words that are called."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield path, node, ast.unparse(node.func)


# What is typed.


def test_nothing_is_evaluated_and_no_shell_is_asked() -> None:
    forbidden = {
        "eval", "exec", "compile", "os.system", "os.popen", "pickle.loads", "pickle.load", "marshal.loads", "yaml.load",
        "yaml.unsafe_load", "render_template_string", "subprocess.getoutput", "Template", "jinja2.Template",
        "Environment.from_string", "current_app.jinja_env.from_string", "shelve.open",
    }  # fmt: skip
    found = [
        f"{path.name}: {called}"
        for path, call, called in calls()
        if called in forbidden and not (called == "yaml.load" and "_Loader" in ast.unparse(call))
    ]
    shells = [
        f"{path.name}: {called}"
        for path, call, called in calls()
        for word in call.keywords
        if word.arg == "shell" and not (isinstance(word.value, ast.Constant) and word.value.value is False)
    ]
    assert found + shells == []


def test_no_statement_is_built_from_what_somebody_typed() -> None:
    """Where a request is read, statements are words of ours without a gap; elsewhere they know of no request."""
    reads = {"flask.request"}
    both = []
    for path, tree in trees().items():
        taken = {
            f"{node.module}.{name.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }
        if taken & reads and {"sqlalchemy.text", "sqlalchemy.select"} & taken:
            both += [
                f"{path.relative_to(ROOT)}:{node.lineno}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and ast.unparse(node.func) in ("text", "select")
                and not all(isinstance(given, ast.Constant) for given in node.args)
            ]
    assert both == []


def test_what_is_typed_is_never_a_template(app: Flask, groups: Groups, callers: dict[str, Caller]) -> None:
    keeper = HttpClient(app, callers["nominated_individual"])
    path = f"/providers/{groups.first.provider_id}/custody/holds"
    token = keeper.get("/sign-in").token
    sent = {"csrf_token": token, "service_id": "", "person_reference": "", "reason": INJECTED}
    assert keeper.ask("POST", path, data=sent).status == 303
    page = keeper.get(path).text
    assert "{{ 7*7 }}${7*7}#{7*7}&lt;%= 7*7 %&gt;" in page
    assert "%(secret)s{0.__class__}" in page
    assert KEY not in page


def patterns() -> list[tuple[str, str]]:
    """Every regular expression of the product that stands in it as text."""
    found = []
    for path, call, called in calls():
        if called.startswith("re.") and call.args:
            first = call.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.append((path.name, first.value))
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and any("PATTERN" in ast.unparse(name) for name in node.targets):
                found += [(path.name, node.value.value)] if isinstance(node.value, ast.Constant) else []
    return sorted(set(found))


def test_no_regular_expression_runs_away(capsys: pytest.CaptureFixture[str]) -> None:
    seeds = (
        "a",
        "A",
        "0",
        " ",
        "-",
        "_",
        ".",
        "@",
        "/",
        "\\",
        "\t",
        "(",
        '"',
        "a0",
        "a.",
        "0-",
        "a ",
        "A-1",
        "<a",
        "é",
    )
    slow, tried = [], 0
    for place, pattern in patterns():
        compiled = re.compile(pattern)
        for seed in seeds:
            for end in ("", "!", "\n", "\0"):
                hostile = seed * (6_000 // len(seed)) + end
                began = time.process_time()
                compiled.fullmatch(hostile)
                compiled.match(hostile)
                tried += 2
                if time.process_time() - began > 1:
                    slow.append(f"{place}: {pattern[:60]!r} with {seed!r}")
    with capsys.disabled():
        print(  # noqa: T201 -- the figure is asked for
            f"\nregular expressions: {len(patterns())} tried {tried} times on 6,000 hostile characters: {len(slow)} slow"
        )
    assert slow == []


def test_no_export_writes_a_formula(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(17)
    starts = [
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\n",
        "\0",
        "\uff1d",
        "\uff0b",
        "\uff0d",
        "\uff20",
        " =",
        "\ufeff=",
        "\u3000@",
        '"=',
    ]
    words = ["cmd|' /C calc'!A0", "HYPERLINK(1)", "1+1", "SUM(A1)", "a", "", "=1", ";=1", ",=1", '"', "\r\n=2"]
    rows = [
        {"a": chance.choice(starts) + chance.choice(words) + chr(chance.randrange(32, 0x2FFF))} for _ in range(10_000)
    ]
    sheet = io.StringIO(_as_csv(["a"], rows).decode("utf-8-sig"), newline="")
    reopened = [row["a"] for row in csv.DictReader(sheet)]
    assert len(reopened) == 10_000
    formulas = [
        cell
        for cell in reopened
        if (begins := cell.lstrip(" \u00a0\u3000\ufeff")).startswith(_STARTS_FORMULA)
        and not _PLAIN_NUMBER.fullmatch(begins)
    ]
    with capsys.disabled():
        print(f"\nformula injection: {len(reopened)} random cells written and reopened: {len(formulas)} formulas")  # noqa: T201
    assert formulas == []


# What is sent.


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/services", "/providers/{p}/custody/holds"])
def test_a_body_that_is_too_large_is_refused_unread(app: Flask, groups: Groups, manager: Caller, path: str) -> None:
    class Refusing(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, _buffer: object) -> int:
            raise AssertionError("a body of a gigabyte was read")

    for size in (LARGEST_REQUEST + 1, 1 << 30):
        answer = HttpClient(app, manager).ask(
            "POST",
            path.format(p=groups.first.provider_id),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            environ_overrides={"wsgi.input": Refusing(), "CONTENT_LENGTH": str(size)},
        )
        assert answer.status in (403, 405, 413), answer.status


def test_a_form_of_countless_parts_is_refused(app: Flask, manager: Caller) -> None:
    client = HttpClient(app, manager)
    many = {f"part{number}": "x" for number in range(2_000)}
    assert client.ask("POST", "/sign-in", data=many, content_type="multipart/form-data").status in (403, 413)
    part = b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
    long = part + b"x" * 2_000_000 + b"\r\n--x--\r\n"
    assert client.ask("POST", "/sign-in", data=long, content_type="multipart/form-data; boundary=x").status in (
        403,
        413,
    )


def test_a_compressed_body_is_not_inflated(app: Flask, manager: Caller) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    token = HttpClient(app, manager).get("/sign-in").token
    began = time.process_time()
    answer = HttpClient(app, manager).ask(
        "POST",
        f"/api/v1/services/{uuid.uuid4()}/packs",
        data=bomb,
        headers={"Content-Encoding": "gzip", "Content-Type": "application/json", "X-CSRF-Token": token},
    )
    assert 400 <= answer.status < 500
    assert time.process_time() - began < 2


def test_headers_of_proxies_are_not_believed(app: Flask, manager: Caller, figure: Callable[[str], None]) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil", "X-Real-IP": "203.0.113.9", "Forwarded": "host=evil.example;for=203.0.113.9",
        "X-Original-URL": "/compare/", "X-Rewrite-URL": "/compare/", "X-HTTP-Method-Override": "DELETE",
    }  # fmt: skip
    for path in ("/", "/work", "/nope"):
        plain, asked = HttpClient(app, manager).get(path), HttpClient(app, manager).get(path, headers=forged)
        assert (asked.status, asked.header("Location")) == (plain.status, plain.header("Location"))
        assert "evil" not in asked.everything()
    figure(f"headers of proxies: {len(forged)} forged, 0 believed")


@pytest.mark.parametrize(
    "path", ["/static", "/static/", "/static/fonts/", "/static/../assets-manifest.json", "/static/.git"]
)
def test_no_folder_is_listed_and_nothing_beside_it_is_served(app: Flask, manager: Caller, path: str) -> None:
    assert HttpClient(app, manager).get(path).status == 404


def test_trace_is_not_answered(app: Flask, manager: Caller) -> None:
    for method in ("TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG"):
        answer = HttpClient(app, manager).ask(method, "/work", headers={"X-Canary": "KESTRELCANARY"})
        assert answer.status in (403, 405)
        assert "KESTRELCANARY" not in answer.everything()


def test_no_form_takes_a_field_that_it_does_not_show(
    app: Flask, database: Database, groups: Groups, callers: dict[str, Caller], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every form and document with every column of every table added: no value of theirs is found afterwards."""
    marked = "MASSCANARY"
    columns = {column.name for table in tenant_tables() for column in table.columns if column.type.python_type is str}
    target = Target("own", identifiers_of(groups.first), {}, is_open=True, like="")
    tried, taken = 0, []
    for rule, method in routes(app):
        if not _is_known(rule, method):
            continue
        for name in ("registered_manager", "nominated_individual", "provider_quality_lead"):
            client = HttpClient(app, callers[name])
            options = sending(rule, target, client.get("/sign-in").token)
            part = "json" if is_api(rule) else "data"
            extra = {column: f"{marked} {column}" for column in columns if column not in (options[part] or {})}
            options[part] = {**extra, **(options[part] or {})}
            tried += 1
            client.ask(method, path_of(app, rule, method, target), **options)
    with database.administration() as session:
        for table in tenant_tables():
            found = session.execute(
                text(f"select t::text from {table.name} t where t::text like :m limit 1"), {"m": f"%{marked}%"}
            ).scalar()
            if found:
                taken += [f"{table.name}: {word}" for word in re.findall(rf"{marked} (\w+)", found)]
    shown = _optional_fields()
    unmeant = [each for each in taken if each.split(": ")[1] not in shown]
    with capsys.disabled():
        print(f"\nmass assignment: {tried} forms and documents with {len(columns)} columns added: {len(unmeant)} taken")  # noqa: T201
    assert unmeant == []


def _is_known(rule: Rule, method: str) -> bool:
    """Unsafe routes that the walk knows how to ask; `test_http_walk` refuses those that it does not."""
    known = documents() if is_api(rule) else forms()
    return is_unsafe(method) and rule.endpoint in known and not rule.endpoint.startswith(LIMITED)


@cache
def _optional_fields() -> frozenset[str]:
    """Names that forms and documents of ours do offer, so that filling one in is no trespass."""
    asked = [
        call.args[0].value
        for _, call, called in calls()
        if called
        in ("request.form.get", "Field", "_field", "_typed", "Text", "given.get", "typed.get", "body.get", "form.get")
        for _ in (0,)
        if call.args and isinstance(call.args[0], ast.Constant)
    ]
    words = {
        node.value
        for path, tree in trees().items()
        if path.name.startswith(
            ("views", "forms", "model", "documents", "reading", "bodies", "operation", "schema", "wire")
        )
        and path.name != "model.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return frozenset({*asked, *words})


# What comes back.


def test_every_answer_over_https_asks_for_https_for_a_year(https: Flask) -> None:
    for path in ("/sign-in", "/nope", "/services/", "/api/v1/services", "/health/live"):
        answer = https.test_client().get(path, base_url="https://localhost")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", path


def test_every_cookie_over_https_is_secure_and_unreachable_for_scripts(https: Flask) -> None:
    client = https.test_client()
    answers = [
        client.get(path, base_url="https://localhost") for path in ("/sign-in", "/", "/services/", "/inspection/code")
    ]
    token = Answer(200, (), answers[0].get_data()).token
    form = {"csrf_token": token}
    answers.append(client.post(f"/inspection/open/{'0' * 64}", data=form, base_url="https://localhost"))
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert {cookie.split("=")[0] for cookie in cookies} >= {"__Host-mendline_form", "__Host-mendline_inspector"}
    assert cookies
    for cookie in cookies:
        words = {word.strip().split("=")[0].lower() for word in cookie.split(";")}
        assert {"secure", "httponly", "samesite"} <= words, cookie
        assert "domain" not in words, cookie
        assert cookie.startswith("__Host-"), cookie
        assert "Path=/;" in f"{cookie};", cookie


def test_no_other_origin_is_let_in(app: Flask, manager: Caller) -> None:
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        for method in ("GET", "OPTIONS"):
            answer = HttpClient(app, manager).ask(
                method, "/api/v1/services", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
            )
            assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


def test_files_are_downloads_that_no_browser_opens_as_pages(
    app: Flask, groups: Groups, callers: dict[str, Caller]
) -> None:
    ids = identifiers_of(groups.first)
    paths = {
        f"/packs/{ids['pack_id']}.pdf": "registered_manager",
        f"/providers/{groups.first.provider_id}/custody/requests/{ids['request_id']}.zip": "nominated_individual",
    }
    for path, who in paths.items():
        answer = HttpClient(app, callers[who]).get(path)
        assert answer.status == 200, path
        assert re.fullmatch(r'attachment; filename="[\w. -]+"', answer.header("Content-Disposition")), path
        assert answer.kind in ("application/pdf", "application/zip")
        assert answer.header("X-Content-Type-Options") == "nosniff"


def test_no_address_of_ours_carries_a_secret(app: Flask) -> None:
    carried = {"token", "ticket", "password", "secret", "session", "csrf_token"}
    named = {(rule.rule, part) for rule, _ in routes(app) for part in rule.arguments & carried}
    # What is mailed works once and is exchanged for a cookie at once.
    assert {
        rule
        for rule, _ in named
        if not rule.startswith(("/account", "/reset", "/invitation", "/verify", "/inspect", "/sign-in"))
    } == set()


# What a part does when another is away.


def test_without_redis_and_without_files_pages_are_read(
    database: Database, groups: Groups, callers: dict[str, Caller], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    lend_assets(tmp_path)
    away = "redis://127.0.0.1:9/0"
    settings = Settings(state=tmp_path, secret_key=KEY, role_passwords={}, demonstration=True, messages=away)
    app = create_app(settings, database)
    target = Target("own", identifiers_of(groups.first), {}, is_open=True, like="")
    told: dict[int, int] = {}
    for rule, method in routes(app):
        # The sitting and the drill need rows that say something; sample words are no sitting and no claim.
        if method == "GET" and rule.endpoint != "static" and not rule.rule.endswith(("/reviews/current", "<drill_id>")):
            for name in ("registered_manager", "nominated_individual"):
                answer = HttpClient(app, callers[name]).get(path_of(app, rule, method, target))
                told[answer.status] = told.get(answer.status, 0) + 1
                assert answer.status != 500, (rule.rule, name)
                if answer.status == 503:
                    assert rule.rule.endswith((".pdf", ".zip", "/ready", "/content", "/file", "/download")), rule.rule
    figure(
        f"pages without Redis and files: {sum(told.values())} asked for, {told[200]} read, {told.get(500, 0)} failed"
    )
    assert told[200] > 20


# Keys, words and shares.


def test_keys_of_files_are_made_within_reach_alone(database: Database, groups: Groups) -> None:
    reach = database.command_reach(groups.first.provider_id)
    for make in (pack_key, object_key):
        assert make(reach, groups.first.provider_id, uuid.uuid4()).startswith(f"{groups.first.provider_id}/")
        with pytest.raises(ValueError, match="within reach"):
            make(reach, groups.second.provider_id, uuid.uuid4())


def test_md5_guards_nothing() -> None:
    weak = [f"{path.name}: {called}" for path, _, called in calls() if called in ("hashlib.md5", "md5")]
    sha1 = [path.name for path, _, called in calls() if called in ("hashlib.sha1", "sha1")]
    assert weak == []
    # TOTP, lists of breached passwords and identifiers made of a name (UUID version 5), by their standards.
    assert set(sha1) <= {"factors.py", "passwords.py", "breached.py", "ids.py"}


def test_nothing_that_is_typed_is_logged(
    app: Flask, groups: Groups, callers: dict[str, Caller], capsys: pytest.CaptureFixture[str]
) -> None:
    """A word of its own in every field of every form and document, with line breaks that would forge a line of the log."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(self.format(record))

    ear, root = Ear(), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    words = count(1)
    try:
        logging.getLogger("mendline.web").debug("the ear hears")
        target = Target("own", identifiers_of(groups.first), {}, is_open=True, like="")
        for rule, method in routes(app):
            if _is_known(rule, method):
                client = HttpClient(app, callers["registered_manager"])
                options = sending(rule, target, client.get("/sign-in").token)
                part = "json" if is_api(rule) else "data"
                options[part] = _marked(options[part], words)
                client.ask(method, path_of(app, rule, method, target), **options)
                client.ask(method, "/nope", **options)
    finally:
        root.removeHandler(ear)
        root.setLevel(level)
    typed = next(words) - 1
    with capsys.disabled():
        print(  # noqa: T201 -- the figure is asked for
            f"\nlogs: {typed} words typed, {len(heard)} lines heard: {sum('LOGCANARY' in each for each in heard)} found"
        )
    assert [line[:200] for line in heard if "LOGCANARY" in line or "forged line" in line] == []
    assert typed >= 200
    assert heard[0] == "the ear hears"


def _marked(sent: Any, words: Iterator[int]) -> Any:
    """What is sent, with a word of its own in place of each text and number; the token of a form stays."""
    if isinstance(sent, dict):
        return {name: value if name == "csrf_token" else _marked(value, words) for name, value in sent.items()}
    if isinstance(sent, list):
        return [_marked(each, words) for each in sent]
    return sent if sent is None else f"LOGCANARY{next(words)}\r\n2026-01-01 forged line"


def test_one_provider_cannot_fill_the_queue_of_all(
    app: Flask, database: Database, groups: Groups, manager: Caller
) -> None:
    path = f"/services/{groups.first.service_id}/packs"
    with database.administration() as session:
        session.execute(text("update job set state = 'done' where provider_id = :p"), {"p": groups.first.provider_id})
    told = []
    for _ in range(MOST_UNDER_WAY["make_pack"] + 2):
        client = HttpClient(app, manager)
        told.append(client.ask("POST", path, data={"csrf_token": client.get("/sign-in").token}).status)
    assert told == [303] * MOST_UNDER_WAY["make_pack"] + [429, 429]


def test_one_provider_is_made_so_many_packs_an_hour_and_another_still_is(
    database: Database, groups: Groups, capsys: pytest.CaptureFixture[str]
) -> None:
    here, most = groups.sister, MOST_AN_HOUR["make_pack"]
    lead = signed_in(database, "nominated_individual", here, whole_provider=True)
    other = signed_in(database, "registered_manager", groups.second)

    def ask(reach: Reach, place: Place) -> None:
        with database.transaction(reach) as session:
            enqueue(session, "make_pack", provider_id=place.provider_id, service_id=place.service_id)

    with database.administration() as session:
        session.execute(text("delete from job where provider_id = :p"), {"p": here.provider_id})
    for _ in range(most):
        ask(lead, here)
        with database.administration() as session:
            session.execute(text("update job set state = 'done' where provider_id = :p"), {"p": here.provider_id})
    with pytest.raises(TooManyError, match="in the last hour"):
        ask(lead, here)
    ask(other, groups.second)
    with capsys.disabled():
        print(f"\npacks of one provider: {MOST_UNDER_WAY['make_pack']} at once, {most} an hour, then refused")  # noqa: T201
