"""Settings: read from the environment, secrets made once and kept private, bad values refused with a way out."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mendline import config
from mendline.config import Settings, SettingsError, resources
from tenants.database import RUNNING_ROLES


def settings(state: Path, **values: str) -> Settings:
    return Settings.from_environment({"MENDLINE_STATE": str(state), **values})


def test_the_roles_that_need_a_password_are_those_that_the_database_knows() -> None:
    assert config.RUNNING_ROLES == RUNNING_ROLES


def test_secrets_are_made_once_and_stay_the_same(tmp_path: Path) -> None:
    first, second = settings(tmp_path), settings(tmp_path)
    assert len(first.secret_key) >= 32
    assert first.secret_key == second.secret_key
    assert first.role_passwords == second.role_passwords
    assert len(set(first.role_passwords.values())) == len(RUNNING_ROLES)


def test_secrets_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    settings(tmp_path)
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "secrets").iterdir()} == {0o600}


def test_two_processes_that_come_first_together_get_the_same_secret(tmp_path: Path) -> None:
    script = "import sys; from mendline.config import Settings; print(Settings.from_environment().secret_key)"
    environment = os.environ | {"MENDLINE_STATE": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE) for _ in range(4)
    ]
    assert len({one.communicate()[0] for one in started}) == 1


def test_given_secrets_are_used_and_none_is_written(tmp_path: Path) -> None:
    passwords = {role: f"word of {role}" for role in RUNNING_ROLES}
    found = settings(
        tmp_path,
        MENDLINE_SECRET_KEY="given",
        MENDLINE_ROLE_PASSWORDS=json.dumps(passwords),
        MENDLINE_FILES_KEY="k" * 48,
    )
    assert (found.secret_key, dict(found.role_passwords)) == ("given", passwords)
    assert list(tmp_path.iterdir()) == []


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    found = settings(tmp_path, DATABASE_URL="postgresql://ann:hidden@host/name")
    for secret in (found.secret_key, "hidden", *found.role_passwords.values()):
        assert secret not in repr(found)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_spelling_of_a_database_address_is_taken(tmp_path: Path, scheme: str) -> None:
    found = settings(tmp_path, DATABASE_URL=f"{scheme}://u:p@h/d?sslmode=verify-full")
    assert found.database_url == "postgresql+psycopg://u:p@h/d?sslmode=verify-full"


@pytest.mark.parametrize(
    ("database", "messages", "is_taken"),
    [
        ("postgresql://u:p@db.example/m", "redis://cache.example:6379/0", False),
        ("postgresql://u:p@db.example/m?sslmode=require", "redis://cache.example:6379/0", False),
        ("postgresql://u:p@/m?host=db.example", "rediss://cache.example:6379/0?ssl_cert_reqs=none", False),
        ("postgresql://u:p@db.example/m?sslmode=verify-full", "rediss://cache.example:6379/0", True),
        ("postgresql://u:p@127.0.0.1/m", "redis://localhost:6379/0", True),
        ("postgresql://u:p@/m?host=/run/postgresql", "unix:///run/valkey.sock?db=0", True),
    ],
)
def test_no_other_machine_is_reached_without_proof_of_who_answers(
    tmp_path: Path, database: str, messages: str, *, is_taken: bool
) -> None:
    found = settings(tmp_path, DATABASE_URL=database, REDIS_URL=messages)
    if is_taken:
        assert found.database_url.endswith(database.partition("://")[2])
        assert found.redis_url == messages
        return
    for address in ("database_url", "redis_url"):
        with pytest.raises(SettingsError, match="leads to another machine without TLS"):
            getattr(found, address)
    own = settings(tmp_path, DATABASE_URL=database, REDIS_URL=messages, MENDLINE_PLAIN_NETWORK="1")
    assert own.redis_url == messages
    assert own.database_url


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DATABASE_URL", "mysql://h/d", "must begin with postgresql://"),
        ("MENDLINE_DEMO", "perhaps", "MENDLINE_DEMO must be 1 or 0, not 'perhaps'"),
        ("MENDLINE_PORT", "70000", "MENDLINE_PORT must be a number from 1 to 65535"),
        ("MENDLINE_ROLE_PASSWORDS", '{"web": "x"}', "a password for each of web, worker"),
        ("MENDLINE_ROLE_PASSWORDS", "{", "must be a JSON object"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        settings(tmp_path, **{name: value})


def test_addresses_that_are_missing_are_asked_for_by_name(tmp_path: Path) -> None:
    found = settings(tmp_path)
    with pytest.raises(SettingsError, match="DATABASE_URL is not set"):
        assert found.database_url
    with pytest.raises(SettingsError, match="REDIS_URL is not set"):
        assert found.redis_url


def test_cookies_are_for_https_only_and_demonstration_is_off_unless_said_otherwise(tmp_path: Path) -> None:
    assert (settings(tmp_path).https, settings(tmp_path).demonstration) == (True, False)
    relaxed = settings(tmp_path, MENDLINE_HTTPS="0", MENDLINE_DEMO="1")
    assert (relaxed.https, relaxed.demonstration) == (False, True)


def test_templates_and_migrations_are_found_in_a_checkout() -> None:
    assert (resources().migrations / "env.py").is_file()
    assert (resources().templates / "layout").is_dir()
