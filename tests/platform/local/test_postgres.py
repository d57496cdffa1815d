"""The embedded PostgreSQL: it comes up, survives a kill, and belongs to one process at a time."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from support.folders import passable_folder

from mendline.local import processes
from mendline.local.errors import LocalStartError
from mendline.local.postgres import EmbeddedPostgres

LAUNCHER = """
import sys, time
from pathlib import Path
from mendline.local.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
with server.connect("mendline") as connection:
    connection.execute("create table if not exists kept (number int)")
    connection.execute("insert into kept values (1)")
print(server.pid, flush=True)
time.sleep(600)
"""


def rows_kept(server: EmbeddedPostgres) -> object:
    with server.connect("mendline") as connection:
        found = connection.execute("select count(*) from kept").fetchone()
    assert found is not None
    return found[0]


def test_the_address_works_as_it_stands_with_sqlalchemy(postgres_server: EmbeddedPostgres) -> None:
    engine = create_engine(postgres_server.url())
    with engine.begin() as connection:
        row = connection.execute(text("select current_user, current_database(), getdatabaseencoding()")).one()
    engine.dispose()
    assert tuple(row) == ("mendline_admin", "mendline", "UTF8")


def test_a_wrong_password_is_refused_even_on_the_socket(postgres_server: EmbeddedPostgres) -> None:
    url = create_engine(postgres_server.url()).url.set(password="guess", drivername="postgresql")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.render_as_string(hide_password=False))


def test_the_server_is_our_direct_child_and_never_root(postgres_server: EmbeddedPostgres) -> None:
    assert Path(f"/proc/{postgres_server.pid}").stat().st_uid != 0
    parent = Path(f"/proc/{postgres_server.pid}/stat").read_text().rpartition(")")[2].split()[1]
    assert int(parent) == os.getpid()


def test_data_and_passwords_are_closed_to_other_accounts(postgres_server: EmbeddedPostgres, state_folder: Path) -> None:
    assert postgres_server.pid
    for folder in ("postgres", "postgres/data", "postgres/socket", "secrets", "log"):
        assert stat.S_IMODE((state_folder / folder).stat().st_mode) & 0o077 == 0, folder
    assert stat.S_IMODE((state_folder / "secrets/postgres_superuser").stat().st_mode) == 0o600


def test_a_committed_row_survives_a_kill_of_the_server() -> None:
    with passable_folder() as state, EmbeddedPostgres(state) as first:
        with first.connect("mendline") as connection:
            connection.execute("create table kept (number int)")
            connection.execute("insert into kept values (1)")
        os.kill(first.pid, signal.SIGKILL)  # and it stays an unreaped zombie of ours until `stop`
        first._lock.release()
        with EmbeddedPostgres(state) as second:
            assert rows_kept(second) == 1


def test_a_committed_row_survives_a_kill_of_the_process_that_started_the_server() -> None:
    with passable_folder() as state:
        command = [sys.executable, "-c", LAUNCHER, str(state)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as launcher:
            assert launcher.stdout is not None
            server = int(launcher.stdout.readline())
            launcher.kill()
        with EmbeddedPostgres(state) as second:
            assert rows_kept(second) == 1
            assert second.pid != server
            assert processes.running(server) is None


def test_a_server_ends_with_the_process_that_started_it() -> None:
    with passable_folder() as state:
        command = [sys.executable, "-c", LAUNCHER, str(state)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as launcher:
            assert launcher.stdout is not None
            server = int(launcher.stdout.readline())
            launcher.kill()
        deadline = time.monotonic() + 20
        while processes.running(server) is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes.running(server) is None


def test_a_lock_file_that_names_a_living_stranger_does_not_stop_the_next_start() -> None:
    with passable_folder() as state:
        with EmbeddedPostgres(state, durable=False) as first:
            account = Path(f"/proc/{first.pid}").stat().st_uid
        lock = state / "postgres/data/postmaster.pid"
        with subprocess.Popen(["/bin/sleep", "60"], user=account) as stranger:
            lock.write_text(f"{stranger.pid}\n{lock.parent}\n0\n5432\n\n\n\n", encoding="ascii")
            os.chown(lock, account, -1)
            with EmbeddedPostgres(state, durable=False) as second:
                assert not second.ended()
            assert stranger.poll() is None
            stranger.kill()


def test_a_second_start_on_the_same_folder_is_refused_and_names_the_holder(
    postgres_server: EmbeddedPostgres, state_folder: Path
) -> None:
    assert postgres_server.pid
    with pytest.raises(LocalStartError, match=rf"already in use by process {os.getpid()}\b.*MENDLINE_STATE"):
        EmbeddedPostgres(state_folder).start()


def test_an_interrupted_first_start_is_begun_again() -> None:
    with passable_folder() as state:
        with EmbeddedPostgres(state, durable=False):
            pass
        data = state / "postgres/data"
        (data / "PG_VERSION").unlink()
        data.rename(data.with_name("data.part"))
        with EmbeddedPostgres(state, durable=False) as server:
            assert not server.ended()


def test_data_of_another_version_are_left_alone_with_a_message() -> None:
    with passable_folder() as state:
        with EmbeddedPostgres(state, durable=False):
            pass
        (state / "postgres/data/PG_VERSION").write_text("15\n")
        with pytest.raises(LocalStartError, match="are of PostgreSQL 15, the program is"):
            EmbeddedPostgres(state).start()


def test_a_folder_too_deep_for_a_socket_gets_a_short_one_elsewhere() -> None:
    with passable_folder() as folder:
        state = folder / ("deep" * 20) / ("deeper" * 10)
        with EmbeddedPostgres(state, durable=False) as server:
            assert str(state) not in server.url()
            sockets = Path(server.url().partition("host=")[2])
            with server.connect() as connection:
                assert connection.execute("select 1").fetchone() == (1,)
        assert not sockets.exists()


def test_a_template_is_copied_with_its_tables(postgres_server: EmbeddedPostgres) -> None:
    postgres_server.create_database("first_copy")
    with postgres_server.connect("first_copy") as connection:
        connection.execute("create table copied (number int)")
    postgres_server.create_database("second_copy", "first_copy")
    with postgres_server.connect("second_copy") as connection:
        assert connection.execute("select count(*) from copied").fetchone() == (0,)
    for name in ("first_copy", "second_copy"):
        postgres_server.drop_database(name)
