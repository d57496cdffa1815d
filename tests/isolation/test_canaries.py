"""Each place's canary word is looked for wherever words could go astray: Redis, letters, jobs, logs, files, packs, searches."""

import io
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import redis
from flask import Flask
from sqlalchemy import text
from support.application import GROUP_WORDS, Caller, a_world, everybody, keep_packs
from support.http import HttpClient
from support.pdf import words_of
from support.running import lend_assets
from support.statements import statements_of
from support.tenancy import Groups, Place, signed_in
from support.visiting import KEY
from support.walk import is_unsafe, path_of, routes, sending, targets
from support.walking import COUNTED, parts_of_the_walk

from mendline.app import create_app
from mendline.config import Settings, state_folder
from mendline.packs.order import PackOrder
from mendline.packs.reading import read_pack_facts
from mendline.telling.mail_text import Sender
from tenants.clock import now
from tenants.database import Database
from workers.broker import make_broker
from workers.mail import deliver
from workers.packs import draw
from workers.relay import Relay

ROOT = Path(__file__).parents[2]
_IDENTIFIER = r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}"
# What may stand in a job beside identifiers: days, numbers and words of ours.
_PLAIN = re.compile(r"[0-9T:.+\-Z]*|[a-z_.:]{1,60}|[0-9a-f]{16,64}|([0-9a-f-]+/)+[\w./-]+")
ASKERS = ("registered_manager", "nominated_individual", "provider_administrator", "carer")


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    lend_assets(folder)
    return folder


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, state: Path, valkey_url: str) -> Flask:
    settings = Settings(
        state=state,
        secret_key=KEY,
        role_passwords={},
        demonstration=True,
        messages=valkey_url,
        api_per_minute=1_000_000,
    )
    keep_packs(state, groups)
    return create_app(settings, database)


@pytest.fixture(scope="module")
def callers(database: Database, groups: Groups) -> dict[str, Caller]:
    return {one.name: one for one in everybody(database, groups)}


@pytest.fixture(scope="module")
def heard() -> Iterator[list[str]]:
    """Everything that is logged while this module runs."""
    lines: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    ear, root = Ear(), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.INFO)
    yield lines
    root.setLevel(level)
    root.removeHandler(ear)


@dataclass
class Post:
    """A carrier that keeps what it is given."""

    letters: list[EmailMessage]

    def deliver(self, message: EmailMessage) -> str:
        self.letters.append(message)
        return "kept"


@pytest.fixture(scope="module")
def done(app: Flask, groups: Groups, callers: dict[str, Caller], heard: list[str]) -> int:
    """How many unsafe requests were made at the first place: every route, by those who lead it and a carer."""
    made, before = 0, len(heard)
    ours = [callers[name] for name in ASKERS]
    tokens = {one.name: HttpClient(app, one).get("/sign-in").token for one in ours}
    for rule, method in reversed(parts_of_the_walk(app)["unsafe"]):
        for one in ours:
            own = next(
                target for target in targets(rule, one, groups) if target.name in ("of KESTREL", "query of none")
            )
            HttpClient(app, one).ask(method, path_of(app, rule, method, own), **sending(rule, own, tokens[one.name]))
            made += 1
    assert made > 300
    assert len(heard) >= before
    return made


def words_found(said: str, places: tuple[Place, ...]) -> list[str]:
    """The canaries and the providers' own words that stand in something."""
    words = {word for place in places for word in (place.canary, GROUP_WORDS[place.canary])}
    return sorted(word for word in words if word in said)


def test_jobs_carry_identifiers_and_no_words(database: Database, groups: Groups, done: int) -> None:
    with database.administration() as session:
        jobs = session.execute(text("select kind, arguments from job where arguments <> '{}'::jsonb")).all()
        mine = [job for job in jobs if "word" not in job.arguments]  # the sample rows say `word`
    assert done
    assert mine
    for kind, arguments in mine:
        for name, value in _leaves(arguments):
            plain = re.fullmatch(_IDENTIFIER, value) or _PLAIN.fullmatch(value)
            assert plain, f"a job {kind} carries {name}: {value}"
        assert words_found(str(arguments), groups.places) == []


