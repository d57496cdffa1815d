"""Secrets are renewed while people work: nothing fails, and what a renewal ends, ends as `deploy/CRYPTOGRAPHY.md` says."""

import io
import random
import secrets
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from support.parts import until
from support.running import lend_assets
from support.tenancy import Groups, add_membership, add_person, make_groups, signed_in, ticket_hash

from mendline.app import create_app
from mendline.config import Settings
from mendline.evidence.files.keeping import Keeper
from mendline.evidence.files.sealing import Keys, SpoiltFileError
from mendline.evidence.files.stores import FolderStore
from tenants.clock import now
from tenants.database import Database
from tenants.errors import MendlineError
from tenants.migrate import prepare_roles
from tenants.reach import Reach
from tenants.signin.sessions import ticket_of

THREADS = 3
ENOUGH = 40  # pieces of work in each phase of a renewal
OLD_KEY, NEW_KEY = (f"the {age} key of this installation, long enough" for age in ("older", "newer"))


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return make_groups(database)


@contextmanager
def traffic(work: Callable[[Counter[str]], None]) -> Iterator[Callable[[], Counter[str]]]:
    """Works on and on in several threads; gives what waits for a phase's worth of work and says what came of it."""
    each = [Counter[str]() for _ in range(THREADS)]
    over, broken = threading.Event(), list[BaseException]()

    def go_on(told: Counter[str]) -> None:
        try:
            while not over.is_set():
                work(told)
                told["done"] += 1
        except BaseException as problem:
            broken.append(problem)
            raise

    def phase() -> Counter[str]:
        before = [Counter(told) for told in each]
        # One more of each thread than is counted: what was under way when the phase began is not of the phase.
        until(
            lambda: (
                broken
                or all(now_["done"] > then["done"] + ENOUGH / THREADS for now_, then in zip(each, before, strict=True))
            ),
            120,
            "work to be done",
        )
        assert not broken
        return sum((Counter(told) - then for told, then in zip(each, before, strict=True)), Counter())

    threads = [threading.Thread(target=go_on, args=(told,)) for told in each]
    for thread in threads:
        thread.start()
    try:
        yield phase
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_passwords_of_the_database_are_renewed_under_traffic_and_no_work_fails(
    database: Database,
    database_url: str,
    role_passwords: dict[str, str],
    groups: Groups,
    figure: Callable[[str], None],
) -> None:
    """As it is written down: change them, `mendline migrate`, restart. Open connections go on until the restart."""
    reach = signed_in(database, "registered_manager", groups.first)
    fresh = {role: secrets.token_urlsafe(12) for role in role_passwords}
    before, late, after = (
        Database(database_url, passwords, pool_size=THREADS, overflow=0)
        for passwords in (role_passwords, role_passwords, fresh)
    )
    serving = [before]

    def work(told: Counter[str]) -> None:
        try:
            with serving[0].transaction(serving[0].reach_of(reach.ticket)) as session:
                assert session.execute(text("select count(*) from observation")).scalar_one() == 1
        except MendlineError:
            told["failed"] += 1

    with ExitStack() as opened:
        for each in (before, late, after):
            opened.callback(each.dispose)
        opened.callback(_set_passwords, database_url, role_passwords)  # the server is that of other tests too
        _open_all(before)
        with traffic(work) as phase:
            told = phase()
            _set_passwords(database_url, fresh)
            with pytest.raises(MendlineError):
                late.reach_of(reach.ticket)
            told += phase()
            serving[0] = after
            told += phase()
    figure(f"passwords of the database renewed: {told['done']} pieces of work, {told['failed']} failed")
    assert told["failed"] == 0


def _open_all(db: Database) -> None:
    """Opens every connection of the pool, as a process under traffic has them."""
    with ExitStack() as held:
        for _ in range(THREADS):
            held.enter_context(db.engine("web").connect())


def _set_passwords(url: str, passwords: dict[str, str]) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        prepare_roles(connection, passwords)
    engine.dispose()


