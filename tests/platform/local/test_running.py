import stat
from pathlib import Path

from mendline.local.running import fill_in, forget, tell

ADDRESSES = {"DATABASE_URL": "postgresql+psycopg://a:b@/mendline?host=/x", "REDIS_URL": "unix:///x/valkey.sock?db=0"}


def a_state(folder: Path) -> Path:
    (folder / "run").mkdir()
    return folder


def test_a_command_finds_the_servers_that_run_on_its_machine(tmp_path: Path) -> None:
    state, environment = a_state(tmp_path), {"PATH": "/bin"}
    tell(state, ADDRESSES)
    fill_in(environment, state)
    assert environment == {"PATH": "/bin", **ADDRESSES}


def test_what_the_environment_names_is_left_alone(tmp_path: Path) -> None:
    state, environment = a_state(tmp_path), {"DATABASE_URL": "postgresql://mine"}
    tell(state, ADDRESSES)
    fill_in(environment, state)
    assert environment == {"DATABASE_URL": "postgresql://mine", "REDIS_URL": ADDRESSES["REDIS_URL"]}


def test_nothing_is_filled_in_where_nothing_runs(tmp_path: Path) -> None:
    state, environment = a_state(tmp_path), dict[str, str]()
    tell(state, ADDRESSES)
    forget(state)
    forget(state)
    fill_in(environment, state)
    assert environment == {}


def test_only_its_owner_reads_the_addresses_which_hold_a_password(tmp_path: Path) -> None:
    state = a_state(tmp_path)
    tell(state, ADDRESSES)
    tell(state, ADDRESSES)
    assert stat.S_IMODE((state / "run" / "servers.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in (state / "run").iterdir()) == ["servers.json"]