def _leaves(told: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(told, dict):
        for key, value in told.items():
            yield from _leaves(value, f"{name}.{key}")
    elif isinstance(told, list):
        for value in told:
            yield from _leaves(value, name)
    elif told is not None:
        yield name, str(told).lower() if isinstance(told, bool) else str(told)


def test_redis_holds_the_numbers_of_jobs_and_nobodys_words(
    database: Database, groups: Groups, done: int, valkey_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    relay = Relay(database, make_broker(valkey_url))
    sent = relay.send_due() + relay.send_due_mail()
    assert done
    assert sent
    client = redis.Redis.from_url(valkey_url)
    held = {key: _held(client, key) for key in client.scan_iter()}
    told = "\n".join(f"{key!r} {value}" for key, value in held.items())
    messages = [key for key in held if b".msgs" in key]
    with capsys.disabled():
        print(f"\ncanaries in Redis: {len(held)} keys after {done} writes and {sent} messages: "  # noqa: T201
              f"{len(words_found(told, groups.places))} found")  # fmt: skip
    assert messages
    assert words_found(told, groups.places) == []
    assert "@example.org" not in told
    assert KEY not in told


def _held(client: Any, key: bytes) -> str:
    kind = client.type(key)
    if kind == b"hash":
        return str(client.hgetall(key))
    if kind == b"list":
        return str(client.lrange(key, 0, -1))
    if kind == b"zset":
        return str(client.zrange(key, 0, -1))
    return str(client.smembers(key) if kind == b"set" else client.get(key))


def test_letters_name_nobody_elses_place_and_no_record(database: Database, groups: Groups, done: int) -> None:
    with database.administration() as session:
        waiting = session.execute(text("select mail_id from signin.mail where sent_at is null")).scalars().all()
    post = Post([])
    sender = Sender("Mendline <no-reply@mendline.example>", "https://mendline.example", KEY.encode())
    for mail_id in waiting:
        deliver(database, mail_id, sender, post)
    assert done
    assert post.letters
    for letter in post.letters:
        said = letter.as_string()
        assert words_found(said, (groups.second, groups.twin)) == []
        # A letter leaves the platform: it may name the provider that sends it, and holds none of its content.
        assert [place.canary for place in groups.places if place.canary in said] == []


def test_nothing_of_anybodys_is_logged(groups: Groups, done: int, heard: list[str]) -> None:
    assert done
    assert [line[:200] for line in heard if any(place.canary in line for place in groups.places)] == []


def test_files_stand_under_their_provider_and_hold_nobody_elses_words(groups: Groups, state: Path, done: int) -> None:
    assert done
    kept = [each for each in state.rglob("*") if each.is_file() and "static" not in each.parts]
    owned = {provider: [each for each in kept if str(provider) in str(each)] for provider in
             {place.provider_id for place in groups.places}}  # fmt: skip
    assert all(owned.values())
    for provider, files in owned.items():
        others = tuple(place for place in groups.places if place.provider_id != provider)
        for file in files:
            found = [place.canary for place in others if place.canary.encode() in file.read_bytes()]
            assert found == [], file.name
    rest = [each for each in kept if not any(each in files for files in owned.values())]
    assert [
        each.name for each in rest if any(place.canary.encode() in each.read_bytes() for place in groups.places)
    ] == []


def test_a_packs_text_is_of_its_own_place_alone(
    database: Database, groups: Groups, capsys: pytest.CaptureFixture[str]
) -> None:
    manager = signed_in(database, "registered_manager", groups.first)
    with database.transaction(manager) as session:
        facts = read_pack_facts(session, manager, groups.first.service_id, now())
    order = PackOrder("P-001", now(), "AO", False, "https://mendline.example")
    drawn, _ = draw(facts, order, state_folder(os.environ))
    with pikepdf.open(io.BytesIO(drawn.content)) as document:
        said = "\n".join(words_of(page) for page in document.pages)
        said += str(document.docinfo) + "".join(
            attached.get_file().read_bytes().decode(errors="replace") for attached in document.attachments.values()
        )
        pages = len(document.pages)
    foreign = tuple(place for place in groups.places if place is not groups.first)
    found = [place.canary for place in foreign if place.canary in said] + words_found(said, (groups.second,))
    with capsys.disabled():
        print(f"\ncanaries in a pack of {pages} pages, {len(said)} characters: {len(found)} foreign found")  # noqa: T201
    assert groups.first.canary in said
    assert found == []


# Words that are searched for.


def names_of_queries() -> list[str]:
    """Every name under which the product reads something from an address's query."""
    sources = [*(ROOT / "platform").rglob("*.py")]
    found = {
        name
        for path in sources
        for name in re.findall(r'args\.get(?:list)?\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    return sorted(found - {"as_at"})


def test_searching_for_a_foreign_word_answers_as_searching_for_none(
    app: Flask, database: Database, groups: Groups, callers: dict[str, Caller], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every list, by every name that an address may carry: a word of another provider finds as much as a word of nobody."""
    names = names_of_queries()
    assert {"name", "owner", "kind"} <= set(names)
    tried, differing = 0, []
    ours = [callers[name] for name in (*ASKERS[:3], "commissioner with grants")]
    searchable = [
        rule
        for rule, method in routes(app)
        if method == "GET" and not is_unsafe(method) and not rule.endpoint.startswith(COUNTED)
        and rule.arguments <= {"service_id", "provider_id"} and not rule.rule.startswith(("/inspection", "/static"))
    ]  # fmt: skip
    for rule in searchable:
        for one in ours:
            own = next(
                target for target in targets(rule, one, groups) if target.is_open or target.name == "query of none"
            )
            path = path_of(app, rule, "GET", replace(own, others={}, parts=own.parts))
            answers = []
            for word in (f"{groups.twin.canary} name 1", f"{'ORIOLEST'[: len(groups.twin.canary)]} name 1"):
                query = "&".join(f"{name}={word.replace(' ', '+')}" for name in names)
                with statements_of(database, "web") as by_web, statements_of(database, "reader") as by_reader:
                    answer = HttpClient(app, one).get(f"{path}{'&' if '?' in path else '?'}{query}")
                status, told = answer.told()
                for shown in (word, word.replace(" ", "+"), word.replace(" ", "%20")):
                    told = told.replace(shown, "WORD")
                answers.append((status, told, len(by_web) + len(by_reader)))
                tried += 1
            if answers[0] != answers[1] and "seconds" not in answers[0][1]:
                differing.append(f"{rule.rule} as {one.name}: {answers[0][0]} and {answers[1][0]}")
    with capsys.disabled():
        print(f"\nsearches: {len(searchable)} lists, {len(names)} names in a query, {tried} tried: "  # noqa: T201
              f"{len(differing)} tell a foreign word from none")  # fmt: skip
    assert differing == []


def test_the_words_that_are_looked_for_are_there_to_be_found(database: Database, groups: Groups) -> None:
    """Else nothing that was found would prove nothing."""
    with database.administration() as session:
        found = session.execute(
            text("select count(*) from evidence where title like '%' || :word || '%' and provider_id = :id"),
            {"word": groups.second.canary, "id": groups.second.provider_id},
        ).scalar_one()
    assert found