def test_the_installations_key_is_renewed_under_traffic_and_whoever_was_signed_in_is_asked_to_again(
    database: Database, groups: Groups, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    lend_assets(tmp_path)
    before, after = (_site(database, tmp_path, key) for key in (OLD_KEY, NEW_KEY))
    person = add_person(database)
    add_membership(database, person, "registered_manager", groups.first)
    cookie, token = (_a_secret(database, OLD_KEY, person, purpose) for purpose in ("session", "token"))
    serving = [before]

    def work(told: Counter[str]) -> None:
        page, answer = _asked(serving[0], cookie=cookie), _asked(serving[0], token=token)
        told["failed"] += (page >= 500) + (answer >= 500)
        told["served"] += (page == 200) + (answer == 200)
        told["sent to sign in"] += (page == 302) + (answer == 401)

    with traffic(work) as phase:
        first = phase()
        serving[0] = after
        phase()  # what was under way may have been of the one or of the other
        second = phase()
        fresh = _asked(after, cookie=_a_secret(database, NEW_KEY, person, "session"))
    asked = 2 * (first["done"] + second["done"])
    figure(
        f"the installation's key renewed: {asked} requests, {first['failed'] + second['failed']} failed;"
        f" before {first['served']} served, afterwards {second['sent to sign in']} asked to sign in again and"
        f" {second['served']} served by what the older key signed"
    )
    assert fresh == 200
    assert (first["failed"], second["failed"]) == (0, 0)
    assert first["sent to sign in"] == 0
    assert first["served"] > 0
    assert second["served"] == 0
    assert second["sent to sign in"] > 0


def _site(db: Database, state: Path, key: str) -> Flask:
    return create_app(
        Settings(state=state, secret_key=key, role_passwords={}, demonstration=True, api_per_minute=1_000_000), db
    )


def _a_secret(db: Database, key: str, person: uuid.UUID, purpose: str) -> str:
    secret = secrets.token_urlsafe(24)
    with db.as_role("signin") as connection:
        connection.execute(
            text("select reach.issue_ticket(:hash, :person, :expires, null, true, 'full', null, null, now())"),
            {
                "hash": ticket_hash(ticket_of(key.encode(), secret, purpose)),
                "person": person,
                "expires": now() + timedelta(hours=1),
            },
        )
    return secret


def _asked(app: Flask, *, cookie: str | None = None, token: str | None = None) -> int:
    client = app.test_client()
    if cookie is not None:
        client.set_cookie("mendline", cookie)
        return client.get("/work").status_code
    return client.get("/api/v1/services", headers={"Authorization": f"Bearer {token}"}).status_code


def test_the_key_of_files_is_renewed_in_two_restarts_and_every_file_opens_in_every_process(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """First the new key behind, everywhere; then in front: while one process is new and the next still old, all open."""
    provider = uuid.UUID(int=1)
    reach = Reach("ticket", "job", None, "Mendline", (), (), (provider,))
    one_by_one = [
        Keeper(FolderStore(tmp_path), Keys(keys)) for keys in ((OLD_KEY,), (OLD_KEY, NEW_KEY), (NEW_KEY, OLD_KEY))
    ]
    running = [one_by_one[:1]]  # replaced as a whole, never changed under a thread that chooses from it
    kept: list[tuple[str, bytes]] = []

    def work(told: Counter[str]) -> None:
        content = secrets.token_bytes(2000)
        try:
            file = random.choice(running[0]).keep(reach, provider, "audit.csv", io.BytesIO(content))
            kept.append((file.object_key, content))
            name, whole = random.choice(kept)
            told["opened"] += b"".join(random.choice(running[0]).read(name)) == whole
        except MendlineError:
            told["failed"] += 1

    with traffic(work) as phase:
        told = phase()
        for stage in (one_by_one[:2], one_by_one[1:2], one_by_one[1:], one_by_one[2:]):
            running[0] = stage
            told += phase()
    figure(f"the key of files renewed: {told['done']} files kept and {told['opened']} opened, {told['failed']} failed")
    assert told["failed"] == 0
    assert all(b"".join(one_by_one[-1].read(name)) == whole for name, whole in kept)
    # In one step it would not do: a process that still has the older key alone cannot open what the next one seals.
    newest = one_by_one[2].keep(reach, provider, "audit.csv", io.BytesIO(b"new"))
    with pytest.raises(SpoiltFileError):
        list(one_by_one[0].read(newest.object_key))
