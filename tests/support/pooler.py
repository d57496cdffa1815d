"""A real PgBouncer in transaction mode before the test's PostgreSQL."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from support.folders import passable_folder

from mendline.local import processes
from mendline.local.account import account_for_servers

PROGRAMS = ("pgbouncer", "/usr/sbin/pgbouncer")
PATIENCE_SECONDS = 10


def program() -> str:
    """Where PgBouncer is.

    Raises:
        AssertionError: it is not installed; `deploy/test` installs it where apt is there.
    """
    found = next((path for path in map(shutil.which, PROGRAMS) if path), None)
    assert found, "PgBouncer is not installed. On Debian and Ubuntu: apt-get install pgbouncer"
    return found


@contextmanager
def a_pooler(database_url: str, passwords: Mapping[str, str], *, connections: int) -> Iterator[str]:
    """PgBouncer with so few server connections per role that units of work must share them; gives its address.

    It runs as the account that the server runs as, which alone can pass through to the server's socket.
    """
    url = make_url(database_url)
    with passable_folder() as folder:
        port = _free_port()
        _configure(folder, url, passwords, port, connections)
        account = account_for_servers(Path(str(url.query.get("host") or folder)))
        made = processes.start([program(), folder / "pgbouncer.ini"], log=folder / "log", account=account)
        try:
            _wait_for(port, made, folder)
            through = url.set(host="127.0.0.1", port=port, query={})
            yield through.render_as_string(hide_password=False)
        finally:
            processes.stop(made, signal.SIGINT, PATIENCE_SECONDS)


def _configure(folder: Path, url: URL, passwords: Mapping[str, str], port: int, connections: int) -> None:
    host = url.query.get("host") or url.host
    name = url.database
    users = {f"mendline_{role}": password for role, password in passwords.items()}
    users[str(url.username)] = str(url.password)
    (folder / "users.txt").write_text("".join(f'"{user}" "{password}"\n' for user, password in users.items()))
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n{name} = host={host} port={url.port or 5432} dbname={name}\n"
        "[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = plain\nauth_file = {folder}/users.txt\n"
        f"pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 100\n"
        "server_reset_query =\nignore_startup_parameters = extra_float_digits,options\n"
    )
    for path in folder.iterdir():
        path.chmod(0o644)
    folder.chmod(0o755)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def _wait_for(port: int, made: "subprocess.Popen[bytes]", folder: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        assert made.poll() is None, (folder / "log").read_text()
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("PgBouncer does not answer: " + (folder / "log").read_text())
