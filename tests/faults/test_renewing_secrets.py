"""Secrets are renewed while people work: nothing fails, and what a renewal ends, ends as `deploy/CRYPTOGRAPHY.md` says."""

import io
import os
import random
import re
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
from mendline.evidence.files.handing import Handed, read_address, written_address
from mendline.evidence.files.keeping import Keeper
from mendline.evidence.files.sealing import Keys, SpoiltFileError
from mendline.evidence.files.stores import FolderStore
from mendline.secret_keys import drop_former, renew, written
from mendline.telling.stopping import Stop, read, signed
from tenants.clock import now
from tenants.database import Database
from tenants.errors import MendlineError, NotFoundError
from tenants.migrate import prepare_roles
from tenants.reach import Reach
from tenants.signin.keys import Key
from tenants.signin.links import knowing, link_secret, secret_hash, ticket_of
from tenants.signin.recovery import new_recovery_codes, use_recovery_code

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


def test_the_installations_key_is_renewed_under_traffic_and_no_request_and_no_sign_in_is_lost(
    database: Database, groups: Groups, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """As `mendline key renew` and `mendline key drop` do it, in two processes of one installation that go on running."""
    lend_assets(tmp_path)
    file = tmp_path / "secret_key"
    file.write_text(OLD_KEY, encoding="utf-8")
    sites = [_site(database, tmp_path, file) for _ in range(2)]
    person = add_person(database)
    add_membership(database, person, "registered_manager", groups.first)
    cookies = [_a_secret(database, OLD_KEY, person, "session") for _ in range(THREADS)]
    token, unused = _a_secret(database, OLD_KEY, person, "token"), _a_secret(database, OLD_KEY, person, "session")
    form = _a_form(sites[0], cookies[0])

    def work(told: Counter[str]) -> None:
        site = random.choice(sites)
        page, answer = _asked(site, cookie=random.choice(cookies)), _asked(site, token=token)
        told["lost"] += (page != 200) + (answer != 200)

    phases: list[Counter[str]] = []
    with traffic(work) as phase:
        phases.append(phase())
        renew(file, now() + timedelta(hours=1))
        _renewed(file, seconds_ago=-3600)  # however slow the machine is, this phase is of the first minute
        phases.append(phase())
        assert not any(_is_known(database, file, each, "session") for each in cookies)  # a process may be a moment late
        assert _sent(random.choice(sites), cookies[0], form) == 303
        _renewed(file, seconds_ago=120)
        phases.append(phase())
    assert all(_asked(sites[0], cookie=each) == 200 for each in cookies)
    assert all(_is_known(database, file, each, "session") for each in cookies)
    assert _is_known(database, file, token, "token")
    leaving = _a_secret(database, OLD_KEY, person, "session")
    assert _sent(sites[0], leaving, _a_form(sites[0], leaving), to="/sign-out") == 302
    assert [_asked(site, cookie=leaving) for site in sites] == [302, 302]  # the former key lets nobody in again
    assert drop_former(file) == 1
    served = [_asked(site, cookie=each) for site in sites for each in cookies] + [_asked(sites[1], token=token)]
    done, lost = sum(each["done"] for each in phases), sum(each["lost"] for each in phases)
    figure(
        f"the installation's key renewed: {2 * done} requests, {lost} not served, {len(cookies)} sign-ins and a token"
        f" kept; after the former key was dropped {served.count(200)} of {len(served)} served, and a sign-in that was not"
        f" used meanwhile answers {_asked(sites[0], cookie=unused)}"
    )
    assert lost == 0
    assert set(served) == {200}
    assert _asked(sites[0], cookie=unused) == 302
    assert _sent(sites[0], cookies[0], form) == 403


def test_a_renewed_key_that_keeps_nothing_ends_every_sign_in_at_once(
    database: Database, groups: Groups, tmp_path: Path
) -> None:
    lend_assets(tmp_path)
    file = tmp_path / "secret_key"
    file.write_text(OLD_KEY, encoding="utf-8")
    site, person = _site(database, tmp_path, file), add_person(database)
    add_membership(database, person, "registered_manager", groups.first)
    cookie = _a_secret(database, OLD_KEY, person, "session")
    assert _asked(site, cookie=cookie) == 200
    renew(file, now())
    assert _asked(site, cookie=cookie) == 302


def test_a_key_of_the_environment_is_believed_beside_another(tmp_path: Path) -> None:
    given = Settings.from_environment(
        {"MENDLINE_STATE": str(tmp_path), "MENDLINE_SECRET_KEY": "n, " * 14, "MENDLINE_SECRET_KEY_BESIDE": "o" * 40}
    )
    found = given.key_ring.key(now())
    assert (found, found.former, given.key_file) == (b"n, " * 14, (b"o" * 40,), None)


def test_what_a_former_key_made_is_taken_and_nothing_of_any_other(database: Database) -> None:
    """Codes for recovery, links that stop a kind of mail, and addresses of files."""
    former, strange = Key(OLD_KEY.encode()), Key(b"a key of somebody else, long enough")
    key = Key(NEW_KEY.encode(), (former,))
    words = Stop(uuid.UUID(int=1), uuid.UUID(int=2), "action").words
    assert [read(key, signed(each, words)) is not None for each in (key, former, strange)] == [True, True, False]
    given = Handed("key", "audit.csv", "text/csv", 10, 2_000_000_000)
    assert read_address(written_address(given, former), key, 0) == given
    with pytest.raises(NotFoundError):
        read_address(written_address(given, strange), key, 0)
    person, at = add_person(database), now()
    with database.as_role("signin") as connection:
        code, other = new_recovery_codes(connection, former, person, at=at)[:2]
        assert not use_recovery_code(connection, strange, person, code, at=at)
        assert use_recovery_code(connection, key, person, code, at=at)
        assert not use_recovery_code(connection, key, person, code, at=at)
        assert use_recovery_code(connection, key, person, other, at=at)


def test_a_letter_that_waited_carries_the_link_that_it_was_made_for(database: Database) -> None:
    person, former = add_person(database), OLD_KEY.encode()
    key = Key(NEW_KEY.encode(), (former,))
    with database.as_role("signin") as connection:
        for mail_id, made_with in ((uuid.UUID(int=71), former), (uuid.UUID(int=72), key)):
            kept = secret_hash(link_secret(made_with, mail_id))
            connection.execute(
                text(
                    "insert into signin.one_time (token_hash, purpose, person_id, email, made_at, expires_at)"
                    " values (:hash, 'reset', :person, 'a@example.org', now(), now() + interval '1 hour')"
                ),
                {"hash": kept, "person": person},
            )
            found = knowing(connection, "link", key, lambda each, m=mail_id: secret_hash(link_secret(each, m)))
            assert found == made_with


def _site(db: Database, state: Path, file: Path) -> Flask:
    settings = Settings(
        state=state, secret_key=OLD_KEY, key_file=file, role_passwords={}, demonstration=True, api_per_minute=1_000_000
    )
    return create_app(settings, db)


def _renewed(file: Path, *, seconds_ago: float) -> None:
    """As if the renewal were so long ago: after a minute every process has read the new key."""
    then = now().timestamp() - seconds_ago
    os.utime(file, (then, then))


def _is_known(db: Database, file: Path, secret: str, purpose: str) -> bool:
    """Whether PostgreSQL keeps a secret under the name that the newest key makes of it."""
    newest = written(file.read_text(encoding="utf-8"))[0].encode()
    with db.as_role("signin") as connection:
        hashed = ticket_hash(ticket_of(newest, secret, purpose))
        return bool(connection.execute(text("select reach.knows('ticket', :hash)"), {"hash": hashed}).scalar_one())


def _a_form(app: Flask, cookie: str) -> str:
    """The token of a form on a page."""
    client = app.test_client()
    client.set_cookie("mendline", cookie)
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").get_data(as_text=True))
    assert found
    return found[1]


def _sent(app: Flask, cookie: str, form: str, to: str = "/notices/read") -> int:
    """What a form is answered."""
    client = app.test_client()
    client.set_cookie("mendline", cookie)
    return client.post(to, data={"csrf_token": form}).status_code


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
